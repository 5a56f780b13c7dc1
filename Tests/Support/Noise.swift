import Foundation
package import SystemPackage

/// Bytes that nothing makes smaller but knowing them: the same for the same seed.
package func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}

/// Writes over bytes of an installed file, as a game or a failing disk does.
package func damage(_ file: FilePath, at offset: UInt64 = 100, with bytes: [UInt8] = [1, 2, 3]) throws {
    try setPermissions(file, 0o644)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file.string))
    try handle.seek(toOffset: offset)
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
}
