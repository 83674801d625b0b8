//! `fake-ses --port 0`: prints where it listens, then serves until it is ended.

use std::{io::Write, process::ExitCode};

use clap::Parser;
use fake_ses::FakeSes;

/// A small SES v2 for tests.
#[derive(Parser)]
struct Arguments {
    /// Port on 127.0.0.1; 0 is a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let fake = match FakeSes::start_on(arguments.port).await {
        Ok(fake) => fake,
        Err(error) => {
            eprintln!("fake-ses cannot listen on port {}: {error}", arguments.port);
            return ExitCode::FAILURE;
        }
    };
    let mut out = std::io::stdout();
    // Whoever started it waits for this line; when nobody reads it, nobody waits.
    let _ = writeln!(out, "{}", fake.url()).and_then(|()| out.flush());
    let ended = tokio::signal::ctrl_c().await;
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
