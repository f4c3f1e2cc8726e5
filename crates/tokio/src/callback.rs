//! Calling what is the application's, where its panic would harm others than its own task.

use crate::acceptor::Panic;

/// Calls it and catches its panic.
pub(crate) fn call(callback: impl FnOnce()) {
    if let Err(_panic) = Panic::catch(callback) {
        // the panic hook has printed it, and there is no caller to resume it in
    }
}
