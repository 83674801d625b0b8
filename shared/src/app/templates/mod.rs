//! Store templates: immutable versions, a pointer to the published one, unique identifiers.

mod change;
mod list;
mod rules;
mod stored;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{App, access::Caller};
use crate::{
    domain::template::{Status, Template, Variant},
    render::{Diagnostic, Source, Syntax},
};

pub use change::{create, delete, rollback, update};
pub use list::{Search, list, versions};
pub use rules::{Weigh, acceptable_locales, diagnose, findings};
pub(crate) use stored::{last_id, published, stored_version, was_used};
pub use stored::{read, read_version};

/// What an administrator writes of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(from = "Written")]
pub struct Draft {
    /// Short name, at most 20 characters without spaces, unique whatever its case.
    pub identifier: String,
    /// Whether it may be used.
    #[serde(default)]
    pub status: Status,
    /// The template, in its own (default) language.
    #[serde(flatten)]
    pub source: Source,
    /// Other languages by BCP 47 tag.
    #[serde(default)]
    pub locales: BTreeMap<String, Variant>,
}

/// A draft as it is read: flat, so that a field that is not known is noticed.
#[derive(Deserialize)]
struct Written {
    identifier: String,
    #[serde(default)]
    status: Status,
    #[serde(default)]
    syntax: Syntax,
    title: String,
    html: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    locales: BTreeMap<String, Variant>,
}

impl From<Written> for Draft {
    fn from(written: Written) -> Self {
        Self {
            identifier: written.identifier,
            status: written.status,
            source: Source {
                syntax: written.syntax,
                title: written.title,
                html: written.html,
                text: written.text,
            },
            locales: written.locales,
        }
    }
}

/// A template with the mark of its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// The published version.
    pub template: Template,
    /// For `If-Match`.
    pub etag: String,
}

/// A draft as a template that is stored nowhere, with its findings.
pub(crate) fn unsaved(app: &App, caller: &Caller, draft: &Draft) -> Template {
    let findings = diagnose(draft, Weigh::Strictly);
    let findings = findings.into_iter().map(|(_, finding)| finding).collect();
    template(app, caller, draft, 0, 0, findings)
}

fn template(
    app: &App,
    caller: &Caller,
    draft: &Draft,
    id: u64,
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
        warnings,
    }
}
