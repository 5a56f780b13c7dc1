import InstarPython
import Testing

/// What keeps Python references alive until the engine's work is done.
@Suite struct ReleaseStackTests {
    /// What was given back, in order.
    private final class Returns { var all: [String] = [] }

    private func makeStack() -> (ReleaseStack<String>, Returns) {
        let returns = Returns()
        return (ReleaseStack { returns.all.append($0) }, returns)
    }

    @Test func `nothing is given back before its scope ends`() {
        let (stack, returns) = makeStack()
        stack.open()
        stack.add("a")
        stack.add("b")
        #expect(returns.all.isEmpty && stack.isOpen)
        stack.close()
        #expect(returns.all == ["b", "a"] && !stack.isOpen)
    }

    @Test func `an inner scope gives back only what was added inside of it`() {
        let (stack, returns) = makeStack()
        stack.open()
        stack.add("outer")
        stack.open()
        stack.add("inner")
        stack.drain()
        #expect(returns.all == ["inner"])
        stack.add("later")
        stack.close()
        #expect(returns.all == ["inner", "later"])
        stack.close()
        #expect(returns.all == ["inner", "later", "outer"])
    }

    @Test func `draining leaves the scope open for more`() {
        let (stack, returns) = makeStack()
        stack.open()
        for round in 1...3 {
            stack.add("\(round)")
            stack.drain()
            #expect(returns.all.count == round)
        }
        stack.close()
        #expect(returns.all == ["1", "2", "3"])
    }

    @Test func `a destructor may use the stack again`() {
        // Each element given back opens a scope of its own and lets go of more, as a destructor that calls the engine does.
        final class Chain {
            var stack: ReleaseStack<Int>?
            var returned: [Int] = []
        }
        let chain = Chain()
        let stack = ReleaseStack<Int> { number in
            chain.returned.append(number)
            guard number > 0, let stack = chain.stack else { return }
            stack.open()
            stack.add(number - 1)
            stack.close()
            stack.add(-number)
        }
        chain.stack = stack
        stack.open()
        stack.add(3)
        stack.close()
        #expect(chain.returned == [3, 2, 1, 0, -1, -2, -3])
        #expect(!stack.isOpen)
        chain.stack = nil
    }
}
