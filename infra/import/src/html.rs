//! Templates that are one HTML file each, with an `INDEX.tsv` for what the file does not say.

use std::io::{self, Read};
use std::path::Path;

use domain::{
    catalog::Texts,
    diagnostic::Severity,
    import::{Finding, FindingCode, Format, LegacyTemplate, Origin, legacy_status},
};

use crate::{
    Item, Options, encoding, line_ends,
    row::{legacy_id, shown},
    sql::table::Field,
    texts,
};

/// Longest file, in bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// What an index says about a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) file: String,
    /// Line in the index, from 1.
    pub(crate) line: u64,
    id: Option<u64>,
    pub(crate) id_unreadable: bool,
    title: String,
    identifier: String,
    status: String,
}

/// Reads an index: tab-separated without quotes, a header line with `file` and any of the columns
/// of a template; a status may also stand in `notes` as `status A`. None without that header.
pub(crate) fn index(file: impl Read, options: &Options) -> io::Result<Option<Vec<Entry>>> {
    let mut bytes = Vec::new();
    let stream = encoding::open(file.take(MAX_FILE), options.encoding)?;
    line_ends::unified(stream, line_ends::first_line)?.read_to_end(&mut bytes)?;
    let text = encoding::text(bytes);
    let mut lines = text.lines().zip(1..);
    let names: Vec<String> = lines
        .next()
        .map(|(header, _)| {
            header
                .split('\t')
                .map(|name| name.trim().to_lowercase())
                .collect()
        })
        .unwrap_or_default();
    if !names.iter().any(|name| is_file_column(name)) {
        return Ok(None);
    }
    let entries = lines.map(|(line, number)| entry(&names, line, number));
    let entries = entries.filter(|entry| !entry.file.is_empty());
    Ok(Some(entries.collect()))
}

fn is_file_column(name: &str) -> bool {
    matches!(name, "file" | "arquivo" | "archivo")
}

fn entry(names: &[String], line: &str, number: u64) -> Entry {
    let mut entry = Entry {
        line: number,
        ..Entry::default()
    };
    for (name, value) in names.iter().zip(line.split('\t')) {
        let value = value.trim().to_owned();
        match (name.as_str(), Field::named(name)) {
            (name, _) if is_file_column(name) => entry.file = value,
            ("notes" | "notas", _) => {
                if let Some((_, after)) = value.split_once("status ") {
                    entry.status = after
                        .split_whitespace()
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                }
            }
            (_, Some(Field::Id)) => {
                entry.id = legacy_id(&value);
                entry.id_unreadable = entry.id.is_none() && !value.is_empty();
            }
            (_, Some(Field::Title)) => entry.title = value,
            (_, Some(Field::Identifier)) => entry.identifier = value,
            (_, Some(Field::Status)) => entry.status = value,
            _ => {}
        }
    }
    entry
}

/// The template in a file. Without an entry in an index its subject is its `<title>` and its
/// identifier the name of the file.
pub(crate) fn read(
    stream: impl Read,
    path: &Path,
    entry: Option<&Entry>,
    options: &Options,
) -> io::Result<Vec<Item>> {
    let file = path.display().to_string();
    let finding = |severity, code, message: Texts| {
        Item::Finding(Finding::new(severity, code, &*file, 1, message))
    };
    let mut bytes = Vec::new();
    let stream = encoding::open(stream, options.encoding)?;
    line_ends::unified(stream, line_ends::alone)?
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        let message = texts::findings::FILE_TOO_LONG;
        return Ok(vec![finding(
            Severity::Error,
            FindingCode::ValueTooLong,
            message,
        )]);
    }
    let html = encoding::text(bytes);
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut items = Vec::new();
    let named = entry
        .map(|entry| entry.title.clone())
        .filter(|title| !title.is_empty());
    let title = named.or_else(|| title_element(&html)).unwrap_or_else(|| {
        let message = texts::findings::TITLE_FROM_NAME;
        items.push(finding(
            Severity::Warning,
            FindingCode::TitleMissing,
            message,
        ));
        stem.clone()
    });
    let status = entry.map_or("", |entry| entry.status.as_str());
    let status = legacy_status(status).unwrap_or_else(|| {
        let message = texts::findings::STATUS_OF_INDEX.with("word", shown(status));
        let code = FindingCode::StatusUnknown;
        let found = Finding::new(Severity::Warning, code, &*file, 1, message);
        items.push(Item::Finding(found));
        domain::template::Status::Inactive
    });
    if html.contains('\u{fffd}') {
        items.push(finding(
            Severity::Warning,
            FindingCode::EncodingDamaged,
            texts::findings::FILE_DAMAGED,
        ));
    } else if encoding::has_mojibake(&html) {
        let message = texts::findings::FILE_MOJIBAKE;
        items.push(finding(Severity::Warning, FindingCode::Mojibake, message));
    }
    let template = LegacyTemplate {
        id: entry.and_then(|entry| entry.id),
        identifier: entry.map_or(stem, |entry| entry.identifier.clone()),
        title,
        html,
        text: None,
        status,
        origin: Origin {
            file: file.clone(),
            line: 1,
            format: Format::Html,
        },
    };
    items.insert(0, Item::Template(template));
    Ok(items)
}

/// The content of `<title>`, on one line; not of one in a comment or in a picture.
fn title_element(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let mut from = 0;
    let (from, to) = loop {
        from += lower[from..].find('<')?;
        let rest = &lower[from..];
        let passed = [("<!--", "-->"), ("<svg", "</svg"), ("<script", "</script")]
            .into_iter()
            .find(|(open, _)| rest.starts_with(open));
        if let Some((_, close)) = passed {
            from += rest.find(close)?;
        }
        let is_title = rest
            .strip_prefix("<title")
            .is_some_and(|after| after.starts_with(|c: char| c == '>' || c.is_whitespace()));
        if is_title {
            let from = from + rest.find('>')? + 1;
            break (from, from + lower[from..].find("</title")?);
        }
        from += 1;
    };
    let title = characters(&html[from..to])
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    (!title.is_empty()).then_some(title)
}

/// The names of the characters from U+00A0 on.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg \
    macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 \
    iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave \
    Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc \
    Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc \
    euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml";
/// Longest name of a character that is looked up.
const MAX_REFERENCE: usize = 16;

/// Text with its character references taken out; those of other names stay as they are.
fn characters(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain += before;
        let end = after.bytes().take(MAX_REFERENCE).position(|b| b == b';');
        match end.and_then(|end| Some((character(&after[..end])?, end))) {
            Some((c, end)) => {
                plain.push(c);
                rest = &after[end + 1..];
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain + rest
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32).filter(|c| *c != '\0');
    }
    let known = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" => '•',
        "euro" => '€',
        _ => {
            let place = LATIN.split_whitespace().position(|known| known == name)?;
            return char::from_u32(0xa0 + u32::try_from(place).ok()?);
        }
    };
    Some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        assert_eq!(
            title_element("<html><TITLE lang=pt>\n Um\n dois </Title>").as_deref(),
            Some("Um dois")
        );
        assert_eq!(title_element("<title></title>"), None);
        assert_eq!(
            title_element(
                "<!-- <title>old</title> --><svg><title>x</title></svg><title-bar>y</title-bar>\
                 <title>A&ccedil;&atilde;o &amp;amp; R&D &yuml;&#231;&#xE7; &nbsp;&x; &lt</title>"
            )
            .as_deref(),
            Some("Ação &amp; R&D ÿçç &x; &lt")
        );
        assert_eq!(title_element("<!-- <title>x</title>"), None);
        assert_eq!(title_element("<title>x"), None);
    }

    #[test]
    fn an_index_by_the_names_of_its_columns() {
        let text = "\u{feff}File\tassunto\tnotes\tid\na.html\tT\u{ed}tulo \"x\"\t2 copies; status i\t7\n\nb.html\n";
        let entries = index(text.as_bytes(), &Options::default())
            .unwrap()
            .unwrap();
        let [a, b] = entries.as_slice() else {
            panic!("{entries:?}")
        };
        assert_eq!(
            (a.file.as_str(), a.title.as_str(), a.status.as_str(), a.id),
            ("a.html", "Título \"x\"", "i", Some(7))
        );
        assert_eq!((b.file.as_str(), b.line), ("b.html", 4));
    }
}
