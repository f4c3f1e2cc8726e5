//! Which alert levels there are.

lastword_record::code_points! {
    /// The level of an alert, a legacy of TLS 1.2 (RFC 8446 section 6).
    ///
    /// Of an alert received it means nothing: the severity is in the description. Of an alert sent
    /// it must be right, for clients of TLS 1.2 go by it.
    AlertLevel(u8): "level " "{}";

    1 WARNING "warning" "the connection may go on, or ends in order";
    2 FATAL   "fatal"   "the connection ends at once";
}
