//! Rendering into a buffer that ends when it is full.

use std::io;

use tera::{Context, Error, Tera};

use crate::script::budget::{Exceeded, exceed};

/// Most bytes of a part, and what is said of one that is larger.
pub(super) type Limit = (usize, Exceeded);

/// Of a `${KEY}` template: no provider takes a larger mail.
pub(super) const KEYS_LIMIT: Limit = (10 * 1024 * 1024, Exceeded::KeysOutput);
/// Of a template in Tera.
pub(super) const TERA_LIMIT: Limit = (1024 * 1024, Exceeded::Output);

struct Buffer {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.full = true;
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Renders a part. An error says too whether the part grew too large.
pub(super) fn render(
    tera: &Tera,
    name: &str,
    filled: &Context,
    (limit, exceeded): Limit,
) -> Result<String, (Error, Option<Exceeded>)> {
    let mut buffer = Buffer {
        bytes: Vec::with_capacity(2048),
        limit,
        full: false,
    };
    match tera.render_to(name, filled, &mut buffer) {
        Ok(()) => String::from_utf8(buffer.bytes).map_err(|error| (error.into(), None)),
        Err(_) if buffer.full => Err((exceed(exceeded), Some(exceeded))),
        Err(error) => Err((error, None)),
    }
}
