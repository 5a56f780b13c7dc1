package import InstarTransfer
package import InstarTrust

/// Metadata from a web server: files below `folder` of the mirrors of a transfer.
package struct TransferMetadataSource: MetadataSource {
    private let transfer: Transfer
    private let prefix: String

    /// `folder` is relative to the mirrors' addresses, `metadata` in an Instar repository, or empty.
    package init(_ transfer: Transfer, folder: String = "") {
        self.transfer = transfer
        prefix = folder.isEmpty ? "" : folder + "/"
    }

    package func fetch(_ name: String, limit: Int) -> MetadataAnswer {
        do throws(TransferError) {
            switch try transfer.get(prefix + name, limit: limit, allowsMissing: true, isEscaped: true) {
            case .found(let bytes, _): return .bytes(bytes)
            case .missing: return .missing
            }
        } catch {
            if case .tooLong = error.fault { return .tooLarge }
            return .failure(error.description)
        }
    }

    package var serverTime: UTCTime? {
        transfer.statistics.serverTime.map { UTCTime(secondsSince1970: $0) }
    }
}
