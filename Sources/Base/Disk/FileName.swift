package import SystemPackage

/// One name in a directory: text, or the bytes as the file system gave them (which need not be UTF-8).
package protocol FileName {
    /// Calls `body` with the name as C wants it.
    func withFileName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result
    /// The name for a person.
    var fileNameText: String { get }
}

extension String: FileName {
    package func withFileName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result { unsafe withCString { unsafe body($0) } }
    package var fileNameText: String { self }
}

extension FilePath.Component: FileName {
    package func withFileName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result { unsafe withPlatformString { unsafe body($0) } }
    package var fileNameText: String { string }
}
