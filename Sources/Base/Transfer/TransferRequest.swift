/// What to fetch from the mirrors.
package struct TransferRequest: Hashable, Sendable {
    /// Which of several waiting requests is started first.
    package enum Priority: Int, Comparable, Hashable, Sendable {
        case background, asset, module, metadata

        package static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
    }

    /// Relative to the base address of each mirror; `/`-separated, not escaped unless `isEscaped`.
    package var path: String
    /// Whether `path` is encoded for a URL already and is sent as it is: a name may hold an encoded `/`.
    package var isEscaped: Bool
    /// The bytes wanted; nil for the whole object.
    package var range: Range<UInt64>?
    /// The length of the whole object where a signed manifest says it. A server that says otherwise is not believed.
    package var objectLength: UInt64?
    /// The most bytes that are accepted where the length is not known. Stops endless data.
    package var limit: UInt64
    package var priority: Priority
    /// Whether 404 and 403 are answers of their own rather than failures.
    package var allowsMissing: Bool
    /// Whether it takes a part of what another request was to bring, and so is one more than was planned.
    package var sharesRange: Bool

    package init(
        path: String, isEscaped: Bool = false, range: Range<UInt64>? = nil, objectLength: UInt64? = nil, limit: UInt64 = .max,
        priority: Priority = .asset, allowsMissing: Bool = false, sharesRange: Bool = false
    ) {
        self.path = path
        self.isEscaped = isEscaped
        self.range = range
        self.objectLength = objectLength
        self.limit = limit
        self.priority = priority
        self.allowsMissing = allowsMissing
        self.sharesRange = sharesRange
    }

    /// The object's offset of the first byte wanted.
    package var first: UInt64 { range?.lowerBound ?? 0 }
}

/// The answer to a request for a small object.
package enum TransferAnswer: Hashable, Sendable {
    /// The whole body, and the mirror that it came from.
    case found([UInt8], mirror: Int)
    /// The server says that there is no such object (404) or that nobody may know (403).
    case missing(status: Int)

    /// The body where there is one.
    package var bytes: [UInt8]? {
        if case .found(let bytes, _) = self { bytes } else { nil }
    }
}
