//! Calls that only wrap literals: conversions, concatenation, character codes.

use super::expression::{Halt, MAX_ROW, Part, shown};
use super::lexer::Token;
use super::{SqlReader, escape};
use crate::{encoding, texts};

/// Most arguments of a call.
const MAX_ARGUMENTS: usize = 256;

impl SqlReader<'_> {
    /// A call whose parenthesis has been passed.
    pub(super) fn call(&mut self, name: &str, depth: usize) -> Result<Part, Halt> {
        match name {
            "cast" | "try_cast" => {
                let part = self.expression(depth)?;
                self.pass_rest()?;
                Ok(part)
            }
            "convert" | "try_convert" => {
                let token = self.lexer.next(true);
                self.lexer.back(token);
                // SQL Server writes the type first, MySQL the value.
                if token == Token::Word || token == Token::Quoted {
                    self.pass_type()?;
                    self.expect(b',')?;
                }
                let part = self.expression(depth)?;
                self.pass_rest()?;
                Ok(part)
            }
            "to_clob" | "to_nclob" | "clob" | "dbclob" | "varchar" | "to_lob" | "to_char"
            | "to_nchar" | "to_number" | "n" | "isnull" | "nvl" | "ifnull" | "coalesce" => {
                Ok(self.arguments(depth)?.into_iter().flatten().next())
            }
            "convert_from" | "cast_to_varchar2" | "cast_to_nvarchar2" => {
                Ok(self.arguments(depth)?.into_iter().flatten().next())
            }
            "unhex" | "hextoraw" | "from_base64" | "decode" => {
                let arguments = self.arguments(depth)?;
                let coded = match (name, arguments.as_slice()) {
                    ("unhex" | "hextoraw", [text]) => Some(("hex", text)),
                    ("from_base64", [text]) => Some(("base64", text)),
                    // Oracle's is another one, with values to choose from.
                    ("decode", [text, Some(format)]) => Some((format.as_str(), text)),
                    _ => None,
                };
                let bytes = coded.and_then(|(format, text)| match text {
                    None => Some(None),
                    Some(text) => decoded(format, text).map(Some),
                });
                let bytes = bytes.ok_or_else(|| {
                    let unread = texts::findings::FUNCTION_CALL.phrase();
                    Halt::Unreadable(unread.with("name", shown(name)))
                })?;
                Ok(bytes.map(encoding::text))
            }
            "trim" | "ltrim" | "rtrim" => Ok(self
                .arguments(depth)?
                .into_iter()
                .flatten()
                .next()
                .map(|text| match name {
                    "ltrim" => text.trim_start_matches(' ').to_owned(),
                    "rtrim" => text.trim_end_matches(' ').to_owned(),
                    _ => text.trim_matches(' ').to_owned(),
                })),
            "concat" => Ok(Some(self.arguments(depth)?.into_iter().flatten().collect())),
            "empty_clob" => {
                self.close()?;
                Ok(Some(String::new()))
            }
            "chr" | "char" | "nchar" => {
                let codes = self.arguments(depth)?;
                let numbers: Option<Vec<u32>> = codes
                    .into_iter()
                    .flatten()
                    .map(|code| code.trim().parse().ok())
                    .collect();
                // Oracle's is the bytes of the character; PostgreSQL's is its place in Unicode.
                let bytes = name == "chr" && self.lexer.rules.oracle;
                numbers
                    .and_then(|numbers| characters(&numbers, bytes))
                    .map(Some)
                    .ok_or_else(|| Halt::Unreadable(texts::findings::NO_SUCH_CHARACTER.phrase()))
            }
            "stringdecode" => {
                let text = self.arguments(depth)?.into_iter().flatten().next();
                Ok(text.map(|text| encoding::text(escape::c_style(text.as_bytes()))))
            }
            "unistr" => {
                let text = self.arguments(depth)?.into_iter().flatten().next();
                Ok(text.map(|text| encoding::text(escape::unistr(&text))))
            }
            "replace" => match self.arguments(depth)?.as_slice() {
                [Some(text), Some(from), to] if !from.is_empty() => {
                    self.replaced(text, from, to.as_deref().unwrap_or_default())
                }
                _ => Err(Halt::Unreadable(texts::findings::REPLACE_CALL.phrase())),
            },
            _ => Err(Halt::Unreadable(
                texts::findings::FUNCTION_CALL
                    .phrase()
                    .with("name", shown(name)),
            )),
        }
    }

    fn replaced(&mut self, text: &str, from: &str, to: &str) -> Result<Part, Halt> {
        let grown = text.matches(from).count() * to.len();
        self.held += text.len() + grown;
        if self.held > MAX_ROW {
            return Err(Halt::TooLong);
        }
        Ok(Some(text.replace(from, to)))
    }

    /// The arguments of a call, its closing parenthesis passed.
    fn arguments(&mut self, depth: usize) -> Result<Vec<Part>, Halt> {
        let mut arguments = Vec::new();
        loop {
            arguments.push(self.expression(depth)?);
            let token = self.lexer.next(true);
            match token {
                Token::Punct(b')') => {
                    self.depth -= 1;
                    return Ok(arguments);
                }
                Token::Punct(b',') if arguments.len() < MAX_ARGUMENTS => {}
                // CHAR(13 USING utf8), TRIM(…, format).
                Token::Word if self.lexer.word == b"using" => {
                    self.pass_rest()?;
                    return Ok(arguments);
                }
                _ => {
                    self.lexer.back(token);
                    return Err(self.unknown(token));
                }
            }
        }
    }

    pub(super) fn close(&mut self) -> Result<(), Halt> {
        self.expect(b')')?;
        self.depth -= 1;
        Ok(())
    }

    fn expect(&mut self, byte: u8) -> Result<(), Halt> {
        let token = self.lexer.next(true);
        if token == Token::Punct(byte) {
            return Ok(());
        }
        self.lexer.back(token);
        Err(self.unknown(token))
    }

    /// Passes the rest of a call, its closing parenthesis included.
    fn pass_rest(&mut self) -> Result<(), Halt> {
        let outer = self.depth - 1;
        while self.depth > outer {
            let token = self.lexer.next(false);
            match token {
                Token::Punct(b'(') => self.depth += 1,
                Token::Punct(b')') => self.depth -= 1,
                Token::Punct(b';')
                | Token::End
                | Token::Broken { .. }
                | Token::Unterminated { .. } => {
                    self.lexer.back(token);
                    return Err(self.unknown(token));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Passes a type: its name, and its length in parentheses.
    pub(super) fn pass_type(&mut self) -> Result<(), Halt> {
        self.name();
        loop {
            let token = self.lexer.next(true);
            match token {
                Token::Punct(b'(') => {
                    self.depth += 1;
                    self.pass_rest()?;
                }
                // character varying, double precision
                Token::Word if matches!(self.lexer.word.as_slice(), b"varying" | b"precision") => {}
                _ => {
                    self.lexer.back(token);
                    return Ok(());
                }
            }
        }
    }
}

/// The bytes that a text stands for in this format; none when it is none of them.
fn decoded(format: &str, text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    match format.to_ascii_lowercase().as_str() {
        "hex" => escape::hex(&digits),
        "base64" => data_encoding::BASE64.decode(&digits).ok(),
        _ => None,
    }
}

/// The characters behind codes: of windows-1252 below 256, unless they are UTF-8 together, of
/// Unicode above, or (with `bytes`) of UTF-8 in one number.
fn characters(codes: &[u32], bytes: bool) -> Option<String> {
    let each: Option<Vec<u8>> = codes.iter().map(|code| u8::try_from(*code).ok()).collect();
    if let Some(text) = each {
        return Some(encoding::text(text));
    }
    let character = |code: &u32| {
        let written = code.to_be_bytes();
        let start = written.iter().position(|b| *b != 0).unwrap_or(3);
        let utf8 = str::from_utf8(&written[start..]).ok();
        match utf8.filter(|text| bytes && text.chars().count() == 1) {
            Some(text) => Some(text.to_owned()),
            None => match u8::try_from(*code) {
                Ok(byte) => Some(encoding::text(vec![byte])),
                Err(_) => char::from_u32(*code).map(String::from),
            },
        }
    };
    codes.iter().map(character).collect()
}
