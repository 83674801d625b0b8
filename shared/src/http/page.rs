//! Lists: `?limit=` and an opaque `?cursor=` that belongs to one list.

use axum::extract::FromRequestParts;
use data_encoding::BASE64URL_NOPAD;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::{Code, Error},
    store::{Key, Position},
};

const DEFAULT_LIMIT: usize = 25;
const MAX_LIMIT: usize = 100;

/// Query parameters of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// Most items of the page.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page as it is answered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Give it back as `cursor` to read on; null at the end.
    pub next_cursor: Option<String>,
}

/// What a list was asked for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Most items.
    pub limit: usize,
    given: bool,
    cursor: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    scope: String,
    position: Position,
}

impl<S: Send + Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let bad = |detail: String| Error::new(Code::RequestInvalid, detail);
        let axum::extract::Query(asked) =
            axum::extract::Query::<PageParameters>::try_from_uri(&parts.uri)
                .map_err(|_| bad(format!("limit is a number from 1 to {MAX_LIMIT}.")))?;
        let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(bad(format!("limit is a number from 1 to {MAX_LIMIT}.")));
        }
        Ok(Self {
            limit,
            given: asked.limit.is_some(),
            cursor: asked.cursor.filter(|c| !c.is_empty()),
        })
    }
}

impl PageRequest {
    /// Where to go on. `scope` names the list (route, thing, filter, caller): a cursor of another
    /// one is refused.
    ///
    /// # Errors
    /// [`Code::CursorInvalid`].
    pub fn after(&self, scope: &[&str]) -> Result<Option<Position>, Error> {
        let Some(text) = &self.cursor else {
            return Ok(None);
        };
        let refused = || {
            Error::new(
                Code::CursorInvalid,
                "Use the next_cursor of this very list, or none to start again.",
            )
        };
        let bytes = BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| refused())?;
        let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| refused())?;
        if cursor.scope == digest(scope) {
            Ok(Some(cursor.position))
        } else {
            Err(refused())
        }
    }

    /// A page of a list that is short and known as a whole: all of it, unless a limit or a cursor was
    /// given.
    ///
    /// # Errors
    /// [`Code::CursorInvalid`].
    pub fn of<T>(&self, scope: &[&str], all: Vec<T>) -> Result<Page<T>, Error> {
        let after = self.after(scope)?;
        let most = match (self.given, &after) {
            (false, None) => all.len(),
            _ => self.limit,
        };
        let from: usize = after.map_or(0, |position| position.key.sk.parse().unwrap_or(0));
        let end = from.saturating_add(most);
        let next = (end < all.len()).then(|| Position {
            key: Key::new("list", end.to_string()),
            sort: None,
        });
        let items = all.into_iter().skip(from).take(most).collect();
        Ok(self.page(scope, items, next))
    }

    /// The answer.
    pub fn page<T>(&self, scope: &[&str], items: Vec<T>, next: Option<Position>) -> Page<T> {
        let next_cursor = next.and_then(|position| {
            let cursor = Cursor {
                scope: digest(scope),
                position,
            };
            serde_json::to_vec(&cursor)
                .ok()
                .map(|bytes| BASE64URL_NOPAD.encode(&bytes))
        });
        Page { items, next_cursor }
    }
}

fn digest(scope: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in scope {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    BASE64URL_NOPAD.encode(&hash.finalize()[..9])
}
