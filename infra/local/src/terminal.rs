//! What is said on the terminal: in the language of whoever sits there.

use std::{
    fmt::Display,
    io::{self, Write},
};

use domain::catalog::{Language, Phrase};

/// The language of whoever sits at the terminal, as POSIX says it; English when it says none of ours.
pub(crate) fn language() -> Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let set = names.iter().filter_map(|name| std::env::var(name).ok());
    let first = set.into_iter().find(|value| !value.is_empty());
    first
        .and_then(|value| Language::from_tag(&value))
        .unwrap_or(Language::En)
}

/// Prints a text. Whoever reads may leave before the end (`| head`): that ends no command, and no server.
pub(crate) fn print(text: impl Display) {
    drop(write!(io::stdout(), "{text}"));
}

/// Prints a line.
pub(crate) fn say(line: impl Display) {
    print(format_args!("{line}\n"));
}

/// The same beside what a command prints for programs: where logs and errors go.
pub(crate) fn tell(line: impl Display) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// The words of a phrase there.
pub(crate) fn worded(phrase: impl Into<Phrase>) -> String {
    phrase.into().get(language())
}
