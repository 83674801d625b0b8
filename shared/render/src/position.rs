//! From byte offsets to lines and columns.

use std::cell::Cell;
use std::ops::Range;

use super::work::looked_at;
use super::{Diagnostic, Part, Severity};
use domain::catalog::Phrase;

/// Most characters of a source text that a finding repeats.
const FOUND_LIMIT: usize = 80;

/// A part's text with the starts of its lines.
pub(super) struct Lines<'a> {
    part: Part,
    text: &'a str,
    starts: Vec<usize>,
    /// The last position asked for: findings come in order, and a template may be one long line.
    last: Cell<(usize, usize, usize)>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(part: Part, text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let starts = std::iter::once(0)
            .chain(ends.map(|(at, _)| at + 1))
            .collect();
        Self {
            part,
            text,
            starts,
            last: Cell::new((0, 1, 1)),
        }
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let (last_offset, last_line, last_column) = self.last.get();
        let (from, column) = if last_line == line && (start..=offset).contains(&last_offset) {
            (last_offset, last_column)
        } else {
            (start, 1)
        };
        looked_at(offset - from);
        let column = column + self.text[from..offset].chars().count();
        self.last.set((offset, line, column));
        (line, column)
    }

    /// A finding about a range of the text.
    pub(super) fn finding(
        &self,
        severity: Severity,
        code: &str,
        range: Range<usize>,
        suggestion: Option<String>,
        message: impl Into<Phrase>,
    ) -> Diagnostic {
        let (line, column) = self.position(range.start);
        let found = &self.text[range];
        looked_at(found.len());
        Diagnostic {
            severity,
            code: code.to_owned(),
            part: self.part,
            line,
            column,
            length: found.chars().count(),
            found: found.chars().take(FOUND_LIMIT).collect(),
            suggestion,
            message: String::new(),
            particulars: None,
        }
        .saying(message.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let lines = Lines::new(Part::Html, "çã\r\nb${X}\n");
        assert_eq!(lines.position(0), (1, 1));
        assert_eq!(lines.position(2), (1, 2));
        assert_eq!(lines.position(6), (2, 1));
        assert_eq!(lines.position(7), (2, 2));
        assert_eq!(lines.position(12), (3, 1));
    }
}
