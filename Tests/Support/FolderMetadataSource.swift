package import InstarRefresh
internal import InstarDisk
package import SystemPackage

/// A folder of metadata on disk in the place of a server: a repository as the publisher left it.
package struct FolderMetadataSource: MetadataSource {
    package let folder: FilePath

    package init(_ folder: FilePath) {
        self.folder = folder
    }

    package func fetch(_ name: String, limit: Int) -> MetadataAnswer {
        do throws(DiskError) { return .bytes(try DurableFile.read(folder.appending(name), limit: limit)) } catch {
            switch error.code {
            case .noSuchFileOrDirectory: return .missing
            case .fileTooLarge: return .tooLarge
            default: return .failure(error.description)
            }
        }
    }
}
