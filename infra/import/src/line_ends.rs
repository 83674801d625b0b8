//! Files whose lines end with CR alone, as Excel for Mac and old editors save them.

use std::io::{self, Read};

use crate::encoding::read_up_to;

/// How much of a file is looked at.
const HEAD: usize = 64 * 1024;

/// The stream with LF at the end of each line when `by_cr_alone` says so of its beginning;
/// as it is otherwise.
pub(crate) fn unified<'a>(
    mut reader: Box<dyn Read + 'a>,
    by_cr_alone: fn(&[u8]) -> bool,
) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = vec![0; HEAD];
    let n = read_up_to(&mut reader, &mut head)?;
    head.truncate(n);
    let unify = by_cr_alone(&head);
    let whole = io::Cursor::new(head).chain(reader);
    Ok(if unify {
        Box::new(Unified {
            reader: whole,
            after_cr: false,
        })
    } else {
        Box::new(whole)
    })
}

/// Whether the first line ends with CR alone: the rows of separated values, whose cells may hold
/// line ends of the other kind.
pub(crate) fn first_line(head: &[u8]) -> bool {
    memchr::memchr2(b'\r', b'\n', head)
        .is_some_and(|at| head[at] == b'\r' && head.get(at + 1).is_some_and(|next| *next != b'\n'))
}

/// Whether the first line ends with CR alone, or what is there of it: scripts, whose strings may hold
/// line ends of the other kind, and pages.
pub(crate) fn alone(head: &[u8]) -> bool {
    first_line(head) || memchr::memchr(b'\n', head).is_none() && head.ends_with(b"\r")
}

struct Unified<R> {
    reader: R,
    /// The last byte was CR, which has become LF already: an LF that follows is the same line end.
    after_cr: bool,
}

impl<R: Read> Read for Unified<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.reader.read(out)?;
            let mut kept = 0;
            for at in 0..n {
                let byte = out[at];
                let same_end = byte == b'\n' && self.after_cr;
                self.after_cr = byte == b'\r';
                if !same_end {
                    out[kept] = if byte == b'\r' { b'\n' } else { byte };
                    kept += 1;
                }
            }
            // Zero bytes mean the end of a stream.
            if kept > 0 || n == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that a line end falls between two reads.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(out.len()).min(1);
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[test]
    fn line_ends_become_lf_however_the_stream_is_cut() {
        let mut unified = Unified {
            reader: Slow(b"a\rb\r\nc\n\rd\r\r"),
            after_cr: false,
        };
        let mut all = String::new();
        unified.read_to_string(&mut all).unwrap();
        assert_eq!(all, "a\nb\nc\n\nd\n\n");
    }

    #[test]
    fn which_files_have_them() {
        assert!(
            first_line(b"a;b\r1;\"x\ny\"\r")
                && !first_line(b"a;b\r\n1;2\r")
                && !first_line(b"a\nb\r")
        );
        assert!(alone(b"a\rb") && alone(b"a\rb\n") && alone(b"a\r"));
        assert!(!alone(b"a") && !alone(b"a\nb\r") && !alone(b"a\r\n"));
    }
}
