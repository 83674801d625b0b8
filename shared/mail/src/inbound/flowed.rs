//! `format=flowed` (RFC 3676): lines that end with a space go on in the next one.

/// Puts the paragraphs of a flowed text together again. `del_sp`: the space at a soft line end
/// belongs to the line end (`DelSp=yes`).
pub(super) fn unflow(text: &str, del_sp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // Quote depth of the paragraph that is open.
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        if open != Some(depth) || signature {
            if open.is_some() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            if depth > 0 {
                out.push(' ');
            }
        }
        let soft = !signature && content.ends_with(' ');
        out.push_str(match content.strip_suffix(' ') {
            Some(shorter) if soft && del_sp => shorter,
            _ => content,
        });
        if soft {
            open = Some(depth);
        } else {
            out.push('\n');
            open = None;
        }
    }
    if open.is_none() {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unflow;

    #[test]
    fn soft_line_ends_are_joined() {
        for (flowed, text) in [
            ("um \r\ndois\r\ntrês", "um dois\ntrês"),
            ("> um \r\n> dois\r\nSim.", "> um dois\nSim."),
            (">> um \n> dois", ">> um \n> dois"),
            ("Oi \n-- \nAna ", "Oi \n-- \nAna "),
            ("", ""),
            ("a\n\nb\n", "a\n\nb\n"),
        ] {
            assert_eq!(unflow(flowed, false), text, "{flowed:?}");
        }
        assert_eq!(unflow("文 \n字", true), "文字");
    }
}
