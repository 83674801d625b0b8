//! `import` and `lint`: templates out of files.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use import::{
    Options, Progress,
    lint::{Style, lint},
};
use shared::{
    app::{
        access::{Caller, Role},
        imports,
        templates::{Weigh, findings},
    },
    render::Source,
};

use crate::{cli::Failure, data::Data, runner};

/// What `lint` ends with when a file cannot be read.
const UNREADABLE: u8 = 2;
/// How long a file is before its reading is told, bytes.
const LONG: u64 = 8 * 1024 * 1024;

/// Which files, and how they are read.
#[derive(Debug, Args)]
pub(crate) struct Files {
    /// SQL dumps, CSV, HTML (with the INDEX.tsv beside it), or folders of them.
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

/// Options of `import`.
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

/// Options of `lint`.
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

/// Reads the files and stores what is new. Ends with 1 when the store refused a template.
pub(crate) async fn import(options: Import) -> Result<ExitCode, Failure> {
    let mut bar = Bar::default();
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
    let report = imports::import(&app, &caller, templates, findings, options.dry_run).await?;
    write!(io::stdout(), "{report}")?;
    Ok(ExitCode::from(u8::from(report.totals.refused > 0)))
}

/// Holds the files against the checks of `POST /templates/validate`: 1 when there are errors, 2
/// when a file cannot be read.
pub(crate) fn check(options: Lint) -> Result<ExitCode, Failure> {
    let mut bar = Bar::default();
    let check = |source: &Source| findings(source, Weigh::Strictly);
    let linted = options.files.options().and_then(|how| {
        lint(&options.files.files, &how, &check, &mut |progress| {
            bar.show(progress)
        })
    });
    match linted {
        Ok(linted) => {
            write!(io::stdout(), "{}", linted.write(options.format.into()))?;
            Ok(ExitCode::from(linted.exit_code()))
        }
        Err(error) => {
            eprintln!("mensageria: {error}");
            Ok(ExitCode::from(UNREADABLE))
        }
    }
}

/// The progress of long files, on a terminal alone.
#[derive(Default)]
struct Bar {
    shown: bool,
}

impl Bar {
    fn show(&mut self, progress: &Progress) {
        let total = progress.total.unwrap_or_default();
        if total < LONG || !io::stderr().is_terminal() {
            return;
        }
        let percent = progress.read.saturating_mul(100) / total;
        let name = progress.path.display();
        let end = if progress.read >= total { "\n" } else { "" };
        eprint!("\r{name}: {percent} %{end}");
        self.shown = end.is_empty();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.shown {
            eprintln!();
        }
    }
}
