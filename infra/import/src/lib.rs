#![doc = include_str!("../README.md")]

mod csv;
mod encoding;
mod error;
mod files;
mod html;
mod input;
mod line_ends;
pub mod lint;
mod progress;
mod row;
mod sql;
mod texts;
mod xml;

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use domain::{
    diagnostic::Severity,
    import::{Finding, FindingCode, LegacyTemplate},
};
use encoding_rs::Encoding;

pub use error::ReadError;
pub use progress::Progress;
pub use sql::dialect::Dialect;

use files::{Kind, Source};

/// What comes out of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A template as the file has it, not judged yet.
    Template(LegacyTemplate),
    /// Something that did not come in as it stood.
    Finding(Finding),
}

/// How files are read, where they do not say it themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    encoding: Option<&'static Encoding>,
    dialect: Option<Dialect>,
}

impl Options {
    /// Options by the names of an encoding (WHATWG labels) and of a dialect; what is not named is
    /// found out from each file.
    pub fn named(encoding: Option<&str>, dialect: Option<&str>) -> Result<Self, ReadError> {
        Ok(Self {
            encoding: encoding.map(encoding::encoding).transpose()?,
            dialect: dialect.map(Dialect::named).transpose()?,
        })
    }
}

/// Everything that came out of some files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The templates, in the order of the files and of their rows.
    pub templates: Vec<LegacyTemplate>,
    /// What did not come in as it stood.
    pub findings: Vec<Finding>,
}

/// Reads files, and folders of them. An HTML file takes its subject and identifier from the
/// `INDEX.tsv` beside it. Fails on the first file that cannot be read at all.
pub fn read(
    paths: &[PathBuf],
    options: &Options,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Gathered, ReadError> {
    let mut gathered = Gathered::default();
    let (sources, findings) = files::expand(paths, options)?;
    gathered.findings = findings;
    for source in sources {
        read_source(&source, options, progress, &mut gathered)?;
    }
    // Of a folder some files may hold something else, as long as one holds templates.
    if gathered.templates.is_empty() {
        for finding in &mut gathered.findings {
            if finding.code == FindingCode::NothingFound {
                finding.severity = Severity::Error;
            }
        }
    }
    Ok(gathered)
}

/// Reads what `name` would hold, from memory: the entry for requests, tests and fuzzing. Never panics,
/// whatever it is given.
pub fn read_bytes(bytes: &[u8], name: &Path, options: &Options) -> io::Result<Gathered> {
    let mut gathered = Gathered::default();
    read_stream(
        Box::new(bytes),
        files::kind(name, bytes),
        &Source::named(name),
        options,
        &mut gathered,
    )?;
    Ok(gathered)
}

fn read_source(
    source: &Source,
    options: &Options,
    progress: &mut dyn FnMut(&Progress),
    gathered: &mut Gathered,
) -> Result<(), ReadError> {
    let (stream, kind) = files::open(&source.path, progress)?;
    read_stream(stream, kind, source, options, gathered).map_err(|error| ReadError::Io {
        path: source.path.clone(),
        error,
    })
}

fn read_stream(
    stream: Box<dyn Read + '_>,
    kind: Kind,
    source: &Source,
    options: &Options,
    gathered: &mut Gathered,
) -> io::Result<()> {
    let path = source.path.as_path();
    let before = gathered.templates.len() + gathered.findings.len();
    let file = path.display().to_string();
    let items: Items<'_> = match kind {
        Kind::Html => Box::new(
            html::read(stream, path, source.entry.as_ref(), options)?
                .into_iter()
                .map(Ok),
        ),
        Kind::Sql => read_sql(stream, &file, options)?,
        Kind::Csv => read_csv(stream, &file, options)?,
        Kind::Xml => Box::new(xml::read(stream, &file, options)?),
    };
    for item in items {
        match item? {
            Item::Template(template) => gathered.templates.push(template),
            Item::Finding(finding) => gathered.findings.push(finding),
        }
    }
    if gathered.templates.len() + gathered.findings.len() == before {
        let message = texts::findings::NOTHING_FOUND
            .phrase()
            .with_phrase("sought", kind.sought());
        let severity = if source.by_name {
            Severity::Error
        } else {
            Severity::Warning
        };
        let code = FindingCode::NothingFound;
        gathered
            .findings
            .push(Finding::new(severity, code, file, 1, message));
    }
    Ok(())
}

/// Items of a stream as they come; an error ends it.
pub type Items<'a> = Box<dyn Iterator<Item = io::Result<Item>> + 'a>;

/// Reads a SQL script from any stream; `file` stands in what is found, and a name like
/// `dump-oracle.sql` helps to tell the dialect. Never panics, whatever it reads.
pub fn read_sql<'a>(
    stream: Box<dyn Read + 'a>,
    file: &str,
    options: &Options,
) -> io::Result<Items<'a>> {
    Ok(Box::new(sql::SqlReader::new(
        stream,
        file,
        options.dialect,
        options.encoding,
    )?))
}

/// Reads separated values from any stream. Never panics, whatever it reads.
pub fn read_csv<'a>(
    stream: Box<dyn Read + 'a>,
    file: &str,
    options: &Options,
) -> io::Result<Items<'a>> {
    csv::read(stream, file, options)
}
