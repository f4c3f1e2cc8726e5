//! Calling what is the application's, where its panic would harm others than its own task.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls it. If it panics, the panic hook has said so, and that is all.
pub(crate) fn call(callback: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(callback));
}
