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

/// The last name of a path of text, used without making a copy of it.
package struct LastName: FileName {
    private let path: String
    /// Where the name begins, in bytes.
    private let start: Int

    /// `start` is the first byte after the path's last slash; 0 for a path of one name.
    package init(of path: String, from start: Int) {
        precondition(start >= 0 && start <= path.utf8.count)
        self.path = path
        self.start = start
    }

    package func withFileName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        unsafe path.withCString { unsafe body($0 + start) }
    }

    package var fileNameText: String { String(path.utf8.dropFirst(start)) ?? path }
}
