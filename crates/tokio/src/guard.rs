//! Delivers the alert of a client whose future is dropped.

use std::fmt;

use lastword_io::step::Delivering;

use crate::deliveries::Deliveries;

/// The way to deliver the alert of a dropped client.
pub(crate) struct Guard<IO> {
    deliveries: Deliveries,
    /// A function pointer: only its creator knows that the stream is `Send` and `'static`.
    finish: fn(&Deliveries, IO, Delivering),
}

impl<IO> Guard<IO> {
    pub(crate) fn new(deliveries: &Deliveries, finish: fn(&Deliveries, IO, Delivering)) -> Self {
        Self {
            deliveries: deliveries.clone(),
            finish,
        }
    }

    pub(crate) fn finish(&self, io: IO, delivering: Delivering) {
        (self.finish)(&self.deliveries, io, delivering);
    }
}

impl<IO> fmt::Debug for Guard<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deliveries.fmt(f)
    }
}
