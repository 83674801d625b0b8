//! What becomes of each template of an import. Pure: nothing is stored here.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::identifier::{Taken, names, names_sought};
use super::{LegacyTemplate, normalise};
use crate::{
    diagnostic::Diagnostic,
    id::TemplateId,
    source::{Source, Syntax},
};

/// A template that is stored already, or an id that was given before: that has no
/// identifier and no digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// Its number, which no imported template gets again.
    pub id: TemplateId,
    /// Its identifier; empty for an id that was given before and is gone.
    pub identifier: String,
    /// [`digest`] of its versions, the current one last. With the current one alone an import
    /// still finds what it brought before, unless somebody has changed it since.
    pub digests: Vec<String>,
}

/// What becomes of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Comes in, with its own id or, having none that can be kept, a new one.
    Create,
    /// Comes in with a new id since its own is taken.
    Renumber,
    /// Is there already, the same.
    Unchanged,
    /// Came in before and has been changed since: the change stays.
    Kept,
    /// The store would not take it; a finding says why. No plan says so beforehand.
    Refused,
}

impl Action {
    /// Whether something is to be stored.
    pub fn creates(self) -> bool {
        matches!(self, Self::Create | Self::Renumber)
    }
}

/// One template and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// As it was read.
    pub template: LegacyTemplate,
    /// What becomes of it.
    pub action: Action,
    /// The id it gets or has.
    pub id: TemplateId,
    /// The identifier it gets or has.
    pub identifier: String,
    /// Findings of the linter.
    pub diagnostics: Vec<Diagnostic>,
}

impl Step {
    /// The template's source, as the linter and the store take it.
    pub fn source(&self) -> Source {
        source(&self.template)
    }
}

/// What becomes of all of them, in the order in which they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// One step a template.
    pub steps: Vec<Step>,
}

/// Says whether two templates have the same content: SHA-256 of subject and bodies, in hexadecimal.
/// Identifier and status are not content: both may differ from what was read.
pub fn digest(title: &str, html: &str, text: Option<&str>) -> String {
    let mut hash = Sha256::new();
    for part in [title, html] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(text.unwrap_or_default());
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

/// Decides for each template: its own id where free, a new one above all others where not, an
/// identifier within the rules, and nothing for what is there already, so that the same
/// import twice changes nothing.
pub fn plan(
    existing: &[Existing],
    incoming: Vec<LegacyTemplate>,
    check: &dyn Fn(&Source) -> Vec<Diagnostic>,
) -> Plan {
    let mut state = State::new(existing, &incoming);
    let steps = incoming
        .into_iter()
        .map(|template| {
            let diagnostics = check(&source(&template));
            let (action, id, identifier) = state.place(&template);
            Step {
                template,
                action,
                id,
                identifier,
                diagnostics,
            }
        })
        .collect();
    Plan { steps }
}

fn source(template: &LegacyTemplate) -> Source {
    Source {
        syntax: Syntax::Keys,
        title: template.title.clone(),
        html: template.html.clone(),
        text: template.text.clone(),
    }
}

/// A template that is stored or will be.
#[derive(Clone)]
struct Placed {
    id: TemplateId,
    identifier: String,
    /// Whether the digest is of its current version.
    current: bool,
}

/// How a template with a given content is recognised: by its id, or by its identifier or the stem
/// of a derived one.
#[derive(PartialEq, Eq, Hash)]
enum Mark {
    Id(TemplateId),
    Name(String, usize),
}

struct State {
    ids: HashSet<TemplateId>,
    taken: Taken,
    /// Stored templates by identifier and content: a row that is among them was imported before.
    known: HashMap<(String, Mark), Placed>,
    /// Stored templates that a row of this import is already known as. Rows with the same content
    /// are as many templates as they are rows.
    claimed: HashSet<TemplateId>,
    /// The ids under which the import brings a content: a stored template that one of them names
    /// belongs to that row, and to no other of the same content.
    brought: HashSet<(TemplateId, String)>,
    /// The rows so far, to tell one that comes twice.
    rows: HashMap<RowKey, (TemplateId, String)>,
    next_id: TemplateId,
}

/// What makes two rows one: id, identifier and content.
type RowKey = (Option<u64>, String, String);

impl State {
    fn new(existing: &[Existing], incoming: &[LegacyTemplate]) -> Self {
        let ids: HashSet<TemplateId> = existing.iter().map(|e| e.id).collect();
        let highest = ids
            .iter()
            .copied()
            .chain(incoming.iter().filter_map(LegacyTemplate::kept_id))
            .max();
        let mut state = Self {
            ids,
            taken: Taken::default(),
            known: HashMap::new(),
            claimed: HashSet::new(),
            brought: incoming
                .iter()
                .filter_map(|template| Some((template.kept_id()?, digest_of(template))))
                .collect(),
            rows: HashMap::new(),
            next_id: highest.map_or(TemplateId::FIRST, TemplateId::next),
        };
        for template in existing {
            state.taken.insert(&template.identifier);
            for (n, digest) in template.digests.iter().enumerate() {
                state.remember(
                    digest,
                    &Placed {
                        id: template.id,
                        identifier: template.identifier.clone(),
                        current: n + 1 == template.digests.len(),
                    },
                );
            }
        }
        state
    }

    fn place(&mut self, template: &LegacyTemplate) -> (Action, TemplateId, String) {
        let digest = digest_of(template);
        let wanted = template.kept_id();
        let base = normalise(&template.identifier, &template.title);
        let row = (template.id, base.to_lowercase(), digest.clone());
        if let Some((id, identifier)) = self.rows.get(&row) {
            return (Action::Unchanged, *id, identifier.clone());
        }
        if let Some(found) = self.same(wanted, &base, &digest).cloned() {
            self.claimed.insert(found.id);
            self.rows.insert(row, (found.id, found.identifier.clone()));
            let action = if found.current {
                Action::Unchanged
            } else {
                Action::Kept
            };
            return (action, found.id, found.identifier);
        }
        let own = wanted.filter(|id| !self.ids.contains(id));
        let id = own.unwrap_or(self.next_id);
        if own.is_none() {
            self.next_id = self.next_id.next();
        }
        let action = if own.is_none() && wanted.is_some() {
            Action::Renumber
        } else {
            Action::Create
        };
        let identifier = self.taken.take(&base);
        self.ids.insert(id);
        self.rows.insert(row, (id, identifier.clone()));
        (action, id, identifier)
    }

    fn remember(&mut self, digest: &str, placed: &Placed) {
        let marks = names(&placed.identifier).map(|(name, added)| Mark::Name(name, added));
        for mark in marks.chain([Mark::Id(placed.id)]) {
            // A template as it is now is a better answer than one as it once was.
            let known = self
                .known
                .entry((digest.to_owned(), mark))
                .or_insert_with(|| placed.clone());
            if !known.current && placed.current {
                *known = placed.clone();
            }
        }
    }

    /// The stored template with this content that is this one: it has its id, or its identifier or
    /// one that was derived from it, and no other row is known as it.
    fn same(&self, id: Option<TemplateId>, base: &str, digest: &str) -> Option<&Placed> {
        let names = names_sought(base).map(|(name, added)| Mark::Name(name, added));
        id.map(Mark::Id).into_iter().chain(names).find_map(|mark| {
            let by_id = matches!(mark, Mark::Id(_));
            let found = self.known.get(&(digest.to_owned(), mark))?;
            let free = !self.claimed.contains(&found.id)
                && (by_id || !self.brought.contains(&(found.id, digest.to_owned())));
            free.then_some(found)
        })
    }
}

fn digest_of(template: &LegacyTemplate) -> String {
    digest(&template.title, &template.html, template.text.as_deref())
}

#[cfg(test)]
mod tests {
    use super::{super::MAX_LEGACY_ID, *};

    fn legacy(id: Option<u64>, identifier: &str, html: &str) -> LegacyTemplate {
        LegacyTemplate {
            id,
            identifier: identifier.into(),
            title: "t".into(),
            html: html.into(),
            ..Default::default()
        }
    }

    fn known(id: u64, identifier: &str, html: &str) -> Existing {
        Existing {
            id: TemplateId::new(id).unwrap(),
            identifier: identifier.into(),
            digests: vec![digest("t", html, None)],
        }
    }

    fn places(existing: &[Existing], incoming: Vec<LegacyTemplate>) -> Vec<(Action, u64, String)> {
        plan(existing, incoming, &|_| Vec::new())
            .steps
            .into_iter()
            .map(|step| (step.action, step.id.number(), step.identifier))
            .collect()
    }

    #[test]
    fn ids_and_identifiers_are_kept_where_free() {
        let placed = places(
            &[known(34, "other", "o"), known(35, "CP", "p")],
            vec![
                legacy(Some(34), "registro", "a"),
                legacy(Some(36), "cp", "b"),
                legacy(None, "", "c"),
                legacy(Some(100), "x y", "d"),
            ],
        );
        assert_eq!(
            placed,
            [
                (Action::Renumber, 101, "registro".into()),
                (Action::Create, 36, "cp-2".into()),
                (Action::Create, 102, "t".into()),
                (Action::Create, 100, "x-y".into()),
            ]
        );
    }

    #[test]
    fn a_number_that_leaves_none_after_it_is_not_kept() {
        let incoming = vec![
            legacy(Some(0), "zero", "a"),
            legacy(Some(u64::MAX), "last", "b"),
            legacy(Some(MAX_LEGACY_ID), "largest", "c"),
            legacy(None, "next", "d"),
        ];
        let after = MAX_LEGACY_ID;
        assert_eq!(
            places(&[], incoming),
            [
                (Action::Create, after + 1, "zero".into()),
                (Action::Create, after + 2, "last".into()),
                (Action::Create, after, "largest".into()),
                (Action::Create, after + 3, "next".into()),
            ]
        );
    }

    #[test]
    fn twice_changes_nothing() {
        let incoming = vec![
            legacy(Some(1), "a", "1"),
            legacy(Some(1), "a", "2"),
            legacy(Some(2), "A", "3"),
            legacy(None, "", "4"),
            legacy(None, "", "5"),
            legacy(Some(1), "a", "1"),
        ];
        let before = [known(2, "z", "other")];
        let first = plan(&before, incoming.clone(), &|_| Vec::new());
        assert_eq!(
            first.steps.last().map(|s| s.action),
            Some(Action::Unchanged),
            "a copy in the same run"
        );
        let after: Vec<Existing> = before
            .into_iter()
            .chain(
                first
                    .steps
                    .iter()
                    .filter(|s| s.action.creates())
                    .map(|s| known(s.id.number(), &s.identifier, &s.template.html)),
            )
            .collect();
        let second = plan(&after, incoming, &|_| Vec::new());
        assert!(
            second.steps.iter().all(|s| s.action == Action::Unchanged),
            "{:?}",
            second.steps
        );
        let ids = |plan: &Plan| plan.steps.iter().map(|s| s.id).collect::<Vec<_>>();
        assert_eq!(ids(&first), ids(&second));
    }

    #[test]
    fn rows_of_equal_content_are_as_many_templates() {
        for names in [
            ["aviso-2", "aviso"],
            ["aviso", "aviso-2"],
            ["", ""],
            ["a", "A"],
        ] {
            let incoming = vec![
                legacy(Some(1), names[0], "x"),
                legacy(Some(2), names[1], "x"),
                legacy(Some(2), "other", "x"),
                legacy(Some(3), names[1], "x"),
            ];
            let first = plan(&[], incoming.clone(), &|_| Vec::new());
            let ids: Vec<u64> = first.steps.iter().map(|step| step.id.number()).collect();
            assert_eq!(ids, [1, 2, 4, 3], "{names:?}");
            assert!(
                first.steps.iter().all(|step| step.action.creates()),
                "{names:?}"
            );
            let stored: Vec<Existing> = first
                .steps
                .iter()
                .map(|step| known(step.id.number(), &step.identifier, "x"))
                .collect();
            let mut backwards = incoming.clone();
            backwards.retain(|row| row.identifier != "other");
            backwards.reverse();
            for again in [incoming, backwards] {
                let second = plan(&stored, again, &|_| Vec::new());
                assert!(
                    second
                        .steps
                        .iter()
                        .all(|step| step.action == Action::Unchanged),
                    "{names:?}: {:?}",
                    second.steps
                );
            }
        }
    }

    #[test]
    fn a_row_with_an_id_of_its_own_is_not_taken_for_a_stored_one_that_another_row_names() {
        let stored = [known(1, "aviso-2", "x")];
        let incoming = vec![
            legacy(Some(2), "aviso", "x"),
            legacy(Some(1), "aviso-2", "x"),
        ];
        assert_eq!(
            places(&stored, incoming),
            [
                (Action::Create, 2, "aviso".into()),
                (Action::Unchanged, 1, "aviso-2".into()),
            ]
        );
    }

    #[test]
    fn a_change_since_the_import_stays() {
        let mut edited = known(7, "a", "before");
        edited.digests.push(digest("t", "after", None));
        assert_eq!(
            places(&[edited], vec![legacy(Some(7), "a", "before")]),
            [(Action::Kept, 7, "a".into())]
        );
    }

    #[test]
    fn equal_content_under_another_name_is_another_template() {
        let placed = places(&[known(7, "a", "x")], vec![legacy(Some(8), "b", "x")]);
        assert_eq!(placed, [(Action::Create, 8, "b".into())]);
    }

    #[test]
    fn findings_of_the_linter_come_with_each() {
        let check = |source: &Source| {
            vec![Diagnostic {
                severity: crate::diagnostic::Severity::Warning,
                code: "NO_TICKET_KEY".into(),
                part: crate::diagnostic::Part::Html,
                line: 1,
                column: 1,
                length: 1,
                found: source.html.clone(),
                suggestion: None,
                message: String::new(),
                particulars: None,
            }]
        };
        let plan = plan(&[], vec![legacy(None, "a", "x")], &check);
        assert_eq!(plan.steps[0].diagnostics[0].found, "x");
    }
}
