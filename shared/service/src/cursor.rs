//! Where a list goes on, as it is handed out: opaque, and good for that list alone, as it is.

use data_encoding::BASE64URL_NOPAD;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{Code, Error, Result, error::foreign_cursor};

/// Bytes of the mark before a place. It finds cursors that were altered, cut short or given to another list.
/// It is no secret: who makes one up reads another part of what they may read anyway.
const MARK: usize = 9;

/// A place in the list that `scope` names (route, thing, filter, caller), as it is handed out.
pub fn written(scope: &[&str], place: &impl Serialize) -> Option<String> {
    let place = serde_json::to_vec(place).ok()?;
    Some(BASE64URL_NOPAD.encode(&[&mark(scope, &place), place.as_slice()].concat()))
}

/// The place of a cursor that this very list handed out.
///
/// # Errors
/// [`Code::CursorInvalid`].
pub fn read<T: DeserializeOwned>(scope: &[&str], cursor: &str) -> Result<T> {
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok();
    let parts = bytes.as_deref().and_then(|all| all.split_at_checked(MARK));
    parts
        .filter(|(given, place)| *given == mark(scope, place))
        .and_then(|(_, place)| serde_json::from_slice(place).ok())
        .ok_or_else(|| Error::new(Code::CursorInvalid, foreign_cursor()))
}

fn mark(scope: &[&str], place: &[u8]) -> [u8; MARK] {
    let mut hash = Sha256::new();
    for part in scope.iter().map(|part| part.as_bytes()).chain([place]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut mark = [0; MARK];
    mark.copy_from_slice(&hash.finalize()[..MARK]);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_list_as_it_is() {
        let scope = ["tickets", "maria"];
        let cursor = written(&scope, &"25").expect("a cursor");
        assert_eq!(read::<String>(&scope, &cursor).expect("a place"), "25");
        for scope in [
            &["tickets", "bia"][..],
            &["ticketsmaria"],
            &["tickets"],
            &[],
        ] {
            assert!(read::<String>(scope, &cursor).is_err(), "{scope:?}");
        }
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).expect("bytes");
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            for bytes in [&altered, &bytes[..at]] {
                let altered = BASE64URL_NOPAD.encode(bytes);
                let error = read::<String>(&scope, &altered).expect_err(&altered);
                assert_eq!(error.code, Code::CursorInvalid);
            }
        }
    }
}
