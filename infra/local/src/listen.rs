//! Takes connections, of browsers and of mail programs.

use std::{net::IpAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time,
};

/// The next connection and its address.
pub(crate) async fn accept(listener: &TcpListener) -> (TcpStream, IpAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer.ip()),
            Err(error) => {
                tracing::warn!(%error, "a program could not connect");
                // Without free files every further try fails at once.
                time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}
