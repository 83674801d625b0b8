//! Which parts of a mail are its text and which are files.
//!
//! Only the parts of a `multipart/alternative` say the same (RFC 2046, section 5.1.4): one of them
//! is taken. All others stand one below the other: a gateway that puts a line of plain text under a
//! mail of HTML must not hide the mail.

use std::{cell::OnceCell, collections::HashSet};

use super::{
    attachment::{Attachment, safe_name},
    enriched,
    flowed::unflow,
    html,
    mime::Part,
    pgp,
    pictures::{self, Picture},
};
use crate::reply::{self, MAX_TEXT, Marks, Reply, is_visible};

/// Longest encoded text that is decoded: base64 and quoted-printable make it longer.
const MAX_ENCODED: usize = 3 * MAX_TEXT;
/// Longest plain text that may stand for a form that its sender did not write, in bytes.
const MAX_PLACEHOLDER: usize = 600;
/// Fewest figures of a number by which they are: those of a list have less.
const FEWEST_FIGURES: usize = 3;
/// Fewest words by which two forms of a text are compared.
const FEWEST_WORDS: usize = 3;

/// A part that is text.
struct Piece<'a> {
    part: &'a Part<'a>,
    is_html: bool,
    /// Whether it has a name, so that it is a file where it is not the text.
    named: bool,
    /// Its text, read once however often it is compared.
    text: OnceCell<PieceText>,
}

/// What a part says.
struct PieceText {
    text: String,
    marks: Marks,
    pictures: Vec<Picture>,
    /// Whether something of it was left out.
    cut: bool,
}

impl<'a> Piece<'a> {
    fn new(part: &'a Part<'a>, is_html: bool) -> Self {
        Self {
            part,
            is_html,
            named: false,
            text: OnceCell::new(),
        }
    }

    fn text(&self) -> &PieceText {
        self.text.get_or_init(|| match self.is_html {
            true => PieceText::of_html(&self.part.text(usize::MAX)),
            false => PieceText::of_plain(&plain_text(self.part)),
        })
    }

    /// Whether something visible stands in it.
    fn says_something(&self) -> bool {
        let text = self.text();
        text.text.chars().any(is_visible) || !text.pictures.is_empty()
    }
}

impl PieceText {
    fn of_plain(text: &str) -> Self {
        Self {
            text: reply::clean(text),
            marks: Marks::default(),
            pictures: Vec::new(),
            cut: text.len() > MAX_TEXT,
        }
    }

    fn of_html(page: &str) -> Self {
        let (page, sources) = pictures::take(page);
        let converted = html::to_text(&page);
        let shown = converted.pictures.into_iter();
        Self {
            text: converted.text,
            marks: converted.marks,
            pictures: shown
                .filter_map(|at| Picture::read(sources.get(at)?))
                .collect(),
            cut: converted.cut,
        }
    }
}

/// What of a mail cannot be read here, though its recipient's program may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Outlook's own form (TNEF, `winmail.dat`): its files are within.
    Tnef,
    /// Signed with S/MIME so that the text is within the seal.
    SignedSmime,
    /// Encrypted with S/MIME: only the recipient's key opens it.
    EncryptedSmime,
    /// Encrypted with PGP: only the recipient's key opens it.
    EncryptedPgp,
}

/// The reply and the files of a mail.
pub(super) struct Body {
    pub(super) reply: Reply,
    pub(super) attachments: Vec<Attachment>,
    pub(super) unreadable: Option<Unreadable>,
}

/// Reads the body of a mail.
pub(super) fn read(root: &Part<'_>) -> Body {
    let mut found = CollectedParts::default();
    let mut pieces = found.gather(root, false);
    // Some gateways send the text itself as a file.
    let silent = !pieces.iter().any(Piece::says_something);
    if let Some(first) = found.first.filter(|_| silent) {
        pieces.push(Piece::new(first, is_html(&first.media_type())));
        found
            .files
            .retain(|file| !std::ptr::eq(*file, first) || file.file_name().is_some());
    }
    let reply = Written::of(&pieces).reply();
    let read = pieces
        .into_iter()
        .filter_map(|piece| piece.text.into_inner());
    let pictures = read.flat_map(|text| text.pictures);
    let encrypted = reply.full.trim_start().starts_with(pgp::ENCRYPTED);
    let mut attachments: Vec<Attachment> = found.files.into_iter().map(file).collect();
    let files = (1..)
        .zip(pictures)
        .map(|(number, picture)| picture.file(number));
    attachments.extend(files);
    Body {
        reply,
        attachments,
        unreadable: found
            .unreadable
            .or(encrypted.then_some(Unreadable::EncryptedPgp)),
    }
}

/// What the parts of a mail hold, collected on one way through them.
#[derive(Default)]
struct CollectedParts<'a> {
    files: Vec<&'a Part<'a>>,
    /// Parts without parts within, so far.
    leaves: usize,
    /// The first of them, if it is text that is sent as a file; or the first text with a name, or of an
    /// unknown kind, of which nothing says that it is one.
    first: Option<&'a Part<'a>>,
    unreadable: Option<Unreadable>,
}

impl<'a> CollectedParts<'a> {
    /// The text of a part and the parts within, in its order; files are put aside. `form`: it is one of
    /// several forms of the text.
    fn gather(&mut self, part: &'a Part<'a>, form: bool) -> Vec<Piece<'a>> {
        let media_type = part.media_type();
        let unreadable = unreadable(part, &media_type);
        self.unreadable = self.unreadable.or(unreadable);
        if !part.children.is_empty() {
            let alternative = media_type == "multipart/alternative";
            // What is related to a page stands below it.
            let related = form && media_type == "multipart/related";
            let children = part.children.iter().enumerate();
            let within: Vec<_> = children
                .map(|(at, child)| self.gather(child, alternative || related && at == 0))
                .collect();
            return match alternative {
                true => self.choose(within),
                false => within.into_iter().flatten().collect(),
            };
        }
        let first = self.leaves == 0;
        self.leaves += 1;
        let attached = part.headers.disposition().kind == "attachment";
        let named = part.file_name().is_some();
        // Some programs name the part that is the text.
        let text = !attached && (!named || first || form);
        let mut piece = match media_type.as_str() {
            other if is_html(other) => Piece::new(part, true),
            "text/plain" | "text/enriched" | "text/richtext" => Piece::new(part, false),
            // A multipart whose boundary never comes is read as the text that it then is.
            other if other.starts_with("multipart/") => return vec![Piece::new(part, false)],
            // Seals of S/MIME and PGP tell a person nothing.
            "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "application/pgp-signature" => return Vec::new(),
            // Further forms of the text, for programs that show pages of their own kind.
            "text/x-amp-html" | "text/watch-html" => return Vec::new(),
            // The parts of an encrypted mail that say how it is encrypted.
            "application/pgp-encrypted" => return Vec::new(),
            other => {
                if !attached && !named && is_unknown_text(other) {
                    self.first.get_or_insert(part);
                }
                self.files.push(part);
                return Vec::new();
            }
        };
        if text {
            piece.named = named && !first;
            return vec![piece];
        }
        if first || !attached {
            self.first.get_or_insert(part);
        }
        self.files.push(part);
        Vec::new()
    }

    /// The form of the text that is read. Another one with a name is a file.
    fn choose(&mut self, forms: Vec<Vec<Piece<'a>>>) -> Vec<Piece<'a>> {
        let named = forms.iter().flatten().filter(|piece| piece.named);
        let named: Vec<_> = named.map(|piece| piece.part).collect();
        let chosen = choose(forms);
        let is_read = |part: &&Part<'_>| chosen.iter().any(|one| std::ptr::eq(one.part, *part));
        self.files
            .extend(named.into_iter().filter(|part| !is_read(part)));
        chosen
    }
}

fn is_html(media_type: &str) -> bool {
    matches!(media_type, "text/html" | "application/xhtml+xml")
}

/// Whether a part is to be read as plain text, as its kind of text is not known (RFC 2046, section 4.1.4).
fn is_unknown_text(media_type: &str) -> bool {
    media_type.starts_with("text/") && !TEXT_FILES.contains(&media_type)
}

/// Kinds of text that programs read, and people do not.
const TEXT_FILES: &[&str] = &[
    "text/calendar",
    "text/css",
    "text/csv",
    "text/directory",
    "text/ecmascript",
    "text/javascript",
    "text/json",
    "text/rfc822-headers",
    "text/rtf",
    "text/tab-separated-values",
    "text/vcard",
    "text/x-csv",
    "text/x-vcalendar",
    "text/x-vcard",
    "text/xml",
];

fn unreadable(part: &Part<'_>, media_type: &str) -> Option<Unreadable> {
    let named = |end: &str| {
        let name = part.file_name().unwrap_or_default();
        name.to_ascii_lowercase().ends_with(end)
    };
    match media_type {
        "application/ms-tnef" | "application/vnd.ms-tnef" => Some(Unreadable::Tnef),
        "application/octet-stream"
            if named("winmail.dat") || part.decode_start(16).starts_with(TNEF) =>
        {
            Some(Unreadable::Tnef)
        }
        // A document that somebody signed has a name of its own: "contrato.pdf.p7m".
        "application/pkcs7-mime" | "application/x-pkcs7-mime" | "application/octet-stream"
            if SMIME_FILES.iter().any(|name| named(name))
                || media_type.contains("pkcs7") && part.file_name().is_none() =>
        {
            sealed(part)
        }
        "multipart/encrypted" => Some(Unreadable::EncryptedPgp),
        _ => None,
    }
}

/// The first bytes of TNEF.
const TNEF: &[u8] = b"\x78\x9f\x3e\x22";
/// How mail programs name the seal of S/MIME (RFC 8551, section 3.2.1).
const SMIME_FILES: &[&str] = &["smime.p7m", "smime.p7z", "smime.p7c"];
/// Object identifiers of what such a seal may be (RFC 5652), without their last number.
const PKCS7: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07";

/// What a seal of S/MIME is, by its parameter or by its content.
fn sealed(part: &Part<'_>) -> Option<Unreadable> {
    let kind = part.headers.content().parameter("smime-type");
    match kind.unwrap_or_default().to_ascii_lowercase().as_str() {
        "signed-data" => return Some(Unreadable::SignedSmime),
        "certs-only" => return None,
        "" => {}
        _ => return Some(Unreadable::EncryptedSmime),
    }
    let start = part.decode_start(128);
    let at = start
        .windows(PKCS7.len())
        .position(|window| window == PKCS7);
    match at.and_then(|at| start.get(at + PKCS7.len())) {
        Some(2) => Some(Unreadable::SignedSmime),
        _ => Some(Unreadable::EncryptedSmime),
    }
}

/// One of several forms of the same text: plain text, or HTML that says more. Both, if each says what
/// the other does not: then they are not the same text.
fn choose(mut forms: Vec<Vec<Piece<'_>>>) -> Vec<Piece<'_>> {
    let html = |form: &Vec<Piece<'_>>| form.iter().any(|piece| piece.is_html);
    let plain = forms
        .iter()
        .position(|form| !html(form) && form.iter().any(Piece::says_something));
    let rich = forms.iter().rposition(html);
    let best = match (plain, rich) {
        (Some(plain), Some(rich)) => match compare(&forms[plain], &forms[rich]) {
            HtmlAdds::Nothing => plain,
            HtmlAdds::More => rich,
            HtmlAdds::Different => {
                let rich = std::mem::take(&mut forms[rich]);
                let mut both = forms.swap_remove(plain);
                both.extend(rich);
                return both;
            }
        },
        (Some(plain), None) => plain,
        (None, Some(rich)) => rich,
        (None, None) => 0,
    };
    if forms.is_empty() {
        Vec::new()
    } else {
        forms.swap_remove(best)
    }
}

/// What HTML says beside a plain text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HtmlAdds {
    /// Nothing that the plain text does not say, too.
    Nothing,
    /// All of it and more, or the plain text says nothing: "your program does not show HTML".
    More,
    /// More, and not what the plain text says.
    Different,
}

/// What the reply in HTML says beside a plain text.
fn compare(plain: &[Piece<'_>], rich: &[Piece<'_>]) -> HtmlAdds {
    let (plain, rich) = (Written::of(plain), Written::of(rich));
    // So it is in nearly every mail, whatever of it is the reply.
    if says_nothing_more(&rich.text, &plain.text) {
        return HtmlAdds::Nothing;
    }
    let (plain, rich) = (plain.reply(), rich.reply());
    let said = |reply: &Reply| match reply.nothing_new || reply.by_programs {
        true => HashSet::new(),
        false => words(&reply.text),
    };
    let (all, more) = (words(&plain.full), said(&rich));
    if more.is_subset(&all) {
        return HtmlAdds::Nothing;
    }
    if is_placeholder(&plain.full, &rich.full) {
        return HtmlAdds::More;
    }
    // Links and pictures are written in one way here and in another there.
    let mut said = said(&plain);
    let spoken = words(&without_links(&plain.text));
    said.retain(|word| spoken.contains(word));
    let shown = words(&rich.full);
    let (common, own): (Vec<_>, Vec<_>) = said.iter().partition(|word| shown.contains(*word));
    // Two forms of one text have the same numbers.
    let number = |word: &&String| word.len() >= FEWEST_FIGURES && word.chars().all(is_figure);
    match common.len() >= own.len() && !own.iter().any(number) {
        true => HtmlAdds::More,
        false => HtmlAdds::Different,
    }
}

/// A text without its links, addresses and pictures.
fn without_links(text: &str) -> String {
    let links = ["://", "www.", "@", "cid:"];
    let chunks = text.split_whitespace();
    let spoken = chunks.filter(|chunk| !links.iter().any(|link| chunk.contains(link)));
    spoken.collect::<Vec<_>>().join(" ")
}

/// Whether each word of a text stands in the other one, whatever its case.
fn says_nothing_more(text: &str, other: &str) -> bool {
    // Nearly every mail says the same in both, in the same order.
    let mut in_order = each_word(other);
    if each_word(text).all(|word| in_order.any(|one| one == word)) {
        return true;
    }
    // Nearly every word is written alike in both.
    let as_written: HashSet<&str> = each_word(other).collect();
    let lower = OnceCell::new();
    each_word(text).all(|word| {
        let in_lower = || lower.get_or_init(|| words(other));
        as_written.contains(word) || in_lower().contains(&word.to_lowercase())
    })
}

/// The different words of a text, in lower case.
fn words(text: &str) -> HashSet<String> {
    each_word(text).map(str::to_lowercase).collect()
}

/// The words and emoji of a text one after the other, without the links that HTML has behind their texts.
/// Single letters are marks of lists, and so are single figures with a full stop or a bracket.
fn each_word(text: &str) -> impl Iterator<Item = &str> {
    let between = text.split('<').enumerate().map(|(at, part)| {
        let scheme = part.split_once(':').map_or("", |(scheme, _)| scheme);
        match at > 0 && html::leads(scheme) {
            true => part.split_once('>').map_or("", |(_, behind)| behind),
            false => part,
        }
    });
    between.flat_map(|part| {
        let pieces = part.split_inclusive(|c: char| !c.is_alphanumeric());
        pieces.flat_map(|piece| {
            let end = piece.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
            let (word, behind) = piece.split_at(end);
            let figure = || word.starts_with(is_figure) && !behind.starts_with(['.', ')']);
            let counts = word.chars().nth(1).is_some() || figure();
            let emoji = Some(behind).filter(|mark| mark.starts_with(is_emoji));
            Some(word).filter(|_| counts).into_iter().chain(emoji)
        })
    })
}

fn is_figure(c: char) -> bool {
    c.is_ascii_digit()
}

/// Pictures that people answer with: no text of a program loses or adds them by chance, as it does
/// bullets and arrows.
fn is_emoji(c: char) -> bool {
    !c.is_alphanumeric() && matches!(c, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}')
}

/// What a text speaks of that says where the mail can be read.
const SHOWING: [&str; 14] = [
    "html",
    "mime",
    "multipart",
    "navegador",
    "browser",
    "visualizar",
    "visualize",
    "exibir",
    "mostrar",
    "display",
    "view",
    "formato",
    "format",
    "formatted",
];

/// Whether a short plain text says something else than the HTML beside it, such as "your program
/// does not show HTML".
fn is_placeholder(plain: &str, rich: &str) -> bool {
    if plain.len() > MAX_PLACEHOLDER {
        return false;
    }
    // A dot or a dash over a text.
    if !plain.contains(char::is_alphanumeric) {
        return rich.contains(char::is_alphanumeric);
    }
    let long = |text: &str| -> HashSet<String> {
        let words = words(text).into_iter();
        words.filter(|word| word.chars().count() > 3).collect()
    };
    let (plain, rich) = (long(plain), long(rich));
    if !SHOWING.iter().any(|word| plain.contains(*word)) {
        return false;
    }
    (plain.len() >= FEWEST_WORDS || plain.contains("html"))
        && (!rich.is_empty() || plain.contains("html"))
        && plain.intersection(&rich).count() * 3 < plain.len()
}

/// The text of pieces that stand one below the other.
struct Written {
    text: String,
    marks: Marks,
}

impl Written {
    fn of(pieces: &[Piece<'_>]) -> Self {
        let mut text = String::new();
        let mut marks = Marks::default();
        let mut cut = false;
        // Line ends in `text`.
        let mut lines = 0;
        for piece in pieces {
            // What is too long is cut, not left out: the reply stands on top.
            if text.len() >= MAX_TEXT {
                cut = true;
                break;
            }
            let more = piece.text();
            cut |= more.cut;
            if !more.text.chars().any(is_visible) {
                continue;
            }
            if !text.is_empty() {
                text.push_str("\n\n");
                lines += 2;
            }
            let signatures = more.marks.signatures.iter();
            marks
                .signatures
                .extend(signatures.map(|s| s.start + lines..s.end + lines));
            marks.cut |= more.marks.cut;
            text.push_str(&more.text);
            lines += more.text.matches('\n').count();
        }
        reply::limit(&mut text, cut);
        Self { text, marks }
    }

    /// What of the text is the reply.
    fn reply(self) -> Reply {
        reply::extract_marked(self.text, &self.marks)
    }
}

fn plain_text(part: &Part<'_>) -> String {
    let text = part.text(MAX_ENCODED);
    if matches!(
        part.media_type().as_str(),
        "text/enriched" | "text/richtext"
    ) {
        return enriched::to_text(&text);
    }
    let parameter = |name: &str| part.headers.content().parameter(name);
    let text = if parameter("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed")) {
        let del_sp = parameter("delsp").is_some_and(|v| v.eq_ignore_ascii_case("yes"));
        unflow(&text, del_sp)
    } else {
        text
    };
    pgp::without_armour(text)
}

fn file(part: &Part<'_>) -> Attachment {
    let media_type = part.media_type();
    let name = part
        .file_name()
        .map_or_else(|| name_of(&media_type), |name| safe_name(&name));
    Attachment {
        name,
        content_id: part
            .headers
            .text("Content-Id")
            .map(|id| id.trim_matches(['<', '>', ' ']).to_owned())
            .filter(|id| !id.is_empty()),
        content: part.decode().into_owned(),
        media_type,
    }
}

/// Name of a file that came without one.
fn name_of(media_type: &str) -> String {
    let extension = match media_type {
        "message/rfc822" | "message/global" => "eml",
        "text/calendar" => "ics",
        "text/html" => "html",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => "p7m",
        other if other.starts_with("text/") || other.starts_with("message/") => "txt",
        _ => "bin",
    };
    format!("attachment.{extension}")
}
