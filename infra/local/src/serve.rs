//! `serve`: the routes of all functions in one process.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::{Router, middleware};
use clap::{Args, Parser};
use storage::embedded::{Copy, Embedded};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time};
use web::problem::with_problems;

use crate::{
    access::{Gate, guard_local, identify},
    banner,
    data::Data,
    error::Failure,
    http, inbox, outbox,
    runner::Parts,
    seed,
    shutdown::signals,
    signin, smtp,
    terminal::{tell, worded},
    texts,
    tokens::Tokens,
};

#[derive(Clone, Debug, Args)]
pub(crate) struct Serve {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8417)]
    pub(crate) port: u16,
    /// Folder of the store, the outbox and the keys; made when absent.
    #[arg(long, default_value = ".mensageria")]
    pub(crate) data: PathBuf,
    /// Port of a plain SMTP server on 127.0.0.1, so that mail programs can answer the mails of the
    /// outbox; 0 takes a free one. Without it there is none.
    #[arg(long)]
    pub(crate) smtp_port: Option<u16>,
    /// Address to listen on. Beyond this machine the /local routes need an admin token.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,
    /// Folder of the built console, read at each request; without it the one in this program.
    #[arg(long)]
    pub(crate) console: Option<PathBuf>,
    /// After a copy of the store was brought back: send what was due in it. What left since the copy
    /// was made arrives twice. Without it such a store sends nothing.
    #[arg(long)]
    pub(crate) send_due: bool,
}

impl Serve {
    /// What becomes of a copy of the store that was brought back.
    pub(crate) fn copy(&self) -> Copy {
        match self.send_due {
            true => Copy::Accept,
            false => Copy::Report,
        }
    }

    /// Without arguments, as `cargo run` starts it.
    pub(crate) fn parse_from(arguments: [&str; 1]) -> Self {
        #[derive(Parser)]
        struct Alone {
            #[command(flatten)]
            serve: Serve,
        }
        Alone::parse_from(arguments).serve
    }
}

/// How long requests under way may take to end after Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);

/// A server that listens.
pub(crate) struct Server {
    /// Where it listens: the port that was free when 0 was asked for.
    pub(crate) address: SocketAddr,
    /// Where mail programs may send to.
    pub(crate) smtp_address: Option<SocketAddr>,
    /// Signs tokens for it.
    pub(crate) tokens: Arc<Tokens>,
    /// What is behind the routes.
    pub(crate) parts: Parts,
    /// Whether the demo was stored by this start.
    pub(crate) fresh: bool,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// The sender, ended last: what is under way is finished first.
    sending: JoinHandle<()>,
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn run(options: Serve) -> Result<(), Failure> {
    let data = Data::open(&options.data)?;
    let server = Server::start(&data, &options).await?;
    let stopped = signals()?;
    banner::greet(&server, &options);
    let store = server.parts.store.clone();
    let ended = tokio::select! {
        stopped = stopped => stopped,
        error = damage(&store) => Err(error),
    };
    drop(store);
    let again = signals()?;
    tell(worded(texts::serve::ENDING));
    tokio::select! {
        () = server.end() => ended,
        stopped = again => {
            tell(worded(texts::serve::ENDED_AT_ONCE));
            stopped
        }
    }
}

/// Looks at a large store beside the work; a small one was looked at when it was opened. Ends when
/// something is wrong with it.
async fn damage(store: &Embedded) -> Failure {
    match store.verify().await {
        Ok(()) => std::future::pending().await,
        Err(error) => error.into(),
    }
}

impl Server {
    /// Opens the store, fills an empty one with the demo, and only then answers and works.
    pub(crate) async fn start(data: &Data, options: &Serve) -> Result<Self, Failure> {
        let (host, port) = (options.host, options.port);
        let tokens = Arc::new(Tokens::open(data)?);
        // What may be in the way is found before anything is done.
        let (listener, address) = listen(host, port, "--port").await?;
        let mail = match options.smtp_port {
            Some(port) => Some(listen(Ipv4Addr::LOCALHOST.into(), port, "--smtp-port").await?),
            None => None,
        };
        let parts = Parts::open(data, Some(address), options.copy())?;
        let fresh = seed::demo(&parts.app).await?;
        let (stop, stopping) = watch::channel(false);
        let (sending, mut tasks) = parts.start(&stopping);
        let smtp_address = mail.map(|(listener, address)| {
            let app = parts.app.clone();
            tasks.push(tokio::spawn(smtp::serve(listener, app, stopping.clone())));
            address
        });
        let routes = routes(
            &parts,
            Gate {
                tokens: tokens.clone(),
                host,
            },
            console(&parts, options),
        );
        tasks.push(tokio::spawn(http::serve(
            listener,
            routes,
            http::PATIENCE,
            stopping,
        )));
        Ok(Self {
            address,
            smtp_address,
            tokens,
            parts,
            fresh,
            stop,
            tasks,
            sending,
        })
    }

    /// Ends with what is under way finished. Every answered request is on disk already.
    pub(crate) async fn end(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if time::timeout(GRACE, task).await.is_err() {
                tracing::warn!("a task did not end in time");
            }
        }
        // A mail that was handed over has an outcome, however long its server takes over it: each of
        // these calls ends by itself.
        let under_way = self.parts.sender.under_way();
        if under_way > 0 {
            let waiting = texts::serve::WAITING.with("under_way", under_way);
            tell(worded(waiting));
        }
        if let Err(error) = self.sending.await {
            tracing::error!(%error, "the sender ended early");
        }
    }
}

/// The console of this server, embedded or from the folder that was named.
fn console(parts: &Parts, options: &Serve) -> Router {
    let settings = &parts.app.settings;
    let config =
        console::Config::local(&settings.default_locale, &settings.default_time_zone, true);
    let files = match &options.console {
        Some(folder) => console::Files::Folder(folder.clone()),
        None => console::Files::Embedded,
    };
    console::router(config, files)
}

fn routes(parts: &Parts, gate: Gate, console: Router) -> Router {
    let app = &parts.app;
    let local = outbox::router(parts.outbox.clone(), app.clone())
        .merge(inbox::router(app.clone()))
        .layer(middleware::from_fn_with_state(gate.clone(), guard_local))
        .merge(signin::router(
            gate.host.is_loopback().then(|| gate.tokens.clone()),
        ));
    let all = parameters::router(app.clone())
        .merge(templates::router(app.clone(), parts.transport.clone()))
        .merge(tickets::router(app.clone()))
        .merge(inbound::router(app.clone()))
        .merge(local)
        .merge(console)
        .layer(middleware::from_fn_with_state(gate, identify));
    with_problems(all)
}

async fn listen(
    host: IpAddr,
    port: u16,
    option: &str,
) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind((host, port)).await;
    let listener = listener.map_err(|error| taken(host, port, option, &error))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn taken(host: IpAddr, port: u16, option: &str, error: &std::io::Error) -> Failure {
    let said = match error.kind() {
        std::io::ErrorKind::AddrInUse => texts::serve::PORT_TAKEN.with("option", option),
        _ => texts::serve::CANNOT_LISTEN.with("error", error),
    };
    said.with("host", host).with("port", port).into()
}
