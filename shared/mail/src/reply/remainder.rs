//! Whether what is left of a text, quotation and signature taken off, can be the reply.

use super::{
    lines::{is_symbol, visible},
    signature,
};

/// Fewest visible characters of a reply without a letter, a number or a symbol in it.
const FEWEST_VISIBLE: usize = 2;
/// Least part that must be left of a text, quotation and what is surely signature left out, in percent.
const LEAST_PERCENT: usize = 5;

/// Whether nothing is left that says anything.
pub(super) fn is_empty(reply: &str) -> bool {
    // "1" and "👍" are answers, a full stop is not one.
    let says = reply.contains(|c: char| c.is_alphanumeric() || is_symbol(c));
    visible(reply) < FEWEST_VISIBLE && !says || reply.lines().all(signature::is_by_program)
}

/// Whether so little is left beside what may be no signature, in visible characters, that more was taken
/// off than a signature is.
pub(super) fn is_too_little(reply: &str, doubtful: usize) -> bool {
    let left = visible(reply);
    left * 100 < (left + doubtful) * LEAST_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_stop_and_words_of_programs_are_nothing() {
        for (reply, empty) in [
            ("", true),
            (".", true),
            ("1", false),
            ("👍", false),
            ("..", false),
            ("Enviado do meu iPhone", true),
        ] {
            assert_eq!(is_empty(reply), empty, "{reply}");
        }
    }

    #[test]
    fn five_percent_is_enough() {
        assert!(!is_too_little("a b c d e", 95));
        assert!(is_too_little("a b c d e", 96));
        assert!(!is_too_little("Ok", 0));
    }
}
