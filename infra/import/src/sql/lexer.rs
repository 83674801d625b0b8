//! Words, strings and punctuation of any of the dialects, from a stream. Most of a dump is of no
//! interest, so that strings are only copied when asked for.

use super::dialect::{Escape, Rules};
use super::escape;
use crate::input::Input;

/// Longest value that is kept, in bytes.
pub(crate) const MAX_VALUE: usize = 4 * 1024 * 1024;
/// Longest word that is kept; a longer one is not one that we know.
const MAX_WORD: usize = 128;
/// How much of a line for `psql` is looked at.
const MAX_CLIENT_LINE: usize = 1024;
/// Longest name in brackets.
const MAX_NAME: usize = 256;

/// What comes next. The content of words is in [`Lexer::word`], of the others in [`Lexer::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A bare word, in lower case; variables (`@x`, `$x`) too.
    Word,
    /// A number as written.
    Number,
    /// `'…'` in whichever form the dialect has, its text decoded.
    Text,
    /// A name in backticks or brackets.
    Quoted,
    /// `"…"`: a name, in MySQL also a string.
    Double,
    /// `||`, which joins strings.
    Concat,
    /// `::`, which names the type of what stands before it.
    Cast,
    /// One other character by itself.
    Punct(u8),
    /// A string that swallowed statements; reading goes on at the first of them.
    Broken { line: u64 },
    /// A string or comment that the stream ends in.
    Unterminated { line: u64, comment: bool },
    /// A line for `psql` that reads another file.
    ClientLine,
    /// End of the stream.
    End,
}

pub(crate) struct Lexer<'a> {
    pub(super) input: Input<'a>,
    pub(super) rules: Rules,
    pub(super) word: Vec<u8>,
    pub(super) text: Vec<u8>,
    /// The text is longer than [`MAX_VALUE`] and was cut.
    pub(super) overflow: bool,
    /// Line of the token, when its content was asked for.
    pub(super) line: u64,
    /// Closed strings with a letter right behind: the escapes may be other ones.
    pub(super) anomalies: u64,
    /// What the last string or quoted name began with: `'`, `` ` ``, `[`, `$` or its prefix.
    pub(super) opened: u8,
    pending: Option<Token>,
    pub(super) line_start: bool,
    /// The last word was `DO`: a dollar string that follows is code.
    after_do: bool,
    /// The tag of the code that we are in.
    pub(super) block: Option<Vec<u8>>,
    /// Within `/*!40000 … */`.
    in_condition: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(input: Input<'a>, rules: Rules) -> Self {
        Self {
            input,
            rules,
            word: Vec::with_capacity(MAX_WORD),
            text: Vec::new(),
            overflow: false,
            line: 1,
            anomalies: 0,
            opened: 0,
            pending: None,
            line_start: true,
            after_do: false,
            block: None,
            in_condition: false,
        }
    }

    /// Gives a token back, to be read again.
    pub(crate) fn back(&mut self, token: Token) {
        self.pending = Some(token);
    }

    /// The next token. Without `keep` the content of strings is passed over.
    pub(crate) fn next(&mut self, keep: bool) -> Token {
        if let Some(token) = self.pending.take() {
            return token;
        }
        loop {
            let Some(byte) = self.input.peek() else {
                return Token::End;
            };
            let class = CLASS[usize::from(byte)];
            if class == SPACE {
                self.spaces();
                continue;
            }
            let unseen = if byte < 0x80 {
                0
            } else {
                blank(self.input.ahead(3))
            };
            if unseen > 0 {
                self.input.advance(unseen);
                continue;
            }
            if keep {
                self.line = self.input.line();
            }
            let first = std::mem::replace(&mut self.line_start, false);
            let after_do = std::mem::replace(&mut self.after_do, false);
            if class == WORD {
                if let Some(token) = self.word_or_line(first, after_do, keep) {
                    return token;
                }
                continue;
            }
            if class == DIGIT {
                if keep
                    && byte == b'0'
                    && self
                        .input
                        .peek_at(1)
                        .is_some_and(|b| b == b'x' || b == b'X')
                {
                    return self.hex_number();
                }
                self.number();
                return Token::Number;
            }
            let second = if class == PLAIN {
                None
            } else {
                self.input.peek_at(1)
            };
            match byte {
                b'\'' => return self.string(b'\'', self.rules.escape, keep),
                b'"' => {
                    let escape = if self.rules.escape == Escape::MySql {
                        Escape::MySql
                    } else {
                        Escape::None
                    };
                    return match self.string(b'"', escape, keep) {
                        Token::Text => Token::Double,
                        other => other,
                    };
                }
                b'`' => {
                    return match self.string(b'`', Escape::None, keep) {
                        Token::Text => Token::Quoted,
                        other => other,
                    };
                }
                b'[' if self.bracket_name() => return Token::Quoted,
                b'-' if second == Some(b'-') && self.is_dash_comment() => self.rest_of_line(),
                b'#' if self.rules.hash_comment
                    || (self.rules.escape == Escape::Guess && (first || second == Some(b' '))) =>
                {
                    self.rest_of_line()
                }
                b'\\' if first && self.rules.psql => {
                    if keep || !self.reads_a_file() {
                        self.rest_of_line();
                        continue;
                    }
                    self.line = self.input.line();
                    let line = self.input.ahead(MAX_CLIENT_LINE);
                    let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
                    self.text.clear();
                    self.text.extend_from_slice(&line[..end]);
                    self.rest_of_line();
                    return Token::ClientLine;
                }
                b'/' if second == Some(b'*') && self.opens_condition() => {
                    self.line_start = first;
                }
                b'*' if self.in_condition && self.input.peek_at(1) == Some(b'/') => {
                    self.in_condition = false;
                    self.input.advance(2);
                    self.line_start = first;
                }
                b'/' if second == Some(b'*') => {
                    if let Some(token) = self.block_comment() {
                        return token;
                    }
                    self.line_start = first;
                }
                b'$' => {
                    if let Some(token) = self.dollar(after_do, keep) {
                        return token;
                    }
                }
                b'|' if second == Some(b'|') => return self.punct(2, Token::Concat),
                b':' if second == Some(b':') => return self.punct(2, Token::Cast),
                _ => return self.punct(1, Token::Punct(byte)),
            }
        }
    }

    fn reads_a_file(&mut self) -> bool {
        let ahead = self.input.ahead(8).to_ascii_lowercase();
        [&b"\\copy "[..], b"\\i ", b"\\ir ", b"\\include"]
            .iter()
            .any(|command| ahead.starts_with(command))
    }

    /// Passes the rest of the line, its end included.
    pub(super) fn rest_of_line(&mut self) {
        loop {
            let window = self.input.window();
            if window.is_empty() {
                break;
            }
            match memchr::memchr2(b'\n', b'\r', window) {
                Some(at) => {
                    let by_cr = window[at] == b'\r';
                    self.input.advance(at + 1);
                    if by_cr && self.input.peek() == Some(b'\n') {
                        self.input.advance(1);
                    }
                    break;
                }
                None => {
                    let n = window.len();
                    self.input.advance(n);
                }
            }
        }
        self.line_start = true;
    }

    /// Passes the lines of `COPY … FROM stdin`, up to `\.`.
    pub(super) fn pass_copied_lines(&mut self) {
        while self.input.peek().is_some() && !self.ends_copied_lines() {
            self.rest_of_line();
        }
    }

    /// Passes the line that ends the lines of `COPY`, if it comes next.
    pub(super) fn ends_copied_lines(&mut self) -> bool {
        let line = self.input.ahead(3);
        let ends = line
            .strip_prefix(b"\\.")
            .is_some_and(|rest| rest.first().is_none_or(|b| b"\r\n".contains(b)));
        if ends {
            self.rest_of_line();
        }
        ends
    }

    fn punct(&mut self, n: usize, token: Token) -> Token {
        self.input.advance(n);
        token
    }

    fn spaces(&mut self) {
        let window = self.input.window();
        let n = window
            .iter()
            .take_while(|b| CLASS[usize::from(**b)] == SPACE)
            .count();
        if window[..n].contains(&b'\n') {
            self.line_start = true;
        }
        self.input.advance(n);
    }

    /// Reads a run of word characters into `word`, in lower case.
    pub(super) fn read_word(&mut self) {
        self.word.clear();
        loop {
            let window = self.input.window();
            let n = window
                .iter()
                .take_while(|b| b.is_ascii() && CLASS[usize::from(**b)] & IN_WORD != 0)
                .count();
            let kept = n.min(MAX_WORD - self.word.len());
            self.word.extend_from_slice(&window[..kept]);
            let more = n > 0 && n == window.len();
            self.input.advance(n);
            if !more && !self.letter_beyond_ascii() {
                break;
            }
        }
        self.word.make_ascii_lowercase();
    }

    /// Takes one such letter, as a word may hold them; false before anything else.
    fn letter_beyond_ascii(&mut self) -> bool {
        let ahead = self.input.ahead(4);
        if ahead.first().is_none_or(u8::is_ascii) || blank(ahead) > 0 {
            return false;
        }
        let letter = ahead
            .utf8_chunks()
            .next()
            .and_then(|chunk| chunk.valid().chars().next());
        let n = letter.map_or(1, char::len_utf8);
        let kept = n.min(MAX_WORD - self.word.len());
        self.word.extend_from_slice(&ahead[..kept]);
        self.input.advance(n);
        true
    }

    /// A number, with decimals.
    fn number(&mut self) {
        self.read_word();
        if self.input.peek() == Some(b'.')
            && self.input.peek_at(1).is_some_and(|b| b.is_ascii_digit())
        {
            let whole = std::mem::take(&mut self.word);
            self.input.advance(1);
            self.read_word();
            self.word = [whole, self.word.to_vec()].join(&b'.');
            self.word.truncate(MAX_WORD);
        }
    }

    /// A word, a string with a prefix, or none when the word began a line that is not SQL.
    fn word_or_line(&mut self, first: bool, after_do: bool, keep: bool) -> Option<Token> {
        self.read_word();
        if first && self.is_client_line() {
            self.rest_of_line();
            return None;
        }
        self.after_do = self.word == b"do"
            || after_do && matches!(self.word.as_slice(), b"language" | b"plpgsql");
        match self.input.peek() {
            Some(b'\'') => Some(self.prefixed_string(keep)),
            Some(b'&') if self.word == b"u" && self.input.peek_at(1) == Some(b'\'') => {
                self.input.advance(1);
                let token = self.string(b'\'', Escape::None, keep);
                let mark = self.escape_mark().unwrap_or(b'\\');
                self.text = escape::unicode(&self.text, mark);
                Some(token)
            }
            _ => Some(Token::Word),
        }
    }

    /// Passes `UESCAPE '!'`, which may follow such a string.
    fn escape_mark(&mut self) -> Option<u8> {
        let ahead = self.input.ahead(64);
        let after = ahead.trim_ascii_start();
        let (word, after) = after.split_at_checked(7)?;
        let [b'\'', mark, b'\'', rest @ ..] = after.trim_ascii_start() else {
            return None;
        };
        if !word.eq_ignore_ascii_case(b"uescape") {
            return None;
        }
        let (mark, n) = (*mark, ahead.len() - rest.len());
        self.input.advance(n);
        Some(mark)
    }

    /// Lines for the client program: `REM` and `PROMPT` of SQL*Plus, `DELIMITER` of mysql.
    fn is_client_line(&mut self) -> bool {
        match self.word.as_slice() {
            b"rem" | b"remark" | b"prompt" => self.rules.oracle,
            b"delimiter" if matches!(self.rules.escape, Escape::MySql | Escape::Guess) => {
                // Then `$$` is a delimiter and no string.
                self.rules.dollar_strings = false;
                true
            }
            _ => false,
        }
    }

    /// `[name]`; a `[` that begins anything else is left alone.
    fn bracket_name(&mut self) -> bool {
        let any = self.rules.brackets;
        let ahead = self.input.ahead(MAX_NAME);
        let Some(n) = memchr::memchr(b']', ahead) else {
            return false;
        };
        let name = &ahead[1..n];
        if name.contains(&b'\n') || !any && name.iter().any(|b| matches!(b, b'\'' | b'"' | b',')) {
            return false;
        }
        self.text.clear();
        self.text.extend_from_slice(name);
        self.overflow = false;
        self.opened = b'[';
        self.input.advance(n + 1);
        true
    }

    fn is_dash_comment(&mut self) -> bool {
        !self.rules.dash_needs_blank || self.input.peek_at(2).is_none_or(|b| b <= b' ')
    }

    /// Passes `/*!40000` or `/*M!100100`, behind which stands what a server of that version runs;
    /// `/*!999999` is for no server.
    fn opens_condition(&mut self) -> bool {
        if !self.rules.conditional_comments {
            return false;
        }
        let ahead = self.input.ahead(16);
        let version = ahead.strip_prefix(b"/*M").or(ahead.strip_prefix(b"/*"));
        let Some(version) = version.and_then(|version| version.strip_prefix(b"!")) else {
            return false;
        };
        let digits = version.iter().take_while(|b| b.is_ascii_digit()).count();
        if !(5..=6).contains(&digits) || version[..digits].iter().all(|b| *b == b'9') {
            return false;
        }
        let n = ahead.len() - version.len() + digits;
        self.input.advance(n);
        self.in_condition = true;
        true
    }

    fn block_comment(&mut self) -> Option<Token> {
        let line = self.input.line();
        self.input.advance(2);
        let mut depth = 1;
        while depth > 0 {
            let window = self.input.window();
            if window.is_empty() {
                return Some(Token::Unterminated {
                    line,
                    comment: true,
                });
            }
            let n = memchr::memchr2(b'*', b'/', window).unwrap_or(window.len());
            self.input.advance(n);
            match self.input.ahead(2) {
                b"*/" => {
                    depth -= 1;
                    self.input.advance(2);
                }
                b"/*" if self.rules.nested_comments => {
                    depth += 1;
                    self.input.advance(2);
                }
                _ => self.input.advance(1),
            }
        }
        None
    }
}

/// How many bytes the blank beyond ASCII that comes next has, 0 when none does: a mark of the byte
/// order amid scripts that were joined, and what pages and documents have in the place of spaces.
/// A no-break space of ISO-8859-1 is a byte that no character in UTF-8 begins with.
pub(super) fn blank(ahead: &[u8]) -> usize {
    match ahead {
        [0xef, 0xbb, 0xbf, ..] | [0xe2, 0x80, 0x80..=0x8b | 0xaf, ..] => 3,
        [0xc2, 0xa0, ..] => 2,
        [0xa0, ..] => 1,
        _ => 0,
    }
}

const SPACE: u8 = 1;
/// Characters that nothing longer begins with.
const PLAIN: u8 = 2;
const OTHER: u8 = 4;
pub(super) const IN_WORD: u8 = 8;
const WORD: u8 = 16 | IN_WORD;
const DIGIT: u8 = 32 | IN_WORD;
/// `$` begins a variable or a string, and may stand in a word.
const DOLLAR: u8 = 64 | IN_WORD;

pub(super) const CLASS: [u8; 256] = {
    let mut class = [OTHER; 256];
    let mut b = 0;
    while b < 256 {
        class[b] = match b as u8 {
            b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => SPACE,
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'@' | 0x80..=0xff => WORD,
            b'$' => DOLLAR,
            b'(' | b')' | b',' | b';' | b'=' | b'+' | b'*' | b'<' | b'>' => PLAIN,
            _ => OTHER,
        };
        b += 1;
    }
    class
};
