//! Names that were meant.

use std::collections::HashMap;

use domain::catalog::keys;

/// Most names for which a suggestion is looked up; it is a search through the catalogue.
const SUGGESTIONS_LIMIT: usize = 300;

/// Suggestions looked up once a name.
#[derive(Default)]
pub(super) struct Names {
    nearest: HashMap<String, Option<&'static str>>,
}

impl Names {
    pub(super) fn nearest(&mut self, name: &str) -> Option<&'static str> {
        if let Some(known) = self.nearest.get(name) {
            return *known;
        }
        if self.nearest.len() >= SUGGESTIONS_LIMIT {
            return None;
        }
        let nearest = keys::nearest(name);
        self.nearest.insert(name.to_owned(), nearest);
        nearest
    }
}
