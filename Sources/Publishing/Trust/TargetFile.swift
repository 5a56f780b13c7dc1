package import InstarCryptography
package import InstarTrust

/// A file that a publication vouches for.
package struct TargetFile: Hashable, Sendable {
    /// The target path, such as `channels/stable.json`; `/` separates folders.
    package var path: String
    /// The length of the content in bytes.
    package var length: Int64
    /// The SHA-256 of the content.
    package var digest: Digest
    /// What else metadata should say of the file, under `custom`.
    package var custom: JSONObject?

    package init(path: String, length: Int64, digest: Digest, custom: JSONObject? = nil) {
        (self.path, self.length, self.digest, self.custom) = (path, length, digest, custom)
    }

    var json: JSON {
        var object: JSONObject = ["length": .integer(length), "hashes": ["sha256": JSON(digest.description)]]
        if let custom { object["custom"] = .object(custom) }
        return .object(object)
    }

    /// Where the content lies below `targets/` in the repository: the digest in front of the last part of the path.
    package var storedPath: String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return (parts.dropLast().map(String.init) + ["\(digest).\(parts.last ?? "")"]).joined(separator: "/")
    }
}
