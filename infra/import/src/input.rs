//! A window over a stream of any length: bytes ahead, the line one is on, and a way back.

use std::io::{self, Read};

/// How much is read at a time.
const CHUNK: usize = 256 * 1024;
/// How far back a mark reaches; also the bound of how far `ahead` may look.
pub(crate) const MARK_REACH: usize = 1024 * 1024;

/// A window over a stream. Memory stays below a few chunks, or [`MARK_REACH`] while a mark is held.
pub(crate) struct Input<'a> {
    reader: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    /// Place of the next byte in the buffer.
    at: usize,
    /// End of what has been read.
    end: usize,
    /// Bytes that have left the window.
    gone: u64,
    mark: Option<usize>,
    ended: bool,
    error: Option<io::Error>,
    /// The line on which `counted` is.
    line: u64,
    counted: usize,
    /// How many bytes were read again after going back.
    repeated: u64,
}

impl<'a> Input<'a> {
    pub(crate) fn new(reader: impl Read + 'a) -> Self {
        Self {
            reader: Box::new(reader),
            buffer: vec![0; CHUNK],
            at: 0,
            end: 0,
            gone: 0,
            mark: None,
            ended: false,
            error: None,
            line: 1,
            counted: 0,
            repeated: 0,
        }
    }

    /// The error that ended the stream, if it did not end by itself.
    pub(crate) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    /// The next byte, without going on.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        if self.at < self.end || self.fill() {
            Some(self.buffer[self.at])
        } else {
            None
        }
    }

    /// The byte `n` after the next, as far as a window reaches.
    #[inline]
    pub(crate) fn peek_at(&mut self, n: usize) -> Option<u8> {
        while self.at + n >= self.end {
            if !self.fill() {
                return None;
            }
        }
        Some(self.buffer[self.at + n])
    }

    /// What is in the window from here on; read on if that is nothing.
    #[inline]
    pub(crate) fn window(&mut self) -> &[u8] {
        if self.at == self.end {
            self.fill();
        }
        &self.buffer[self.at..self.end]
    }

    /// At least `n` bytes from here on, fewer only at the end of the stream.
    pub(crate) fn ahead(&mut self, n: usize) -> &[u8] {
        while self.end - self.at < n && self.fill() {}
        let end = self.end.min(self.at + n);
        &self.buffer[self.at..end]
    }

    /// Goes on by `n` bytes of the window.
    #[inline]
    pub(crate) fn advance(&mut self, n: usize) {
        self.at = (self.at + n).min(self.end);
    }

    /// The line of the next byte, from 1.
    pub(crate) fn line(&mut self) -> u64 {
        self.count_to(self.at);
        self.line
    }

    /// Keeps what comes from here on, as far as [`MARK_REACH`].
    pub(crate) fn set_mark(&mut self) {
        self.mark = Some(self.at);
    }

    /// What has been passed since the mark; none when that was too much.
    pub(crate) fn since_mark(&self) -> Option<&[u8]> {
        self.mark.map(|mark| &self.buffer[mark..self.at])
    }

    /// Lets go of the mark.
    pub(crate) fn clear_mark(&mut self) {
        self.mark = None;
    }

    /// Goes back to `offset` after the mark. Refused when going back has already cost twice what
    /// the stream holds so far, so that no input takes more than a fixed number of passes.
    pub(crate) fn go_back(&mut self, offset: usize) -> bool {
        let Some(mark) = self.mark else { return false };
        let target = mark + offset;
        let cost = (self.at - target) as u64;
        let passed = self.gone + self.at as u64;
        if self.repeated + cost > 2 * passed + MARK_REACH as u64 {
            return false;
        }
        self.repeated += cost;
        self.at = target;
        true
    }

    fn count_to(&mut self, at: usize) {
        if at >= self.counted {
            self.line += newlines(&self.buffer[self.counted..at]);
        } else {
            self.line -= newlines(&self.buffer[at..self.counted]);
        }
        self.counted = at;
    }

    /// Reads on; false at the end of the stream.
    #[cold]
    fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.mark.is_some_and(|mark| self.at - mark > MARK_REACH) {
            self.mark = None;
        }
        let keep = self.mark.unwrap_or(self.at);
        if keep > 0 {
            self.count_to(keep.max(self.counted));
            self.buffer.copy_within(keep..self.end, 0);
            self.gone += keep as u64;
            self.at -= keep;
            self.end -= keep;
            self.counted -= keep;
            self.mark = self.mark.map(|mark| mark - keep);
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(n) => self.end += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.error = Some(error);
                    self.ended = true;
                }
            }
            return !self.ended;
        }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_across_windows_and_back() {
        let text = "x\n".repeat(CHUNK);
        let mut input = Input::new(text.as_bytes());
        let mut passed = 0;
        while input.peek().is_some() {
            input.set_mark();
            input.advance(2);
            passed += 1;
            if passed % 1000 == 0 {
                assert!(input.go_back(0));
                assert_eq!(input.line(), passed);
                input.advance(2);
            }
            assert_eq!(input.line(), passed + 1);
            input.clear_mark();
        }
        assert_eq!(passed, CHUNK as u64);
    }

    #[test]
    fn a_mark_reaches_so_far_and_no_further() {
        let text = vec![b'a'; 3 * MARK_REACH];
        let mut input = Input::new(text.as_slice());
        input.set_mark();
        while input.peek().is_some() {
            let n = input.window().len();
            input.advance(n);
        }
        assert!(input.since_mark().is_none());
        assert!(input.buffer.len() <= 4 * MARK_REACH);
    }

    #[test]
    fn going_back_is_rationed() {
        let text = vec![b'a'; CHUNK];
        let mut input = Input::new(text.as_slice());
        input.peek();
        input.set_mark();
        input.advance(CHUNK);
        let times = (0..1000).take_while(|_| {
            let back = input.go_back(0);
            input.advance(CHUNK);
            back
        });
        assert!(times.count() < 10);
    }

    #[test]
    fn an_error_is_kept() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let mut input = Input::new(Broken);
        assert_eq!(input.peek(), None);
        assert!(input.take_error().is_some());
    }
}
