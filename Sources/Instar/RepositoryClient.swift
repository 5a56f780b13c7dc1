internal import InstarCryptography
internal import InstarManifest
internal import InstarRefresh
internal import InstarTransfer
internal import InstarTrust

/// The repository as this client reaches it: signed metadata, and targets that verify against it.
struct RepositoryClient: Sendable {
    let transfer: Transfer

    /// `observer` is told of bytes as they come, on the transfer's thread.
    init(
        _ configuration: UpdaterConfiguration, scores: MirrorScores = MirrorScores(),
        observer: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) throws(TransferError) {
        transfer = try Transfer(mirrors: configuration.urls, options: TransferOptions(configuration, scores: scores)) { statistics in
            observer(TransferProgress(statistics))
        }
    }

    /// The signed metadata.
    var metadata: TransferMetadataSource { TransferMetadataSource(transfer, folder: RepositoryLayout.metadata) }

    /// The content of a target that signed metadata lists, verified by length and every digest.
    func content(of target: TrustedTarget, limit: Int) throws -> [UInt8] {
        guard target.length <= limit else {
            throw UpdateError(.damaged, "\(target.path) has \(target.length) bytes, more than any honest repository's; tell the publisher")
        }
        let answer = try transfer.get("\(RepositoryLayout.targets)/\(target.urlPath)", limit: Int(target.length), isEscaped: true)
        guard let bytes = answer.bytes else {
            throw UpdateError(
                .damaged, "the repository lacks \(target.path), which its metadata lists: publish again, or use another mirror")
        }
        do { try target.verify(bytes) } catch {
            transfer.reject(answer)
            throw error
        }
        return bytes
    }
}
