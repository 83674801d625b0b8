//! Which files to read, and what kind each of them is.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Component, Path, PathBuf};

use domain::{
    catalog::Texts,
    diagnostic::Severity,
    import::{Finding, FindingCode},
};

use crate::{
    Options, Progress, ReadError, encoding,
    html::{Entry, index},
    progress::Watched,
    sql::table::Field,
    texts,
    xml::is_export,
};

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sql,
    Csv,
    Html,
    Xml,
}

impl Kind {
    /// What is looked for in a file of this kind.
    pub(crate) fn sought(self) -> Texts {
        match self {
            Self::Sql => texts::findings::SOUGHT_SQL,
            Self::Csv => texts::findings::SOUGHT_CSV,
            Self::Html => texts::findings::SOUGHT_HTML,
            Self::Xml => texts::findings::SOUGHT_XML,
        }
    }
}

/// A file to read.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// What an `INDEX.tsv` says about it.
    pub(crate) entry: Option<Entry>,
    /// The caller named it, and not only a folder that it is in.
    pub(crate) by_name: bool,
}

impl Source {
    /// A file that the caller named.
    pub(crate) fn named(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            entry: None,
            by_name: true,
        }
    }
}

/// The files behind the paths of the caller: folders become their files, an index the files that it
/// names, and no file comes twice.
pub(crate) fn expand(
    paths: &[PathBuf],
    options: &Options,
) -> Result<(Vec<Source>, Vec<Finding>), ReadError> {
    let mut list = List {
        options,
        indexes: HashMap::new(),
        seen: HashSet::new(),
        sources: Vec::new(),
        findings: Vec::new(),
    };
    for path in paths {
        list.add(path)?;
    }
    Ok((list.sources, list.findings))
}

struct List<'a> {
    options: &'a Options,
    /// The index of each folder, by the names of its files in lower case.
    indexes: HashMap<PathBuf, Vec<(String, Entry)>>,
    seen: HashSet<PathBuf>,
    sources: Vec<Source>,
    findings: Vec<Finding>,
}

impl List<'_> {
    fn add(&mut self, path: &Path) -> Result<(), ReadError> {
        let meta = fs::metadata(path).map_err(|error| failed(path, error))?;
        if meta.is_dir() {
            return self.add_folder(path);
        }
        if is_index(path) {
            return self.add_index(path);
        }
        self.add_file(path, true)
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), ReadError> {
        let (mut files, mut folders) = (Vec::new(), false);
        for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
            let path = entry.map_err(|error| failed(folder, error))?.path();
            if path.is_file() && (by_extension(&path).is_some() || is_index(&path)) {
                files.push(path);
            } else if path.is_dir() {
                let name = path.file_name().unwrap_or_default();
                folders |= !name.to_string_lossy().starts_with('.');
            }
        }
        let said = match (files.is_empty(), folders) {
            (true, _) => Some((Severity::Error, texts::findings::FOLDER_WITHOUT)),
            (false, true) => Some((Severity::Warning, texts::findings::FOLDERS_INSIDE)),
            (false, false) => None,
        };
        if let Some((severity, what)) = said {
            self.find(severity, FindingCode::NothingFound, folder, 1, what);
        }
        // The index first, so that its order is the order of the files that it names.
        files.sort_by_key(|path| (!is_index(path), path.clone()));
        for file in &files {
            if !stays_inside(folder, file)? {
                self.leads_outside(file, 1);
            } else if is_index(file) {
                self.add_index(file)?;
            } else {
                self.add_file(file, false)?;
            }
        }
        Ok(())
    }

    fn add_index(&mut self, path: &Path) -> Result<(), ReadError> {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        self.load_index(&folder, path)?;
        let names: Vec<(String, u64)> = self.indexes[&folder]
            .iter()
            .map(|(_, e)| (e.file.clone(), e.line))
            .collect();
        let index = path.display().to_string();
        if names.is_empty() && !self.findings.iter().any(|found| found.file == index) {
            let what = texts::findings::INDEX_EMPTY;
            self.find(Severity::Error, FindingCode::NothingFound, path, 1, what);
        }
        for (name, line) in names {
            let inside = Path::new(&name)
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            let file = folder.join(&name);
            if !inside || !file.is_file() {
                let what = if inside {
                    texts::findings::NO_SUCH_FILE
                } else {
                    texts::findings::OUTSIDE_FOLDER
                };
                self.missing(path, line, what);
                continue;
            }
            if stays_inside(&folder, &file)? {
                self.add_file(&file, true)?;
            } else {
                self.leads_outside(path, line);
            }
        }
        Ok(())
    }

    /// A file of a folder that is a link to another place: whoever made the folder would choose
    /// which files of this machine are read.
    fn leads_outside(&mut self, file: &Path, line: u64) {
        self.missing(file, line, texts::findings::LINK_OUTSIDE);
    }

    fn missing(&mut self, file: &Path, line: u64, what: Texts) {
        self.find(Severity::Error, FindingCode::FileMissing, file, line, what);
    }

    fn find(&mut self, severity: Severity, code: FindingCode, file: &Path, line: u64, what: Texts) {
        let file = file.display().to_string();
        self.findings
            .push(Finding::new(severity, code, file, line, what));
    }

    fn add_file(&mut self, path: &Path, by_name: bool) -> Result<(), ReadError> {
        let real = path.canonicalize().map_err(|error| failed(path, error))?;
        if !self.seen.insert(real) {
            return Ok(());
        }
        let entry = if by_extension(path) == Some(Kind::Html) {
            self.entry(path)?
        } else {
            None
        };
        self.sources.push(Source {
            path: path.to_owned(),
            entry,
            by_name,
        });
        Ok(())
    }

    /// What the index in the folder of a file says about it.
    fn entry(&mut self, path: &Path) -> Result<Option<Entry>, ReadError> {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let index = folder.join("INDEX.tsv");
        if !self.indexes.contains_key(&folder) && !index.is_file() {
            return Ok(None);
        }
        self.load_index(&folder, &index)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let lower = name.to_lowercase();
        let entries = &self.indexes[&folder];
        let exact = entries.iter().find(|(_, entry)| entry.file == name);
        let found = exact.or_else(|| entries.iter().find(|(file, _)| *file == lower));
        Ok(found.map(|(_, entry)| entry.clone()))
    }

    fn load_index(&mut self, folder: &Path, path: &Path) -> Result<(), ReadError> {
        if !self.indexes.contains_key(folder) {
            let file = File::open(path).map_err(|error| failed(path, error))?;
            let entries = index(file, self.options).map_err(|error| failed(path, error))?;
            let Some(entries) = entries else {
                let (code, what) = (FindingCode::RowUnreadable, texts::findings::INDEX_HEADER);
                self.find(Severity::Error, code, path, 1, what);
                self.indexes.insert(folder.to_owned(), Vec::new());
                return Ok(());
            };
            let mut named: HashMap<String, String> = HashMap::new();
            let mut kept = Vec::new();
            for entry in entries {
                let (lower, line) = (entry.file.to_lowercase(), entry.line);
                // Where names differ by case, two files may do so by it alone.
                let twice = match named.get(&lower) {
                    Some(first) => *first == entry.file || !folder.join(&entry.file).is_file(),
                    None => named.insert(lower.clone(), entry.file.clone()).is_some(),
                };
                if twice {
                    let (code, what) = (FindingCode::RowUnreadable, texts::findings::INDEX_TWICE);
                    self.find(Severity::Error, code, path, line, what);
                    continue;
                }
                if entry.id_unreadable {
                    let (code, what) = (FindingCode::IdUnreadable, texts::findings::ID_UNREADABLE);
                    self.find(Severity::Warning, code, path, line, what);
                }
                kept.push((lower, entry));
            }
            self.indexes.insert(folder.to_owned(), kept);
        }
        Ok(())
    }
}

/// Whether a file of a folder is there in truth, links followed.
fn stays_inside(folder: &Path, file: &Path) -> Result<bool, ReadError> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let real = |path: &Path| path.canonicalize().map_err(|error| failed(path, error));
    Ok(real(file)?.starts_with(real(folder)?))
}

fn failed(path: &Path, error: io::Error) -> ReadError {
    ReadError::Io {
        path: path.to_owned(),
        error,
    }
}

fn is_index(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.eq_ignore_ascii_case("INDEX.tsv"))
}

fn by_extension(path: &Path) -> Option<Kind> {
    let extension = path.extension()?.to_string_lossy().to_lowercase();
    match extension.as_str() {
        "sql" => Some(Kind::Sql),
        "csv" | "tsv" => Some(Kind::Csv),
        "html" | "htm" | "xhtml" => Some(Kind::Html),
        "xml" => Some(Kind::Xml),
        _ => None,
    }
}

/// Opens a file and says what kind it is: by its name, or by how it begins.
pub(crate) fn open<'a>(
    path: &Path,
    progress: &'a mut dyn FnMut(&Progress),
) -> Result<(Box<dyn Read + 'a>, Kind), ReadError> {
    let mut file = File::open(path).map_err(|error| failed(path, error))?;
    let total = file.metadata().ok().map(|meta| meta.len());
    let mut head = vec![0; 4096];
    let n = encoding::read_up_to(&mut file, &mut head).map_err(|error| failed(path, error))?;
    head.truncate(n);
    if let Some(kind) = packed(&head) {
        return Err(ReadError::Packed {
            path: path.to_owned(),
            kind,
        });
    }
    let kind = kind(path, &head);
    let stream = Watched::new(Cursor::new(head).chain(file), path, total, progress);
    Ok((Box::new(stream), kind))
}

/// What kind of file it is, by its name, or by how it begins.
pub(crate) fn kind(path: &Path, head: &[u8]) -> Kind {
    by_extension(path).unwrap_or_else(|| by_content(head))
}

fn packed(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [b'P', b'K', 3, 4, ..] => Some("zip"),
        [b'B', b'Z', b'h', ..] => Some("bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("xz"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        [b'P', b'G', b'D', b'M', b'P', ..] => Some("pg_dump custom-format"),
        _ => None,
    }
}

fn by_content(head: &[u8]) -> Kind {
    let head = &head[..head.len().min(4096)];
    let text: String = String::from_utf8_lossy(head)
        .chars()
        .filter(|c| *c != '\0')
        .collect();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let first = text.split(['\r', '\n']).next().unwrap_or_default();
    let known = |separator| {
        first
            .split(separator)
            .filter(|name| Field::named(name).is_some())
            .count()
    };
    if is_export(text) {
        Kind::Xml
    } else if text.starts_with('<') {
        Kind::Html
    } else if [';', ',', '\t', '|']
        .into_iter()
        .any(|separator| known(separator) >= 2)
    {
        Kind::Csv
    } else {
        Kind::Sql
    }
}
