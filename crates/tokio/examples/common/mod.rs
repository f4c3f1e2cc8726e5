//! The certificate of an example: from the files `--cert` and `--key`, or made at the start.

use std::env;
use std::error::Error;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Returns the server's certificates and its key. Without files, it makes a certificate for
/// `localhost`, `example.test` and the loopback addresses, which no client trusts.
///
/// # Errors
///
/// If only one of the two files is named, or if one cannot be read.
pub(crate) fn certificate()
-> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Box<dyn Error>> {
    match (option("--cert"), option("--key")) {
        (Some(chain), Some(key)) => {
            let chain = CertificateDer::pem_file_iter(chain)?.collect::<Result<_, _>>()?;
            Ok((chain, PrivateKeyDer::from_pem_file(key)?))
        }
        (None, None) => {
            let names = ["localhost", "example.test", "127.0.0.1", "::1"];
            let made = rcgen::generate_simple_self_signed(names.map(String::from))?;
            let key = made.signing_key.serialize_der().try_into()?;
            Ok((vec![made.cert.into()], key))
        }
        _ => Err("--cert FILE and --key FILE are needed together".into()),
    }
}

/// Returns the value of an option of the command line, for example `--cert FILE`.
pub(crate) fn option(name: &str) -> Option<String> {
    env::args().skip_while(|argument| argument != name).nth(1)
}
