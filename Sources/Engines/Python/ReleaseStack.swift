/// What waits to be given back until the innermost of several nested scopes ends.
///
/// Giving an element back may run anything: it may open scopes, add elements and drain again, so the stack is in order
/// before each.
package final class ReleaseStack<Element> {
    private var pending: [Element] = []
    /// Where the scopes that are open begin in `pending`, outermost first.
    private var scopes: [Int] = []
    private let giveBack: (Element) -> Void

    package init(giveBack: @escaping (Element) -> Void) {
        self.giveBack = giveBack
    }

    /// Whether any scope is open.
    package var isOpen: Bool { !scopes.isEmpty }

    package func open() { scopes.append(pending.count) }

    /// Gives back what was added since the innermost scope was opened, newest first, and ends it.
    package func close() {
        drain()
        scopes.removeLast()
    }

    /// Gives the same back, and leaves the scope open.
    package func drain() {
        while let start = scopes.last, pending.count > start { giveBack(pending.removeLast()) }
    }

    /// Takes `element` over until the innermost scope ends.
    package func add(_ element: Element) { pending.append(element) }
}
