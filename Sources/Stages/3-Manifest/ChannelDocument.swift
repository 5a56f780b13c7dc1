#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import InstarCryptography

/// The signed target `channels/<name>.json`: which release a channel points to, and for whom.
package struct ChannelDocument: Hashable, Sendable {
    /// The format that this code reads and writes.
    package static let format = 1
    /// Bytes; an honest one has a few hundred. Stops a document that exhausts memory.
    package static let maximumBytes = 64 << 10

    /// `stable`, `beta` …
    package var channel: String
    package var release: Release
    package var rollout: Rollout
    /// True: nobody moves to this release any more. Who has it keeps it.
    package var isHalted: Bool
    /// What the host must offer to follow the channel to this release.
    package var requirements: [HostRequirement]

    /// Which release: a target of the signed metadata.
    package struct Release: Hashable, Sendable, Codable {
        package var target: String
        package var version: String
        package var sequence: UInt64

        package init(target: String, version: String, sequence: UInt64) {
            self.target = target
            self.version = version
            self.sequence = sequence
        }
    }

    /// For which share of the installations.
    package struct Rollout: Hashable, Sendable, Codable {
        /// 0 nobody, 1 everybody.
        package var share: Double
        /// Another salt chooses other installations. By default the target's name, so that every release begins with others.
        package var salt: String

        package init(share: Double, salt: String) {
            self.share = share
            self.salt = salt
        }

        /// Whether the installation with this stable identifier is among the share. A larger share includes the smaller one.
        package func includes(installation identifier: String) -> Bool {
            let hash = Digest(of: Array("\(salt)\n\(identifier)".utf8)).prefix
            // 53 bits are what a Double holds exactly.
            return Double(hash >> 11) / Double(1 << 53 as UInt64) < share
        }
    }

    package init(
        channel: String, release: Release, rollout: Rollout? = nil, isHalted: Bool = false, requirements: [HostRequirement] = []
    ) {
        self.channel = channel
        self.release = release
        self.rollout = rollout ?? Rollout(share: 1, salt: release.target)
        self.isHalted = isHalted
        self.requirements = requirements
    }
}

/// A channel document that cannot be used.
package enum ChannelError: Error, Hashable, Sendable, CustomStringConvertible {
    case damaged(String)
    case unsupportedFormat(Int)
    /// The document of another channel, or one that is not a channel's name.
    case wrongChannel(expected: String, found: String)

    package var description: String {
        switch self {
        case .damaged(let what): "the channel document is damaged: \(what); publish to the channel again"
        case .unsupportedFormat(let format):
            "the channel document has format \(format), and this Instar reads \(ChannelDocument.format): update the game's Instar first"
        case .wrongChannel(let expected, let found): "the document of the channel \(expected) says it is that of \(found)"
        }
    }
}

extension ChannelDocument {
    private struct Wire: Codable {
        var format: Int
        var channel: String
        var release: Release
        var rollout: Rollout
        var halted: Bool
        var requires: [String: HostRequirement.Bounds]?
    }

    /// Decodes the document of `channel`.
    package init(decoding bytes: [UInt8], of channel: String) throws(ChannelError) {
        guard bytes.count <= ChannelDocument.maximumBytes else { throw .damaged("it has \(bytes.count) bytes") }
        let wire: Wire
        do { wire = try JSONDecoder().decode(Wire.self, from: Data(bytes)) } catch { throw .damaged("it is not JSON of its schema") }
        guard wire.format == ChannelDocument.format else { throw .unsupportedFormat(wire.format) }
        guard wire.channel == channel, ReleaseVersion.isValid(channel) else { throw .wrongChannel(expected: channel, found: wire.channel) }
        guard (0...1).contains(wire.rollout.share) else { throw .damaged("its share is \(wire.rollout.share), not between 0 and 1") }
        guard ReleaseVersion.isValid(wire.release.version) else { throw .damaged("its version is no version") }
        self.init(
            channel: channel, release: wire.release, rollout: wire.rollout, isHalted: wire.halted,
            requirements: HostRequirement.list(wire.requires ?? [:]))
    }

    /// The same bytes for the same values, readable for people.
    package func encoded() -> [UInt8] {
        let requires = Dictionary(uniqueKeysWithValues: requirements.map { ($0.subject, HostRequirement.Bounds($0)) })
        let wire = Wire(
            format: ChannelDocument.format, channel: channel, release: release, rollout: rollout, halted: isHalted,
            requires: requires.isEmpty ? nil : requires)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do { return [UInt8](try encoder.encode(wire)) + [UInt8(ascii: "\n")] } catch {
            preconditionFailure("a channel document did not encode: \(error)")  // Only numbers that JSON lacks fail; `share` is finite.
        }
    }
}

extension HostRequirement {
    /// How a requirement stands in JSON, under its subject.
    package struct Bounds: Hashable, Sendable, Codable {
        package var minimum: String?
        package var below: String?

        init(_ requirement: HostRequirement) {
            minimum = requirement.minimum.isEmpty ? nil : requirement.minimum
            below = requirement.below.isEmpty ? nil : requirement.below
        }
    }

    /// The requirements by subject.
    package static func list(_ bounds: [String: Bounds]) -> [HostRequirement] {
        bounds.sorted { $0.key < $1.key }.map {
            HostRequirement(subject: $0.key, minimum: $0.value.minimum ?? "", below: $0.value.below ?? "")
        }
    }
}
