#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import InstarManifest
internal import InstarStore
internal import StoreSamples

/// The store's promised speeds, measured: `scripts/store-speed` runs it in a release build and beside it `cp -al` and `openssl dgst`.
struct Benchmark {
    let store: Store
    let files: Int

    func run() throws {
        let first = try release("1.0", changed: 0)
        try row("stage \(files) new files") { try SampleUpdate.install(first, in: store, options: wide(nil)) }
        try row("confirm") { try store.confirm() }
        let second = try release("2.0", changed: 10)
        try row("update of 10 files") { try SampleUpdate.install(second, in: store, options: wide(1)) }
        try row("launch on trial") { _ = try store.launch() }
        try row("rollback") { try store.rollback() }
        try row("activate") { try store.activate(2) }
        try row("verify") { _ = try store.verify(2) }
        try store.confirm()
        try SampleUpdate.install(try release("3.0", changed: 20), in: store, options: wide(2))
        try store.confirm()
        guard case .acquired(let lock) = try store.lock() else { return }
        try row("collect") { try store.collect(keeping: 2, holding: lock) }
        _ = consume lock
        let fourth = try release("4.0", changed: 30)
        try row("update of 10 files after a collection") { try SampleUpdate.install(fourth, in: store, options: wide(3)) }
        try row("prepare in idle time") { try store.prepare() }
        let fifth = try release("5.0", changed: 40)
        try row("update of 10 files after that") { try SampleUpdate.install(fifth, in: store, options: wide(4)) }
    }

    /// One update of ten files with nothing prepared, in a store that is afterwards as before; the first run makes the store.
    func runUpdate() throws {
        let first = try release("1.0", changed: 0)
        if try store.state().active == nil {
            try SampleUpdate.install(first, in: store, options: wide(nil))
            try store.confirm()
        }
        let base = try store.state().active
        let second = try release("2.0", changed: 10)
        // A real update finds nearly all pages of the manifest in the store; the sample has one page for everything.
        try store.pages.put(second.page, digest: second.pageDigest)
        sync()
        try row("update of 10 files") { try SampleUpdate.install(second, in: store, options: wide(base)) }
        // Banned, so that it is collected though nothing else could be fallen back to.
        try store.reject(second.identity, reason: "was measured")
        guard case .acquired(let lock) = try store.lock() else { return }
        _ = try store.collect(keeping: 1, holding: lock)
        try store.unban(second.identity.digest)
        // The collected release's tree, which the next update would begin in.
        try store.discardUnfinished(holding: lock)
    }

    /// Few large files: 64 MB each, of one made-up megabyte.
    func runLarge() throws {
        let megabyte = SampleRelease.noise(1, 1 << 20)
        var contents: [String: SampleRelease.Content] = [:]
        for index in 0..<files { contents["file-\(index)"] = .file((0..<64).flatMap { _ in megabyte }) }
        try SampleUpdate.install(try SampleRelease("1.0", contents), in: store, options: wide(nil))
        try row("verify \(files) files of 64 MB") { _ = try store.verify(1) }
    }

    /// Small files in folders of a hundred; the first `changed` differ.
    private func release(_ version: String, changed: Int) throws -> SampleRelease {
        var contents: [String: SampleRelease.Content] = [:]
        for index in 0..<files {
            contents["folder-\(index / 100)/file-\(index)"] = .file(SampleRelease.noise(index < changed ? index + files : index, 1000))
        }
        return try SampleRelease(version, sequence: UInt64(changed / 10 + 1), contents)
    }

    private func wide(_ base: UInt64?) -> StagingOptions {
        var options = StagingOptions(base: base)
        options.width = 2
        return options
    }

    private func row<Result>(_ name: String, _ body: () throws -> Result) throws {
        let clock = ContinuousClock()
        let before = processorTime()
        let duration = try clock.measure { _ = try body() }
        let milliseconds = Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1000
        print("\(name): \((milliseconds * 10).rounded() / 10) ms, \(processorTime() - before) µs of processor")
    }
}

/// Microseconds of processor time that this process has used.
private func processorTime() -> Int {
    var now = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}
