internal import InstarCryptography

/// Whom a targets role trusts with which paths (§4.5), in the order of trust.
package struct Delegations: Sendable {
    private enum Form: Sendable {
        case roles([Delegation])
        case bins(HashedBins)
    }

    private let form: Form

    /// A role that trusts nobody.
    init() {
        form = .roles([])
    }

    init(_ fields: Fields) throws(TrustError) {
        let keys = try fields.keyTable("keys")
        guard !fields.has("succinct_roles") else {
            guard !fields.has("roles") else { throw fields.error("succinct_roles", "stands beside roles, and only one of them may") }
            form = .bins(try HashedBins(fields.fields("succinct_roles"), keys: keys))
            return
        }
        var delegations: [Delegation] = []
        var names: Set<ByteText> = []
        for element in try fields.array("roles") {
            let delegation = try Delegation(Fields(element, of: fields.subject, at: "\(fields.place).roles"), keys: keys)
            guard names.insert(delegation.role).inserted else { throw fields.error("roles", "names \(delegation.role.printable) twice") }
            delegations.append(delegation)
        }
        form = .roles(delegations)
    }

    /// The delegations that concern a target, most trusted first.
    package func delegations(for path: ByteText) -> [Delegation] {
        switch form {
        case .roles(let delegations): delegations.filter { $0.paths.contain(path) }
        case .bins(let bins): [bins.delegation(for: path)]
        }
    }
}

/// One edge of the graph: a role, its keys, and the paths that it is trusted with.
package struct Delegation: Sendable {
    /// The name of the role that is trusted. It is never one of the four top-level names, whose stored files
    /// it would overwrite.
    package let role: ByteText
    package let keys: RoleKeys
    /// Whether a search that matches this delegation looks nowhere after it.
    package let terminating: Bool
    package let paths: DelegatedPaths

    init(_ fields: Fields, keys: [ByteText: KeyDescription]) throws(TrustError) {
        role = try Delegation.roleName(fields, "name")
        self.keys = try RoleKeys(fields, keys: keys)
        terminating = try fields.boolean("terminating")
        paths = try DelegatedPaths(fields)
    }

    init(role: ByteText, keys: RoleKeys, terminating: Bool, paths: DelegatedPaths) {
        (self.role, self.keys, self.terminating, self.paths) = (role, keys, terminating, paths)
    }

    /// Reads a role's name and refuses what cannot be one.
    static func roleName(_ fields: Fields, _ name: ByteText) throws(TrustError) -> ByteText {
        let role = try fields.string(name)
        guard !role.utf8.isEmpty, role.utf8.count <= MetadataLimit.roleName else {
            throw fields.error(name, "is empty or longer than \(MetadataLimit.roleName) bytes")
        }
        guard !Root.topLevelRoles.contains(role) else { throw fields.error(name, "is \(role), which only the root may name") }
        return role
    }
}

/// The paths of one delegation.
package enum DelegatedPaths: Sendable {
    /// Shell patterns; one of them must match.
    case patterns([PathPattern])
    /// Beginnings of the hexadecimal SHA-256 of the path; one of them must fit.
    case digestPrefixes([[UInt8]])

    init(_ fields: Fields) throws(TrustError) {
        switch (fields.has("paths"), fields.has("path_hash_prefixes")) {
        case (true, false): self = .patterns(try fields.strings("paths").map { PathPattern($0) })
        case (false, true): self = .digestPrefixes(try fields.strings("path_hash_prefixes").map(\.utf8))
        default: throw fields.error("paths", "or path_hash_prefixes must be given, and not both")
        }
    }

    func contain(_ path: ByteText) -> Bool {
        switch self {
        case .patterns(let patterns): return patterns.contains { $0.matches(path) }
        case .digestPrefixes(let prefixes):
            let digest = Array(Digest(of: path.utf8).description.utf8)
            return prefixes.contains { digest.starts(with: $0) }
        }
    }
}

/// Delegation to 2^n roles of the same keys by the first n bits of the path's digest (§4.5, `succinct_roles`).
struct HashedBins: Sendable {
    private let keys: RoleKeys
    private let bitLength: Int
    private let namePrefix: ByteText

    init(_ fields: Fields, keys table: [ByteText: KeyDescription]) throws(TrustError) {
        keys = try RoleKeys(fields, keys: table)
        bitLength = Int(try fields.integer("bit_length", in: 1...32))
        namePrefix = try Delegation.roleName(fields, "name_prefix")
    }

    /// The one bin that a path belongs to: `prefix-` and its number in hexadecimal, all of one width.
    func delegation(for path: ByteText) -> Delegation {
        let head = Digest(of: path.utf8).bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let number = String(head >> UInt32(32 - bitLength), radix: 16)
        let width = String((UInt64(1) << UInt64(bitLength)) - 1, radix: 16).count
        let padding = String(repeating: "0", count: width - number.count)
        let role = ByteText(validUTF8: namePrefix.utf8 + Array("-\(padding)\(number)".utf8))
        return Delegation(role: role, keys: keys, terminating: true, paths: .patterns([]))
    }
}
