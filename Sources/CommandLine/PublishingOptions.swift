internal import ArgumentParser
internal import InstarDisk
internal import InstarManifest
internal import InstarPublishing
internal import InstarTrust
internal import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Which repository a publisher's command works on, and with which keys.
struct RepositoryOptions: ParsableArguments {
    @Option(help: "The repository's folder.", completion: .directory)
    var repo: String

    @OptionGroup var keyOptions: KeyOptions

    func open() throws -> RepositoryTrust { try keyOptions.open(repo) }
}

/// Where the private keys are.
struct KeyOptions: ParsableArguments {
    @Option(help: "The folder of the private keys; by default REPO.keys beside the repository.", completion: .directory)
    var keys: String?

    @Option(
        help: "A file whose first line is the passphrase of the private keys; else INSTAR_PASSPHRASE is. New keys are encrypted with it.",
        completion: .file())
    var passphraseFile: String?

    func folder(for repository: String) throws -> KeyFolder {
        let passphrase = try passphrase()
        return KeyFolder(keys.map { FilePath($0) } ?? KeyFolder.standardPath(for: FilePath(repository))) { _ in passphrase }
    }

    /// The passphrase that was given; nil if none was.
    func passphrase() throws -> [UInt8]? {
        if let passphraseFile {
            let text = try DurableFile.read(FilePath(passphraseFile), limit: 4096)
            return Array(text.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
        }
        guard let text = unsafe getenv("INSTAR_PASSPHRASE") else { return nil }
        return Array(unsafe String(cString: text).utf8)
    }

    func open(_ repository: String) throws -> RepositoryTrust {
        try RepositoryTrust(opening: FilePath(repository), keys: try folder(for: repository))
    }
}

extension UTCTime {
    /// The machine's time.
    static var now: UTCTime { UTCTime(secondsSince1970: Int64(time(nil))) }
}

extension PublishError: ExitStatusReporting {
    var exitStatus: ExitStatus {
        switch self {
        case .path, .specialFile: .dataError
        case .emptyBuild: .noInput
        case .buildChanged: .tryAgain
        case .configuration: .configuration
        case .refused: .usage
        case .damagedRepository: .dataError
        case .disk(let error): error.exitStatus
        }
    }
}

extension TrustPublishingError: ExitStatusReporting {
    var exitStatus: ExitStatus {
        switch self {
        case .exists: .cannotCreate
        case .noRepository: .noInput
        case .missingKeys, .badKey: .noPermission
        case .damaged: .dataError
        case .busy: .tryAgain
        case .refused: .usage
        case .disk(let error): error.exitStatus
        }
    }
}

extension ManifestError: ExitStatusReporting {
    var exitStatus: ExitStatus { .dataError }
}

extension ChannelError: ExitStatusReporting {
    var exitStatus: ExitStatus { .dataError }
}
