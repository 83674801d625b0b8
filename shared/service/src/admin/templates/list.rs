//! Templates by what is looked for, and the versions of one.

use super::stored::not_found;
use crate::{
    App, Result,
    access::{Caller, Role},
    pages::{self, Bounds, Rows},
};
use domain::{
    characters::folded,
    id::TemplateId,
    template::{Status, Summary, Template},
};
use storage::{Position, Query, Range, keys};

/// Most templates that a search looks at in one call; a cursor goes on from there.
const SEARCH_WINDOW: usize = 500;

/// The versions of a template without their bodies, newest first.
///
/// # Errors
/// [`crate::Code::Forbidden`], [`crate::Code::NotFound`], storage.
pub async fn versions(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    limit: usize,
    after: Option<Position>,
) -> Result<Rows<Summary>> {
    caller.require(&[Role::Admin])?;
    let first = after.is_none();
    let query = Query::of(
        storage::Source::Partition(keys::template_versions(id)),
        limit,
    )
    .descending()
    .after(after);
    let versions = pages::read(app, query, Bounds::of(limit), |item| {
        Ok(Some(item.decode::<Template>()?.summary()))
    })
    .await?;
    if first && versions.rows.is_empty() {
        return Err(not_found());
    }
    Ok(versions)
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
            let wanted = folded(text);
            template.id.to_string() == wanted
                || folded(&template.title).contains(&wanted)
                || folded(&template.identifier).contains(&wanted)
        });
        status && text
    }
}

/// Templates by id. A page may be short, or empty, while there is a next one: a search looks at a
/// bounded number of templates in one call.
///
/// # Errors
/// [`crate::Code::Forbidden`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    search: &Search,
    limit: usize,
    after: Option<Position>,
) -> Result<Rows<Summary>> {
    caller.require(&[Role::Admin])?;
    let window = if *search == Search::default() {
        limit
    } else {
        SEARCH_WINDOW
    };
    let query = Query::of(
        storage::Source::Partition(keys::TEMPLATES.to_owned()),
        window,
    )
    .range(Range::All)
    .after(after);
    pages::read(app, query, Bounds::of(limit).calls(1), |item| {
        let summary: Summary = item.decode()?;
        Ok(search.takes(&summary).then_some(summary))
    })
    .await
}
