//! Prints the figures; `make bench` builds what it needs and calls it.

use std::{io, path::PathBuf, process::ExitCode};

use bench::{
    Failure, cold, local, own,
    place::Place,
    program::{Job, Program},
    report,
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Figure {
    /// Cold path over a table that answers at once.
    Cold,
    /// Cold path over an emulator of DynamoDB.
    Emulator,
    /// Own time of a posted message.
    Own,
    /// Throughput of the local runner.
    Local,
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
        starts(arguments, &Place::instant().await?).await?;
    }
    if wanted(Figure::Emulator) {
        match Place::moto().await? {
            Some(place) => starts(arguments, &place).await?,
            None => eprintln!("no figures over an emulator: moto is not installed"),
        }
    }
    if wanted(Figure::Local) {
        let binary = arguments.binaries.join("mensageria");
        let rows = local::measure(&binary, &[1, 8, 32], arguments.messages).await?;
        report::local(&mut out, arguments.messages, &rows)?;
    }
    Ok(())
}

async fn starts(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let chosen = |job: &Job| {
        arguments.functions.is_empty() || arguments.functions.iter().any(|name| name == job.name())
    };
    let jobs: Vec<Job> = Job::FUNCTIONS.into_iter().filter(chosen).collect();
    let mut programs = vec![Program::ours(Job::Hello, &arguments.binaries)];
    programs.extend(
        jobs.iter()
            .map(|&job| Program::ours(job, &arguments.binaries)),
    );
    if let Some(python) = &arguments.python {
        programs.extend(
            jobs.iter()
                .map(|&job| Program::python(job, python, &arguments.handlers)),
        );
    }
    let measured = cold::measure(&programs, place, arguments.runs).await?;
    report::cold(
        &mut io::stdout(),
        place.name,
        &programs,
        &measured,
        &arguments.zips,
    )
}
