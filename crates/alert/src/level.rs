//! The levels of alerts.

lastword_record::code_points! {
    /// The level of an alert, a legacy of TLS 1.2 (RFC 8446 section 6).
    ///
    /// Ignore the level of an alert that was received: the description shows the severity. Send the
    /// correct level, because clients of TLS 1.2 depend on it.
    ///
    /// ```
    /// use lastword_alert::{AlertDescription, AlertLevel};
    ///
    /// assert_eq!(AlertDescription::USER_CANCELED.level(), AlertLevel::WARNING);
    /// assert_eq!(AlertLevel(2).name(), Some("fatal"));
    /// assert_eq!(AlertLevel(3).to_string(), "level 3");
    /// ```
    AlertLevel(u8): "level " "{}";

    1 WARNING "warning" "the connection may go on, or ends in order";
    2 FATAL   "fatal"   "the connection ends at once";
}
