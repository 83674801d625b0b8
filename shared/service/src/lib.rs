#![doc = include_str!("../README.md")]

pub mod access;
pub mod admin;
pub mod api;
pub mod cursor;
pub mod desk;
mod entity;
pub mod error;
pub mod feedback;
pub mod idempotency;
pub mod inbound;
pub mod json;
pub mod outgoing;
pub mod pages;
mod precondition;
mod retrying;
pub mod settings;
mod texts;

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use jiff::{Timestamp, Zoned, tz::TimeZone};

pub use entity::{Row as LayoutRow, layout};
pub use error::{Code, Error, Finding, Findings, Noun, Result};
pub use precondition::Precondition;
pub(crate) use retrying::{Retrying, committed};

use crate::settings::Settings;
use platform::telemetry;
use storage::{SharedStorage, files::SharedFiles};
use transport::Capabilities;

/// What every use case works with. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Records: DynamoDB on AWS, an embedded store on one machine.
    pub store: SharedStorage,
    /// Raw mails that came in and their files, where this process has any.
    pub files: Option<SharedFiles>,
    /// Settings of this process.
    pub settings: Arc<Settings>,
    /// What mail can count on where it goes.
    pub capabilities: Capabilities,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    slowest_round: Duration,
    /// When this process noted last that an event came, milliseconds since the epoch.
    event_noted: Arc<AtomicI64>,
    /// What is wrong with the request as it was read.
    found: Arc<Findings>,
}

impl App {
    /// The use cases over this storage, by the clock of the machine.
    pub fn new(store: SharedStorage, settings: Settings) -> Self {
        if let Some(stack) = &settings.stack_name {
            telemetry::write_metrics(stack);
        }
        Self {
            store,
            files: None,
            capabilities: settings.mail_transport.capabilities(),
            settings: Arc::new(settings),
            clock: Arc::new(Timestamp::now),
            slowest_round: retrying::SLOWEST_ROUND,
            event_noted: Arc::default(),
            found: Arc::default(),
        }
    }

    /// The same with file storage.
    #[must_use]
    pub fn with_files(mut self, files: SharedFiles) -> Self {
        self.files = Some(files);
        self
    }

    /// The same over storage that takes so long to be read and written (an emulator does): who loses a
    /// race waits for as much longer.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_slow_storage(mut self, round: Duration) -> Self {
        self.slowest_round = round;
        self
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The same for a request in which this was found when it was read: fields that nobody knows. A use case
    /// that begins with [`Self::findings`] tells it with what else is wrong, before it does anything.
    #[must_use]
    pub fn having(mut self, found: Findings) -> Self {
        self.found = Arc::new(found);
        self
    }

    /// The findings that the check of a request begins with.
    fn findings(&self) -> Findings {
        Findings::clone(&self.found)
    }

    /// Now, in milliseconds: what is stored and shown.
    pub fn now(&self) -> Timestamp {
        let now = (self.clock)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// The time now where the desk is.
    pub fn local_now(&self) -> Zoned {
        let zone = TimeZone::get(&self.settings.default_time_zone).unwrap_or(TimeZone::UTC);
        self.now().to_zoned(zone)
    }
}
