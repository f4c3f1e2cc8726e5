//! Escapes text for HTML and XML.

/// Escapes text for the content of an element, or for an attribute in double quotes.
pub(crate) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('"', "&quot;")
}
