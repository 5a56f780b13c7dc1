internal import InstarManifest
package import InstarStore

/// Mends a generation as the façade does; what a download would bring is taken from the release's own bytes.
package enum SampleRepair {
    package static func run(
        _ generation: UInt64, of release: SampleRelease, in store: Store, options: StagingOptions = StagingOptions()
    ) throws {
        var options = options
        options.width = 1
        switch try store.lock() {
        case .busy(let holder): throw SampleUpdate.Busy(holder: holder)
        case .acquired(let lock):
            let report = try store.verify(generation, against: release.entries, width: 1)
            let wrong = Set(report.damages.filter { $0.kind == .permissions }.map(\.path))
            let others = try store.repairPermissions(
                generation, release.entries.filter { wrong.contains($0.path.description) }, holding: lock)
            let wanted = report.needingContent
            let entries = others + release.entries.filter { wanted.contains($0.path.description) }
            let repair = try store.repair(generation, entries, options: options, holding: lock)
            do {
                for chunk in repair.missing { try repair.write(release.bytes(of: chunk, in: repair), chunk) }
                try repair.commit(holding: lock)
            } catch {
                repair.cancel()
                throw error
            }
        }
    }
}
