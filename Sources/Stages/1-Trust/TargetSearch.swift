/// §5.6.7: the search for a target through the delegations, depth first, each role before those that it trusts,
/// in their order. A value that decides; whoever drives it fetches the roles that it asks for.
package struct TargetSearch {
    /// One role to look into, with the delegation that led to it.
    package struct Visit: Sendable {
        package let role: ByteText
        package let keys: RoleKeys
        /// The role that delegated; nil for the top-level role, which the root names. The same role may be
        /// reached over several edges with different keys, and is verified for each.
        package let delegator: ByteText?
    }

    /// The visit of the top-level role, with which every search begins.
    package static func first(under root: Current<TrustedRoot>) -> Visit {
        Visit(role: "targets", keys: root.metadata.root.keys(of: "targets"), delegator: nil)
    }

    /// What to do next.
    package enum Step {
        /// Fetch and verify this role, then call `visited`.
        case visit(Visit)
        case found(TrustedTarget)
        /// No trusted role lists the target.
        case absent
    }

    private let path: ByteText
    private let consistentSnapshot: Bool
    /// The roles to visit, the next one last.
    private var stack: [Visit]
    private var seen: Set<ByteText> = []
    private var found: TrustedTarget?

    /// A search that begins at the top-level role.
    package init(for path: ByteText, under root: Current<TrustedRoot>) {
        self.path = path
        consistentSnapshot = root.metadata.root.consistentSnapshot
        stack = [TargetSearch.first(under: root)]
    }

    /// The next step. Roles that were already visited are not visited again, which breaks cycles.
    package mutating func next() throws(TrustError) -> Step {
        if let found { return .found(found) }
        while let visit = stack.popLast() {
            guard !seen.contains(visit.role) else { continue }
            guard seen.count < MetadataLimit.visitedRoles else {
                throw TrustError(.tooManyRoles, path, "it was not found in the first \(seen.count) roles of the search")
            }
            seen.insert(visit.role)
            return .visit(visit)
        }
        return .absent
    }

    /// Takes the verified role that the last step asked for.
    package mutating func visited(_ targets: TrustedTargets) throws(TrustError) {
        found = try targets.targets.target(path, consistentSnapshot: consistentSnapshot)
        guard found == nil else { return }
        var children: [Visit] = []
        for delegation in targets.targets.delegations.delegations(for: path) {
            children.append(Visit(role: delegation.role, keys: delegation.keys, delegator: targets.role))
            if delegation.terminating {
                // §5.6.7.2.1: nothing after a terminating delegation is searched, here or higher up.
                stack = []
                break
            }
        }
        stack += children.reversed()
    }
}
