//! The commands of the local runner.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use domain::address::{Address, AddressError};
use platform::telemetry;

use crate::{
    data::Data,
    demo, doctor,
    error::Failure,
    import_command, limits, openapi,
    serve::{self, Serve},
    terminal::say,
    tokens::{Person, Tokens},
};

/// Messages between a service desk and its requesters, by e-mail. Without a command: serve.
#[derive(Debug, Parser)]
#[command(name = "mensageria", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the API, the sender and the outbox in one process (what `cargo run` does).
    Serve(Serve),
    /// Post one message in each direction on a fresh store and print both mails, decoded.
    Demo,
    /// Bring templates in from SQL dumps, CSV or HTML files; running it again changes nothing.
    Import(import_command::Import),
    /// Check the templates of such files as the API does: ends with 1 on errors, 2 when a
    /// file cannot be read.
    Lint(import_command::Lint),
    /// Say whether a message posted now would arrive, and what to do when it would not.
    Doctor(doctor::Doctor),
    /// Print a token for the local server.
    Token(Token),
    /// Print the OpenAPI document of all routes.
    Openapi,
    /// Print the names of all settings and the limits of the code.
    Settings(limits::Print),
}

#[derive(Clone, Debug, Args)]
struct Token {
    /// requester, technician, admin or integration.
    #[arg(long, value_parser = ["requester", "technician", "admin", "integration"])]
    role: String,
    /// Address of the person.
    #[arg(long, value_parser = address)]
    email: Option<String>,
    /// Name of the person.
    #[arg(long)]
    name: Option<String>,
    /// Support groups of the person, comma-separated.
    #[arg(long, value_delimiter = ',')]
    groups: Vec<String>,
    /// Folder of the server's keys.
    #[arg(long, default_value = ".mensageria")]
    data: PathBuf,
}

fn address(text: &str) -> Result<String, AddressError> {
    Address::parse(text)?;
    Ok(text.to_owned())
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// What a person must fix, in words.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            None => with_runtime(serve::run(Serve::parse_from(["serve"])))?,
            Some(Command::Serve(options)) => with_runtime(serve::run(options))?,
            Some(Command::Demo) => with_runtime(demo::run())?,
            Some(Command::Doctor(options)) => return with_runtime(doctor::run(options)),
            Some(Command::Import(options)) => return with_runtime(import_command::import(options)),
            Some(Command::Lint(options)) => return import_command::check(options),
            Some(Command::Token(options)) => {
                let data = Data::open(&options.data)?;
                let tokens = Tokens::open(&data)?;
                let person = Person {
                    role: options.role,
                    email: options.email,
                    name: options.name,
                    groups: options.groups,
                };
                say(tokens.sign(&person));
            }
            Some(Command::Settings(options)) => limits::print(options)?,
            Some(Command::Openapi) => say(openapi::document()?),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn with_runtime<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    telemetry::start_for_people();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_an_address_that_mail_can_go_to() {
        let token = |email| {
            Cli::try_parse_from([
                "mensageria",
                "token",
                "--role",
                "requester",
                "--email",
                email,
            ])
        };
        assert!(token("maria@example.com").is_ok());
        let error = token("maria").unwrap_err().to_string();
        assert!(error.contains("--email"), "{error}");
    }
}
