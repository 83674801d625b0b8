//! Lists: `?limit=` and an opaque `?cursor=` that belongs to one list.

use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{problem::HttpError, query::Wrong};
use service::{Code, Error, cursor, error::foreign_cursor, pages::Rows};
use storage::{Key, Position};

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
    /// Most items that the page may have.
    pub limit: usize,
    given: bool,
    cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for PageRequest {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let mut wrong = Wrong::of(parts);
        let asked = asked(&parts.uri, &mut wrong);
        let asked = wrong.or(asked)?;
        Ok(Self {
            limit: asked.limit.unwrap_or(DEFAULT_LIMIT),
            given: asked.limit.is_some(),
            cursor: asked.cursor,
        })
    }
}

/// The page that a query chooses, and what is wrong with it.
pub(super) fn asked(uri: &Uri, wrong: &mut Wrong) -> Option<PageParameters> {
    let asked: PageParameters = wrong.read(uri)?;
    if let Some(limit) = asked.limit {
        wrong.bound("limit", limit, MAX_LIMIT);
    }
    Some(asked)
}

impl PageRequest {
    /// Where to go on. `scope` names the list (route, thing, filter, caller): a cursor of
    /// another one is refused.
    ///
    /// # Errors
    /// [`Code::CursorInvalid`].
    pub fn after(&self, scope: &[&str]) -> Result<Option<Position>, Error> {
        let cursor = self.cursor.as_deref();
        cursor.map(|text| cursor::read(scope, text)).transpose()
    }

    /// A page of a list that is short and known as a whole: all of it, unless a limit or
    /// a cursor was given.
    ///
    /// # Errors
    /// [`Code::CursorInvalid`].
    pub fn of<T: Serialize>(&self, scope: &[&str], all: Vec<T>) -> Result<Page<T>, Error> {
        let after = self.after(scope)?;
        let most = match (self.given, &after) {
            (false, None) => all.len(),
            _ => self.limit,
        };
        let refused = || Error::new(Code::CursorInvalid, foreign_cursor());
        let from: usize = match after {
            Some(position) => position.key.sk.parse().map_err(|_| refused())?,
            None => 0,
        };
        let place = |at: usize| Position {
            key: Key::new("list", at.to_string()),
            sort: None,
        };
        let next = (from.saturating_add(most) < all.len()).then(|| place(from + most));
        let rows = all.into_iter().enumerate().skip(from).take(most);
        let rows = rows.map(|(at, item)| (item, place(at + 1))).collect();
        Ok(self.page(scope, Rows { rows, next }))
    }

    /// The answer: what of the rows fits into a page.
    pub fn page<T: Serialize>(&self, scope: &[&str], rows: Rows<T>) -> Page<T> {
        let rows = rows.fitting();
        let next_cursor = rows.next.as_ref();
        let next_cursor = next_cursor.and_then(|next| cursor::written(scope, next));
        Page {
            items: rows.into_items(),
            next_cursor,
        }
    }
}
