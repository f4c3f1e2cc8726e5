//! The protocol versions of SSL and TLS.

crate::code_points! {
    /// A protocol version, in the encoding of the wire (RFC 8446 section 4.2.1).
    ///
    /// RFC 8446 section 5.1 requires receivers to ignore the version in a record header. Values compare
    /// in the order of their numbers, so a newer version of TLS is greater.
    ///
    /// ```
    /// use lastword_record::ProtocolVersion;
    ///
    /// assert_eq!(ProtocolVersion(0x0304), ProtocolVersion::TLS_1_3);
    /// assert!(ProtocolVersion::TLS_1_3 > ProtocolVersion::TLS_1_2);
    /// assert_eq!(ProtocolVersion::TLS_1_2.to_string(), "TLS 1.2");
    /// assert_eq!(ProtocolVersion(0x7a7a).name(), None);
    /// ```
    ProtocolVersion(u16): "version " "{:#06x}";

    0x0002 SSL_2_0 "SSL 2.0" "RFC 6176";
    0x0300 SSL_3_0 "SSL 3.0" "RFC 6101";
    0x0301 TLS_1_0 "TLS 1.0" "RFC 2246";
    0x0302 TLS_1_1 "TLS 1.1" "RFC 4346";
    0x0303 TLS_1_2 "TLS 1.2" "RFC 5246";
    0x0304 TLS_1_3 "TLS 1.3" "RFC 8446";
}
