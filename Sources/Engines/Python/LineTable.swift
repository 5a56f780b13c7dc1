/// Where in the source the instructions of a code object come from, read from CPython's table and written as its compiler does.
struct LineTable {
    /// Lines from one, columns from zero in bytes; -1 where there is none.
    struct Position: Hashable {
        var line = -1
        var endLine = -1
        var column = -1
        var endColumn = -1
    }

    /// How a version of CPython writes the table.
    enum Format {
        /// 3.9: how far it is to the next line, in bytes of code and in lines.
        case steps
        /// 3.10: ranges of bytes of code of one line each.
        case ranges
        /// Since 3.11: positions of up to eight units of code.
        case positions

        init(minorVersion: Int) { self = minorVersion >= 11 ? .positions : minorVersion == 10 ? .ranges : .steps }

        /// The code object's attribute.
        var attribute: String { self == .steps ? "co_lnotab" : "co_linetable" }
    }

    struct Run: Hashable {
        /// Bytes or units of code; in steps, those in front of the line.
        var length: Int
        var position: Position
    }

    private let format: Format
    private let firstLine: Int
    private(set) var runs: [Run] = []

    /// Nil where the table is not written as expected.
    init?(_ bytes: [UInt8], firstLine: Int, format: Format) {
        (self.format, self.firstLine) = (format, firstLine)
        var reader = Reader(bytes)
        switch format {
        case .steps: readSteps(&reader)
        case .ranges: readRanges(&reader)
        case .positions: readPositions(&reader)
        }
        guard !reader.isBroken, self.bytes == bytes else { return nil }
    }

    /// The same code at other positions; nil where one has none.
    func moved(_ move: (Position) -> Position?) -> LineTable? {
        var table = self
        for index in runs.indices where runs[index].position.line >= 0 {
            guard let position = move(runs[index].position) else { return nil }
            table.runs[index].position = position
        }
        // What the compiler would write as one is not written as two.
        let areApart = zip(runs, runs.dropFirst()).map { $0.position != $1.position }
        return zip(table.runs, table.runs.dropFirst()).map { $0.position != $1.position } == areApart ? table : nil
    }

    var bytes: [UInt8] {
        switch format {
        case .steps: writtenSteps
        case .ranges: writtenRanges
        case .positions: writtenPositions
        }
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var index = 0
        private(set) var isBroken = false

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { index >= bytes.count }

        mutating func byte() -> Int {
            guard index < bytes.count else {
                isBroken = true
                return 0
            }
            index += 1
            return Int(bytes[index - 1])
        }

        mutating func signedByte() -> Int { Int(Int8(truncatingIfNeeded: byte())) }

        /// Six bits a byte, the lowest first; the seventh says that more follow.
        mutating func number() -> Int {
            var (value, shift, more) = (0, 0, true)
            while more, !isBroken, shift < 60 {
                let part = byte()
                value |= (part & 63) << shift
                shift += 6
                more = part & 64 != 0
            }
            return value
        }

        mutating func signedNumber() -> Int {
            let value = number()
            return value & 1 == 0 ? value >> 1 : -(value >> 1)
        }
    }

    // MARK: 3.9

    private mutating func readSteps(_ reader: inout Reader) {
        var line = firstLine
        var (length, difference, isOpen) = (0, 0, false)
        func run() -> Run { Run(length: length, position: Position(line: line + difference)) }
        while !reader.isAtEnd {
            let (bytes, lines) = (reader.byte(), reader.signedByte())
            // Long distances are written in parts: first the bytes of code, then the lines.
            if isOpen, bytes != 0 {
                runs.append(run())
                line += difference
                (length, difference, isOpen) = (0, 0, false)
            }
            length += bytes
            difference += lines
            isOpen = isOpen || !(bytes == 255 && lines == 0)
        }
        if isOpen { runs.append(run()) }
    }

    private var writtenSteps: [UInt8] {
        var bytes: [UInt8] = []
        var line = firstLine
        func write(_ length: Int, _ lines: Int) { bytes += [UInt8(length), UInt8(bitPattern: Int8(lines))] }
        for run in runs {
            var (length, lines) = (run.length, run.position.line - line)
            line = run.position.line
            // Whole parts first, whether or not anything is left for the last one.
            if length > 255 {
                for _ in 0..<(length / 255) { write(255, 0) }
                length %= 255
            }
            if lines > 127 || lines < -128 {
                let part = lines < 0 ? -128 : 127
                for _ in 0..<(lines / part) {
                    write(length, part)
                    length = 0
                }
                lines %= part
            }
            write(length, lines)
        }
        return bytes
    }

    // MARK: 3.10

    private mutating func readRanges(_ reader: inout Reader) {
        var line = firstLine
        var isSplit = false
        while !reader.isAtEnd {
            let (length, lines) = (reader.byte(), reader.signedByte())
            let hasLine = lines != -128
            if hasLine { line += lines }
            guard length > 0 else { continue }
            let position = Position(line: hasLine ? line : -1)
            if isSplit, let last = runs.last, last.position == position, lines == 0 || !hasLine {
                runs[runs.count - 1].length += length
            } else {
                runs.append(Run(length: length, position: position))
            }
            isSplit = length == 254
        }
    }

    private var writtenRanges: [UInt8] {
        var bytes: [UInt8] = []
        var line = firstLine
        func write(_ length: Int, _ lines: Int) { bytes += [UInt8(length), UInt8(bitPattern: Int8(lines))] }
        for run in runs {
            let hasLine = run.position.line >= 0
            var (length, lines) = (run.length, hasLine ? run.position.line - line : -128)
            if hasLine {
                line = run.position.line
                while lines > 127 || lines < -127 {
                    let part = lines < 0 ? -127 : 127
                    write(0, part)
                    lines -= part
                }
            }
            while length > 254 {
                write(254, lines)
                (length, lines) = (length - 254, hasLine ? 0 : -128)
            }
            write(length, lines)
        }
        return bytes
    }

    // MARK: Since 3.11

    private mutating func readPositions(_ reader: inout Reader) {
        var line = firstLine
        while !reader.isAtEnd {
            let first = reader.byte()
            let (kind, length) = ((first >> 3) & 15, (first & 7) + 1)
            var position = Position()
            switch kind {
            case 15: break
            case 14:
                line += reader.signedNumber()
                position.line = line
                position.endLine = line + reader.number()
                position.column = reader.number() - 1
                position.endColumn = reader.number() - 1
            case 13:
                line += reader.signedNumber()
                (position.line, position.endLine) = (line, line)
            case 10...12:
                line += kind - 10
                position = Position(line: line, endLine: line, column: reader.byte(), endColumn: reader.byte())
            default:
                let second = reader.byte()
                let column = (kind << 3) | (second >> 4)
                position = Position(line: line, endLine: line, column: column, endColumn: column + (second & 15))
            }
            runs.append(Run(length: length, position: position))
        }
    }

    private var writtenPositions: [UInt8] {
        var bytes: [UInt8] = []
        var line = firstLine
        func number(_ value: Int) {
            var rest = value
            while rest >= 64 {
                bytes.append(UInt8((rest & 63) | 64))
                rest >>= 6
            }
            bytes.append(UInt8(rest))
        }
        for run in runs {
            let position = run.position
            func begin(_ kind: Int) { bytes.append(UInt8(0x80 | (kind << 3) | (run.length - 1))) }
            func lines(_ value: Int) { number(value < 0 ? (-value << 1) | 1 : value << 1) }
            guard position.line >= 0 else {
                begin(15)
                continue
            }
            let (distance, column, end) = (position.line - line, position.column, position.endColumn)
            let (isOneLine, hasColumns) = (position.line == position.endLine, column >= 0 && end >= 0)
            line = position.line
            if isOneLine, !hasColumns {
                begin(13)
                lines(distance)
            } else if isOneLine, distance == 0, column < 80, end >= column, end - column < 16 {
                begin(column >> 3)
                bytes.append(UInt8((column & 7) << 4 | (end - column)))
            } else if isOneLine, (0..<3).contains(distance), column < 128, end < 128 {
                begin(10 + distance)
                bytes += [UInt8(column), UInt8(end)]
            } else {
                begin(14)
                lines(distance)
                number(position.endLine - position.line)
                number(column + 1)
                number(end + 1)
            }
        }
        return bytes
    }
}
