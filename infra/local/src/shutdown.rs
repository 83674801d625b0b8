//! How the server learns that it is to end: the signals of the system, and the word of its parts.

use tokio::sync::watch;

use crate::error::Failure;

/// Waits until the server ends.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the server is gone: the same.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Listens for the signals that end the server, from now on: a signal that arrives before anybody
/// waits is not lost. The future ends with the first of them.
pub(crate) fn signals() -> Result<impl Future<Output = Result<(), Failure>>, Failure> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            Ok(())
        })
    }
    #[cfg(not(unix))]
    Ok(async { Ok(tokio::signal::ctrl_c().await?) })
}
