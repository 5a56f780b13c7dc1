extension Duration {
    /// The same as a number, for reports.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
