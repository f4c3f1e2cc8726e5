//! The content types of records.

crate::code_points! {
    /// The type of a record's content, its first byte (RFC 8446 section 5.1, IANA's registry "TLS
    /// ContentType").
    ///
    /// ```
    /// use lastword_record::ContentType;
    ///
    /// assert_eq!(ContentType(22), ContentType::HANDSHAKE);
    /// assert_eq!(ContentType(22).name(), Some("handshake"));
    /// assert_eq!(ContentType(99).to_string(), "content type 99");
    /// ```
    ContentType(u8): "content type " "{}";

    20 CHANGE_CIPHER_SPEC "change_cipher_spec" "RFC 8446 section 5";
    21 ALERT              "alert"              "RFC 8446 section 6";
    22 HANDSHAKE          "handshake"          "RFC 8446 section 4";
    23 APPLICATION_DATA   "application_data"   "RFC 8446 section 5.2";
    24 HEARTBEAT          "heartbeat"          "RFC 6520 section 3";
    25 TLS12_CID          "tls12_cid"          "RFC 9146 section 4";
    26 ACK                "ACK"                "RFC 9147 section 7";
}
