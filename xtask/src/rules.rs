//! What a comparison can find: one table of facts, the way that values travel, and what
//! happened to the fact.
//!
//! The severities know what the client's types tolerate: an answer may bring new fields and
//! enum values and may lack fields, since those are kept and read with defaults. A request
//! is held to what the server takes. What is gone from the document is gone from the API of
//! the crate, so it is breaking in both directions.

use crate::finding::{Finding, Place, Severity};
use Change::{Added, Needed, Other, Removed};
use Fact::*;
use Severity::{Breaking, Compatible, Note};
use Way::{Both, Received, Sent};

/// What can be said of a place in the API, in the order in which it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    Server,
    Service,
    ErrorCode,
    ErrorName,
    Operation,
    Moved,
    OperationName,
    OperationService,
    Indistinct,
    OperationDeprecated,
    Scheme,
    Scope,
    Parameter,
    ParameterName,
    ParameterRequired,
    Style,
    Body,
    BodyRequired,
    Media,
    Status,
    Answer,
    Field,
    Member,
    Required,
    /// The same of what an answer cannot be used without.
    Identifier,
    /// Whether anything is said of the inside.
    Described,
    /// The same of an answer as a whole.
    Known,
    Shape,
    /// Whether a number may have a fraction.
    Fraction,
    /// Of the formats, only a time has a type of its own.
    Time,
    Format,
    Null,
    /// Whether the values are listed.
    Enum,
    Value,
    Limit,
    /// Whether fields that are not named are refused.
    Closed,
    Deprecated,
    Prose,
    Order,
    Sample,
}

impl Fact {
    /// That something is there at all.
    pub fn presence(steps: &[String]) -> Option<Fact> {
        let step = steps.last()?;
        Some(match step.split('/').next()? {
            "sent" => Body,
            "failed" => Status,
            "query" | "header" | "cookie" => Parameter,
            "=" if steps[0] == "received" => Answer,
            _ if step.starts_with('.') => Field,
            _ if step.starts_with('|') => Member,
            _ => return None,
        })
    }

    /// That it has to be there.
    pub fn required(step: &str) -> Fact {
        match step {
            "sent" => BodyRequired,
            field if field.starts_with('.') => Required,
            _ => ParameterRequired,
        }
    }
}

/// Whether a value goes to the server or comes from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    Sent,
    Received,
    Both,
}

/// What a source has more than the document, less, or otherwise. A limit that lets less
/// through is one that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    Added,
    /// Added, and it has to be there.
    Needed,
    Removed,
    Other,
}

/// Whether a merge takes the source's word, or the client takes both and ours stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    Theirs,
    Ours,
}
use Merge::{Ours, Theirs};

#[derive(Debug)]
pub struct Rule {
    pub fact: Fact,
    pub way: Way,
    pub change: Change,
    pub severity: Severity,
    pub merge: Merge,
    /// Stable: scripts may rely on it.
    pub id: &'static str,
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

    /// Whether one line tells of all.
    pub fn is_counted(&self) -> bool {
        matches!(self.fact, Prose | Order | Sample | ParameterName)
            || self.fact == Status && self.change == Removed
    }

    /// The id of the rule that finds the opposite change.
    pub fn mirror(&self) -> &'static str {
        let opposite = match self.change {
            Added | Needed => Removed,
            Removed => Added,
            Other => Other,
        };
        find(self.fact, self.way, opposite).map_or("-", |rule| rule.id)
    }
}

/// The rule for a change of a fact. What is needed goes away like what may be left out.
pub fn find(fact: Fact, way: Way, change: Change) -> Option<&'static Rule> {
    let is = |fact, change| {
        move |r: &&Rule| r.fact == fact && r.change == change && (r.way == way || r.way == Both)
    };
    let general = match (fact, change) {
        (_, Needed) => (fact, Added),
        (Known, _) => (Described, change),
        (Identifier, _) => (Required, change),
        (Indistinct, _) => (Operation, change),
        other => other,
    };
    let mut exact = TABLE.iter().filter(is(fact, change));
    let found = exact.next();
    found.or_else(|| TABLE.iter().find(is(general.0, general.1)))
}

/// A line for each rule: id, severity, mirror, reason.
pub fn list() -> String {
    let seen = seen::ALL.iter().map(|rule| (rule, "-"));
    let all = TABLE.iter().map(|rule| (rule, rule.mirror())).chain(seen);
    let line = |(rule, mirror): (&Rule, &str)| {
        format!("{} {} {mirror} {}\n", rule.id, rule.severity, rule.reason)
    };
    all.map(line).collect()
}

macro_rules! table {
    ($($fact:ident $way:ident $change:ident $severity:ident $merge:ident $id:literal $reason:literal)*) => {
        &[$(Rule { fact: $fact, way: $way, change: $change, severity: $severity, merge: $merge, id: $id, reason: $reason }),*]
    };
}

/// In the order in which a request meets what they are about.
#[rustfmt::skip]
pub const TABLE: &[Rule] = table! {
    Server Both Added Compatible Ours "server/added" "the client goes on using its own"
    Server Both Removed Breaking Theirs "server/removed" "the client's default address is no longer served"

    Service Both Added Compatible Ours "service/added" "there may be operations that the document lacks"
    Service Both Removed Breaking Ours "service/removed" "its operations may be gone"
    ErrorCode Both Added Compatible Ours "error-code/added" "the client keeps codes it does not know"
    ErrorCode Both Removed Note Ours "error-code/removed" "no code depends on its being documented"
    ErrorName Both Other Note Ours "error-code/renamed" "the number is what is compared"

    Operation Both Added Compatible Theirs "operation/added" "a new call takes nothing away"
    Operation Both Removed Breaking Theirs "operation/removed" "the call no longer works"
    Moved Both Other Breaking Theirs "operation/moved" "requests go to the old method and path"
    OperationName Both Other Note Ours "operation/renamed" "the name is not on the wire, and ours stays"
    OperationService Both Other Note Ours "operation/service" "the service is not on the wire"
    Indistinct Both Removed Note Ours "operation/indistinct" "the source cannot tell two operations on one path apart"
    OperationDeprecated Both Added Compatible Theirs "operation/deprecated" "the call goes on working"
    OperationDeprecated Both Removed Compatible Theirs "operation/undeprecated" "the call goes on working"

    Scheme Both Added Compatible Ours "security/added" "the client goes on using its own credentials"
    Scheme Both Removed Breaking Theirs "security/removed" "the credentials that the client sends are no longer taken"
    Scope Both Added Breaking Ours "scope/added" "tokens without it are refused"
    Scope Both Removed Compatible Ours "scope/removed" "tokens with it are still taken"

    Parameter Sent Added Compatible Theirs "parameter/added" "it may be left out"
    Parameter Sent Needed Breaking Theirs "parameter/added-required" "no present call sends it"
    Parameter Sent Removed Breaking Theirs "parameter/removed" "code that sets it no longer compiles"
    ParameterRequired Sent Added Breaking Theirs "parameter/required" "calls that leave it out no longer work"
    ParameterRequired Sent Removed Compatible Ours "parameter/optional" "calls that send it go on working"
    ParameterName Sent Other Note Ours "parameter/renamed" "the place in the path is what counts"
    Style Sent Other Breaking Theirs "parameter/style" "the server reads several values otherwise than they are sent"

    Body Sent Added Compatible Theirs "request-body/added-optional" "it may be left out"
    Body Sent Needed Breaking Theirs "request-body/added" "no present call sends one"
    Body Sent Removed Breaking Theirs "request-body/removed" "code that sets it no longer compiles"
    BodyRequired Sent Added Note Theirs "request-body/required" "the client always sends it"
    BodyRequired Sent Removed Note Ours "request-body/optional" "the client always sends it"
    Media Sent Other Breaking Ours "request-media/changed" "the client sends application/json"
    Media Received Other Compatible Ours "response-media/changed" "the client reads JSON under any name"

    Field Sent Added Compatible Theirs "request-field/added" "it may be left out"
    Field Sent Needed Breaking Theirs "request-field/added-required" "no present call sends it"
    Field Sent Removed Breaking Theirs "request-field/removed" "code that sets it no longer compiles"
    Required Sent Added Breaking Theirs "request-field/required" "calls that leave it out no longer work"
    Required Sent Removed Compatible Ours "request-field/optional" "calls that send it go on working"
    Shape Sent Other Breaking Theirs "request-type/changed" "what present code sends has another type"
    Fraction Sent Added Compatible Ours "request-type/widened" "what present code sends is still taken"
    Fraction Sent Removed Breaking Theirs "request-type/narrowed" "what present code sends may no longer be taken"
    Time Sent Added Breaking Theirs "request-format/added" "what present code sends may not have the format"
    Time Sent Removed Compatible Ours "request-format/removed" "what has the format is still taken"
    Null Sent Added Compatible Ours "request-null/added" "nobody has to send null"
    Null Sent Removed Breaking Theirs "request-null/removed" "calls that send null no longer work"
    Value Sent Added Compatible Theirs "request-enum/value-added" "the values in use are still taken"
    Value Sent Removed Breaking Theirs "request-enum/value-removed" "calls that send it no longer work"
    Enum Sent Added Breaking Theirs "request-enum/closed" "other values are no longer taken"
    Enum Sent Removed Compatible Ours "request-enum/opened" "the values in use are still taken"
    Limit Sent Added Breaking Theirs "request-limit/tightened" "values in use may no longer be taken"
    Limit Sent Removed Compatible Theirs "request-limit/loosened" "the values in use are still taken"
    Closed Sent Added Breaking Ours "request-object/closed" "fields that are not named are no longer taken"
    Closed Sent Removed Compatible Ours "request-object/opened" "the fields in use are still taken"
    Member Sent Added Compatible Theirs "request-union/member-added" "nobody has to send it"
    Member Sent Removed Breaking Theirs "request-union/member-removed" "calls that send it no longer work"

    Status Received Added Compatible Theirs "status/added" "the client takes every status"
    Status Received Removed Note Ours "status/removed" "that a status is not listed does not keep it away"
    Answer Received Added Breaking Theirs "response-body/added" "the call returned nothing, and would return a value"
    Known Received Added Compatible Theirs "response-body/described" "nothing was known of the answer"
    Answer Received Removed Breaking Theirs "response-body/removed" "code that reads the answer no longer compiles"

    Field Received Added Compatible Theirs "response-field/added" "fields that a type does not know are kept"
    Field Received Removed Breaking Theirs "response-field/removed" "code that reads it no longer compiles"
    Required Received Added Compatible Ours "response-field/required" "present code copes with its absence"
    Required Received Removed Compatible Ours "response-field/optional" "an answer without it is read with the type's default"
    Identifier Received Removed Breaking Theirs "response-field/identifier-optional" "an answer without it is refused"
    Shape Received Other Breaking Theirs "response-type/changed" "present types cannot read it"
    Fraction Received Added Breaking Theirs "response-type/widened" "present types cannot read all of it"
    Fraction Received Removed Compatible Ours "response-type/narrowed" "present types read it"
    Time Received Added Compatible Ours "response-format/added" "it is still a text"
    Time Received Removed Breaking Theirs "response-format/removed" "texts of another form cannot be read"
    Null Received Added Compatible Ours "response-null/added" "null is read as absent"
    Null Received Removed Compatible Ours "response-null/removed" "present code copes with its presence"
    Value Received Added Compatible Theirs "response-enum/value-added" "enums keep values they do not know"
    Value Received Removed Breaking Theirs "response-enum/value-removed" "code that names it no longer compiles"
    Enum Received Added Compatible Ours "response-enum/closed" "the values are still texts"
    Enum Received Removed Compatible Ours "response-enum/opened" "enums keep values they do not know"
    Limit Received Other Note Ours "response-limit/changed" "answers are not held to limits"
    Closed Received Added Note Ours "response-object/closed" "fields that a type does not know may still come"
    Closed Received Removed Note Ours "response-object/opened" "fields that a type does not know are kept"
    Member Received Added Compatible Theirs "response-union/member-added" "the last member takes what the others do not"
    Member Received Removed Breaking Theirs "response-union/member-removed" "code that matches it no longer compiles"

    Deprecated Both Added Compatible Theirs "field/deprecated" "it goes on working"
    Deprecated Both Removed Compatible Theirs "field/undeprecated" "it goes on working"
    Format Both Other Note Ours "format/annotated" "no type depends on this format"
    Described Both Added Compatible Ours "schema/described" "more is known of it; what is plain JSON stays so"
    Described Both Removed Note Ours "schema/undescribed" "that nothing is said of it is not a change"
    Prose Both Other Note Ours "prose/changed" "ours stays"
    Order Both Other Note Ours "order/changed" "order has no meaning here"
    Sample Both Other Note Ours "sample/changed" "ours stays"
};

/// What a recorded answer or a source can be found to be, which has no opposite.
pub mod seen {
    use super::*;

    macro_rules! seen {
        ($($name:ident $severity:ident $id:literal $reason:literal)*) => {
            $(pub const $name: Rule = Rule {
                fact: Sample,
                way: Both,
                change: Other,
                severity: Severity::$severity,
                merge: Ours,
                id: $id,
                reason: $reason,
            };)*
            pub const ALL: &[Rule] = &[$($name),*];
        };
    }

    #[rustfmt::skip]
    seen! {
        UNKNOWN_FIELD Compatible "answer/unknown-field" "fields that a type does not know are kept"
        MISSING_FIELD Compatible "answer/missing-field" "an answer without it is read with the type's default"
        MISSING_IDENTIFIER Breaking "answer/missing-identifier" "without it the answer cannot be read"
        WRONG_TYPE Breaking "answer/wrong-type" "the client's types cannot read it"
        UNKNOWN_VALUE Compatible "answer/unknown-enum-value" "enums keep values they do not know"
        UNKNOWN_OPERATION Compatible "answer/unknown-operation" "the document has no such operation"
        UNKNOWN_PARAMETER Compatible "answer/unknown-parameter" "the document has no such parameter"
        UNDESCRIBED Compatible "answer/undescribed" "the document says nothing of this answer"
        UNREADABLE Breaking "answer/unreadable" "the client expects JSON"
        FAILED Note "answer/failed" "only successes are compared with the schemas"
        OTHER_HOST Note "answer/other-host" "not a call of this API"
        NOT_CALLED Note "answer/not-called" "nothing was compared with it"

        UNREACHABLE Unreachable "source/unreachable" "nothing was compared with it"
        REDIRECTED Unreachable "source/redirected" "redirects are not followed, so nothing was compared with it"
        UNREADABLE_SOURCE Error "source/unreadable" "nothing was compared with it"
        FOREIGN Error "source/foreign" "it names no operation of the document, so nothing was compared with it"
        NOT_UNDERSTOOD Error "source/not-understood" "this part was not compared"
        UNSAID Compatible "source/unsaid" "the page no longer says what the document and the client rely on"
        LEFT_OUT Note "source/left-out" "it has no bearing on the client"
        MOVED_ON Compatible "source/moved-on" "read its changes, then run `cargo xtask pin` with its id"
        NO_PIN Note "source/no-pin" "there is no earlier state to compare it with"
        DISBELIEVED Note "source/disbelieved" "the source is an authority for nothing"
    }
}
