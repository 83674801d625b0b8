//! The service desk that tests work on: the use cases and routes over a store, a transport that does
//! as it is told, and a clock that is moved by hand. `desk.post(…)` writes a message,
//! `desk.call(…)` calls the API, `desk.take(…)` lets a mail come in.

mod calls;
mod clock;
mod people;
mod posting;
mod receiving;

use std::sync::{Arc, OnceLock, atomic::AtomicUsize};

use axum::Router;
use domain::id::TicketId;
use jiff::{SignedDuration, Timestamp};
use service::{
    App,
    outgoing::sending::{Options, Sender},
    settings::Settings,
};
use storage::{SharedStorage, Storage, embedded::Embedded, files::folder::Folder};
use tempfile::TempDir;

use self::clock::Clock;
use crate::sending::{transport::Scripted, unreliable::Unreliable};

pub(crate) use self::{
    calls::{Answer, request, warnings},
    people::{admin, bia, caller, integration, maria, nobody, person},
    receiving::{DOMAIN, SEAL, accepted, ignored, mail, quarantined},
};

/// The ticket that most tests need.
pub(crate) const TICKET: &str = "4711";
/// The same, as use cases take it.
pub(crate) static NUMBER: TicketId = TicketId::from_static(TICKET);
/// Its requester.
pub(crate) const MARIA: &str = "maria@example.com";

/// A desk over a store of its own; without another one, that store fails as it is told.
pub(crate) struct Desk<S = Unreliable> {
    pub(crate) app: App,
    pub(crate) store: Arc<S>,
    /// Where its mails go, those of tests too.
    pub(crate) transport: Arc<Scripted>,
    pub(crate) sender: Sender,
    clock: Clock,
    routes: OnceLock<Router>,
    mails: AtomicUsize,
    folder: Option<TempDir>,
}

impl Desk {
    /// Nothing is set or stored.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// The same with these settings.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        Self::starting(Clock::running(), embedded(), settings)
    }

    /// The same, when the clock stands at this time.
    pub(crate) fn at(time: Timestamp, settings: &[(&str, &str)]) -> Self {
        Self::starting(Clock::at(time), embedded(), settings)
    }

    /// The same over a store that the test looks into.
    pub(crate) fn over(store: SharedStorage) -> Self {
        Self::starting(Clock::running(), store, &[])
    }

    /// The same with a folder for files.
    pub(crate) fn with_files(settings: &[(&str, &str)]) -> Self {
        let settings = read(settings, &[("MAIL_FROM", "desk@mensageria.example")]);
        let store = Arc::new(Unreliable::new(embedded()));
        Self::build(store, settings, Clock::running(), Some(folder()))
    }

    fn starting(clock: Clock, store: SharedStorage, settings: &[(&str, &str)]) -> Self {
        let settings = read(settings, &[("MAIL_FROM", "desk@mensageria.example")]);
        Self::build(Arc::new(Unreliable::new(store)), settings, clock, None)
    }
}

impl<S: Storage> Desk<S> {
    /// Over these use cases, which another process has as well: their clock runs.
    pub(crate) fn shared(store: Arc<S>, settings: Settings) -> Self {
        Self::build(store, settings, Clock::running(), None)
    }

    fn build(store: Arc<S>, settings: Settings, clock: Clock, folder: Option<TempDir>) -> Self {
        let hand = clock.clone();
        let mut app = App::new(store.clone(), settings).with_clock(move || hand.now());
        if let Some(folder) = &folder {
            app = app.with_files(Arc::new(Folder::open(folder.path()).unwrap()));
        }
        let transport = Arc::new(Scripted::like(app.settings.mail_transport));
        let sender = Sender::new(app.clone(), transport.clone());
        Self {
            app,
            store,
            transport,
            sender,
            clock,
            routes: OnceLock::new(),
            mails: AtomicUsize::new(0),
            folder,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// Moves the clock, which stands still from then on.
    pub(crate) fn wait(&self, time: SignedDuration) {
        self.clock.wait(time);
    }

    /// Another sender over the same store and transport, as another process would be.
    pub(crate) fn other_sender(&self) -> Sender {
        Sender::with_options(self.app.clone(), self.transport.clone(), Options::default())
    }
}

fn embedded() -> SharedStorage {
    Arc::new(Embedded::in_memory().unwrap())
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Settings of a test, over those of its kind of desk.
fn read(own: &[(&str, &str)], defaults: &[(&str, &str)]) -> Settings {
    let settings = Settings::read(|name| {
        let mut all = own.iter().chain(defaults);
        let found = all.find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    settings.unwrap()
}
