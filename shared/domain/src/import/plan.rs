//! What becomes of each template of an import. Pure: nothing is stored here.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};

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
    /// The stored template that a row is: it was imported before.
    known: HashMap<RowKey, Placed>,
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
        let mut taken = Taken::default();
        for template in existing {
            taken.insert(&template.identifier);
        }
        Self {
            ids,
            taken,
            known: Stored::new(existing, incoming).of_rows(incoming),
            rows: HashMap::new(),
            next_id: highest.map_or(TemplateId::FIRST, TemplateId::next),
        }
    }

    fn place(&mut self, template: &LegacyTemplate) -> (Action, TemplateId, String) {
        let row = row_key(template);
        if let Some((id, identifier)) = self.rows.get(&row) {
            return (Action::Unchanged, *id, identifier.clone());
        }
        if let Some(found) = self.known.get(&row).cloned() {
            self.rows.insert(row, (found.id, found.identifier.clone()));
            let action = if found.current {
                Action::Unchanged
            } else {
                Action::Kept
            };
            return (action, found.id, found.identifier);
        }
        let wanted = template.kept_id();
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
        let base = normalise(&template.identifier, &template.title);
        let identifier = self.taken.take(&base);
        self.ids.insert(id);
        self.rows.insert(row, (id, identifier.clone()));
        (action, id, identifier)
    }
}

/// The stored templates by content and mark: as many stand under one mark as were derived from one
/// identifier, those that fit best first.
struct Stored {
    marked: HashMap<(String, Mark), VecDeque<Placed>>,
    /// Those that a row is already known as. Rows with the same content are as many templates as
    /// they are rows.
    claimed: HashSet<TemplateId>,
    /// The identifiers that rows ask for, each with their content.
    wanted: HashSet<(String, String)>,
}

impl Stored {
    fn new(existing: &[Existing], incoming: &[LegacyTemplate]) -> Self {
        // A stored template that a row names by its id belongs to that row, and to no other of the
        // same content.
        let brought: HashSet<(TemplateId, String)> = incoming
            .iter()
            .filter_map(|template| Some((template.kept_id()?, digest_of(template))))
            .collect();
        let mut marked: HashMap<(String, Mark), VecDeque<Placed>> = HashMap::new();
        for template in existing {
            for (n, digest) in template.digests.iter().enumerate() {
                let placed = Placed {
                    id: template.id,
                    identifier: template.identifier.clone(),
                    current: n + 1 == template.digests.len(),
                };
                let names =
                    names(&template.identifier).map(|(name, added)| Mark::Name(name, added));
                let by_name = !brought.contains(&(template.id, digest.clone()));
                for mark in names.filter(|_| by_name).chain([Mark::Id(template.id)]) {
                    let known = marked.entry((digest.clone(), mark)).or_default();
                    known.push_back(placed.clone());
                }
            }
        }
        for known in marked.values_mut() {
            // A template as it is now is a better answer than one as it once was.
            known
                .make_contiguous()
                .sort_by_key(|placed| !placed.current);
        }
        Self {
            marked,
            claimed: HashSet::new(),
            wanted: incoming
                .iter()
                .map(row_key)
                .map(|(_, base, digest)| (digest, base))
                .collect(),
        }
    }

    /// Which stored template each row is, whatever the order of the rows. What is stored as `aviso-2`
    /// may have come of a row `aviso-2` or of one `aviso`: the longer name chooses first, and leaves
    /// to the shorter one what it can do without.
    fn of_rows(mut self, incoming: &[LegacyTemplate]) -> HashMap<RowKey, Placed> {
        let mut rows: Vec<(Option<TemplateId>, RowKey)> = incoming
            .iter()
            .map(|template| (template.kept_id(), row_key(template)))
            .collect();
        rows.sort_by_cached_key(|(id, (_, base, digest))| {
            let by_id = id.and_then(|id| self.marked.get(&(digest.clone(), Mark::Id(id))));
            let stored = by_id.and_then(|known| known.front());
            let fits = stored.is_some_and(|placed| {
                names(&placed.identifier).any(|name| names_sought(base).any(|s| s == name))
            });
            (!fits, Reverse(base.chars().count()))
        });
        let mut known = HashMap::new();
        for (id, row) in rows {
            if known.contains_key(&row) {
                continue;
            }
            if let Some(placed) = self.claim(id, &row) {
                known.insert(row, placed);
            }
        }
        known
    }

    /// The stored template with this content that is this one: it has its id, or its identifier or
    /// one that was derived from it, and no other row is known as it.
    fn claim(&mut self, id: Option<TemplateId>, (_, base, digest): &RowKey) -> Option<Placed> {
        let (own, derived): (Vec<_>, Vec<_>) =
            names_sought(base).partition(|(_, added)| *added == 0);
        let stem_wanted = names(base)
            .skip(1)
            .any(|(stem, _)| self.wanted.contains(&(digest.clone(), stem)));
        let names = match stem_wanted {
            true => derived.into_iter().chain(own),
            false => own.into_iter().chain(derived),
        };
        let names = names.map(|(name, added)| Mark::Name(name, added));
        let marks = id.map(Mark::Id).into_iter().chain(names);
        for mark in marks {
            let Some(known) = self.marked.get_mut(&(digest.clone(), mark)) else {
                continue;
            };
            while let Some(placed) = known.pop_front() {
                if self.claimed.insert(placed.id) {
                    return Some(placed);
                }
            }
        }
        None
    }
}

fn row_key(template: &LegacyTemplate) -> RowKey {
    let base = normalise(&template.identifier, &template.title);
    (template.id, base.to_lowercase(), digest_of(template))
}

fn digest_of(template: &LegacyTemplate) -> String {
    digest(&template.title, &template.html, template.text.as_deref())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    fn stored(before: Vec<Existing>, plan: &Plan) -> Vec<Existing> {
        let created = plan.steps.iter().filter(|step| step.action.creates());
        let created = created.map(|s| known(s.id.number(), &s.identifier, &s.template.html));
        before.into_iter().chain(created).collect()
    }

    proptest! {
        #[test]
        fn neither_again_nor_backwards_changes_anything(
            rows in prop::collection::vec(
                (prop::option::of(1u64..4), prop::sample::select(vec!["a", "A", "a-2", "a-3", "b", ""]), prop::sample::select(vec!["x", "y"])),
                0..9,
            ),
            before in prop::collection::vec((1u64..6, prop::sample::select(vec!["a", "b-2", "c"])), 0..2),
        ) {
            let mut before: Vec<Existing> = before
                .into_iter()
                .map(|(id, identifier)| known(id, identifier, "z"))
                .collect();
            before.dedup_by_key(|template| template.id);
            // Two rows of one id and one content under two names are told apart by their order alone.
            let mut seen = HashSet::new();
            let incoming: Vec<LegacyTemplate> = rows
                .into_iter()
                .filter(|(id, _, html)| id.is_none() || seen.insert((*id, *html)))
                .map(|(id, identifier, html)| legacy(id, identifier, html))
                .collect();
            let first = plan(&before, incoming.clone(), &|_| Vec::new());
            let after = stored(before, &first);
            let mut backwards = incoming.clone();
            backwards.reverse();
            for again in [incoming, backwards] {
                let plan = plan(&after, again, &|_| Vec::new());
                prop_assert!(plan.steps.iter().all(|step| step.action == Action::Unchanged), "{:?} {:?}", after, plan.steps);
            }
        }
    }

    #[test]
    fn more_than_one_that_was_derived_is_known() {
        let rows = vec![
            legacy(Some(1), "aviso", "y"),
            legacy(Some(2), "aviso", "x"),
            legacy(Some(1), "aviso", "x"),
        ];
        let first = plan(&[], rows.clone(), &|_| Vec::new());
        assert_eq!(first.steps[2].identifier, "aviso-3");
        let again = places(&stored(Vec::new(), &first), rows);
        assert_eq!(
            again,
            [
                (Action::Unchanged, 1, "aviso".into()),
                (Action::Unchanged, 2, "aviso-2".into()),
                (Action::Unchanged, 3, "aviso-3".into()),
            ]
        );
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
