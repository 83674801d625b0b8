//! `doctor`: one screen that says whether a message posted now would arrive.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use service::{
    access::{Caller, Role},
    admin::readiness::{self, CheckStatus},
};

use crate::{
    data::Data,
    error::Failure,
    runner,
    terminal::{language, say},
    texts,
};

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Folder of the store.
    #[arg(long, default_value = ".mensageria")]
    data: PathBuf,
}

/// Prints every check; ends with 1 when a message would not arrive.
pub(crate) async fn run(options: Doctor) -> Result<ExitCode, Failure> {
    let app = runner::use_cases(&Data::open(&options.data)?).map_err(|error| {
        texts::doctor::A_RUNNING_SERVER_ANSWERS.with_phrase("error", error.into_phrase())
    })?;
    let language = language();
    let caller = Caller {
        sub: "doctor".to_owned(),
        email: None,
        name: "doctor".to_owned(),
        roles: vec![Role::Admin],
        groups: Vec::new(),
    };
    let found = readiness::look(&app, &caller, language).await?;
    for check in &found.checks {
        let mark = match check.status {
            CheckStatus::Ok => texts::doctor::OK,
            CheckStatus::Warning => texts::doctor::WARNING,
            CheckStatus::Failed => texts::doctor::FAILED,
        };
        let mark = mark.get(language);
        say(format_args!(
            "{mark:<7}  {:<17}  {}",
            check.id, check.detail
        ));
        if !check.fix.is_empty() {
            say(format_args!("{:28}{}", "", check.fix));
        }
    }
    let verdict = if found.ready {
        texts::doctor::A_MESSAGE_POSTED_NOW_WOULD_BE_MAILED.phrase()
    } else {
        texts::doctor::A_MESSAGE_POSTED_NOW_WOULD_NOT_BE_MAILED.phrase()
    };
    say(format_args!("\n{}", verdict.get(language)));
    Ok(ExitCode::from(u8::from(!found.ready)))
}
