//! The names under which people are shown to each other.

use domain::{
    characters::{composed, folded, is_format, on_one_line},
    mask::mask,
};

/// Longest name, in characters.
const MAX_NAME: usize = 255;

/// The name under which somebody is shown: the one that the ticket knows them by, else their own,
/// else as much of the address as others may see. A name with an address in it is not shown.
pub(crate) fn shown_name(known: Option<&str>, own: &str, address: &str) -> String {
    let names = known.into_iter().chain([own]).map(clean_name);
    names
        .into_iter()
        .find(|name| !name.is_empty() && !name.contains('@'))
        .unwrap_or_else(|| mask(address))
}

/// A name on one line, without characters that nobody sees, and not endless.
pub(crate) fn clean_name(name: &str) -> String {
    let name = composed(name);
    let line: String = on_one_line(&name)
        .chars()
        .filter(|c| !is_format(*c))
        .collect();
    let words: Vec<&str> = line.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(MAX_NAME).collect();
    name.trim_end().to_owned()
}

/// Whether two names look the same to a reader.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    folded(&clean_name(one)) == folded(&clean_name(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_without_an_address() {
        let long = "n".repeat(5000);
        for (known, own, expected) in [
            (Some("Maria Souza"), "Bia", "Maria Souza"),
            (None, "Maria\r\nBcc: x", "Maria Bcc: x"),
            (None, "Maria\u{2028}Souza", "Maria Souza"),
            (None, "\u{202e}airaM\u{200b}", "airaM"),
            (None, " Maria \t Souza ", "Maria Souza"),
            (None, "Joa\u{303}o", "Jo\u{e3}o"),
            (None, "", "m***@example.com"),
            (None, "\u{200b}\r\n", "m***@example.com"),
            (Some(""), "maria@example.com", "m***@example.com"),
            (Some("maria@example.com"), "Maria", "Maria"),
            (None, long.as_str(), &long[..255]),
        ] {
            assert_eq!(
                shown_name(known, own, "maria@example.com"),
                expected,
                "{own:?}"
            );
        }
        assert!(same_name("Bia  SOUZA", "bia\u{a0}souza"));
        assert!(same_name("JOA\u{303}O", "jo\u{e3}o"));
    }
}
