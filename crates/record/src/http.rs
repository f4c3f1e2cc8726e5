//! The request methods of HTTP.

use core::fmt;

/// Declares the registered methods. A row is `Variant "METHOD" "reference";`.
macro_rules! methods {
    ($($method:ident $name:literal $reference:literal;)*) => {
        /// An HTTP request method at the start of a request line (RFC 9110 section 9).
        ///
        /// Each method of IANA's HTTP Method Registry has a variant.
        ///
        /// ```
        /// use lastword_record::{Guess, HttpMethod, Verdict, sniff};
        ///
        /// let Verdict::NotTls(Guess::Http(method)) = sniff(b"POST /login HTTP/1.1\r\n") else {
        ///     unreachable!("this is HTTP");
        /// };
        /// assert_eq!(method, HttpMethod::Post);
        /// assert_eq!(method.name(), "POST");
        /// assert!(HttpMethod::ALL.contains(&method));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum HttpMethod {
            $(
                #[doc = concat!("`", $name, "`, ", $reference, ".")]
                $method,
            )*
            /// A method that is not registered.
            Other,
        }

        impl HttpMethod {
            /// Every registered method, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$method),*];

            /// Returns the method as it is in a request line, or `other` if it is not registered.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$method => $name,)*
                    Self::Other => "other",
                }
            }
        }
    };
}

methods! {
    Acl "ACL" "RFC 3744 section 8.1";
    BaselineControl "BASELINE-CONTROL" "RFC 3253 section 12.6";
    Bind "BIND" "RFC 5842 section 4";
    Checkin "CHECKIN" "RFC 3253 section 4.4";
    Checkout "CHECKOUT" "RFC 3253 section 4.3";
    Connect "CONNECT" "RFC 9110 section 9.3.6";
    Copy "COPY" "RFC 4918 section 9.8";
    Delete "DELETE" "RFC 9110 section 9.3.5";
    Get "GET" "RFC 9110 section 9.3.1";
    Head "HEAD" "RFC 9110 section 9.3.2";
    Label "LABEL" "RFC 3253 section 8.2";
    Link "LINK" "RFC 2068 section 19.6.1.2";
    Lock "LOCK" "RFC 4918 section 9.10";
    Merge "MERGE" "RFC 3253 section 11.2";
    Mkactivity "MKACTIVITY" "RFC 3253 section 13.5";
    Mkcalendar "MKCALENDAR" "RFC 4791 section 5.3.1";
    Mkcol "MKCOL" "RFC 4918 section 9.3";
    Mkredirectref "MKREDIRECTREF" "RFC 4437 section 6";
    Mkworkspace "MKWORKSPACE" "RFC 3253 section 6.3";
    Move "MOVE" "RFC 4918 section 9.9";
    Options "OPTIONS" "RFC 9110 section 9.3.7";
    Orderpatch "ORDERPATCH" "RFC 3648 section 7";
    Patch "PATCH" "RFC 5789 section 2";
    Post "POST" "RFC 9110 section 9.3.3";
    Pri "PRI" "the start of an HTTP/2 connection preface, RFC 9113 section 3.4";
    Propfind "PROPFIND" "RFC 4918 section 9.1";
    Proppatch "PROPPATCH" "RFC 4918 section 9.2";
    Put "PUT" "RFC 9110 section 9.3.4";
    Rebind "REBIND" "RFC 5842 section 6";
    Report "REPORT" "RFC 3253 section 3.6";
    Search "SEARCH" "RFC 5323 section 2";
    Trace "TRACE" "RFC 9110 section 9.3.8";
    Unbind "UNBIND" "RFC 5842 section 5";
    Uncheckout "UNCHECKOUT" "RFC 3253 section 4.5";
    Unlink "UNLINK" "RFC 2068 section 19.6.1.3";
    Unlock "UNLOCK" "RFC 4918 section 9.11";
    Update "UPDATE" "RFC 3253 section 7.1";
    Updateredirectref "UPDATEREDIRECTREF" "RFC 4437 section 7";
    VersionControl "VERSION-CONTROL" "RFC 3253 section 3.5";
}

impl HttpMethod {
    /// Returns the method with this name, or `Other`.
    pub(crate) fn of_name(name: &[u8]) -> Self {
        let named = |method: &&Self| method.name().as_bytes() == name;
        Self::ALL.iter().find(named).copied().unwrap_or(Self::Other)
    }
}

impl fmt::Display for HttpMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
