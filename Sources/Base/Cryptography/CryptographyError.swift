internal import COpenSSL

/// A key or signature operation that could not be carried out. A signature that simply is not valid is no
/// error: it is the answer `false`.
public struct CryptographyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried and what to do about it.
    public var description: String

    package init(_ description: String) {
        self.description = description
    }

    /// Describes a failed call by what was tried and the reasons that OpenSSL queued, which are then gone.
    static func openSSL(_ attempt: String) -> CryptographyError {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            if let reason = unsafe ERR_reason_error_string(code) { reasons.append(unsafe String(cString: reason)) }
        }
        return CryptographyError(reasons.isEmpty ? "cannot \(attempt)" : "cannot \(attempt): \(reasons.joined(separator: ", "))")
    }
}
