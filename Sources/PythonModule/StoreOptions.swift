internal import Instar
internal import InstarPython

/// The arguments of `instar.open()`.
struct StoreOptions {
    var configuration: UpdaterConfiguration
    /// The file to append what happens to.
    var events: String?

    init(_ values: [String: PythonValue]) throws(UpdateError) {
        let values = Values(values)
        guard let store = try values.text("store") else { throw UpdateError(.invalidRequest, "open() needs the store's directory") }
        configuration = UpdaterConfiguration(
            store: store, urls: try values.texts("url"), pinnedRoot: try values.text("root"),
            channel: try values.text("channel") ?? "stable")
        configuration.packs = Set(try values.texts("packs"))
        configuration.shippedDirectory = try values.text("shipped")
        if let seconds = try values.number("check_every") { configuration.schedule = CheckSchedule(interval: .seconds(seconds)) }
        if let starts = try values.number("trial_starts") { configuration.trialStarts = Int(starts) }
        events = try values.text("events")
    }
}

/// Arguments read as what they have to be.
private struct Values {
    private let values: [String: PythonValue]

    init(_ values: [String: PythonValue]) {
        self.values = values
    }

    func text(_ name: String) throws(UpdateError) -> String? {
        switch values[name] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw wrong(name, "text or a path")
        }
    }

    /// One text, or several.
    func texts(_ name: String) throws(UpdateError) -> [String] {
        guard case .array(let elements)? = values[name] else { return try text(name).map { [$0] } ?? [] }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element else { throw wrong(name, "text, or a list of texts") }
            texts.append(text)
        }
        return texts
    }

    /// A number of at most a billion, so that every use of it fits.
    func number(_ name: String) throws(UpdateError) -> Double? {
        let number: Double
        switch values[name] {
        case nil, .null?: return nil
        case .integer(let value)?: number = Double(value)
        case .number(let value)?: number = value
        default: throw wrong(name, "a number")
        }
        guard number >= 0, number <= 1e9 else { throw wrong(name, "a number from 0 to a billion") }
        return number
    }

    private func wrong(_ name: String, _ expected: String) -> UpdateError {
        UpdateError(.invalidRequest, "open(): \(name) has to be \(expected)")
    }
}
