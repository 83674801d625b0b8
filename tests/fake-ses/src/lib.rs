//! A small SES v2 for tests.
//!
//! It speaks `SendEmail` (raw and simple), `GetAccount`, `GetEmailIdentity`, `GetConfigurationSet`
//! and the suppression list; keeps every accepted mail byte for byte; refuses what SES refuses; on
//! command throttles, errs, stalls, answers slowly, and accepts and then drops the connection; and
//! makes the events that SES would send, also for a mail whose sender never got the answer.
//!
//! In a test: [`FakeSes::start`]. As a program: `fake-ses --port 0`, commanded over HTTP at `/fake/…`
//! (see [`control`]).

pub mod account;
pub mod answer;
pub mod control;
pub mod script;
mod send;
mod server;
pub mod state;

use std::{io, net::SocketAddr, sync::Arc};

use mail::ses_event::Happening;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

pub use self::{
    script::{Behaviour, Script},
    state::{Counts, Mail, Settings, State},
};

/// A running server on 127.0.0.1; it ends when this is dropped, stalled connections included.
#[derive(Debug)]
pub struct FakeSes {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl FakeSes {
    /// Starts on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(0).await
    }

    /// Starts on this port; 0 is a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start_on(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let task = tokio::spawn(server::serve(listener, Arc::clone(&state)));
        Ok(Self {
            address,
            state,
            task,
        })
    }

    /// Ends it; its port is free when this returns.
    pub async fn stop(mut self) {
        self.task.abort();
        // Ended is all that it is to be, and being cancelled is how it ends.
        let _ = (&mut self.task).await;
    }

    /// Where it listens: what `AWS_ENDPOINT_URL_SESV2` is set to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Mails, events and settings of this server.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What the next sends get, one each; after them what every send gets.
    pub fn script(&self, next: impl IntoIterator<Item = Behaviour>) {
        self.state
            .with(|inner| inner.script.next = next.into_iter().collect());
    }

    /// Changes what the account may do.
    pub fn settings(&self, change: impl FnOnce(&mut Settings)) {
        self.state.with(|inner| change(&mut inner.settings));
    }

    /// Every mail that was accepted, in order, answered or not.
    pub fn mails(&self) -> Vec<Mail> {
        self.state.with(|inner| inner.mails.clone())
    }

    /// What was asked and answered so far.
    pub fn counts(&self) -> Counts {
        self.state.with(|inner| inner.counts)
    }

    /// The events so far from this one on, in the order SES made them.
    pub fn events(&self, from: usize) -> Vec<Value> {
        self.state
            .with(|inner| inner.events.get(from..).unwrap_or_default().to_vec())
    }

    /// Makes an event about an accepted mail. `None` when there is no such mail, or it was sent
    /// without a configuration set.
    pub fn emit(&self, number: u64, happening: &Happening) -> Option<Value> {
        self.state.with(|inner| inner.emit(number, happening))
    }
}

impl Drop for FakeSes {
    fn drop(&mut self) {
        self.task.abort();
    }
}
