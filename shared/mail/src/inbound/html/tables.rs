//! Rows and cells: a row is a line, with a tab between its cells, unless its table is a layout.

use html::Owed;

use super::Writer;

/// Most tabs in front of a text.
const MAX_TABS: usize = 50;

/// A table that is open.
#[derive(Default)]
pub(super) struct Table {
    /// Length of `out` where its row began, and what stands between that and the text in it.
    row: usize,
    owed: Owed,
    /// Empty cells with which the row begins.
    cells: usize,
    /// Whether a row of it has several cells on a line: then they are columns, and no layout.
    tabs: bool,
}

impl Table {
    pub(super) fn new(row: usize, owed: Owed) -> Self {
        Self {
            row,
            owed,
            ..Self::default()
        }
    }
}

impl Writer {
    /// A row begins: a line, as long as its cells hold no paragraphs with room between them.
    pub(super) fn row(&mut self) {
        self.tabs = 0;
        if let Some(table) = self.tables.last_mut() {
            // Room below the last cell of a line of columns is in its cell, too.
            if table.tabs && self.apart <= table.row {
                self.owed.lines = self.owed.lines.min(1);
            }
            table.row = self.out.len();
            table.owed = self.owed;
            table.cells = 0;
        }
    }

    /// A cell begins. What breaks the line at the end of the one in front of it, or at the beginning of
    /// this one, does so within its cell; and an empty one has its place, where others of its table do.
    pub(super) fn cell(&mut self) {
        let written = self.out.len();
        let in_line = self.owed.lines == 0 && written > 0;
        match self.tables.last_mut() {
            Some(table) if table.row == written => {
                self.owed = table.owed;
                self.tabs = if table.tabs { table.cells } else { 0 };
                table.cells += 1;
            }
            Some(table) if self.apart <= table.row || in_line => {
                self.owed = Owed::default();
                self.tabs += 1;
                table.tabs = true;
            }
            None if in_line => self.tabs = 1,
            _ => {}
        }
        self.tabs = self.tabs.min(MAX_TABS);
        self.fresh = Some(written);
        self.blank = false;
    }

    /// What stands so far on the line of a row, if any, and what follows are apart.
    pub(super) fn leave_row(&mut self) {
        self.tabs = 0;
        self.fresh = None;
        self.apart = self.out.len();
    }

    /// Whether nothing stands yet in the innermost cell.
    pub(super) fn is_fresh(&self) -> bool {
        self.fresh == Some(self.out.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::to_text;

    #[test]
    fn a_row_is_a_line_and_a_layout_is_none() {
        for (html, text) in [
            (
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
                "a\tb\nc",
            ),
            (
                "<table><tr><th><p class=MsoNormal>a</p></th><th> <div>b</div> </th></tr>\n<tr><td> <p>c</p></td><td><p>d</p></td></tr></table>e",
                "a\tb\nc\td\n\ne",
            ),
            (
                "<table><tr><td>a<td><td>c<tr><td><p>&nbsp;</p><td>b<tr><td><br><td><td>c</table>",
                "a\t\tc\n\tb\n\t\tc",
            ),
            // A layout: its cells hold paragraphs, tables of their own, or nothing before what they show.
            (
                "<table><tr><td>a<p>b</p></td><td><p>c</p></td></tr><tr><td></td><td>d</td></tr></table>",
                "a\n\nb\n\nc\n\nd",
            ),
            (
                "<table><tr><td>a</td><td><table><tr><td>b</td></tr></table></td><td>c</td></tr></table>",
                "a\n\nb\n\nc",
            ),
            (
                "<table><tr><td>a</td><td><blockquote type=cite>b</blockquote></td><td>c</td></tr></table>",
                "a\n> b\n\nc",
            ),
        ] {
            assert_eq!(to_text(html).text, text, "{html}");
        }
    }
}
