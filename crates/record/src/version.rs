//! Which protocol versions there are, on the wire and in words.

crate::code_points! {
    /// A protocol version as two bytes of the wire (RFC 8446 section 4.2.1).
    ///
    /// In a record header it means nothing: RFC 8446 section 5.1 says it must be ignored for all
    /// purposes. Values compare in wire order, so within TLS "greater" is "newer".
    ProtocolVersion(u16): "version " "{:#06x}";

    0x0002 SSL_2_0 "SSL 2.0" "RFC 6176";
    0x0300 SSL_3_0 "SSL 3.0" "RFC 6101";
    0x0301 TLS_1_0 "TLS 1.0" "RFC 2246";
    0x0302 TLS_1_1 "TLS 1.1" "RFC 4346";
    0x0303 TLS_1_2 "TLS 1.2" "RFC 5246";
    0x0304 TLS_1_3 "TLS 1.3" "RFC 8446";
}
