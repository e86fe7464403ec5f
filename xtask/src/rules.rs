//! What a comparison can find: each rule has an id, a severity, and the rule that finds
//! the same change made backwards.
//!
//! The severities know what the client's types tolerate: an answer may bring new fields and
//! enum values and may lack fields, since those are kept and read with defaults. A request
//! is held to what the server takes. What is gone from the document is gone from the API of
//! the crate, so it is breaking in both directions.

use crate::finding::{Finding, Place, Severity};

#[derive(Clone, Copy)]
pub struct Rule {
    pub id: &'static str,
    pub severity: Severity,
    /// The id of the rule that finds the opposite change.
    pub mirror: &'static str,
    /// Why it has this severity.
    pub reason: &'static str,
}

impl Rule {
    pub fn at(&self, place: Place, what: impl AsRef<str>) -> Finding {
        Finding {
            severity: self.severity,
            id: self.id,
            place,
            beside: None,
            message: format!("{}: {}", what.as_ref(), self.reason),
        }
    }
}

macro_rules! rules {
    ($($name:ident $severity:ident $id:literal $mirror:literal $reason:literal)*) => {
        $(pub const $name: Rule = Rule {
            id: $id,
            severity: Severity::$severity,
            mirror: $mirror,
            reason: $reason,
        };)*

        /// All of them, in the order in which a request meets what they are about.
        pub const ALL: &[Rule] = &[$($name),*];
    };
}

#[rustfmt::skip]
rules! {
    SERVER_ADDED Compatible "server/added" "server/removed" "the client goes on using its own"
    SERVER_REMOVED Breaking "server/removed" "server/added" "the client's default address is no longer served"

    SERVICE_ADDED Compatible "service/added" "service/removed" "there may be operations that the document lacks"
    SERVICE_REMOVED Breaking "service/removed" "service/added" "its operations may be gone"
    ERROR_CODE_ADDED Compatible "error-code/added" "error-code/removed" "the client keeps codes it does not know"
    ERROR_CODE_REMOVED Note "error-code/removed" "error-code/added" "no code depends on its being documented"
    ERROR_CODE_RENAMED Note "error-code/renamed" "error-code/renamed" "the number is what is compared"

    OPERATION_ADDED Compatible "operation/added" "operation/removed" "a new call takes nothing away"
    OPERATION_REMOVED Breaking "operation/removed" "operation/added" "the call no longer works"
    OPERATION_MOVED Breaking "operation/moved" "operation/moved" "requests go to the old method and path"
    OPERATION_RENAMED Note "operation/renamed" "operation/renamed" "the name is not on the wire, and ours stays"
    OPERATION_SERVICE Note "operation/service" "operation/service" "the service is not on the wire"
    OPERATION_INDISTINCT Note "operation/indistinct" "operation/added" "the source cannot tell two operations on one path apart"
    OPERATION_DEPRECATED Compatible "operation/deprecated" "operation/undeprecated" "the call goes on working"
    OPERATION_UNDEPRECATED Compatible "operation/undeprecated" "operation/deprecated" "the call goes on working"

    SECURITY_ADDED Compatible "security/added" "security/removed" "the client goes on using its own credentials"
    SECURITY_REMOVED Breaking "security/removed" "security/added" "the credentials that the client sends are no longer taken"

    PARAMETER_ADDED Compatible "parameter/added" "parameter/removed" "it may be left out"
    PARAMETER_ADDED_REQUIRED Breaking "parameter/added-required" "parameter/removed" "no present call sends it"
    PARAMETER_REMOVED Breaking "parameter/removed" "parameter/added" "code that sets it no longer compiles"
    PARAMETER_REQUIRED Breaking "parameter/required" "parameter/optional" "calls that leave it out no longer work"
    PARAMETER_OPTIONAL Compatible "parameter/optional" "parameter/required" "calls that send it go on working"
    PARAMETER_RENAMED Note "parameter/renamed" "parameter/renamed" "the name of a path parameter is not on the wire, and ours stays"

    BODY_ADDED Breaking "request-body/added" "request-body/removed" "present calls send no body"
    BODY_REMOVED Breaking "request-body/removed" "request-body/added" "code that sets the body no longer compiles"
    BODY_REQUIRED Note "request-body/required" "request-body/optional" "the client always sends it"
    BODY_OPTIONAL Note "request-body/optional" "request-body/required" "the client always sends it"

    REQUEST_FIELD_ADDED Compatible "request-field/added" "request-field/removed" "it may be left out"
    REQUEST_FIELD_ADDED_REQUIRED Breaking "request-field/added-required" "request-field/removed" "no present call sends it"
    REQUEST_FIELD_REMOVED Breaking "request-field/removed" "request-field/added" "code that sets it no longer compiles"
    REQUEST_FIELD_REQUIRED Breaking "request-field/required" "request-field/optional" "calls that leave it out no longer work"
    REQUEST_FIELD_OPTIONAL Compatible "request-field/optional" "request-field/required" "calls that send it go on working"
    REQUEST_TYPE_CHANGED Breaking "request-type/changed" "request-type/changed" "what present code sends has another type"
    REQUEST_TYPE_WIDENED Compatible "request-type/widened" "request-type/narrowed" "what present code sends is still taken"
    REQUEST_TYPE_NARROWED Breaking "request-type/narrowed" "request-type/widened" "what present code sends may no longer be taken"
    REQUEST_FORMAT_ADDED Breaking "request-format/added" "request-format/removed" "what present code sends may not have the format"
    REQUEST_FORMAT_REMOVED Compatible "request-format/removed" "request-format/added" "what has the format is still taken"
    REQUEST_NULL_ADDED Compatible "request-null/added" "request-null/removed" "nobody has to send null"
    REQUEST_NULL_REMOVED Breaking "request-null/removed" "request-null/added" "calls that send null no longer work"
    REQUEST_VALUE_ADDED Compatible "request-enum/value-added" "request-enum/value-removed" "the values in use are still taken"
    REQUEST_VALUE_REMOVED Breaking "request-enum/value-removed" "request-enum/value-added" "calls that send it no longer work"
    REQUEST_ENUM_CLOSED Breaking "request-enum/closed" "request-enum/opened" "other values are no longer taken"
    REQUEST_ENUM_OPENED Compatible "request-enum/opened" "request-enum/closed" "the values in use are still taken"
    REQUEST_LIMIT_TIGHTENED Breaking "request-limit/tightened" "request-limit/loosened" "values in use may no longer be taken"
    REQUEST_LIMIT_LOOSENED Compatible "request-limit/loosened" "request-limit/tightened" "the values in use are still taken"
    REQUEST_MEMBER_ADDED Compatible "request-union/member-added" "request-union/member-removed" "nobody has to send it"
    REQUEST_MEMBER_REMOVED Breaking "request-union/member-removed" "request-union/member-added" "calls that send it no longer work"

    STATUS_ADDED Compatible "status/added" "status/removed" "the client takes every status"
    STATUS_REMOVED Note "status/removed" "status/added" "that a status is not listed does not keep it away"
    ANSWER_ADDED Breaking "response-body/added" "response-body/removed" "the call returned nothing, and would return a value"
    ANSWER_REMOVED Breaking "response-body/removed" "response-body/added" "code that reads the answer no longer compiles"

    RESPONSE_FIELD_ADDED Compatible "response-field/added" "response-field/removed" "fields that a type does not know are kept"
    RESPONSE_FIELD_REMOVED Breaking "response-field/removed" "response-field/added" "code that reads it no longer compiles"
    RESPONSE_FIELD_REQUIRED Compatible "response-field/required" "response-field/optional" "present code copes with its absence"
    RESPONSE_FIELD_OPTIONAL Compatible "response-field/optional" "response-field/required" "an answer without it is read with the type's default"
    RESPONSE_TYPE_CHANGED Breaking "response-type/changed" "response-type/changed" "present types cannot read it"
    RESPONSE_TYPE_WIDENED Breaking "response-type/widened" "response-type/narrowed" "present types cannot read all of it"
    RESPONSE_TYPE_NARROWED Compatible "response-type/narrowed" "response-type/widened" "present types read it"
    RESPONSE_FORMAT_ADDED Compatible "response-format/added" "response-format/removed" "it is still a text"
    RESPONSE_FORMAT_REMOVED Breaking "response-format/removed" "response-format/added" "texts of another form cannot be read"
    RESPONSE_NULL_ADDED Compatible "response-null/added" "response-null/removed" "null is read as absent"
    RESPONSE_NULL_REMOVED Compatible "response-null/removed" "response-null/added" "present code copes with its presence"
    RESPONSE_VALUE_ADDED Compatible "response-enum/value-added" "response-enum/value-removed" "enums keep values they do not know"
    RESPONSE_VALUE_REMOVED Breaking "response-enum/value-removed" "response-enum/value-added" "code that names it no longer compiles"
    RESPONSE_ENUM_CLOSED Compatible "response-enum/closed" "response-enum/opened" "the values are still texts"
    RESPONSE_ENUM_OPENED Compatible "response-enum/opened" "response-enum/closed" "enums keep values they do not know"
    RESPONSE_LIMIT_CHANGED Note "response-limit/changed" "response-limit/changed" "answers are not held to limits"
    RESPONSE_MEMBER_ADDED Compatible "response-union/member-added" "response-union/member-removed" "the last member takes what the others do not"
    RESPONSE_MEMBER_REMOVED Breaking "response-union/member-removed" "response-union/member-added" "code that matches it no longer compiles"

    FIELD_DEPRECATED Compatible "field/deprecated" "field/undeprecated" "the field goes on working"
    FIELD_UNDEPRECATED Compatible "field/undeprecated" "field/deprecated" "the field goes on working"
    FORMAT_ANNOTATED Note "format/annotated" "format/annotated" "no type depends on this format"
    SCHEMA_DESCRIBED Compatible "schema/described" "schema/undescribed" "more is known of it; it goes on as plain JSON"
    SCHEMA_UNDESCRIBED Note "schema/undescribed" "schema/described" "that nothing is said of it is not a change"
    PROSE_CHANGED Note "prose/changed" "prose/changed" "ours stays"
    ORDER_CHANGED Note "order/changed" "order/changed" "order has no meaning here"
    SAMPLE_CHANGED Note "sample/changed" "sample/changed" "ours stays"
}

/// What a recorded answer or a source can be found to be, which has no opposite.
#[rustfmt::skip]
pub mod seen {
    use super::{Rule, Severity};

    rules! {
        UNKNOWN_FIELD Compatible "answer/unknown-field" "" "fields that a type does not know are kept"
        MISSING_FIELD Compatible "answer/missing-field" "" "an answer without it is read with the type's default"
        MISSING_IDENTIFIER Breaking "answer/missing-identifier" "" "without it the answer cannot be read"
        WRONG_TYPE Breaking "answer/wrong-type" "" "the client's types cannot read it"
        UNKNOWN_VALUE Compatible "answer/unknown-enum-value" "" "enums keep values they do not know"
        UNKNOWN_OPERATION Compatible "answer/unknown-operation" "" "the document has no such operation"
        UNKNOWN_PARAMETER Compatible "answer/unknown-parameter" "" "the document has no such parameter"
        UNDESCRIBED Compatible "answer/undescribed" "" "the document says nothing of this answer"
        UNREADABLE Breaking "answer/unreadable" "" "the client expects JSON"
        FAILED Note "answer/failed" "" "only successes are compared with the schemas"
        OTHER_HOST Note "answer/other-host" "" "not a call of this API"

        UNREACHABLE Unreachable "source/unreachable" "" "nothing was compared with it"
        REDIRECTED Unreachable "source/redirected" "" "redirects are not followed, so nothing was compared with it"
        UNREADABLE_SOURCE Error "source/unreadable" "" "nothing was compared with it"
        NOT_UNDERSTOOD Error "source/not-understood" "" "this part was not compared"
        LEFT_OUT Note "source/left-out" "" "it has no bearing on the client"
        MOVED_ON Note "source/moved-on" "" "read its changes, then run `cargo xtask pin` with its id"
        NO_PIN Note "source/no-pin" "" "there is no earlier state to compare it with"
    }
}
