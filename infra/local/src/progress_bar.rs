//! The progress line of long files, on a terminal alone.

use std::io::{self, IsTerminal, Stderr, Write};

use import::Progress;

/// How long a file is before its progress is shown, bytes.
const LONG: u64 = 8 * 1024 * 1024;

/// One line that is written over itself.
pub(crate) struct ProgressBar<W: Write> {
    /// None where nobody looks.
    out: Option<W>,
    percent: Option<u64>,
}

impl ProgressBar<Stderr> {
    /// On the terminal, when there is one.
    pub(crate) fn of_terminal() -> Self {
        Self::new(Some(io::stderr()).filter(IsTerminal::is_terminal))
    }
}

impl<W: Write> ProgressBar<W> {
    fn new(out: Option<W>) -> Self {
        Self { out, percent: None }
    }

    /// Shows how far a file is read. A line that cannot be written is not missed.
    pub(crate) fn show(&mut self, progress: &Progress) {
        let (Some(out), Some(total)) = (&mut self.out, progress.total.filter(|n| *n >= LONG))
        else {
            return;
        };
        let percent = progress.read.min(total).saturating_mul(100) / total;
        if self.percent == Some(percent) {
            return;
        }
        let name = progress.path.display();
        let (end, next) = if progress.read >= total {
            ("\n", None)
        } else {
            ("", Some(percent))
        };
        self.percent = next;
        drop(write!(out, "\r{name}: {percent} %{end}").and_then(|()| out.flush()));
    }
}

impl<W: Write> Drop for ProgressBar<W> {
    fn drop(&mut self) {
        if let (Some(out), Some(_)) = (&mut self.out, self.percent) {
            drop(writeln!(out));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(total: Option<u64>, read: &[u64]) -> String {
        let mut out = Vec::new();
        let mut bar = ProgressBar::new(Some(&mut out));
        for read in read {
            bar.show(&Progress {
                path: "dump.sql".into(),
                read: *read,
                total,
            });
        }
        drop(bar);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn long_files_have_a_line_and_others_none() {
        let total = Some(10 * LONG);
        assert_eq!(
            shown(total, &[0, 1, LONG, 5 * LONG, 10 * LONG]),
            "\rdump.sql: 0 %\rdump.sql: 10 %\rdump.sql: 50 %\rdump.sql: 100 %\n"
        );
        // One that breaks off leaves the cursor on a line of its own.
        assert_eq!(shown(total, &[LONG]), "\rdump.sql: 10 %\n");
        assert_eq!(shown(Some(LONG - 1), &[0, LONG - 1]), "");
        assert_eq!(shown(None, &[LONG]), "");
    }
}
