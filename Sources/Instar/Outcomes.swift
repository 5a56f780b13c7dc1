/// What a check found.
public enum CheckOutcome: Sendable, Hashable {
    /// The channel points to what is active here.
    case upToDate(Release)
    /// There is another release for this installation.
    case available(Release)
    /// The channel points to a release that this installation does not take now.
    case held(Release, HeldReason)
}

/// What an update came to.
public enum UpdateOutcome: Sendable, Hashable {
    /// There was nothing to do.
    case upToDate(Release)
    /// The release is complete in the store and not active yet.
    case staged(UpdateReport)
    /// The release is active, on trial until it is confirmed.
    case activated(UpdateReport)
    /// The channel points to a release that this installation does not take now.
    case held(Release, HeldReason)
}

/// How far an update goes.
public enum UpdateExtent: Sendable, Hashable {
    /// The release becomes active, on trial: the next launch runs it.
    case activate
    /// The release is made complete in the store and nothing else.
    case stage
}
