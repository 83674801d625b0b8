//! A page read as text: what its blocks and lists become.

use std::fmt::Display;

/// Deepest list whose items are still moved in.
const DEEPEST_LIST: usize = 8;

/// What is owed before the next text: nothing is written until there is one, so that no page begins
/// or ends with empty lines, and blocks in blocks leave no more of them than one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Line ends: 1 begins a line, 2 leave an empty one.
    pub lines: usize,
    /// White space within the line.
    pub space: bool,
}

impl Owed {
    /// A block begins or ends, which stands apart by so many line ends (see
    /// [`Element::lines_around`](crate::Element::lines_around)): the largest of its neighbours counts,
    /// and a space between them does not. What stands in the line, with none, changes nothing.
    pub fn block(&mut self, lines: usize) {
        if lines > 0 {
            self.lines = self.lines.max(lines);
            self.space = false;
        }
    }
}

/// What stands before an item of a list in so many lists around it: its number, or a hyphen.
pub fn item_mark(lists: usize, number: Option<impl Display>) -> String {
    let indent = "  ".repeat(lists.saturating_sub(1).min(DEEPEST_LIST));
    match number {
        Some(number) => format!("{indent}{number}. "),
        None => format!("{indent}- "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_distance_of_neighbours_counts() {
        let mut owed = Owed {
            lines: 0,
            space: true,
        };
        owed.block(0);
        assert!(owed.space);
        for lines in [1, 2, 1] {
            owed.block(lines);
        }
        assert_eq!((owed.lines, owed.space), (2, false));
    }

    #[test]
    fn items_are_numbered_or_have_a_hyphen() {
        assert_eq!(item_mark(1, None::<u32>), "- ");
        assert_eq!(item_mark(2, Some(3)), "  3. ");
        assert_eq!(item_mark(99, Some("iv")).len(), 2 * DEEPEST_LIST + 4);
    }
}
