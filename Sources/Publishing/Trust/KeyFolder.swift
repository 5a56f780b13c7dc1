internal import InstarCryptography
internal import InstarDisk
package import InstarTrust
package import SystemPackage

/// The folder of private keys: beside the repository, never inside it, readable by its owner only.
///
/// Each key is one PKCS#8 file `<role>-<key identifier>.pem`; the role in the name is for people. A holder's
/// own file of any name ending in `.pem` works too.
package struct KeyFolder: Sendable {
    /// Asks for the passphrase of an encrypted key file; nil if there is none to give.
    package typealias Passphrase = @Sendable (_ file: String) -> [UInt8]?

    package let path: FilePath
    private let passphrase: Passphrase

    /// How large a key file may be, in bytes; anything longer in the folder is not a key.
    static let keyFileLimit = 16_384

    package init(_ path: FilePath, passphrase: @escaping Passphrase = { _ in nil }) {
        (self.path, self.passphrase) = (path, passphrase)
    }

    /// The folder that belongs to a repository unless another is named: `REPO.keys`.
    package static func standardPath(for repository: FilePath) -> FilePath {
        let name = repository.lastComponent?.string ?? "repository"
        return repository.removingLastComponent().appending("\(name).keys")
    }

    /// Makes the folder, for its owner alone.
    package func create() throws(TrustPublishingError) {
        try FileTree.makeFolder(path, permissions: .ownerReadWriteExecute)
    }

    /// Makes a new key and stores it, encrypted if `passphrase` is given.
    package func generate(for role: String, passphrase: [UInt8]?) throws(TrustPublishingError) -> SigningKey {
        let key: SigningKey
        let pem: [UInt8]
        do throws(CryptographyError) {
            key = try SigningKey(PrivateKey.generate())
            pem = try key.privateKey.pem(passphrase: passphrase)
        } catch {
            throw .badKey(file: path.string, reason: error.description)
        }
        let file = path.appending("\(role)-\(key.keyID).pem")
        do throws(DiskError) { try DurableFile.replace(file, with: pem, permissions: .ownerReadWrite) } catch { throw .disk(error) }
        return key
    }

    /// Every key in the folder whose identifier is wanted. A key file that others can read is refused, since it
    /// may be known to others already.
    package func keys(wanted: Set<ByteText>) throws(TrustPublishingError) -> [ByteText: SigningKey] {
        var keys: [ByteText: SigningKey] = [:]
        for name in try FileTree.names(in: path) where name.hasSuffix(".pem") {
            let file = path.appending(name)
            guard let key = try read(file, wanted: wanted) else { continue }
            if wanted.contains(key.keyID) { keys[key.keyID] = key }
        }
        return keys
    }

    /// The wanted keys that are in the folder, encrypted ones too; nobody is asked for a passphrase.
    package func held(of wanted: [ByteText]) throws(TrustPublishingError) -> Set<ByteText> {
        var held: Set<ByteText> = []
        for name in try FileTree.names(in: path) where name.hasSuffix(".pem") {
            let file = path.appending(name)
            if let named = self.name(of: file) {
                held.insert(named)
            } else if let key = try? read(file, wanted: Set(wanted)) {
                held.insert(key.keyID)
            }
        }
        return held.intersection(wanted)
    }

    private func read(_ file: FilePath, wanted: Set<ByteText>) throws(TrustPublishingError) -> SigningKey? {
        let text: [UInt8]
        do throws(DiskError) { text = try DurableFile.read(file, limit: KeyFolder.keyFileLimit) } catch { throw .disk(error) }
        let content = String(decoding: text, as: UTF8.self)
        guard content.contains("PRIVATE KEY") else { return nil }
        guard try FileTree.isPrivate(file) else {
            throw .badKey(
                file: file.string,
                reason: "others on this computer can read it; run `chmod 600 \(file.string)`, and rotate it if they may have")
        }
        // An encrypted key that nobody needs now must not ask for its passphrase; its name says which it is.
        let named = name(of: file)
        if let named, !wanted.contains(named) { return nil }
        let isEncrypted = content.contains("ENCRYPTED")
        do throws(CryptographyError) {
            return try SigningKey(PrivateKey(pem: text, passphrase: isEncrypted ? passphrase(file.string) : nil))
        } catch {
            throw .badKey(file: file.string, reason: error.description)
        }
    }

    /// The identifier in a file name that this folder gave; nil for a holder's own name.
    private func name(of file: FilePath) -> ByteText? {
        guard let name = file.lastComponent?.stem, let digits = name.split(separator: "-").last, Digest(hexadecimal: digits) != nil else {
            return nil
        }
        return ByteText(digits)
    }
}
