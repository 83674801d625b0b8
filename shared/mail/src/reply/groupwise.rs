//! GroupWise: `>>>` in front of the line over a quotation, though nothing else of that line is marked.
//!
//! It writes the line in two forms: `>>> Ana Sol <ana@example.com> 05/06/2025 14:03 >>>`, and as an
//! attribution with the id of the mail, which it breaks at its width:
//!
//! ```text
//! >>> On 6/5/2025 at 2:03 PM, in message
//! <68418B3A.1D2@example.com>, "Ana Sol"
//! <ana@example.com> wrote:
//! ```
//!
//! What shows the second form is what it holds, whatever its language: a date with year and time, an
//! address in brackets, and a colon at its end.

use super::{
    attribution::{Evidence, MAX_LINES},
    lines::{Line, fold},
};

/// What stands in front of either form.
const MARK: &str = ">>>";

/// Whether a line is the first form. GroupWise marks nothing below it.
pub(super) fn is_head(line: &Line<'_>) -> bool {
    let text = line.raw.trim();
    let inner = text
        .strip_prefix(MARK)
        .and_then(|text| text.strip_suffix(MARK));
    inner.is_some_and(|inner| {
        let evidence = Evidence::of(&fold(inner));
        inner.contains(char::is_alphabetic) && (evidence.has_time() || evidence.has_address())
    })
}

/// How many lines the second form takes, if it begins here.
pub(super) fn attribution(lines: &[Line<'_>]) -> Option<usize> {
    let (first, more) = lines.split_first()?;
    let first = first.raw.trim().strip_prefix(MARK)?;
    let more = more.iter().take(MAX_LINES - 1);
    let more = more.take_while(|line| !line.quoted && !line.blank);
    let mut text = String::new();
    for (index, raw) in std::iter::once(first)
        .chain(more.map(|line| line.raw))
        .enumerate()
    {
        text.push(' ');
        text.push_str(&fold(raw));
        if text.ends_with([':', '：']) {
            let evidence = Evidence::of(&text);
            return (evidence.dated() && evidence.is_bracketed()).then_some(index + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::lines::split, attribution, is_head};

    fn taken(text: &str) -> Option<usize> {
        attribution(&split(text))
    }

    #[test]
    fn an_attribution_is_known_however_it_is_broken() {
        for (text, lines) in [
            (
                ">>> On 6/5/2025 at 2:03 PM, in message\n<1A.2@example.com>, \"Ana Sol\"\n<ana@example.com> wrote:\n> Oi",
                3,
            ),
            (
                ">>> On 6/5/2025 at 2:03 PM, in message <1A.2@example.com>, Ana Sol\n<ana@example.com> wrote:\nOi",
                2,
            ),
            (
                ">>> On Thursday, June 5, 2025 at 2:03 PM, Ana Sol <ana@example.com> wrote:",
                1,
            ),
            (
                ">>> Em 05/06/2025 às 14:03, na mensagem\n<1A.2@example.com>, Ana Sol\n<ana@example.com> escreveu:",
                3,
            ),
            (
                ">>> El 05/06/2025 a las 14:03, en el mensaje\n<1A.2@example.com>, Ana Sol\nescribió:",
                3,
            ),
            (
                ">>> Am 05.06.2025 um 14:03 schrieb Ana Sol <ana@example.com> in Nachricht\n<1A.2@example.com>:",
                2,
            ),
        ] {
            assert_eq!(taken(text), Some(lines), "{text}");
        }
    }

    #[test]
    fn the_mark_may_stand_at_both_ends() {
        for text in [
            ">>> Ana Sol <ana@example.com> 05/06/2025 14:03 >>>",
            ">>> \"Ana Sol\" 05/06/25 14:03 >>>",
        ] {
            assert!(is_head(&split(text)[0]), "{text}");
            assert_eq!(taken(text), None, "{text}");
        }
        assert!(!is_head(&split(">>> a >>>")[0]));
    }

    #[test]
    fn what_people_mark_themselves_is_neither() {
        for text in [
            ">>> print(1)\n1",
            ">>> ",
            ">>> Em 05/06/2025 às 14:03 parou:",
            ">>> On 6/5/2025 at 2:03 PM, in message\n\n<1A.2@example.com>, Ana wrote:",
            ">>> On 6/5/2025 at 2:03 PM, in message\n> <1A.2@example.com>, Ana wrote:",
            ">>> Ana <ana@example.com> pediu:\nReinicie",
            ">> On 6/5/2025 at 2:03 PM, in message\n<1A.2@example.com>, Ana wrote:",
        ] {
            assert_eq!(taken(text), None, "{text}");
        }
    }
}
