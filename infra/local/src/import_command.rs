//! `import` and `lint`: templates out of files.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use domain::{diagnostic::Severity, source::Source};
use import::{
    Options,
    lint::{Style, lint},
};
use service::{
    access::{Caller, Role},
    admin::{
        imports,
        templates::{Strictness, findings},
    },
};

use crate::{
    data::Data,
    error::Failure,
    progress_bar::ProgressBar,
    runner,
    terminal::{language, print, tell, worded},
};

/// What `lint` ends with when a file cannot be read.
const UNREADABLE: u8 = 2;

/// Which files, and how they are read.
#[derive(Debug, Args)]
pub(crate) struct Files {
    /// SQL dumps, CSV, XML of MySQL's tools, HTML (with the INDEX.tsv beside it),
    /// or folders of them.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Encoding of the files; found out when absent. For example utf-8 or iso-8859-1.
    #[arg(long)]
    encoding: Option<String>,
    /// Dialect of SQL files; found out when absent. mysql, postgresql, sqlserver or oracle.
    #[arg(long)]
    dialect: Option<String>,
}

impl Files {
    fn options(&self) -> Result<Options, import::ReadError> {
        Options::named(self.encoding.as_deref(), self.dialect.as_deref())
    }
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(flatten)]
    files: Files,
    /// Say what would become of each template, and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Folder of the store; made when absent.
    #[arg(long, default_value = ".mensageria")]
    data: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Lint {
    #[command(flatten)]
    files: Files,
    /// How findings are written.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
    Github,
}

impl From<Format> for Style {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
            Format::Github => Self::Github,
        }
    }
}

/// Reads the files and stores what is new. Ends with 1 when not all came in: something could not be
/// read, or the store refused a template.
pub(crate) async fn import(options: Import) -> Result<ExitCode, Failure> {
    let mut bar = ProgressBar::of_terminal();
    let gathered = import::read(
        &options.files.files,
        &options.files.options()?,
        &mut |progress| bar.show(progress),
    )?;
    let app = runner::use_cases(&Data::open(&options.data)?)?;
    let caller = Caller {
        sub: "import".to_owned(),
        email: None,
        name: "import".to_owned(),
        roles: vec![Role::Admin],
        groups: Vec::new(),
    };
    let (templates, findings) = (gathered.templates, gathered.findings);
    let left_out = findings.iter().any(|f| f.severity == Severity::Error);
    let report = imports::import(&app, &caller, templates, findings, options.dry_run).await?;
    let refused = report.totals.refused;
    print(report.shown(language()));
    Ok(ExitCode::from(u8::from(left_out || refused > 0)))
}

/// Holds the files against the checks of `POST /templates/validate`: 1 when there are errors, 2
/// when a file cannot be read.
pub(crate) fn check(options: Lint) -> Result<ExitCode, Failure> {
    let mut bar = ProgressBar::of_terminal();
    let check = |source: &Source| findings(source, Strictness::Strict);
    let linted = options.files.options().and_then(|how| {
        lint(&options.files.files, &how, &check, &mut |progress| {
            bar.show(progress)
        })
    });
    match linted {
        Ok(linted) => {
            let code = linted.exit_code();
            let said = linted.write(options.format.into(), language());
            print(said);
            Ok(ExitCode::from(code))
        }
        Err(error) => {
            tell(format_args!("mensageria: {}", worded(error.phrase())));
            Ok(ExitCode::from(UNREADABLE))
        }
    }
}
