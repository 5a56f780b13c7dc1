internal import InstarDisk
internal import SystemPackage

/// A name for this installation, made up once and kept in the store: it decides, together with a release, whether a
/// roll-out by share includes it. It is never sent anywhere.
enum InstallationIdentity {
    static func read(in store: FilePath) throws(DiskError) -> String {
        let file = store.appending("installation")
        if let bytes = try? DurableFile.read(file, limit: 64), bytes.count == 32 { return String(decoding: bytes, as: UTF8.self) }
        let digits = Array("0123456789abcdef".utf8)
        let name = (0..<32).map { _ in digits[Int.random(in: 0..<16)] }
        try DurableFile.replace(file, with: name)
        return String(decoding: name, as: UTF8.self)
    }
}
