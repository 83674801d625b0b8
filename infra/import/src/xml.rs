//! Templates out of XML: `mysqldump --xml`, `mysql --xml`, and the export of phpMyAdmin.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use domain::{
    catalog::Texts,
    diagnostic::Severity,
    import::{Finding, FindingCode, Format},
};
use encoding_rs::{Encoding, UTF_8};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::{
    Item, Options, encoding,
    row::{Row, Value},
    sql::{
        escape,
        table::{Named, is_templates},
    },
    texts,
};

/// Longest value that is kept, in bytes.
const MAX_VALUE: usize = 4 * 1024 * 1024;
/// Longest run of bytes without markup, which is held in memory as a whole.
const MAX_RUN: usize = 16 * 1024 * 1024;

/// Elements that such an export begins with.
const ROOTS: [&str; 3] = ["mysqldump", "resultset", "pma_xml_export"];

/// Whether what a file begins with is an export in XML, and not a page.
pub(crate) fn is_export(head: &str) -> bool {
    let mut rest = head.trim_start();
    // The declaration, comments and the like before the first element.
    while let Some(after) = rest
        .strip_prefix("<?")
        .or_else(|| rest.strip_prefix("<!--"))
    {
        let Some(end) = after.find('>') else {
            return false;
        };
        rest = after[end + 1..].trim_start();
    }
    rest.strip_prefix('<').is_some_and(|tag| {
        let name: String = tag
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-'))
            .collect();
        ROOTS.contains(&name.to_lowercase().as_str())
    })
}

/// Reads from a stream.
pub(crate) fn read<'a>(
    mut stream: Box<dyn Read + 'a>,
    file: &str,
    options: &Options,
) -> io::Result<XmlReader<'a>> {
    let mut head = vec![0; 512];
    let n = encoding::read_up_to(&mut stream, &mut head)?;
    head.truncate(n);
    let named = options.encoding.or_else(|| declared(&head));
    let stream = encoding::open(io::Cursor::new(head).chain(stream), named)?;
    let mut reader = Reader::from_reader(Lined::new(stream));
    // A dump that was cut off still gives the rows before.
    reader.config_mut().check_end_names = false;
    Ok(XmlReader {
        reader,
        file: file.to_owned(),
        in_templates: false,
        row: None,
        field: None,
        ready: VecDeque::new(),
        ended: false,
    })
}

/// The encoding that the declaration at the head of a file names, unless it is UTF-8.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let end = memchr::memmem::find(head, b"?>")?;
    let declaration = str::from_utf8(head[..end].strip_prefix(b"<?xml")?).ok()?;
    let (_, after) = declaration.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    encoding::encoding(label)
        .ok()
        .filter(|named| *named != UTF_8)
}

/// Reads templates out of an export, one after the other.
pub(crate) struct XmlReader<'a> {
    reader: Reader<Lined<'a>>,
    file: String,
    /// Within the data of the table of templates.
    in_templates: bool,
    row: Option<Row>,
    field: Option<Open>,
    ready: VecDeque<Item>,
    ended: bool,
}

/// A value that is being read.
struct Open {
    /// None for a column that does not matter.
    field: Option<Named>,
    line: u64,
    value: String,
    /// The same as it stands in the file, which counts when an element is in it: then the markup of
    /// the text was not escaped.
    raw: String,
    markup: bool,
    null: bool,
    hex: bool,
}

impl XmlReader<'_> {
    fn line(&self) -> u64 {
        self.reader.get_ref().line
    }

    fn event(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        match self.reader.read_event_into(buffer) {
            Ok(Event::Start(element)) => self.start(&element, false),
            Ok(Event::Empty(element)) => self.start(&element, true),
            Ok(Event::End(element)) => self.end(element.name().as_ref(), &element),
            Ok(Event::Comment(comment)) => self.markup(&["<!--", &comment, "-->"]),
            Ok(Event::Text(text)) => self.text(&text, &text),
            Ok(Event::CData(text)) => self.text(&text, &text),
            Ok(Event::GeneralRef(reference)) => {
                let character = reference.resolve_char_ref().ok().flatten();
                let name: &str = &reference;
                let raw = format!("&{name};");
                match (character, resolve_predefined_entity(name)) {
                    (Some(c), _) => self.text(c.encode_utf8(&mut [0; 4]), &raw),
                    (None, Some(text)) => self.text(text, &raw),
                    // An entity of a document type that we do not read: as it stands.
                    (None, None) => self.text(&raw, &raw),
                }
            }
            Ok(Event::Eof) => {
                self.ended = true;
                if let Some(row) = self.row.take() {
                    self.unreadable(row.line, texts::findings::XML_ROW_ENDS);
                }
            }
            Ok(_) => {}
            Err(quick_xml::Error::Io(error)) => {
                return Err(io::Error::new(error.kind(), error.to_string()));
            }
            Err(quick_xml::Error::Encoding(_)) => {
                self.ended = true;
                let message = texts::findings::XML_ENCODING.phrase();
                let code = FindingCode::EncodingDamaged;
                let finding =
                    Finding::new(Severity::Error, code, &*self.file, self.line(), message);
                self.ready.push_back(Item::Finding(finding));
            }
            Err(_) => {
                self.ended = true;
                let line = self.line();
                self.unreadable(line, texts::findings::XML_BROKEN);
            }
        }
        Ok(())
    }

    fn start(&mut self, element: &BytesStart<'_>, empty: bool) {
        if self.field.is_some() {
            return self.markup(&["<", element, if empty { "/>" } else { ">" }]);
        }
        // With its prefix: what phpMyAdmin says of the structure is `pma:table`.
        let name = element.name();
        match name.as_ref() {
            "table_data" => {
                self.in_templates = named(element, "name").is_some_and(|t| is_templates(&t))
            }
            // A query by hand: what is asked names the table.
            "resultset" => {
                self.in_templates = named(element, "statement").is_some_and(|statement| {
                    statement
                        .split(|c: char| !c.is_alphanumeric() && c != '_')
                        .any(is_templates)
                });
            }
            "row" if self.in_templates => self.row = Some(Row::new(self.line())),
            // phpMyAdmin: a row is a `table` with the name of its table.
            "table"
                if self.row.is_none()
                    && named(element, "name").is_some_and(|t| is_templates(&t)) =>
            {
                self.row = Some(Row::new(self.line()));
            }
            "field" | "column" if self.row.is_some() => {
                let xsi = |value: &str| {
                    element.attributes().flatten().any(|attribute| {
                        attribute.key.prefix().is_some() && attribute.value.as_ref() == value
                    })
                };
                self.field = Some(Open {
                    field: named(element, "name").and_then(|name| Named::of(&name)),
                    line: self.line(),
                    value: String::new(),
                    raw: String::new(),
                    markup: false,
                    null: xsi("true"),
                    hex: xsi("xs:hexBinary"),
                });
                if empty {
                    self.end(name.as_ref(), name.as_ref());
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, raw: &str) {
        let Some(open) = self.field.as_mut().filter(|open| open.field.is_some()) else {
            return;
        };
        for (kept, more) in [(&mut open.value, text), (&mut open.raw, raw)] {
            if kept.len() <= MAX_VALUE {
                kept.push_str(more);
            }
        }
    }

    /// Markup within a value, which an export by hand did not escape.
    fn markup(&mut self, parts: &[&str]) {
        for part in parts {
            self.text("", part);
        }
        if let Some(open) = &mut self.field {
            open.markup = true;
        }
    }

    fn end(&mut self, name: &str, element: &str) {
        if self.field.is_some() && !matches!(name, "field" | "column" | "row") {
            return self.markup(&["</", element, ">"]);
        }
        match name {
            "field" | "column" => {
                let (Some(open), Some(row)) = (self.field.take(), self.row.as_mut()) else {
                    return;
                };
                if let Some(field) = open.field {
                    row.set(field, open.value());
                }
            }
            "row" | "table" => {
                self.field = None;
                if let Some(row) = self.row.take() {
                    self.ready.extend(row.finish(&self.file, Format::Xml));
                }
            }
            "table_data" | "resultset" => self.in_templates = false,
            _ => {}
        }
    }

    fn unreadable(&mut self, line: u64, message: Texts) {
        let code = FindingCode::RowUnreadable;
        let finding = Finding::new(Severity::Error, code, &*self.file, line, message);
        self.ready.push_back(Item::Finding(finding));
    }
}

impl Open {
    fn value(mut self) -> Value {
        if self.markup {
            self.value = self.raw;
        }
        if self.value.len() > MAX_VALUE {
            return Value::TooLong { line: self.line };
        }
        if self.null && self.value.is_empty() {
            return Value::Null;
        }
        match escape::hex(self.value.as_bytes()).filter(|_| self.hex) {
            Some(bytes) => Value::Text(encoding::text(bytes)),
            None => Value::Text(self.value),
        }
    }
}

/// The value of an attribute.
fn named(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element
        .attributes()
        .flatten()
        .find(|attribute| attribute.key.as_ref() == name)?;
    Some(attribute.value.into_owned())
}

impl Iterator for XmlReader<'_> {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut buffer = Vec::new();
        while self.ready.is_empty() && !self.ended {
            buffer.clear();
            if let Err(error) = self.event(&mut buffer) {
                self.ended = true;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

/// Counts the lines that have been passed, and bounds what the reader of XML holds at once.
struct Lined<'a> {
    reader: BufReader<Box<dyn Read + 'a>>,
    line: u64,
    /// Bytes since the last mark-up.
    run: usize,
}

impl<'a> Lined<'a> {
    fn new(reader: Box<dyn Read + 'a>) -> Self {
        Self {
            reader: BufReader::with_capacity(64 * 1024, reader),
            line: 1,
            run: 0,
        }
    }
}

impl Read for Lined<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let window = self.fill_buf()?;
        let n = window.len().min(out.len());
        out[..n].copy_from_slice(&window[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Lined<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.run > MAX_RUN {
            return Err(io::Error::other(format!(
                "line {}: more than 16 MiB without an element",
                self.line
            )));
        }
        self.reader.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        let passed = &self.reader.buffer()[..n];
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.run = match memchr::memrchr2(b'<', b'>', passed) {
            Some(at) => n - at,
            None => self.run + n,
        };
        self.reader.consume(n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_are_told_from_pages() {
        for export in [
            "<?xml version=\"1.0\"?>\n<mysqldump xmlns:xsi=\"x\">",
            "\n<!-- - phpMyAdmin XML Dump -->\n<pma_xml_export version=\"1.0\">",
            "<resultset statement=\"select\">",
        ] {
            assert!(is_export(export), "{export}");
        }
        for page in [
            "<?xml version=\"1.0\"?><!DOCTYPE html><html>",
            "<p>x</p>",
            "<databases>",
            "<?xml",
        ] {
            assert!(!is_export(page), "{page}");
        }
    }
}
