//! `doctor`: one screen that says whether a message posted now would arrive.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use domain::catalog::Language;
use service::{
    access::{Caller, Role},
    admin::readiness::{self, CheckStatus},
};

use crate::{data::Data, error::Failure, runner, texts};

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
    let language = language();
    let caller = Caller {
        sub: "doctor".to_owned(),
        email: None,
        name: "doctor".to_owned(),
        roles: vec![Role::Admin],
        groups: Vec::new(),
    };
    let found = readiness::look(&app, &caller, language).await?;
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
        texts::doctor::A_MESSAGE_POSTED_NOW_WOULD_BE_MAILED.phrase()
    } else {
        texts::doctor::A_MESSAGE_POSTED_NOW_WOULD_NOT_BE_MAILED.phrase()
    };
    writeln!(out, "\n{}", verdict.get(language))?;
    Ok(ExitCode::from(u8::from(!found.ready)))
}

/// The language of whoever sits at the terminal, as POSIX says it; English when it says none of ours.
fn language() -> Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let set = names.iter().filter_map(|name| std::env::var(name).ok());
    let first = set.into_iter().find(|value| !value.is_empty());
    first
        .and_then(|value| Language::from_tag(&value))
        .unwrap_or(Language::En)
}
