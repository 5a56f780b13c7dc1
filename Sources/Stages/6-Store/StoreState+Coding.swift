internal import FoundationEssentials
internal import InstarCryptography
internal import InstarManifest

/// The bytes of the file `state`: JSON whose first member is the digest of the bytes of its second.
///
///     {"check":"<64 hexadecimal digits>","state":{…}}
extension StoreState {
    private static let opening = Array(#"{"check":""#.utf8)
    private static let middle = Array(#"","state":"#.utf8)
    private static let ending = Array("}\n".utf8)

    /// The file's bytes.
    package func encoded() throws(StoreError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body: [UInt8]
        // No value of a state is outside JSON; a failure here would be a fault of this file.
        do { body = Array(try encoder.encode(StateDocument(self))) } catch { throw .damaged("the state cannot be encoded: \(error)") }
        return Self.opening + Array(Digest(of: body).description.utf8) + Self.middle + body + Self.ending
    }

    /// Reads what `encoded` wrote; anything else is refused with its reason.
    package init(encoded bytes: [UInt8]) throws(StoreError) {
        let start = Self.opening.count
        let body = start + 2 * Digest.byteCount + Self.middle.count
        guard bytes.count > body + Self.ending.count, bytes.starts(with: Self.opening), bytes.suffix(Self.ending.count) == Self.ending[...],
            bytes[(body - Self.middle.count)..<body] == Self.middle[...]
        else { throw .stateLost("it is not one of Instar's") }
        let content = Array(bytes[body..<(bytes.count - Self.ending.count)])
        let check = String(decoding: bytes[start..<(start + 2 * Digest.byteCount)], as: UTF8.self)
        guard check == Digest(of: content).description else { throw .stateLost("it does not match its own digest") }
        let document: StateDocument
        do { document = try JSONDecoder().decode(StateDocument.self, from: Data(content)) } catch {
            throw .stateLost("it cannot be read: \(error)")
        }
        guard let state = document.state, state.isConsistent else { throw .stateLost("it contradicts itself") }
        self = state
    }

    /// What every legal transition keeps.
    package var isConsistent: Bool {
        let numbers = generations.map(\.number)
        return zip(numbers, numbers.dropFirst()).allSatisfy(<) && numbers.allSatisfy { $0 < next && $0 > 0 }
            && Set(generations.map(\.release.digest)).count == generations.count && (active == nil || activeGeneration != nil)
            && (pending == nil || generation(pending) != nil) && (trial == nil || active != nil)
            && (active == nil || (activeGeneration?.confirmed != nil) == (trial == nil))
            && activeGeneration.flatMap { ban(of: $0.release.digest) } == nil
            && generation(pending).flatMap { ban(of: $0.release.digest) } == nil
    }
}

/// The state as JSON has it: digests as hexadecimal text.
private struct StateDocument: Codable {
    var format = 1
    var next: UInt64
    var generations: [GenerationDocument]
    var active: UInt64?
    var pending: UInt64?
    var trial: TrialDocument?
    var bans: [BanDocument]

    struct GenerationDocument: Codable {
        var number, sequence, files, size, written: UInt64
        var version, digest: String
        var confirmed: UInt64?
    }

    struct TrialDocument: Codable {
        var crashes: Int
        var starts: [StartDocument]
    }

    struct StartDocument: Codable {
        var process: Int32
        var started, memoryKills: UInt64
        var boot: String
        var time: Int64
    }

    struct BanDocument: Codable {
        var digest, version, reason: String
        var time: Int64
    }

    init(_ state: StoreState) {
        (next, active, pending) = (state.next, state.active, state.pending)
        generations = state.generations.map {
            GenerationDocument(
                number: $0.number, sequence: $0.release.sequence, files: $0.files, size: $0.size, written: $0.written,
                version: $0.release.version, digest: $0.release.digest.description, confirmed: $0.confirmed)
        }
        trial = state.trial.map { trial in
            TrialDocument(
                crashes: trial.crashes,
                starts: trial.starts.map {
                    StartDocument(
                        process: $0.process.id, started: $0.process.started, memoryKills: $0.memoryKills, boot: $0.process.boot,
                        time: $0.time)
                })
        }
        bans = state.bans.map { BanDocument(digest: $0.digest.description, version: $0.version, reason: $0.reason, time: $0.time) }
    }

    /// The value; nil where a digest is none or the format is a later one.
    var state: StoreState? {
        guard format == 1 else { return nil }
        var state = StoreState()
        (state.next, state.active, state.pending) = (next, active, pending)
        for item in generations {
            guard let digest = Digest(hexadecimal: item.digest) else { return nil }
            let release = ReleaseIdentity(version: item.version, sequence: item.sequence, digest: digest)
            state.generations.append(
                Generation(
                    number: item.number, release: release, confirmed: item.confirmed, files: item.files, size: item.size,
                    written: item.written))
        }
        state.trial = trial.map { item in
            var trial = StoreState.Trial()
            trial.crashes = item.crashes
            trial.starts = item.starts.map {
                Start(
                    process: ProcessIdentity(id: $0.process, started: $0.started, boot: $0.boot), time: $0.time, memoryKills: $0.memoryKills
                )
            }
            return trial
        }
        for item in bans {
            guard let digest = Digest(hexadecimal: item.digest) else { return nil }
            state.bans.append(StoreState.Ban(digest: digest, version: item.version, reason: item.reason, time: item.time))
        }
        return state
    }
}
