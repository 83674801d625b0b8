//! Templates by what is looked for, and the versions of one.

use super::stored::not_found;
use crate::{
    app::{
        App, Result,
        access::{Caller, Role},
    },
    domain::template::{Status, Summary, Template},
    store::{self, Item, Page, Position, Query, Range, keys},
};

/// Most templates that a search looks at in one call; a cursor goes on from there.
const SEARCH_WINDOW: usize = 500;

/// The versions of a template, newest first.
///
/// # Errors
/// [`crate::app::Code::Forbidden`], [`crate::app::Code::NotFound`], storage.
pub async fn versions(
    app: &App,
    caller: &Caller,
    id: u64,
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<Template>, Option<Position>)> {
    caller.require(&[Role::Admin])?;
    let first = after.is_none();
    let query = Query::of(store::Source::Partition(keys::template_versions(id)), limit)
        .descending()
        .after(after);
    let page = app.store.query(query).await?;
    if first && page.items.is_empty() {
        return Err(not_found());
    }
    let versions = page
        .items
        .iter()
        .map(Item::decode)
        .collect::<std::result::Result<_, _>>()?;
    Ok((versions, page.next))
}

/// Which templates a list takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Only those of this status.
    pub status: Option<Status>,
    /// Only those whose id is this, or whose title or identifier contains it, whatever its case.
    pub text: Option<String>,
}

impl Search {
    fn takes(&self, template: &Summary) -> bool {
        let status = self.status.is_none_or(|status| status == template.status);
        let text = self.text.as_ref().is_none_or(|text| {
            let wanted = text.to_lowercase();
            template.id.to_string() == wanted
                || template.title.to_lowercase().contains(&wanted)
                || template.identifier.to_lowercase().contains(&wanted)
        });
        status && text
    }
}

/// Templates by id. A page may be short, or empty, while there is a next one: a search looks at a
/// bounded number of templates in one call.
///
/// # Errors
/// [`crate::app::Code::Forbidden`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    search: &Search,
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<Summary>, Option<Position>)> {
    caller.require(&[Role::Admin])?;
    let window = if *search == Search::default() {
        limit
    } else {
        SEARCH_WINDOW
    };
    let query = Query::of(store::Source::Partition(keys::TEMPLATES.to_owned()), window)
        .range(Range::All)
        .after(after);
    let Page { items, next } = app.store.query(query).await?;
    let mut taken = Vec::new();
    for item in &items {
        let summary: Summary = item.decode()?;
        if search.takes(&summary) {
            taken.push(summary);
            if taken.len() == limit {
                let last = items.last().is_some_and(|last| last.key == item.key);
                let here = Position {
                    key: item.key.clone(),
                    sort: None,
                };
                return Ok((taken, if last { next } else { Some(here) }));
            }
        }
    }
    Ok((taken, next))
}
