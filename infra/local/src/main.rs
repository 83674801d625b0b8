//! Mensageria on one machine: `cargo run` serves the same routes as the functions on AWS, over the
//! embedded store and an outbox of files.
#![warn(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "they panic where nobody reads: `terminal` does not"
)]

mod access;
mod banner;
mod cli;
mod connection_slots;
mod data;
mod demo;
mod doctor;
mod error;
mod http;
mod import_command;
mod inbox;
mod jws;
mod limits;
mod listen;
mod openapi;
mod outbox;
mod progress_bar;
mod results;
mod runner;
mod seed;
mod serve;
mod shutdown;
mod signin;
mod smtp;
mod terminal;
mod texts;
mod tokens;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            terminal::tell(format_args!(
                "mensageria: {}",
                terminal::worded(error.into_phrase())
            ));
            ExitCode::FAILURE
        }
    }
}
