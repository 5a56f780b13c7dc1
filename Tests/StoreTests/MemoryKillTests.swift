import Foundation
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

/// Real kills for lack of memory. The kernel counts them for the whole machine, so that they would excuse what other tests want
/// counted as crashes: this runs by itself, `INSTAR_MEMORY_KILLS=1 swift test -c release --filter MemoryKillTests`.
struct MemoryKillTests {
    private static let isAlone = getenv("INSTAR_MEMORY_KILLS") != nil
    private static let canLimit = MemoryGroup(megabytes: 64) != nil

    @Test(
        .enabled(if: isAlone, "kills for lack of memory count for the whole machine: set INSTAR_MEMORY_KILLS and run it alone"),
        .enabled(if: canLimit, "a control group with a limit needs an administrator, or a container that may make one"))
    func `a game that the kernel kills for lack of memory is no crash of its release, however often`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        try test.store.confirm()
        try test.install(secondRelease())
        let group = try #require(MemoryGroup(megabytes: 64))
        for round in 1...5 {
            let ending = try group.run(Products.path("instar-store").string, [test.store.path.string, "devour"])
            #expect(ending == .signal(SIGKILL))
            #expect(group.kills == round)
        }
        let decision = try test.store.launch()
        #expect(decision.generation?.number == 2 && decision.banned.isEmpty)
        #expect(try test.store.state().trial?.crashes == 0)
        // The same death without the kernel's doing is one.
        try test.store.recordCleanExit()
        try Driver.run(test.store.path, ["launch"])
        _ = try test.store.launch()
        #expect(try test.store.state().trial?.crashes == 1)
    }
}
