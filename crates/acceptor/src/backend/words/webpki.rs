//! The words for errors of rustls-webpki 0.103 that rustls passes on.

/// Returns the words for an error with this text, which is the name of a variant.
#[rustfmt::skip]
pub(super) fn words(text: &str) -> Option<&'static str> {
    Some(match text {
        "CaUsedAsEndEntity"              => "it is an authority's certificate and not a client's",
        "CertDistrusted"                 => "it is distrusted",
        "EmptyEkuExtension"              => "it has an extended key usage without a purpose",
        "EndEntityUsedAsCa"              => "it is not an authority's certificate, and has issued another",
        "ExtensionValueInvalid"          => "it has an extension that cannot be parsed",
        "InvalidSerialNumber"            => "it has a serial number that RFC 5280 does not allow",
        "MalformedDnsIdentifier"         => "it has a name that is not a DNS name",
        "MalformedExtensions"            => "it has extensions that cannot be parsed",
        "MalformedNameConstraint"        => "it has name constraints that cannot be parsed",
        "MaximumNameConstraintComparisonsExceeded"
        | "MaximumPathBuildCallsExceeded"
        | "MaximumSignatureChecksExceeded" => "its chain is too large to verify",
        "MaximumPathDepthExceeded"       => "its chain has too many certificates",
        "NameConstraintViolation"        => "an authority of its chain must not issue certificates for its names",
        "PathLenConstraintViolated"      => "its chain is longer than an authority in it allows",
        "SignatureAlgorithmMismatch"     => "it names two algorithms for its one signature",
        "UnsupportedCertVersion"         => "it is not of X.509 version 3",
        "UnsupportedCriticalExtension"   => "it has a critical extension that this server does not know",
        "UnsupportedNameType"            => "it has a name of a type that this server does not know",
        _ => return None,
    })
}
