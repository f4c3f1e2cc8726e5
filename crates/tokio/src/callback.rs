//! Calling what is the application's, where its panic would harm others than its own task.

use crate::acceptor::Panic;

/// Calls it and catches its panic. The panic hook has printed the panic already, and there is no
/// caller to resume it in.
pub(crate) fn call(callback: impl FnOnce()) {
    drop(Panic::catch(callback).err());
}
