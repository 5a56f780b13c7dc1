/// How large each role's metadata may be, in bytes, where nothing signed says less. They stop endless-data
/// attacks: a mirror that sends bytes for ever fills neither memory nor disk. The values leave room for a
/// hundred times what a large repository needs.
package enum MetadataLimit {
    /// One root: some dozens of keys and signatures.
    package static let root = 512_000
    /// A timestamp names one file.
    package static let timestamp = 16_384
    /// A snapshot names every targets role: 20,000 hashed bins fit.
    package static let snapshot = 2_000_000
    /// One targets role.
    package static let targets = 5_000_000
    /// How many new roots one refresh follows. It stops a repository (or a thief of root keys) that publishes
    /// roots for ever; a client that is further behind goes on at the next refresh.
    package static let rootRotations = 1024
    /// How many targets roles one search visits, the top one included. It stops delegation graphs that
    /// explode, and bounds both the requests of a search and its depth.
    package static let visitedRoles = 33
    /// How long the name of a role may be, in bytes: names become parts of addresses and of file names.
    package static let roleName = 1024
    /// How long the path of a target may be, in bytes, for the same reason.
    package static let targetPath = 4096
}
