//! How large the futures are, in bytes: a task holds room for its own as long as it lives.

use std::mem::size_of;

use lastword_tokio::step::{Accept, AcceptUndelivered};
use tokio::net::TcpStream;

use crate::scripted::acceptor;

#[test]
#[cfg(target_pointer_width = "64")]
fn the_futures_of_an_acceptor_over_tcp_are_small() {
    let accept = size_of::<Accept<TcpStream>>();
    assert!(accept <= 296, "{accept}");
    let undelivered = size_of::<AcceptUndelivered<TcpStream>>();
    assert!(undelivered <= 296, "{undelivered}");
}

/// A task as a server spawns it for each client.
async fn task(tcp: TcpStream) {
    let acceptor = acceptor();
    drop(acceptor.accept(tcp).await);
}

fn size<F>(_: impl FnOnce(TcpStream) -> F) -> usize {
    size_of::<F>()
}

#[test]
#[cfg(target_pointer_width = "64")]
fn a_task_that_accepts_over_tcp_is_small() {
    assert!(size(task) <= 432, "{}", size(task));
}
