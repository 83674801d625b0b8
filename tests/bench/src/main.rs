//! Prints the figures; `make bench` builds what it needs and calls it.

use std::{io, path::PathBuf, process::ExitCode};

use bench::{
    Failure, cold,
    endpoint::Endpoint,
    local, own,
    program::{Job, Program},
    report, sending, start, warm,
};
use clap::{Parser, ValueEnum};

/// The figures of mensageria.
#[derive(Debug, Parser)]
struct Arguments {
    /// What is measured; everything when nothing is named.
    figures: Vec<Figure>,
    /// Folder of the release binaries.
    #[arg(long, default_value = "target/release")]
    binaries: PathBuf,
    /// Folder of their zips.
    #[arg(long, default_value = "target/bench")]
    zips: PathBuf,
    /// Folder of the binaries and zips of another commit, measured in turn with these.
    #[arg(long)]
    before: Option<PathBuf>,
    /// Python with the packages of the peer; without it there is no comparison.
    #[arg(long)]
    python: Option<PathBuf>,
    /// Folder of the peer's handlers.
    #[arg(long, default_value = "tests/bench/peers/python")]
    handlers: PathBuf,
    /// Functions to measure; all of them when none is named.
    #[arg(long, value_delimiter = ',')]
    functions: Vec<String>,
    /// Cold starts of each program.
    #[arg(long, default_value_t = 40)]
    runs: usize,
    /// Messages posted to the local runner.
    #[arg(long, default_value_t = 2000)]
    messages: usize,
    /// Messages in the store beside which the local runner is started.
    #[arg(long, default_value_t = 20_000)]
    stored: usize,
    /// Folder for that store, filled when it is not yet, and kept; otherwise a temporary one.
    #[arg(long)]
    data: Option<PathBuf>,
    #[command(flatten)]
    sending: Sizes,
}

/// How much is sent for the figures of sending.
#[derive(Debug, clap::Args)]
struct Sizes {
    /// Batches of each size.
    #[arg(long, default_value_t = 40)]
    batches: usize,
    /// Messages that SES throttles; with 14 a second, 5,000 take six minutes.
    #[arg(long, default_value_t = 5000)]
    throttled: usize,
    /// Mails a second that SES takes then.
    #[arg(long, default_value_t = 14.0)]
    rate: f64,
    /// Messages of the burst.
    #[arg(long, default_value_t = 100_000)]
    burst: usize,
    /// Sizes that the embedded store grows to, in messages.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000, 1_000_000])]
    growth: Vec<usize>,
    /// Lengths of conversations, in messages.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 10_000])]
    conversations: Vec<usize>,
}

/// Mails a second that SES takes of a burst.
const BURST_RATE: f64 = 10_000.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Figure {
    /// Cold path over a table that answers at once.
    Cold,
    /// Cold path over an emulator of DynamoDB.
    Emulator,
    /// A message posted and a mail sent by functions that run already.
    Warm,
    /// Own time of a posted message.
    Own,
    /// Throughput of the local runner.
    Local,
    /// Start and memory of the local runner beside many messages.
    Start,
    /// Batches, throttling, a burst, and how the embedded store grows.
    Sending,
    /// Read units of looking at lists.
    Polling,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let wanted = |figure| arguments.figures.is_empty() || arguments.figures.contains(&figure);
    let mut out = io::stdout();
    if wanted(Figure::Own) {
        report::own(&mut out, &own::measure(20_000).await?)?;
    }
    if wanted(Figure::Cold) {
        starts(arguments, &Endpoint::instant().await?).await?;
    }
    if wanted(Figure::Warm) {
        let endpoint = Endpoint::instant().await?;
        let programs = programs(arguments, &[Job::Tickets, Job::Sender, Job::Feedback]);
        let measured = warm::measure(&programs, &endpoint, arguments.runs * 10).await?;
        report::warm(&mut out, &programs, &measured)?;
    }
    if wanted(Figure::Emulator) {
        match Endpoint::moto().await? {
            Some(endpoint) => starts(arguments, &endpoint).await?,
            None => eprintln!("no figures over an emulator: moto is not installed"),
        }
    }
    if wanted(Figure::Local) {
        let binary = arguments.binaries.join("mensageria");
        let rows = local::measure(&binary, &[1, 8, 32], arguments.messages).await?;
        report::local(&mut out, arguments.messages, &rows)?;
    }
    if wanted(Figure::Start) {
        let binary = arguments.binaries.join("mensageria");
        let starts = start::measure(&binary, arguments.stored, arguments.data.as_deref()).await?;
        report::start(&mut out, &starts)?;
    }
    if wanted(Figure::Polling) {
        sending::report::polling(&mut out, &sending::polling::measure().await?)?;
    }
    if wanted(Figure::Sending) {
        figures_of_sending(&arguments.sending).await?;
    }
    Ok(())
}

async fn figures_of_sending(sizes: &Sizes) -> Result<(), Failure> {
    let mut out = io::stdout();
    let batch = sending::batch::measure(sizes.batches).await?;
    let cpu = sending::cpu::measure(sizes.batches * 25).await?;
    sending::report::batch(&mut out, &batch, &cpu)?;
    sending::report::units(&mut out, &sending::units::measure(sizes.batches * 5).await?)?;
    let grown = sending::growth::measure(&sizes.growth).await?;
    let conversations = sending::growth::conversations(&sizes.conversations).await?;
    sending::report::growth(&mut out, &grown, &conversations)?;
    let burst = sending::burst::measure(sizes.burst, BURST_RATE).await?;
    sending::report::burst(&mut out, &burst)?;
    let throttled = sending::throttled::measure(sizes.throttled, sizes.rate).await?;
    sending::report::throttled(&mut out, &throttled)?;
    Ok(())
}

/// Ours for these jobs, then the peer's.
fn programs(arguments: &Arguments, jobs: &[Job]) -> Vec<Program> {
    let ours = |&job: &Job| Program::ours(job, &arguments.binaries);
    let mut programs: Vec<Program> = jobs.iter().map(ours).collect();
    if let Some(python) = &arguments.python {
        let peer = |&job: &Job| Program::python(job, python, &arguments.handlers);
        // The peer has no console.
        let jobs = jobs.iter().filter(|job| **job != Job::Console);
        programs.extend(jobs.map(peer));
    }
    programs
}

async fn starts(arguments: &Arguments, endpoint: &Endpoint) -> Result<(), Failure> {
    let chosen = |job: &Job| {
        arguments.functions.is_empty() || arguments.functions.iter().any(|name| name == job.name())
    };
    let jobs: Vec<Job> = Job::FUNCTIONS.into_iter().filter(chosen).collect();
    let mut programs = vec![Program::ours(Job::Hello, &arguments.binaries)];
    programs.extend(self::programs(arguments, &jobs));
    if let Some(before) = &arguments.before {
        programs.extend(jobs.iter().map(|&job| Program::before(job, before)));
    }
    let sdk = |&job: &Job| Program::sdk(job, &arguments.binaries);
    programs.extend(jobs.iter().filter_map(sdk));
    let measured = cold::measure(&programs, endpoint, arguments.runs).await?;
    let (mut out, zips) = (io::stdout(), &arguments.zips);
    report::cold(&mut out, endpoint.name, &programs, &measured, zips)?;
    report::floor(&mut out, &programs, &measured)?;
    match &arguments.before {
        Some(before) => report::compared(&mut out, &programs, &measured, [before, zips]),
        None => Ok(()),
    }
}
