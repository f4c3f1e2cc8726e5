//! Delivery in the background, for futures that are dropped.

use lastword_io::step;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;

use crate::client::{Client, Io, Rest};
use crate::deliveries::Deliveries;
use crate::guard::Guard;
use crate::socket;
use crate::step::undelivered::{Undelivered, deliver_at_once};

/// Returns a guard that delivers alerts in the background.
pub(crate) fn guard<IO: Io + Send + 'static>(deliveries: &Deliveries) -> Guard<IO> {
    Guard::new(deliveries, deliver::<IO>)
}

fn deliver<IO>(deliveries: &Deliveries, io: IO, delivering: step::Delivering)
where
    IO: Io + Send + 'static,
{
    let (Some(in_flight), Ok(runtime)) = (deliveries.begin(), Handle::try_current()) else {
        return at_once(deliveries, io, delivering);
    };
    // if the runtime drops its tasks
    let guard = Guard::new(deliveries, at_once::<IO>);
    let client = Client::new(io, delivering, Rest::new(socket::of::<IO>, Some(guard)));
    let deliveries = deliveries.clone();
    runtime.spawn(async move {
        let (error, _io) = in_flight.deliver(client.into()).await.split_stream();
        deliveries.report(&error);
    });
}

fn at_once<IO: Io + 'static>(deliveries: &Deliveries, mut io: IO, delivering: step::Delivering) {
    let error = deliver_at_once(&mut io, socket::of::<IO>, delivering);
    deliveries.report(&error);
}

impl<IO, T> Undelivered<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    /// Delivers the alert in the background if this or a later state is dropped.
    ///
    /// ```no_run
    /// # use lastword_tokio::Deliveries;
    /// # use lastword_tokio::step::{Accepting, Options};
    /// # use tokio::net::TcpStream;
    /// # async fn serve(tcp: TcpStream, deliveries: &Deliveries) {
    /// if let Err(undelivered) = Accepting::new(tcp, &Options::default()).await {
    ///     drop(undelivered.in_background(deliveries)); // a task sends the alert
    /// }
    /// # }
    /// ```
    pub fn in_background(mut self, deliveries: &Deliveries) -> Self {
        self.set_guard(guard(deliveries));
        self
    }
}
