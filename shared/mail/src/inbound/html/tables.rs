//! Rows and cells: a row is a line, with a tab between its cells, unless its table is a layout.

use html::Owed;
use html5ever::tokenizer::Tag;

/// Most tabs in front of a text.
const MAX_TABS: usize = 50;
/// Most columns or rows of a cell.
const MAX_SPAN: usize = 1000;

/// A table that is open.
#[derive(Default)]
struct Table {
    /// Where its row began, and what stands between that and the text in it.
    row: usize,
    owed: Owed,
    /// Rows so far.
    rows: usize,
    /// Column of the last cell of the row, and the one behind it.
    last: usize,
    next: usize,
    /// The last row down to which a cell reaches, for each column.
    down_to: Vec<usize>,
    /// Whether a row of it has several cells on a line: then they are columns, and no layout.
    tabs: bool,
}

impl Table {
    /// A cell takes the next column that is free, and so many more; how far it is from the one in front.
    fn place(&mut self, columns: usize, rows: usize) -> usize {
        let front = self.last;
        let free = |at: &usize| self.down_to.get(*at).is_none_or(|row| *row < self.rows);
        self.last = (self.next..).find(free).unwrap_or(self.next).min(MAX_TABS);
        self.next = (self.last + columns).min(MAX_TABS);
        if rows > 1 {
            let end = self.down_to.len().max(self.next);
            self.down_to.resize(end, 0);
            self.down_to[self.last..self.next].fill(self.rows + rows - 1);
        }
        (self.last - front).max(1)
    }
}

/// The tables that are open. Places in the text are its length when they were reached.
#[derive(Default)]
pub(super) struct Tables {
    open: Vec<Table>,
    /// Tabs in front of the next text: the cells of a row up to it.
    tabs: usize,
    /// Where the innermost cell began.
    fresh: Option<usize>,
    /// The last place where what follows begins a line, in whatever row it stands.
    apart: usize,
}

impl Tables {
    /// A table begins.
    pub(super) fn begin(&mut self, written: usize, owed: Owed) {
        self.open.push(Table {
            row: written,
            owed,
            ..Table::default()
        });
    }

    /// The innermost table ends.
    pub(super) fn end(&mut self, written: usize) {
        self.open.pop();
        self.leave_row(written);
    }

    /// A row begins: a line, as long as its cells hold no paragraphs with room between them.
    pub(super) fn row(&mut self, written: usize, owed: &mut Owed) {
        self.tabs = 0;
        if let Some(table) = self.open.last_mut() {
            // Room below the last cell of a line of columns is in its cell, too.
            if table.tabs && self.apart <= table.row {
                owed.lines = owed.lines.min(1);
            }
            table.row = written;
            table.owed = *owed;
            table.rows += 1;
            (table.last, table.next) = (0, 0);
        }
    }

    /// A cell begins. What breaks the line at the end of the one in front of it, or at the beginning of
    /// this one, does so within its cell; and an empty one has its place, where others of its table do. So
    /// has one behind those that take several columns or rows.
    pub(super) fn cell(&mut self, tag: &Tag, written: usize, owed: &mut Owed) {
        let mut columns = 1;
        if let Some(table) = self.open.last_mut() {
            columns = table.place(span(tag, "colspan"), span(tag, "rowspan"));
        }
        let in_line = owed.lines == 0 && written > 0;
        match self.open.last_mut() {
            Some(table) if table.row == written => {
                *owed = table.owed;
                self.tabs = if table.tabs { table.last } else { 0 };
            }
            Some(table) if self.apart <= table.row || in_line => {
                *owed = Owed::default();
                self.tabs += columns;
                table.tabs = true;
            }
            None if in_line => self.tabs = 1,
            _ => {}
        }
        self.tabs = self.tabs.min(MAX_TABS);
        self.fresh = Some(written);
    }

    /// A cell ends.
    pub(super) fn end_cell(&mut self) {
        self.fresh = None;
    }

    /// What stands so far on the line of a row, if any, and what follows are apart.
    pub(super) fn leave_row(&mut self, written: usize) {
        self.tabs = 0;
        self.fresh = None;
        self.break_row(written);
    }

    /// What follows begins a line.
    pub(super) fn break_row(&mut self, written: usize) {
        self.apart = written;
    }

    /// Whether nothing stands yet in the innermost cell.
    pub(super) fn is_fresh(&self, written: usize) -> bool {
        self.fresh == Some(written)
    }

    /// Whether the next text stands behind tabs.
    pub(super) fn has_tabs(&self) -> bool {
        self.tabs > 0
    }

    /// The tabs in front of the next text, which is written now.
    pub(super) fn take_tabs(&mut self) -> usize {
        std::mem::take(&mut self.tabs)
    }
}

/// How many columns or rows a cell takes.
fn span(tag: &Tag, name: &str) -> usize {
    let attribute = tag.attrs.iter().find(|one| &*one.name.local == name);
    let number = attribute.and_then(|one| one.value.trim().parse().ok());
    number.unwrap_or(1).clamp(1, MAX_SPAN)
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
            // A cell that takes several columns or rows keeps the others in their places.
            (
                "<table><tr><td>a<td>b<td>c<tr><td colspan=2>d<td>e<tr><td colspan='2'><td>f<tr><td>g<td colspan=x>h<td>i</table>",
                "a\tb\tc\nd\t\te\n\t\tf\ng\th\ti",
            ),
            (
                "<table><tr><td rowspan=2>a<td>b<td>c<tr><td>d<td>e<tr><td>f<td rowspan=2>g<td>h<tr><td>i<td>j</table>",
                "a\tb\tc\n\td\te\nf\tg\th\ni\t\tj",
            ),
            (
                "<table>x<tr>y<td colspan=3>a<td colspan=99999>b<td>c</table>",
                &format!("x\ny\ta\t\t\tb{}c", "\t".repeat(47)),
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
