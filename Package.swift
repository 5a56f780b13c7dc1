// swift-tools-version: 6.2
import PackageDescription

// The folders tell the story: C shims, then Base (one wrapped thing each), then Stages (the path of an
// update, numbered in its order), then the engines, the façade, and the surfaces that people touch.
// A target imports only targets above it in this list; the compiler checks it
// (`--explicit-target-dependency-import-check error` in scripts/).

let package = Package(
    name: "Instar",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Instar", targets: ["Instar"]),
        .executable(name: "instar", targets: ["InstarCommand"]),
        // What `import instar` loads into an ordinary Python (scripts/python-module).
        .library(name: "InstarPythonModule", type: .dynamic, targets: ["InstarPythonModule"]),
        // For tests only: see CFaults below.
        .library(name: "InstarFaults", type: .dynamic, targets: ["CFaults"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // Without its default traits, SwiftProtobuf needs only FoundationEssentials, which starts faster.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        // C libraries: module maps and the smallest possible shims.
        .systemLibrary(name: "CCurl", path: "Sources/C/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/C/COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(name: "CZlib", path: "Sources/C/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", path: "Sources/C/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .target(name: "CPlatform", path: "Sources/C/CPlatform"),
        .target(name: "CPython", path: "Sources/C/CPython"),

        // Base: one wrapped thing each; knows nothing of updates.
        .target(name: "InstarThreads", dependencies: ["CPlatform"], path: "Sources/Base/Threads"),
        .target(name: "InstarCryptography", dependencies: ["COpenSSL"], path: "Sources/Base/Cryptography"),
        .target(name: "InstarDisk", dependencies: ["CPlatform", .system], path: "Sources/Base/Disk"),
        .target(
            name: "InstarContent", dependencies: ["CZstd", "CZlib", "InstarCryptography", "InstarThreads"], path: "Sources/Base/Content"),
        .target(name: "InstarTransfer", dependencies: ["CCurl", "InstarThreads"], path: "Sources/Base/Transfer"),

        // Stages: the path of an update, in order.
        .target(name: "InstarTrust", dependencies: ["InstarCryptography"], path: "Sources/Stages/1-Trust"),
        .target(
            name: "InstarRefresh", dependencies: ["InstarTrust", "InstarCryptography", "InstarDisk", "InstarTransfer", .system],
            path: "Sources/Stages/2-Refresh"),
        .target(
            name: "InstarManifest",
            dependencies: ["InstarCryptography", "InstarContent", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            path: "Sources/Stages/3-Manifest"),
        .target(
            name: "InstarPlan", dependencies: ["InstarManifest", "InstarContent", "InstarCryptography"], path: "Sources/Stages/4-Plan"),
        .target(
            name: "InstarDownload",
            dependencies: ["InstarPlan", "InstarManifest", "InstarContent", "InstarCryptography", "InstarTransfer", "InstarThreads"],
            path: "Sources/Stages/5-Download"),
        .target(
            name: "InstarStore",
            dependencies: [
                "CPlatform", "InstarPlan", "InstarManifest", "InstarContent", "InstarCryptography", "InstarDisk", "InstarThreads", .system,
            ],
            path: "Sources/Stages/6-Store"),
        .target(name: "InstarReload", dependencies: [.system], path: "Sources/Stages/7-Reload"),

        // Engines: one language each, over its C interface.
        .target(
            name: "InstarPython", dependencies: ["CPython", "CPlatform", "InstarReload", "InstarThreads", .system],
            path: "Sources/Engines/Python"),

        // The façade: what a game links.
        .target(
            name: "Instar",
            dependencies: [
                "InstarTrust", "InstarRefresh", "InstarManifest", "InstarPlan", "InstarDownload", "InstarStore", "InstarReload",
                "InstarContent", "InstarCryptography", "InstarDisk", "InstarTransfer", "InstarThreads", .system,
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
            ],
            path: "Sources/Instar"),

        // The publisher's side: build → repository, and a server to look at the result.
        .target(
            name: "InstarPublishing",
            dependencies: [
                "InstarTrust", "InstarManifest", "InstarContent", "InstarCryptography", "InstarDisk", "InstarThreads", .system,
            ],
            path: "Sources/Publishing"),
        .target(name: "InstarServing", dependencies: ["CPlatform", "InstarThreads", .system], path: "Sources/Serving"),

        // A launched release in an interpreter, whoever started that; and what surfaces print of it.
        .target(
            name: "InstarHosting", dependencies: ["Instar", "InstarPython", "InstarReload", "InstarThreads", .system],
            path: "Sources/Hosting"),

        // Surfaces.
        .target(
            name: "InstarPythonModule",
            dependencies: ["CPython", "Instar", "InstarHosting", "InstarPython", .product(name: "Logging", package: "swift-log")],
            path: "Sources/PythonModule"),
        .executableTarget(
            name: "InstarCommand",
            dependencies: [
                "Instar", "InstarHosting", "InstarPublishing", "InstarServing", "InstarPython", "InstarReload", "InstarTrust",
                "InstarRefresh",
                "InstarManifest",
                "InstarPlan", "InstarDownload", "InstarStore", "InstarContent", "InstarCryptography", "InstarDisk", "InstarTransfer",
                "InstarThreads", "CPlatform", .system,
                .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/CommandLine"),
        // Test support, not installed: drives the trust client for independent conformance suites.
        .executableTarget(
            name: "instar-tuf",
            dependencies: ["InstarTrust", "InstarRefresh", "InstarCryptography", "InstarDisk", "InstarTransfer", .system],
            path: "Sources/TrustTool"),

        // Test support, not installed: drives a store through every operation, to be killed, starved and cut off at any call.
        .target(
            name: "StoreSamples",
            dependencies: ["InstarStore", "InstarPlan", "InstarManifest", "InstarCryptography", "InstarDisk", .system],
            path: "Tests/StoreSamples"),
        .executableTarget(
            name: "instar-store",
            dependencies: ["StoreSamples", "InstarStore", "InstarPlan", "InstarManifest", "InstarCryptography", "InstarDisk", .system],
            path: "Tests/StoreDriver"),
        // Fails, kills or records at a chosen file-system call; linked, or preloaded into a process under test.
        .target(name: "CFaults", path: "Tests/Faults"),
        // Every operation of a store under every fault at every call; scripts/store-faults runs it.
        .executableTarget(
            name: "instar-store-faults", dependencies: ["CFaults", "StoreSamples", "InstarStore", "InstarManifest", "InstarDisk", .system],
            path: "Tests/StoreFaults"),
        // Test support, not installed: an interpreter whose engine fails at any chosen call into CPython.
        .target(name: "CPythonFaults", dependencies: ["CPython"], path: "Tests/PythonFaults/Table"),
        .executableTarget(
            name: "instar-python-faults", dependencies: ["CPythonFaults", "InstarPython", "InstarReload", .system],
            path: "Tests/PythonFaults/Program"),
        // Not installed: measures the transfer over loopback and over a modelled long line (docs/transfer.md).
        .executableTarget(
            name: "instar-line", dependencies: ["InstarTransfer", "InstarServing", "InstarThreads", "TestSupport"],
            path: "Benchmarks/Transfer", exclude: ["measure"]),

        // Tests mirror Sources.
        .target(
            name: "TestSupport",
            dependencies: [
                "InstarCryptography", "InstarDisk", "InstarThreads", "InstarServing", "InstarTrust", "InstarRefresh", "CPlatform", .system,
            ],
            path: "Tests/Support"),
        .tests("ThreadsTests", of: ["InstarThreads"]),
        .tests("CryptographyTests", of: ["InstarCryptography"]),
        .tests("DiskTests", of: ["InstarDisk", "CPlatform"]),
        .tests("ContentTests", of: ["InstarContent", "InstarCryptography"]),
        .tests("TransferTests", of: ["InstarTransfer", "InstarServing", "InstarThreads"]),
        .tests("TrustTests", of: ["InstarTrust", "InstarCryptography"]),
        .tests(
            "RefreshTests",
            of: ["InstarRefresh", "InstarTrust", "InstarCryptography", "InstarDisk", "InstarPublishing", "InstarServing", "InstarTransfer"]),
        .tests("ManifestTests", of: ["InstarManifest", "InstarContent", "InstarCryptography"]),
        .tests("PlanTests", of: ["InstarPlan", "InstarManifest", "InstarCryptography"]),
        .tests(
            "DownloadTests",
            of: [
                "InstarDownload", "InstarPlan", "InstarManifest", "InstarContent", "InstarTransfer", "InstarCryptography", "InstarThreads",
            ]),
        .tests(
            "StoreTests",
            of: [
                "InstarStore", "InstarPlan", "InstarManifest", "InstarContent", "InstarCryptography", "InstarDisk", "InstarThreads",
                "CPlatform", "StoreSamples",
            ]),
        .tests("ReloadTests", of: ["InstarReload"]),
        .tests(
            "PythonTests", of: ["InstarPython", "InstarServing", "InstarReload", "InstarThreads", "CPython"],
            excluding: ["Cases", "prelude.py"]),
        .tests(
            "PublishingTests",
            of: ["InstarPublishing", "InstarTrust", "InstarManifest", "InstarContent", "InstarCryptography", "InstarDisk"]),
        .tests(
            "InstarTests",
            of: [
                "Instar", "InstarPublishing", "InstarServing", "InstarStore", "InstarReload", "InstarManifest", "InstarCryptography",
                "InstarDisk",
            ]),
        .tests("CommandTests", of: ["InstarCryptography", "InstarDisk", "InstarPublishing", "InstarServing", "InstarTrust"]),
    ],
    swiftLanguageModes: [.v6]
)

extension Target.Dependency {
    /// Paths, file descriptors and error numbers.
    static var system: Target.Dependency { .product(name: "SystemPackage", package: "swift-system") }
}

extension Target {
    /// A test target in `Tests/<name>` over the named targets, with the shared support.
    static func tests(_ name: String, of targets: [String], excluding: [String] = []) -> Target {
        .testTarget(
            name: name, dependencies: targets.map { .byName(name: $0) } + ["TestSupport", .system], path: "Tests/\(name)",
            exclude: excluding)
    }
}

for target in package.targets
where [.regular, .executable, .test].contains(target.type) && !target.name.hasPrefix("C") || target.name.hasSuffix("Tests") {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .treatAllWarnings(as: .error),
        ]
    if target.type != .test && target.name != "TestSupport" {
        target.swiftSettings?.append(.strictMemorySafety())
    }
}
