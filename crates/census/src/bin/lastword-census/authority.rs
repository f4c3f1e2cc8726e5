//! The files of an authority: its key and its certificate.

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use lastword_census::Authority;

const KEY: &str = "ca.key";
const CERTIFICATE: &str = "ca.pem";

/// Reads the authority in this folder.
pub(crate) fn read(folder: &Path) -> Result<Authority, Box<dyn Error>> {
    let path = folder.join(KEY);
    let key = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Authority::from_key_pem(&key)?)
}

/// Makes an authority in this folder, unless there is one, and returns the path of its certificate.
pub(crate) fn make(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let authority = match folder.join(KEY).exists() {
        true => read(folder)?,
        false => {
            let authority = Authority::new()?;
            write_key(&folder.join(KEY), authority.key_pem())?;
            authority
        }
    };
    let certificate = folder.join(CERTIFICATE);
    fs::write(&certificate, authority.certificate_pem())
        .map_err(|error| format!("{}: {error}", certificate.display()))?;
    Ok(certificate)
}

/// Writes a new file that only its owner can read.
fn write_key(path: &Path, key: &str) -> Result<(), String> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(key.as_bytes()));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
