//! What Segment does that its documentation would not make one expect.

/// Something that Segment does in a way of its own.
///
/// All are on unless [`SegmentBuilder::without`](super::SegmentBuilder::without) switches them off.
// The evidence: "the provider" is forteilgmbh/terraform-provider-segment@3e4b3d0, whose
// acceptance tests ran against the live service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Quirk {
    /// A filter that is not there is a 400 with `filter does not exist`, not a 404.
    // The provider tells by this text that a filter is gone.
    MissingFilterIsInvalid,
    /// A filter of a destination that is not there is a 500 with `failed to validate
    /// permissions due to an internal error`.
    // As above.
    MissingParentOfFilterIsInternal,
    /// The schema configuration of a source that is not there is a 500 with `runtime error:
    /// invalid memory address or nil pointer dereference`.
    // As above.
    MissingSchemaConfigIsInternal,
    /// The names of filters hold the id of the destination's configuration:
    /// `…/destinations/webhooks/config/64b0…/filters/df_…`.
    // The provider's tests match names with `/config/[a-f0-9]+/filters/df_[a-zA-Z0-9]+`.
    FilterNamesHoldConfig,
    /// The display name of a destination function ends with that of its workspace in brackets.
    // christyharagan/segment-sloth looks its functions up by such names.
    FunctionNamesHoldWorkspace,
    /// Passwords among a destination's settings come back as bullets.
    // The Public API's documentation says so; of this API nobody knows.
    SecretsAreMasked,
    /// A destination has all settings of its catalog entry, with empty values for those that
    /// were not given.
    // The tutorial in segmentio/segment-docs@747b35d shows such an answer, and the provider
    // expects a new webhooks destination to have three settings.
    DestinationsHaveAllSettings,
    /// A listing shows tracking plans without their events.
    // The published sample of the listing; segment-sapling, of the same author as
    // segment-sloth, gets each plan again to see its rules.
    ListedPlansHaveNoEvents,
    /// A 429 says in `Retry-After` how many seconds to wait.
    // A test of openedx/openedx-platform@e57a655 says that Segment does.
    LimitsTellHowLongToWait,
    /// A method that a path does not have is a 501 with code 12, not a 405.
    // The table of errors in segmentio/segment-docs@747b35d, src/api/config-api/api-design.md.
    WrongMethodIsUnimplemented,
}

impl Quirk {
    /// All of them, for instance to switch them off.
    pub const ALL: [Self; 10] = [
        Self::MissingFilterIsInvalid,
        Self::MissingParentOfFilterIsInternal,
        Self::MissingSchemaConfigIsInternal,
        Self::FilterNamesHoldConfig,
        Self::FunctionNamesHoldWorkspace,
        Self::SecretsAreMasked,
        Self::DestinationsHaveAllSettings,
        Self::ListedPlansHaveNoEvents,
        Self::LimitsTellHowLongToWait,
        Self::WrongMethodIsUnimplemented,
    ];
}
