//! Store templates: immutable versions, a pointer to the published one, unique identifiers.

mod change;
mod list;
mod rules;
mod stored;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{App, access::Caller};
use domain::{
    catalog::{Language, starters::Starter},
    diagnostic::Diagnostic,
    id::TemplateId,
    source::{Source, Syntax},
    template::{Content, Status, Template, Variant},
};

pub use change::{create, delete, rollback, update};
pub use list::{Search, list, versions};
pub(crate) use rules::TOO_LARGE;
pub use rules::{MAX_STORED, Strictness, acceptable_locales, diagnose, findings, sendable};
pub(crate) use stored::{Holder, Sequence, last_id, published, stored_version, was_used};
pub use stored::{id, read, read_version, uses};

/// What an administrator writes of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Short name, at most 20 characters without spaces, unique whatever its case.
    /// A preview needs none.
    pub identifier: String,
    /// Whether it may be used.
    pub status: Status,
    /// The template, in its own (default) language.
    pub source: Source,
    /// Other languages by BCP 47 tag, at most 20.
    pub locales: BTreeMap<String, Variant>,
    /// Why it was changed, for those who look at its versions: at most 500 characters.
    pub comment: String,
    /// The number that it says it has, where it says one: that of the template that it becomes a version
    /// of, and of no new one, which gets its number when it is stored.
    pub id: Option<TemplateId>,
}

impl Draft {
    /// A starter as a template; `own` is the language of everybody who has none of the others.
    pub fn of_starter(starter: &Starter, own: Language) -> Self {
        let others = Language::ALL.into_iter().filter(|other| *other != own);
        Self {
            identifier: starter.identifier.to_owned(),
            source: starter.variant(own).source(Syntax::Tera),
            locales: others
                .map(|other| (other.tag().to_owned(), starter.variant(other)))
                .collect(),
            ..Self::default()
        }
    }
}

impl From<Draft> for Content {
    fn from(draft: Draft) -> Self {
        Self {
            source: draft.source,
            locales: draft.locales,
        }
    }
}

/// A template with the mark of its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// The published version of it.
    pub template: Template,
    /// Mark of the state, for `If-Match` of the next change.
    pub etag: String,
}

fn template(
    app: &App,
    caller: &Caller,
    draft: &Draft,
    id: TemplateId,
    version: u64,
    warnings: Vec<Diagnostic>,
) -> Template {
    Template {
        id,
        version,
        identifier: draft.identifier.clone(),
        status: draft.status,
        source: draft.source.clone(),
        locales: draft.locales.clone(),
        updated_at: app.now(),
        updated_by: caller.sub.clone(),
        updated_by_name: caller.name.clone(),
        comment: draft.comment.trim().to_owned(),
        warnings,
    }
}
