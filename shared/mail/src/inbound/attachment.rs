//! Files that come with a mail, and names under which they may be stored and shown.

use domain::characters::is_format;

/// Longest name of a file, in bytes: with room for a prefix under the 255 of file systems.
const MAX_NAME: usize = 150;
/// Name of a file that came without one.
const UNNAMED: &str = "attachment";

/// A file that came with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Name as it may be stored and shown: see [`safe_name`].
    pub name: String,
    /// `type/subtype` as the sender wrote it, in lower case. Never to be believed.
    pub media_type: String,
    /// `Content-ID` without its brackets, when the HTML may show the file.
    pub content_id: Option<String>,
    /// The bytes, decoded from the form in which they travelled.
    pub content: Vec<u8>,
}

impl Attachment {
    /// Extension of the name in lower case, without the dot; empty when there is none.
    pub fn extension(&self) -> String {
        extension(&self.name)
    }
}

/// Extension of a safe name in lower case, without the dot; empty when there is none.
pub fn extension(name: &str) -> String {
    let extension = name.rsplit_once('.').map_or("", |(_, last)| last);
    extension.to_lowercase()
}

/// Extensions of documents: in front of another extension they hide what a file is.
const DOCUMENTS: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "rtf", "txt", "csv", "jpg",
    "jpeg", "png", "gif", "bmp", "tif", "tiff", "mp3", "mp4", "avi", "htm", "html", "xml", "zip",
    "rar", "7z", "eml", "msg",
];

/// Names that Windows keeps for devices.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "clock$", "conin$", "conout$"];

/// Makes the name of a file harmless: no path, no control or direction characters, nothing that a
/// file system or a shell reads as more than a name, one extension that says what it is
/// (`fatura.pdf.exe` becomes `fatura_pdf.exe`), at most 150 bytes.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut clean = String::with_capacity(last.len().min(2 * MAX_NAME));
    for c in last.chars().take(1024) {
        match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' | '%' | '`' | '$' | ';' | '&' => {
                clean.push('_')
            }
            c if c.is_whitespace() => {
                if !clean.ends_with(' ') {
                    clean.push(' ');
                }
            }
            c if c.is_control() || is_format(c) => {}
            c => clean.push(c),
        }
    }
    let trimmed = clean.trim_matches([' ', '.', '~', '-']);
    let mut segments: Vec<&str> = trimmed.split('.').map(str::trim).collect();
    segments.retain(|segment| !segment.is_empty());
    let Some(extension) = (segments.len() > 1).then(|| segments.pop()).flatten() else {
        return with_device_marked(cut(trimmed, MAX_NAME));
    };
    let mut stem = String::new();
    for (index, segment) in segments.iter().enumerate() {
        if index > 0 {
            let hides = DOCUMENTS.contains(&segment.to_lowercase().as_str());
            stem.push(if hides { '_' } else { '.' });
        }
        stem.push_str(segment);
    }
    let extension = cut(extension, 20);
    let stem = cut(&stem, MAX_NAME - extension.len() - 1);
    with_device_marked(&format!("{stem}.{extension}"))
}

fn cut(text: &str, most: usize) -> &str {
    text[..text.floor_char_boundary(most)].trim_end()
}

fn with_device_marked(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = (stem.starts_with("com") || stem.starts_with("lpt"))
        && stem.chars().count() == 4
        && stem.ends_with(|c: char| c.is_numeric());
    if name.is_empty() {
        UNNAMED.to_owned()
    } else if DEVICES.contains(&stem.as_str()) || numbered {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_made_safe() {
        for (given, safe) in [
            ("relatório final.pdf", "relatório final.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ana\\fatura.pdf", "fatura.pdf"),
            ("fatura.pdf.exe", "fatura_pdf.exe"),
            ("foto.jpg.scr", "foto_jpg.scr"),
            ("dump.tar.gz", "dump.tar.gz"),
            ("versão 1.2.3.docx", "versão 1.2.3.docx"),
            ("nota.pdf     .exe", "nota_pdf.exe"),
            ("nota\u{202e}fdp.exe", "notafdp.exe"),
            ("a\r\nb\0.txt", "a b.txt"),
            (".htaccess", "htaccess"),
            ("programa.exe. . ", "programa.exe"),
            ("CON.txt", "_CON.txt"),
            ("lpt1", "_lpt1"),
            ("a:b*c?.txt", "a_b_c_.txt"),
            ("..", "attachment"),
            ("", "attachment"),
            ("/", "attachment"),
            ("pdf.pdf", "pdf.pdf"),
        ] {
            assert_eq!(safe_name(given), safe, "{given:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let safe = safe_name(&format!("{}.pdf", "ç".repeat(400)));
        assert!(safe.len() <= MAX_NAME && safe.ends_with("ç.pdf"), "{safe}");
    }

    proptest! {
        #[test]
        fn any_name_is_one_path_segment(name in "\\PC{0,80}|[./\\\\a-z\u{0}-\u{1f}]{0,40}") {
            let safe = safe_name(&name);
            prop_assert!(!safe.is_empty() && safe.len() <= MAX_NAME + 1);
            prop_assert!(!safe.contains(['/', '\\', '\0', '\n', '\r']) && safe != "." && safe != "..");
            prop_assert!(!safe.chars().any(char::is_control));
        }
    }
}
