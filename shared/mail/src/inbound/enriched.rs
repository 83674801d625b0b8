//! `text/enriched` (RFC 1896) as plain text.

/// The text without its commands: `<bold>`, `<param>…</param>`; `<<` is a `<`. One line end is a space,
/// of several one goes.
pub(super) fn to_text(enriched: &str) -> String {
    let mut out = String::with_capacity(enriched.len());
    let mut rest = enriched;
    let (mut breaks, mut parameters, mut verbatim) = (0_usize, 0_usize, 0_usize);
    while let Some(c) = rest.chars().next() {
        if c == '\r' {
            rest = &rest[1..];
            continue;
        }
        if c == '\n' && verbatim == 0 {
            breaks += 1;
            rest = &rest[1..];
            continue;
        }
        let (text, after) = match rest.strip_prefix("<<") {
            Some(after) => ("<", after),
            None if c == '<' => match rest.find('>') {
                Some(end) if end <= 61 => {
                    let command = rest[1..end].to_ascii_lowercase();
                    let (name, closes) = match command.strip_prefix('/') {
                        Some(name) => (name, true),
                        None => (command.as_str(), false),
                    };
                    let count = match name {
                        "param" => Some(&mut parameters),
                        "nofill" | "verbatim" => Some(&mut verbatim),
                        _ => None,
                    };
                    if let Some(count) = count {
                        *count = if closes {
                            count.saturating_sub(1)
                        } else {
                            *count + 1
                        };
                    }
                    rest = &rest[end + 1..];
                    continue;
                }
                _ => ("<", &rest[1..]),
            },
            None => rest.split_at(c.len_utf8()),
        };
        rest = after;
        if parameters > 0 {
            continue;
        }
        match std::mem::take(&mut breaks) {
            0 => {}
            1 => out.push(' '),
            several => out.extend(std::iter::repeat_n('\n', several - 1)),
        }
        out.push_str(text);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::to_text;

    #[test]
    fn commands_go_and_the_text_stays() {
        for (enriched, text) in [
            ("<bold>Agora</bold> funciona", "Agora funciona"),
            ("<color><param>red</param>Erro</color> << 5", "Erro < 5"),
            (
                "uma\r\nlinha\r\n\r\noutra\r\n\r\n\r\nmais",
                "uma linha\noutra\n\nmais",
            ),
            ("<nofill>a\nb</nofill>", "a\nb"),
            ("a < b", "a < b"),
            ("", ""),
        ] {
            assert_eq!(to_text(enriched), text, "{enriched}");
        }
    }
}
