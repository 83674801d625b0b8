//! What the four databases write differently, as data.

use crate::error::ReadError;

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// MySQL and MariaDB, `mysqldump`.
    MySql,
    /// PostgreSQL, as `pg_dump` writes it.
    PostgreSql,
    /// Microsoft SQL Server, Management Studio scripts.
    SqlServer,
    /// Oracle, SQL*Plus and SQL Developer scripts.
    Oracle,
}

impl Dialect {
    /// The dialect of that name.
    pub fn named(name: &str) -> Result<Self, ReadError> {
        match name.trim().to_lowercase().as_str() {
            "mysql" | "mariadb" => Ok(Self::MySql),
            "postgresql" | "postgres" => Ok(Self::PostgreSql),
            "sqlserver" | "mssql" | "tsql" => Ok(Self::SqlServer),
            "oracle" => Ok(Self::Oracle),
            _ => Err(ReadError::Dialect {
                name: name.to_owned(),
            }),
        }
    }
}

/// What a backslash in a plain string means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    /// Itself, as the SQL standard says.
    None,
    /// MySQL's: `\n`, `\'` and their kind, also in plain strings.
    MySql,
    /// PostgreSQL's escapes, of `E'…'`.
    C,
    /// Nobody knows: each string is judged by what stands in it.
    Guess,
}

/// How to read a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// What a backslash means in `'…'`.
    pub(crate) escape: Escape,
    /// `#` begins a comment.
    pub(crate) hash_comment: bool,
    /// `--` begins a comment only before a blank.
    pub(crate) dash_needs_blank: bool,
    /// `/* /* */ */` is one comment.
    pub(crate) nested_comments: bool,
    /// `/*!40000 … */` is run.
    pub(crate) conditional_comments: bool,
    /// `$tag$…$tag$` is a string.
    pub(crate) dollar_strings: bool,
    /// `[name]` is a name even with a quote in it.
    pub(crate) brackets: bool,
    /// `q'[…]'`, and lines of SQL*Plus (`REM`, `PROMPT`).
    pub(crate) oracle: bool,
    /// Lines that begin with a backslash are for `psql`.
    pub(crate) psql: bool,
    /// A backslash at the end of a line within a string joins it to the next line.
    pub(crate) continued_lines: bool,
}

impl Rules {
    /// The rules of a dialect, or those that do for a script of unknown origin.
    pub(crate) fn of(dialect: Option<Dialect>) -> Self {
        let standard = Self {
            escape: Escape::None,
            hash_comment: false,
            dash_needs_blank: false,
            nested_comments: false,
            conditional_comments: false,
            dollar_strings: false,
            brackets: false,
            oracle: false,
            psql: false,
            continued_lines: false,
        };
        match dialect {
            Some(Dialect::MySql) => Self {
                escape: Escape::MySql,
                hash_comment: true,
                dash_needs_blank: true,
                conditional_comments: true,
                ..standard
            },
            Some(Dialect::PostgreSql) => Self {
                nested_comments: true,
                dollar_strings: true,
                psql: true,
                ..standard
            },
            Some(Dialect::SqlServer) => Self {
                nested_comments: true,
                brackets: true,
                continued_lines: true,
                ..standard
            },
            Some(Dialect::Oracle) => Self {
                oracle: true,
                ..standard
            },
            None => Self {
                escape: Escape::Guess,
                conditional_comments: true,
                dollar_strings: true,
                oracle: true,
                psql: true,
                ..standard
            },
        }
    }
}
