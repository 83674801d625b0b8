//! Keys and tokens as editors write them: percent-encoded, as character references, with signs that
//! nobody sees, markup or comments inside. Read sign by sign, as a person sees the text.
//!
//! Whatever is read from one `$` or `{` ends at the next, and a tag or comment ends at the next `<`,
//! so reading a whole text looks at each byte a few times at most.

use std::ops::Range;

use super::{NAME_LIMIT, Placeholder, What, is_key_like, token};
use crate::{entity, token::TokenProblem, work::looked_at};
use domain::catalog::keys;

/// Most signs of a token.
const TOKEN_SIGNS: usize = 300;

/// What stands at a place of a text, for a person who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Char(char),
    /// A space of any kind, or a quotation mark that an editor made of a plain one.
    Blank,
    /// Nothing that takes room: a zero-width character, a soft hyphen.
    Unseen,
    /// A tag or a comment.
    Markup,
}

/// A sign, how many bytes write it, and whether they are others than its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written {
    sign: Sign,
    length: usize,
    encoded: bool,
}

/// A key in an odd spelling that begins at `at`. Directly after `${` any name is one; elsewhere it
/// must look like one.
pub(super) fn key(text: &str, at: usize) -> Option<Placeholder<'_>> {
    let mut reader = Reader::new(text, at);
    reader.expect('$')?;
    let direct = text[at..].starts_with("${");
    reader.skip();
    // In round brackets only what is a key for certain: prices stand in such, too.
    let (closing, round) = match reader.next()?.sign {
        Sign::Char('{') => ('}', false),
        Sign::Char('(') => (')', true),
        _ => return None,
    };
    reader.skip();
    let mut name = String::new();
    let mut spaced = false;
    let mut blank = false;
    loop {
        let written = reader.next()?;
        match written.sign {
            Sign::Char(c) if c == closing => break,
            Sign::Char(c) if c.is_alphanumeric() || c == '_' => {
                spaced |= blank && !name.is_empty();
                name.push(c);
            }
            Sign::Char(_) => return None,
            Sign::Blank => blank = true,
            Sign::Unseen | Sign::Markup => continue,
        }
        blank &= written.sign == Sign::Blank;
        if name.len() > NAME_LIMIT {
            return None;
        }
    }
    let known = keys::find_in_any_case(&name).is_some();
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let likely = !round && !spaced && (direct || is_key_like(&name));
    if !is_name || !(known || likely) {
        return None;
    }
    Some(Placeholder {
        range: at..reader.at,
        what: match reader.markup.is_empty() {
            true => What::Malformed(name.into()),
            false => What::Split(name, reader.markup),
        },
    })
}

/// A token in an odd spelling that begins at `at` and leaves no doubt about what it asks for.
pub(super) fn token(text: &str, at: usize) -> Option<Placeholder<'_>> {
    let mut reader = Reader::new(text, at);
    reader.expect('{')?;
    reader.skip();
    let mut signs = String::new();
    for _ in 0..TOKEN_SIGNS {
        let c = match reader.next()?.sign {
            Sign::Char(c) => c,
            Sign::Blank => ' ',
            Sign::Unseen | Sign::Markup => continue,
        };
        // Another one begins.
        if c == '{' && !signs.ends_with('$') {
            return None;
        }
        signs.push(c);
        if !"TOKEN".starts_with(&*signs) && !signs.starts_with("TOKEN") {
            return None;
        }
        if signs.ends_with(")}") {
            let arguments = signs
                .strip_prefix("TOKEN")?
                .trim_start()
                .strip_prefix('(')?
                .strip_suffix(")}")?;
            let spec = token::parse(arguments).ok()?;
            return Some(Placeholder {
                range: at..reader.at,
                what: What::Token(Err(TokenProblem::Encoded {
                    meant: Box::new(spec),
                })),
            });
        }
    }
    None
}

/// `{{ KEY }}` in an odd spelling that begins at `at`, for templates whose expressions stand in such
/// braces: where it ends, and the key.
pub(super) fn expression(text: &str, at: usize) -> Option<(Range<usize>, &'static str)> {
    let mut reader = Reader::new(text, at);
    reader.expect('{')?;
    reader.skip();
    reader.expect('{')?;
    reader.skip();
    let mut name = String::new();
    loop {
        match reader.peek()?.sign {
            Sign::Char(c) if c.is_alphanumeric() || c == '_' => name.push(c),
            Sign::Unseen | Sign::Markup => {}
            Sign::Char(_) | Sign::Blank => break,
        }
        if name.len() > NAME_LIMIT {
            return None;
        }
        reader.next();
    }
    let known = keys::find_in_any_case(&name)?;
    let mut braces = 0;
    for _ in 0..TOKEN_SIGNS {
        match reader.next()?.sign {
            Sign::Char('}') => braces += 1,
            Sign::Char('{') => return None,
            Sign::Char(_) => braces = 0,
            _ => {}
        }
        if braces == 2 {
            return Some((at..reader.at, known));
        }
    }
    None
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Tags and comments so far; those side by side as one.
    markup: Vec<Range<usize>>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            markup: Vec::new(),
        }
    }

    fn peek(&self) -> Option<Written> {
        written(&self.text[self.at..])
    }

    fn next(&mut self) -> Option<Written> {
        let written = self.peek()?;
        looked_at(written.length);
        let here = self.at..self.at + written.length;
        self.at = here.end;
        if written.sign == Sign::Markup {
            match self.markup.last_mut() {
                Some(last) if last.end == here.start => last.end = here.end,
                _ => self.markup.push(here),
            }
        }
        Some(written)
    }

    fn expect(&mut self, sign: char) -> Option<()> {
        (self.next()?.sign == Sign::Char(sign)).then_some(())
    }

    /// Goes on to the next sign that a person sees.
    fn skip(&mut self) {
        while self
            .peek()
            .is_some_and(|written| !matches!(written.sign, Sign::Char(_)))
        {
            self.next();
        }
    }
}

/// What a text begins with.
fn written(text: &str) -> Option<Written> {
    let first = text.chars().next()?;
    let (sign, length, encoded) = match first {
        '<' => match markup(text) {
            Some(length) => (Sign::Markup, length, false),
            None => (Sign::Char('<'), 1, false),
        },
        '&' => match reference(text) {
            Some((c, length)) => (sign(c, true), length, true),
            None => (Sign::Char('&'), 1, false),
        },
        '%' => match percent(text) {
            Some((c, length)) => (sign(c, true), length, true),
            None => (Sign::Char('%'), 1, false),
        },
        c => {
            let sign = sign(c, false);
            (sign, c.len_utf8(), sign != Sign::Char(c))
        }
    };
    Some(Written {
        sign,
        length,
        encoded,
    })
}

/// Whether a key or a token may begin here, as far as one sign tells.
pub(super) fn begins(text: &str) -> Option<char> {
    let Written { sign, encoded, .. } = written(text)?;
    match sign {
        Sign::Char(c @ ('$' | '{')) if encoded => Some(c),
        _ => None,
    }
}

fn sign(c: char, encoded: bool) -> Sign {
    match c {
        '\u{FF04}' => Sign::Char('$'),
        '\u{FF5B}' => Sign::Char('{'),
        '\u{FF5D}' => Sign::Char('}'),
        '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' => Sign::Unseen,
        '\u{2060}'..='\u{206F}' | '\u{FEFF}' => Sign::Unseen,
        '"' | '\'' if encoded => Sign::Blank,
        '`' | '«' | '»' | '‹' | '›' | '\u{2018}'..='\u{201F}' => Sign::Blank,
        c if c.is_whitespace() => Sign::Blank,
        c => Sign::Char(c),
    }
}

/// Length of the tag or comment that a text begins with. What holds a `$`, a brace or another `<`
/// is not passed over: it may be what was meant.
fn markup(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let comment = text.starts_with("<!--");
    let named = match bytes.get(1)? {
        b'/' => bytes.get(2)?.is_ascii_alphabetic(),
        b'!' | b'?' => true,
        first => first.is_ascii_alphabetic(),
    };
    if !named {
        return None;
    }
    for (at, byte) in bytes.iter().enumerate().skip(if comment { 4 } else { 1 }) {
        looked_at(1);
        match byte {
            b'>' if !comment || bytes[..at].ends_with(b"--") => return Some(at + 1),
            b'$' => return None,
            b'{' | b'}' if !comment => return None,
            // Conditional comments hold tags; another comment they do not.
            b'<' if !comment || bytes[at..].starts_with(b"<!--") => return None,
            _ => {}
        }
    }
    None
}

/// The character of a reference, also of one that was encoded twice (`&amp;#36;`).
fn reference(text: &str) -> Option<(char, usize)> {
    let (c, length) = entity::first(text)?;
    if c == '&' {
        // Encoded once more: what follows is the rest of a reference.
        let rest = &text[length..];
        let most = rest.bytes().take(entity::NAME_LIMIT);
        let length_of_name = most.take_while(u8::is_ascii).count();
        let again = entity::first(&format!("&{}", &rest[..length_of_name]));
        if let Some((c, more)) = again {
            return Some((c, length + more - 1));
        }
    }
    Some((c, length))
}

/// The character that percent signs write, also those encoded twice (`%257B`).
fn percent(text: &str) -> Option<(char, usize)> {
    let mut bytes = [0; 4];
    let mut at = 0;
    for index in 0..bytes.len() {
        let (byte, length) = percent_byte(&text[at..])?;
        bytes[index] = byte;
        at += length;
        let wanted = match bytes[0] {
            0..0x80 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        if index + 1 == wanted {
            let c = std::str::from_utf8(&bytes[..wanted]).ok()?.chars().next()?;
            return Some((c, at));
        }
    }
    None
}

fn percent_byte(text: &str) -> Option<(u8, usize)> {
    let hex = |text: &str| -> Option<u8> {
        let digits = text.as_bytes().get(..2)?;
        let both = digits.iter().all(u8::is_ascii_hexdigit);
        both.then(|| u8::from_str_radix(text.get(..2)?, 16).ok())?
    };
    let rest = text.strip_prefix('%')?;
    let byte = hex(rest)?;
    match (byte, hex(&rest[2..])) {
        (b'%', Some(again)) => Some((again, 5)),
        _ => Some((byte, 3)),
    }
}
