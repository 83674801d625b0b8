//! Whose SQL a script is, and whether backslashes escape, from its beginning and its name.

use super::dialect::{Dialect, Escape, Rules};
use super::lexer::{Lexer, Token};
use crate::input::Input;

use Dialect::{MySql, Oracle, PostgreSql, SqlServer};

/// How much of a script is looked at.
pub(crate) const SAMPLE: usize = 1024 * 1024;

/// Words that one dialect has and the others have not, with their weight.
const WORDS: &[(&str, Dialect, u32)] = &[
    ("engine", MySql, 3),
    ("innodb", MySql, 5),
    ("myisam", MySql, 5),
    ("auto_increment", MySql, 5),
    ("sql_safe_updates", MySql, 5),
    ("unlock", MySql, 3),
    ("longtext", MySql, 3),
    ("mediumtext", MySql, 3),
    ("tinyint", MySql, 1),
    ("delimiter", MySql, 5),
    ("foreign_key_checks", MySql, 5),
    ("varchar2", Oracle, 5),
    ("nvarchar2", Oracle, 5),
    ("clob", Oracle, 3),
    ("nclob", Oracle, 3),
    ("to_clob", Oracle, 5),
    ("empty_clob", Oracle, 5),
    ("to_date", Oracle, 1),
    ("sysdate", Oracle, 2),
    ("systimestamp", Oracle, 2),
    ("dual", Oracle, 1),
    ("nextval", Oracle, 1),
    ("nvl", Oracle, 2),
    ("dbo", SqlServer, 5),
    ("nvarchar", SqlServer, 3),
    ("datetime2", SqlServer, 3),
    ("identity_insert", SqlServer, 5),
    ("nocount", SqlServer, 5),
    ("getdate", SqlServer, 3),
    ("go", SqlServer, 1),
    ("bytea", PostgreSql, 5),
    ("bigserial", PostgreSql, 5),
    ("serial", PostgreSql, 3),
    ("stdin", PostgreSql, 5),
    ("standard_conforming_strings", PostgreSql, 5),
    ("search_path", PostgreSql, 5),
    ("client_encoding", PostgreSql, 5),
    ("pg_catalog", PostgreSql, 5),
    ("plpgsql", PostgreSql, 5),
    ("btree", PostgreSql, 1),
    ("nextval", PostgreSql, 1),
];

/// What the comments at the head of a script, or its name, call the database.
const NAMES: &[(&str, Dialect)] = &[
    ("mysql", MySql),
    ("mariadb", MySql),
    ("phpmyadmin", MySql),
    ("heidisql", MySql),
    ("postgres", PostgreSql),
    ("pgsql", PostgreSql),
    ("sqlserver", SqlServer),
    ("sql server", SqlServer),
    ("sql_server", SqlServer),
    ("mssql", SqlServer),
    ("oracle", Oracle),
];

/// The rules for a script of which `sample` is the beginning (all of it when `whole`). Of its path
/// only the last part counts: a file is the same in whichever folder it lies.
pub(crate) fn rules(name: &str, sample: &[u8], whole: bool, forced: Option<Dialect>) -> Rules {
    let look = |escape| {
        Evidence::of(
            sample,
            whole,
            Rules {
                escape,
                ..Rules::of(None)
            },
        )
    };
    let plain = look(Escape::None);
    let escaped = look(Escape::MySql);
    let mut scores = if escaped.anomalies < plain.anomalies {
        escaped.scores
    } else {
        plain.scores
    };
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.to_lowercase();
    for (word, dialect) in NAMES {
        if name.contains(word) {
            scores[*dialect as usize] += 2;
        }
        if comment_names(sample, word) {
            scores[*dialect as usize] += 3;
        }
    }
    let dialect = forced.or_else(|| best(scores));
    let mut rules = Rules::of(dialect);
    // Both have settings that turn this round, and the strings themselves tell.
    if let Some(set) = plain.escape.or(escaped.escape) {
        rules.escape = set;
    }
    if escaped.anomalies < plain.anomalies && !matches!(rules.escape, Escape::MySql | Escape::C) {
        rules.escape = Escape::MySql;
    } else if plain.anomalies < escaped.anomalies && rules.escape != Escape::None {
        rules.escape = Escape::None;
    }
    rules
}

fn best(scores: [u32; 4]) -> Option<Dialect> {
    let ranked = [MySql, PostgreSql, SqlServer, Oracle]
        .into_iter()
        .max_by_key(|d| scores[*d as usize])?;
    let top = scores[ranked as usize];
    let tied = scores.iter().filter(|s| **s == top).count() > 1;
    (top > 0 && !tied).then_some(ranked)
}

/// Whether a comment line among the first names the database.
fn comment_names(sample: &[u8], word: &str) -> bool {
    sample.split(|b| *b == b'\n').take(40).any(|line| {
        let line = line.trim_ascii();
        let comment = line.starts_with(b"--") || line.starts_with(b"/*") || line.starts_with(b"#");
        comment
            && String::from_utf8_lossy(&line[..line.len().min(200)])
                .to_lowercase()
                .contains(word)
    })
}

/// What a word of a script says of backslashes, with what stands behind it: a setting, or the
/// beginning of a dump of SQLite, which knows no escapes.
fn escape_set(lexer: &mut Lexer<'_>) -> Option<Escape> {
    let word = lexer.word.clone();
    match word.as_slice() {
        b"pragma" => Some(Escape::None),
        b"begin" => {
            let token = lexer.next(false);
            lexer.back(token);
            // MySQL, which does, calls it START TRANSACTION.
            (token == Token::Word && lexer.word == b"transaction").then_some(Escape::None)
        }
        b"standard_conforming_strings" => {
            let setting = word_behind(lexer)?;
            match setting.as_slice() {
                b"off" | b"false" | b"0" => Some(Escape::C),
                b"on" | b"true" | b"1" => Some(Escape::None),
                _ => None,
            }
        }
        b"sql_mode" | b"@@sql_mode" => {
            let modes = word_behind(lexer)?.to_ascii_lowercase();
            memchr::memmem::find(&modes, b"no_backslash_escapes").map(|_| Escape::None)
        }
        _ => None,
    }
}

/// The value that a setting is given, within the next few words.
fn word_behind(lexer: &mut Lexer<'_>) -> Option<Vec<u8>> {
    for _ in 0..6 {
        let token = lexer.next(true);
        match token {
            Token::Text | Token::Double => return Some(lexer.text.clone()),
            Token::Number => return Some(lexer.word.clone()),
            Token::Word if matches!(lexer.word.as_slice(), b"on" | b"off" | b"true" | b"false") => {
                return Some(lexer.word.clone());
            }
            Token::Word | Token::Punct(b'=' | b'(' | b',' | b'.') => {}
            _ => {
                lexer.back(token);
                return None;
            }
        }
    }
    None
}

struct Evidence {
    scores: [u32; 4],
    /// What a setting says of backslashes.
    escape: Option<Escape>,
    anomalies: u64,
}

impl Evidence {
    fn of(sample: &[u8], whole: bool, rules: Rules) -> Self {
        let mut lexer = Lexer::new(Input::new(sample), rules);
        let mut scores = [0u32; 4];
        let (mut broken, mut escape) = (0, None);
        let mut add = |dialect: Dialect, weight| {
            scores[dialect as usize] = scores[dialect as usize].saturating_add(weight);
        };
        loop {
            match lexer.next(false) {
                Token::Word => {
                    let word = lexer.word.as_slice();
                    WORDS
                        .iter()
                        .filter(|(known, ..)| known.as_bytes() == word)
                        .for_each(|(_, dialect, weight)| add(*dialect, *weight));
                    if word == b"stdin" {
                        lexer.rest_of_line();
                        lexer.pass_copied_lines();
                    } else if escape.is_none() {
                        escape = escape_set(&mut lexer);
                    }
                }
                Token::Text => match lexer.opened {
                    b'q' => add(Oracle, 5),
                    b'e' => add(PostgreSql, 5),
                    b'n' => add(SqlServer, 1),
                    b'$' => add(PostgreSql, 2),
                    _ => {}
                },
                Token::Quoted if lexer.opened == b'`' => add(MySql, 5),
                Token::Quoted => add(SqlServer, 2),
                Token::Cast => add(PostgreSql, 2),
                Token::Concat => {
                    add(Oracle, 1);
                    add(PostgreSql, 1);
                }
                Token::Broken { .. } => broken += 1,
                Token::Unterminated { comment: false, .. } => broken += u64::from(whole),
                Token::End => break,
                _ => {}
            }
        }
        let anomalies = lexer.anomalies + broken;
        Self {
            scores,
            escape,
            anomalies,
        }
    }
}
