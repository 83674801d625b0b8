//! `doctor`: one screen that says whether a message posted now would arrive.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use shared::app::{
    access::{Caller, Role},
    readiness::{self, CheckStatus},
};

use crate::{cli::Failure, data::Data, runner};

/// Options of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Folder of the store.
    #[arg(long, default_value = ".mensageria")]
    data: PathBuf,
}

/// Prints every check; ends with 1 when a message would not arrive.
pub(crate) async fn run(options: Doctor) -> Result<ExitCode, Failure> {
    let app = runner::use_cases(&Data::open(&options.data)?)
        .map_err(|error| format!("{error}; a running server answers GET /health/config itself"))?;
    let caller = Caller {
        sub: "doctor".to_owned(),
        email: None,
        name: "doctor".to_owned(),
        roles: vec![Role::Admin],
        groups: Vec::new(),
    };
    let found = readiness::look(&app, &caller).await?;
    let mut out = io::stdout().lock();
    for check in &found.checks {
        let mark = match check.status {
            CheckStatus::Ok => "ok     ",
            CheckStatus::Warning => "warning",
            CheckStatus::Failed => "FAILED ",
        };
        writeln!(out, "{mark}  {:<17}  {}", check.id, check.detail)?;
        if !check.fix.is_empty() {
            writeln!(out, "{:28}{}", "", check.fix)?;
        }
    }
    let verdict = if found.ready {
        "A message posted now would be mailed."
    } else {
        "A message posted now would NOT be mailed."
    };
    writeln!(out, "\n{verdict}")?;
    Ok(ExitCode::from(u8::from(!found.ready)))
}
