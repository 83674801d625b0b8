//! The workers of the local server: what the stream and the schedule do on AWS.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::address::Mailbox;
use mail::token::{Keyring, TokenKey};
use serde_json::Value;
use service::{
    App,
    desk::uploads,
    inbound::KEPT_DAYS,
    outgoing::{
        open_transport::{self, Makers},
        sending::{Options, Sender},
    },
    settings::Settings,
};
use storage::{
    Storage, StorageError,
    embedded::{Copy, Embedded, FILE_NAME},
    files::{self, FilesError, folder::Folder},
};
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, unbounded_channel},
        watch,
    },
    task::JoinHandle,
    time,
};
use transport::{SharedTransport, outbox::Outbox, simulator::Simulator, smtp::Patience};

use crate::{
    data::{Data, unusable},
    error::Failure,
    results,
    shutdown::stopped,
};

/// How often what is due is looked for: retries, expired leases, held ones whose obstacle is gone.
const SWEEP: Duration = Duration::from_secs(5);
/// How long a sweep waits for a slow server before it goes on with other mails.
const LINGER: Duration = Duration::from_millis(250);
/// How often what has expired is removed.
const PURGE: Duration = Duration::from_secs(600);
/// Pause of the work after which the store is left so that a kill costs the next start nothing.
const QUIET: Duration = Duration::from_secs(1);
/// How long raw mails are kept: as long as their records.
const RAW_MAILS: Duration = Duration::from_secs(KEPT_DAYS.unsigned_abs() * 24 * 3600);

/// How long a file waits for its message.
const UPLOADS: Duration = Duration::from_secs(uploads::KEPT.unsigned_abs());

/// Everything behind the routes.
pub(crate) struct Parts {
    pub(crate) app: App,
    /// The mails that left.
    pub(crate) outbox: Arc<Outbox>,
    /// The store itself, for what only the local runner does.
    pub(crate) store: Arc<Embedded>,
    /// Raw mails that came in, and the files of messages.
    files: Arc<Folder>,
    /// Sends what waits: woken up by each commit, and by its sweep.
    pub(crate) sender: Arc<Sender>,
    /// What SES would tell about the mails of the outbox.
    results: Mutex<Option<UnboundedReceiver<Value>>>,
    /// Where mail goes: the outbox, unless the settings name a server.
    pub(crate) transport: SharedTransport,
}

impl Parts {
    /// Opens the store and the outbox of this folder, for a server that listens there, if one does.
    /// The settings come from the environment.
    pub(crate) fn open(
        data: &Data,
        listens: Option<SocketAddr>,
        copy: Copy,
    ) -> Result<Self, Failure> {
        let mut settings = local(Settings::from_env()?, data)?;
        // Links of mails lead here.
        if let Some(mut address) = listens {
            if address.ip().is_unspecified() {
                address.set_ip(Ipv4Addr::LOCALHOST.into());
            }
            let here = || format!("http://{address}");
            settings.api_url.get_or_insert_with(here);
            settings.console_url.get_or_insert_with(here);
        }
        let store = Arc::new(open_store(data, copy)?);
        let outbox = Arc::new(Outbox::open(data.outbox())?);
        let (events, results) = unbounded_channel();
        let to_outbox =
            || -> SharedTransport { Arc::new(Simulator::new(outbox.clone(), events.clone())) };
        let makers = Makers {
            ses: None,
            smtp: Patience::STANDARD,
            outbox: Some(&to_outbox),
        };
        let transport = open_transport::open(&settings, makers)?;
        let options = Options {
            concurrency: settings.connections,
            linger: Some(LINGER),
            ..Options::default()
        }
        .lasting(transport.longest_call());
        let files = Folder::open(data.files()).map_err(|error| match error {
            FilesError::Unusable(why) => unusable(&data.files(), why),
            error => unusable(&data.files(), error),
        })?;
        let files = Arc::new(files.keeping(settings.retention));
        let app = App::new(store.clone(), settings).with_files(files.clone());
        let sender = Sender::with_options(app.clone(), transport.clone(), options);
        let sender = Arc::new(sender);
        Ok(Self {
            app,
            outbox,
            store,
            files,
            sender,
            results: Mutex::new(Some(results)),
            transport,
        })
    }

    /// Starts the workers, the one that sends first; they end when `stop` says so, with the
    /// work at hand done.
    pub(crate) fn start(
        &self,
        stop: &watch::Receiver<bool>,
    ) -> (JoinHandle<()>, Vec<JoinHandle<()>>) {
        let mut workers = vec![
            tokio::spawn(purge(self.store.clone(), self.files.clone(), stop.clone())),
            tokio::spawn(settle(
                self.store.clone(),
                self.outbox.clone(),
                stop.clone(),
            )),
        ];
        if self.store.is_older_copy() {
            // What was due in the copy may have left already.
            tracing::warn!(
                "a copy of the store was brought back: nothing is sent until the server is started with --send-due"
            );
            return (tokio::spawn(std::future::ready(())), workers);
        }
        let sending = send(self.sender.clone(), self.store.clone(), stop.clone());
        let sending = tokio::spawn(sending);
        let results = self
            .results
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        workers.extend(results.map(|results| {
            tokio::spawn(results::apply(
                self.app.clone(),
                self.store.clone(),
                results,
                stop.clone(),
            ))
        }));
        (sending, workers)
    }
}

/// The use cases over the store of this folder, without anything that sends.
pub(crate) fn use_cases(data: &Data) -> Result<App, Failure> {
    let settings = local(Settings::from_env()?, data)?;
    let store = Arc::new(open_store(data, Copy::Report)?);
    Ok(App::new(store, settings))
}

/// Mails that left are a sign of a store, also where its mark is gone with it.
fn open_store(data: &Data, copy: Copy) -> Result<Embedded, StorageError> {
    let place = data.store();
    if data.has_mails() && !place.join(FILE_NAME).exists() {
        return Err(Embedded::missing(place));
    }
    Embedded::open_marked(place, data.mark(), copy)
}

/// Without an account there is no SES, and the demo's sender and reply addresses are ones
/// that need no set-up.
fn local(mut settings: Settings, data: &Data) -> Result<Settings, Failure> {
    let desk = || Mailbox::parse("Central de Serviços <desk@mensageria.example>").ok();
    settings.mail_from = settings.mail_from.or_else(desk);
    settings
        .reply_domain
        .get_or_insert_with(|| "reply.mensageria.example".to_owned());
    if settings.reply_token_keys.is_none() {
        let secret = data.secret("reply.key")?;
        let keys = Keyring::new(&[TokenKey { id: 'l', secret }]);
        settings.reply_token_keys = Some(keys?);
    }
    Ok(settings)
}

async fn send(sender: Arc<Sender>, store: Arc<Embedded>, mut stop: watch::Receiver<bool>) {
    let mut changes = store.changes();
    // The store is locked by this process alone: what was leased before belongs to a dead one.
    if let Err(error) = sender.recover().await {
        tracing::error!(
            code = error.code.as_str(),
            cause = error.cause(),
            "leases of an earlier process stay until they expire"
        );
    }
    let mut tick = time::interval(SWEEP);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return sender.end().await,
            _ = tick.tick() => {}
            changed = changes.next() => match changed {
                Some(entities) if entities.contains("delivery") || entities.contains("parameters") || entities.contains("suppression") || entities.contains("template") => {}
                Some(_) => continue,
                None => return,
            }
        }
        let mut sweep = std::pin::pin!(sender.sweep());
        let swept = tokio::select! {
            swept = &mut sweep => swept,
            () = stopped(&mut stop) => tokio::join!(sender.end(), sweep).1,
        };
        if let Err(error) = swept {
            tracing::error!(
                code = error.code.as_str(),
                cause = error.cause(),
                "the sweep failed; it runs again"
            );
        }
    }
}

/// Settles the store and the outbox in each pause of the work.
async fn settle(store: Arc<Embedded>, outbox: Arc<Outbox>, mut stop: watch::Receiver<bool>) {
    let mut changes = store.changes();
    let mut settled = true;
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            news = changes.next() => match news {
                Some(_) => settled = false,
                None => return,
            },
            () = time::sleep(QUIET), if !settled => {
                settled = true;
                if let Err(error) = store.settle().await {
                    tracing::debug!(%error, "after a kill the next start checks the store");
                }
                outbox.settle().await;
            }
        }
    }
}

async fn purge(store: Arc<Embedded>, files: Arc<Folder>, mut stop: watch::Receiver<bool>) {
    let mut tick = time::interval(PURGE);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            _ = tick.tick() => {}
        }
        log_purge(store.purge_expired().await);
        log_removed(
            "raw mails",
            files.remove_older(files::INBOUND, RAW_MAILS).await,
        );
        log_removed("uploads", files.remove_older(files::UPLOADS, UPLOADS).await);
        log_removed("attachments", files.remove_ended().await);
    }
}

fn log_purge(removed: Result<usize, StorageError>) {
    match removed {
        Ok(removed) => tracing::debug!(removed, "expired records removed"),
        Err(error) => tracing::warn!(%error, "expired records stay for now"),
    }
}

fn log_removed(what: &str, removed: Result<usize, FilesError>) {
    match removed {
        Ok(removed) => tracing::debug!(what, removed, "old files removed"),
        Err(error) => tracing::warn!(what, %error, "old files stay for now"),
    }
}
