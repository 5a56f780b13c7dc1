internal import COpenSSL

/// How long OpenSSL lives in this process: to its very end.
///
/// By itself it takes itself apart when the process exits, and frees what it keeps for each thread; a thread that is just ending
/// frees the same, and the process aborts (OPENSSL_init_crypto(3), OPENSSL_INIT_NO_ATEXIT). The kernel takes everything back anyway.
package enum LibraryLifetime {
    /// To be called before anything else uses OpenSSL, libcurl included; later it has no effect. Calling it again does nothing.
    package static func extendToProcessEnd() { once }

    private static let once: Void = {
        // Fails only without memory, and then everything behind it says so.
        _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }()
}
