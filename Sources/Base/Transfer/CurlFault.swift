internal import CCurl

extension TransferFault {
    /// What libcurl's result means here. `detail` is its own explanation.
    init(_ result: CURLcode, detail: String) {
        self =
            switch result {
            case CURLE_COULDNT_RESOLVE_HOST: .unresolvable
            case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY, CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .unreachable(detail)
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
                CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
                .untrustedConnection(detail)
            // Many a server closes in the middle of a handshake when it is overloaded.
            case CURLE_SSL_CONNECT_ERROR, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
                CURLE_HTTP2_STREAM:
                .interrupted(detail)
            case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING: .nonsense(detail)
            case CURLE_URL_MALFORMAT: .invalidAddress(detail)
            default: .local(detail)
            }
    }
}
