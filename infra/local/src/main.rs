//! Mensageria on one machine: `cargo run` serves the same routes as the functions on AWS, over the
//! embedded store and an outbox of files.

mod access;
mod bar;
mod bring;
mod cli;
mod connection_slots;
mod data;
mod demo;
mod doctor;
mod http;
mod inbox;
mod jws;
mod limits;
mod openapi;
mod outbox;
mod results;
mod runner;
mod seed;
mod serve;
mod signin;
mod smtp;
mod texts;
mod tokens;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mensageria: {error}");
            ExitCode::FAILURE
        }
    }
}
