//! `Content-Type` and `Content-Disposition` as they are found: RFC 2045 and RFC 2231, and what mail
//! programs write instead of it.

use super::charset;

/// Most parameters of a field.
const MAX_PARAMETERS: usize = 500;
/// Longest value of a field that is read, in bytes.
const MAX_VALUE: usize = 32 * 1024;

/// Parameters that are found where the `;` in front of them is missing.
const KNOWN: [&str; 11] = [
    "charset",
    "name",
    "filename",
    "boundary",
    "format",
    "delsp",
    "type",
    "smime-type",
    "report-type",
    "protocol",
    "size",
];

/// The value of a field and its parameters.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// `type/subtype`, or the disposition, in lower case.
    pub(super) kind: String,
    parameters: Vec<Parameter>,
}

/// One parameter, or one piece of it.
#[derive(Debug)]
struct Parameter {
    /// Name in lower case, without the marks of RFC 2231.
    name: String,
    /// Number of the piece, where it is one of several.
    piece: Option<u32>,
    /// Whether it is percent-encoded.
    encoded: bool,
    value: Vec<u8>,
}

impl Content {
    /// Reads the unfolded value of a field.
    pub(super) fn read(value: &[u8]) -> Self {
        let value = &value[..value.len().min(MAX_VALUE)];
        let end = value
            .iter()
            .position(|b| matches!(b, b';' | b'('))
            .unwrap_or(value.len());
        let end = missing_semicolon(&value[..end]).unwrap_or(end);
        // Some programs write a parameter and no type.
        let mark = value[..end].iter().find(|b| matches!(b, b'/' | b'='));
        let end = if mark == Some(&b'=') { 0 } else { end };
        let kind = String::from_utf8_lossy(&value[..end]).to_ascii_lowercase();
        let kind = kind
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '"')
            .collect();
        Self {
            kind,
            parameters: parameters(&value[end..]),
        }
    }

    /// A parameter by its name in lower case: the form of RFC 2231 before the plain one, which is for
    /// programs that do not know it.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut pieces: Vec<&Parameter> = self
            .parameters
            .iter()
            .filter(|one| one.name == name && (one.encoded || one.piece.is_some()))
            .collect();
        pieces.sort_by_key(|one| one.piece.unwrap_or(0));
        pieces.dedup_by_key(|one| one.piece);
        let plain = self
            .parameters
            .iter()
            .find(|one| one.name == name && !one.encoded && one.piece.is_none());
        let Some(first) = pieces.first() else {
            return plain.map(|one| super::fields::decoded(&one.value));
        };
        // The charset stands in the first piece: charset'language'text.
        let mut charset = None;
        let mut bytes = Vec::new();
        for piece in &pieces {
            let mut text = piece.value.as_slice();
            if std::ptr::eq(*piece, *first) && piece.encoded {
                let mut marks = text.splitn(3, |b| *b == b'\'');
                if let (Some(name), Some(_), Some(rest)) =
                    (marks.next(), marks.next(), marks.next())
                {
                    charset = Some(String::from_utf8_lossy(name).into_owned());
                    text = rest;
                }
            }
            match piece.encoded {
                true => percent_decoded(text, &mut bytes),
                false => bytes.extend_from_slice(text),
            }
        }
        Some(charset::decode(&bytes, charset.as_deref()))
    }
}

fn parameters(mut rest: &[u8]) -> Vec<Parameter> {
    let mut found = Vec::new();
    while found.len() < MAX_PARAMETERS {
        let skipped = rest
            .iter()
            .take_while(|b| b.is_ascii_whitespace() || **b == b';')
            .count();
        rest = &rest[skipped..];
        if rest.is_empty() {
            break;
        }
        if rest[0] == b'(' {
            let end = rest
                .iter()
                .position(|b| *b == b')')
                .map_or(rest.len(), |at| at + 1);
            rest = &rest[end..];
            continue;
        }
        let end = rest
            .iter()
            .position(|b| matches!(b, b'=' | b';'))
            .unwrap_or(rest.len());
        let name = rest[..end].trim_ascii().to_ascii_lowercase();
        if rest.get(end) != Some(&b'=') {
            rest = &rest[end..];
            continue;
        }
        rest = rest[end + 1..].trim_ascii_start();
        let (value, after) = value(rest);
        rest = after;
        found.push(parameter(&name, value));
    }
    found
}

fn parameter(name: &[u8], value: Vec<u8>) -> Parameter {
    let name = String::from_utf8_lossy(name).into_owned();
    let (bare, encoded) = match name.strip_suffix('*') {
        Some(bare) => (bare, true),
        None => (name.as_str(), false),
    };
    let (bare, piece) = match bare.rsplit_once('*') {
        Some((front, number)) if number.bytes().all(|b| b.is_ascii_digit()) => {
            (front, number.parse().ok())
        }
        _ => (bare, None),
    };
    Parameter {
        name: bare.trim().to_owned(),
        piece,
        encoded,
        value,
    }
}

/// A value and what follows it.
fn value(text: &[u8]) -> (Vec<u8>, &[u8]) {
    if let Some(quoted) = text.strip_prefix(b"\"") {
        let mut value = Vec::new();
        let mut at = 0;
        while at < quoted.len() && quoted[at] != b'"' {
            // A path of Windows is not escaped: only `"` and `\` are.
            if quoted[at] == b'\\' && matches!(quoted.get(at + 1), Some(b'"' | b'\\')) {
                at += 1;
            }
            value.push(quoted[at]);
            at += 1;
        }
        if at < quoted.len() {
            return (value, &quoted[at + 1..]);
        }
    }
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    let end = text.iter().position(|b| *b == b';').unwrap_or(text.len());
    let end = missing_semicolon(&text[..end]).unwrap_or(end);
    (text[..end].trim_ascii().to_vec(), &text[end..])
}

/// Where a further parameter begins though no `;` stands in front of it.
fn missing_semicolon(text: &[u8]) -> Option<usize> {
    let spaces = (0..text.len()).filter(|at| text[*at].is_ascii_whitespace());
    let mut starts = spaces.take(MAX_PARAMETERS);
    starts.find(|at| {
        let rest = &text[at + 1..];
        KNOWN.iter().any(|known| {
            rest.get(..known.len())
                .is_some_and(|word| word.eq_ignore_ascii_case(known.as_bytes()))
                && rest[known.len()..]
                    .iter()
                    .find(|b| !matches!(b, b'*' | b'0'..=b'9' | b' '))
                    == Some(&b'=')
        })
    })
}

fn percent_decoded(text: &[u8], bytes: &mut Vec<u8>) {
    let hex = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut at = 0;
    while at < text.len() {
        match (text[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high << 4 | low) as u8);
                at += 3;
            }
            (byte, ..) => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Content;

    #[test]
    fn fields_are_read_as_they_are_found() {
        for (field, kind, name, value) in [
            (&b"text/plain; charset=utf-8"[..], "text/plain", "charset", Some("utf-8")),
            (b"text/plain charset=utf-8", "text/plain", "charset", Some("utf-8")),
            (b"charset=utf-8", "", "charset", Some("utf-8")),
            (b"Text/Plain;charset=\"UTF-8\" name=a.txt", "text/plain", "name", Some("a.txt")),
            (b"multipart/mixed; boundary= \"B B\"", "multipart/mixed", "boundary", Some("B B")),
            (b"multipart/mixed; (x) boundary=B; x", "multipart/mixed", "boundary", Some("B")),
            (b"attachment; filename=nota de junho.pdf", "attachment", "filename", Some("nota de junho.pdf")),
            (b"attachment; filename=\"a \\\"b\\\".pdf\"", "attachment", "filename", Some("a \"b\".pdf")),
            (b"attachment; filename=\"C:\\Temp\\a.pdf\"", "attachment", "filename", Some("C:\\Temp\\a.pdf")),
            (b"attachment; filename=\"a.pdf", "attachment", "filename", Some("a.pdf")),
            (b"attachment; filename=\"relat_rio.pdf\"; filename*=UTF-8''relat%C3%B3rio.pdf", "attachment", "filename", Some("relatório.pdf")),
            (b"attachment; filename*=UTF-8''relat%C3%B3rio.pdf; filename=\"relat_rio.pdf\"", "attachment", "filename", Some("relatório.pdf")),
            (b"attachment; filename*0*=iso-8859-1'pt'relat%F3rio%20; filename*1*=de%20a%E7%E3o.pdf", "attachment", "filename", Some("relatório de ação.pdf")),
            (b"attachment; filename*1=\"o.pdf\"; filename*0=\"relatori\"", "attachment", "filename", Some("relatorio.pdf")),
            (b"attachment; filename=\"=?iso-8859-1?Q?relat=F3rio=2Epdf?=\"", "attachment", "filename", Some("relatório.pdf")),
            (b"attachment; filename=\"relat\xf3rio.pdf\"", "attachment", "filename", Some("relatório.pdf")),
            ("attachment; filename=\"relatório.pdf\"".as_bytes(), "attachment", "filename", Some("relatório.pdf")),
            (b"attachment", "attachment", "filename", None),
            (b"", "", "charset", None),
        ] {
            let found = Content::read(field);
            let shown = String::from_utf8_lossy(field);
            assert_eq!(found.kind, kind, "{shown}");
            assert_eq!(found.parameter(name).as_deref(), value, "{shown}");
        }
    }
}
