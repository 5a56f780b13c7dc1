#if canImport(Darwin)
    internal import Foundation
#else
    @_spi(_Unicode) internal import Swift
#endif

extension String {
    /// Whether the text is in Unicode normalization form C (Unicode Standard Annex 15).
    package var isNFC: Bool {
        #if canImport(Darwin)
            precomposedStringWithCanonicalMapping.utf8.elementsEqual(utf8)
        #else
            // The standard library has the tables but no public name for them yet.
            _nfc.elementsEqual(unicodeScalars)
        #endif
    }

    /// The text as file systems that ignore case compare it: upper-cased, then lower-cased, scalar by scalar, which
    /// joins what full case folding joins (`ß` with `ss`, the Kelvin sign with `k`), independent of any locale.
    package var caseFolded: String {
        if utf8.allSatisfy({ $0 < 128 && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) { return self }
        return uppercased().lowercased()
    }
}
