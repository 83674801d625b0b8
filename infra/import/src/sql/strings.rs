//! Strings in all their spellings, and what to do when one is not closed.

use super::dialect::Escape;
use super::escape;
use super::lexer::{CLASS, IN_WORD, Lexer, MAX_VALUE, Token, blank};

impl Lexer<'_> {
    pub(super) fn prefixed_string(&mut self, keep: bool) -> Token {
        let prefix = self.word.first().copied().unwrap_or_default();
        let token = self.string_after_word(keep);
        self.opened = prefix;
        token
    }

    fn string_after_word(&mut self, keep: bool) -> Token {
        match self.word.as_slice() {
            b"e" => self.string(b'\'', Escape::C, keep),
            b"x" => {
                let token = self.string(b'\'', Escape::None, keep);
                if let Some(bytes) = escape::hex(&self.text) {
                    self.text = bytes;
                }
                token
            }
            b"q" | b"nq" if self.rules.oracle => self.alternative_string(keep),
            b"n" | b"b" | b"u" => self.string(b'\'', self.rules.escape, keep),
            // MySQL's character set introducers.
            [b'_', ..] => self.string(b'\'', self.rules.escape, keep),
            _ => Token::Word,
        }
    }

    /// `0x4142`, bytes of any length.
    pub(super) fn hex_number(&mut self) -> Token {
        self.clear_text();
        self.input.advance(2);
        loop {
            let window = self.input.window();
            let n = window.iter().take_while(|b| b.is_ascii_hexdigit()).count();
            push(&mut self.text, &mut self.overflow, &window[..n]);
            let more = n > 0 && n == window.len();
            self.input.advance(n);
            if !more {
                break;
            }
        }
        self.text = escape::hex(&self.text).unwrap_or_default();
        Token::Text
    }

    /// `'…'`, `"…"` or `` `…` ``: the quote doubled is one of it.
    pub(super) fn string(&mut self, quote: u8, escape: Escape, keep: bool) -> Token {
        let line = self.input.line();
        self.opened = quote;
        self.input.set_mark();
        self.input.advance(1);
        self.clear_text();
        loop {
            let window = self.input.window();
            let found = match escape {
                Escape::None => memchr::memchr(quote, window),
                _ => memchr::memchr2(quote, b'\\', window),
            };
            let n = found.unwrap_or(window.len());
            if keep {
                push(&mut self.text, &mut self.overflow, &window[..n]);
            }
            let byte = window.get(n).copied();
            let ended = window.is_empty();
            self.input.advance(n);
            match byte {
                None if ended => return self.unterminated(quote, line),
                None => {}
                Some(b'\\') => self.backslash(quote, escape, keep),
                Some(_) if self.input.peek_at(1) == Some(quote) => {
                    self.input.advance(2);
                    if keep {
                        push(&mut self.text, &mut self.overflow, &[quote]);
                    }
                }
                Some(_) => {
                    self.input.advance(1);
                    break;
                }
            }
        }
        if keep {
            match escape {
                Escape::C => self.text = escape::c_style(&self.text),
                Escape::Guess => escape::guess(&mut self.text),
                Escape::None if self.rules.continued_lines => escape::join_lines(&mut self.text),
                Escape::None | Escape::MySql => {}
            }
        }
        let token = if quote == b'\'' && self.is_misread() {
            Token::Broken { line }
        } else {
            Token::Text
        };
        self.input.clear_mark();
        token
    }

    fn backslash(&mut self, quote: u8, escape: Escape, keep: bool) {
        let Some(letter) = self.input.peek_at(1) else {
            self.input.advance(1);
            return;
        };
        let pair = match escape {
            Escape::MySql => {
                self.input.advance(2);
                if keep && self.text.len() < MAX_VALUE {
                    escape::mysql(letter, &mut self.text);
                }
                return;
            }
            // Taken out when the whole literal has been read.
            Escape::C => true,
            Escape::Guess | Escape::None => {
                letter == b'\\' || letter == quote && !self.closes_at(2)
            }
        };
        let n = if pair { 2 } else { 1 };
        self.input.advance(n);
        if keep {
            push(&mut self.text, &mut self.overflow, &[b'\\', letter][..n]);
        }
    }

    /// Whether what comes `n` bytes ahead may follow a complete string.
    fn closes_at(&mut self, n: usize) -> bool {
        let ahead = self.input.ahead(n + 64);
        let after = ahead
            .get(n..)
            .unwrap_or_default()
            .iter()
            .find(|b| !b.is_ascii_whitespace());
        matches!(after, None | Some(b',' | b')' | b';' | b'|' | b'+'))
    }

    /// Whether the string just read was none: a letter stands right behind it, and a line of it
    /// begins an `INSERT`. Then some earlier quote is missing, and reading goes on at that line.
    fn is_misread(&mut self) -> bool {
        let Some(byte) = self.input.peek() else {
            return false;
        };
        let class = CLASS[usize::from(byte)];
        if blank(self.input.ahead(3)) > 0 {
            return false;
        }
        if class & IN_WORD == 0 && !matches!(byte, b'<' | b'&' | b'{' | b'$') {
            return false;
        }
        self.anomalies += 1;
        self.resume_at_insert()
    }

    fn unterminated(&mut self, quote: u8, line: u64) -> Token {
        let token = if quote == b'\'' && self.resume_at_insert() {
            Token::Broken { line }
        } else {
            Token::Unterminated {
                line,
                comment: false,
            }
        };
        self.input.clear_mark();
        token
    }

    fn resume_at_insert(&mut self) -> bool {
        let Some(swallowed) = self.input.since_mark() else {
            return false;
        };
        let at = memchr::memchr_iter(b'\n', swallowed).find(|at| {
            let line = &swallowed[at + 1..swallowed.len().min(at + 65)];
            line.trim_ascii_start()
                .get(..7)
                .is_some_and(|word| word.eq_ignore_ascii_case(b"insert "))
        });
        match at {
            Some(at) if self.input.go_back(at + 1) => {
                self.line_start = true;
                true
            }
            _ => false,
        }
    }

    /// Reads Oracle's `q'[…]'`, whose closing mark the opening one chooses.
    fn alternative_string(&mut self, keep: bool) -> Token {
        let line = self.input.line();
        self.clear_text();
        let close = match self.input.peek_at(1) {
            Some(b'[') => b']',
            Some(b'{') => b'}',
            Some(b'(') => b')',
            Some(b'<') => b'>',
            Some(other) => other,
            None => {
                return Token::Unterminated {
                    line,
                    comment: false,
                };
            }
        };
        self.input.advance(2);
        self.until(&[close, b'\''], line, keep)
    }

    /// A string up to `close`, which is not part of it and begins with a byte of its own.
    fn until(&mut self, close: &[u8], line: u64, keep: bool) -> Token {
        loop {
            let window = self.input.window();
            if window.is_empty() {
                return Token::Unterminated {
                    line,
                    comment: false,
                };
            }
            let n = memchr::memchr(close[0], window).unwrap_or(window.len());
            if keep {
                push(&mut self.text, &mut self.overflow, &window[..n]);
            }
            self.input.advance(n);
            if self.input.ahead(close.len()) == close {
                self.input.advance(close.len());
                return Token::Text;
            }
            if let Some(byte) = self.input.peek().filter(|b| *b == close[0]) {
                self.input.advance(1);
                if keep {
                    push(&mut self.text, &mut self.overflow, &[byte]);
                }
            }
        }
    }

    /// `$tag$…$tag$`, which is code after `DO`; else a variable, or none when a tag was passed.
    pub(super) fn dollar(&mut self, after_do: bool, keep: bool) -> Option<Token> {
        let ahead = self.input.ahead(66);
        let tag = ahead[1..]
            .iter()
            .position(|b| CLASS[usize::from(*b)] & IN_WORD == 0 || *b == b'$');
        let tag = tag
            .filter(|n| ahead[1 + n] == b'$')
            .map(|n| ahead[..n + 2].to_vec());
        let Some(tag) = tag.filter(|_| self.rules.dollar_strings) else {
            self.read_word();
            return Some(Token::Word);
        };
        if self.block.as_ref() == Some(&tag) {
            self.block = None;
            self.input.advance(tag.len());
            return None;
        }
        let line = self.input.line();
        self.input.advance(tag.len());
        if after_do && self.block.is_none() {
            self.block = Some(tag);
            return None;
        }
        self.clear_text();
        self.opened = b'$';
        Some(self.until(&tag, line, keep))
    }

    fn clear_text(&mut self) {
        self.text.clear();
        self.overflow = false;
        // One value may have been large; the next ones are not.
        self.text.shrink_to(64 * 1024);
    }
}

fn push(text: &mut Vec<u8>, overflow: &mut bool, bytes: &[u8]) {
    if text.len() + bytes.len() > MAX_VALUE {
        *overflow = true;
    } else {
        text.extend_from_slice(bytes);
    }
}
