//! Identifiers for templates whose own is missing, malformed or taken.

use std::collections::{HashMap, HashSet};

use crate::{
    accents::without_accent,
    characters::{composed, is_unseen},
};

/// Longest identifier, in characters (the column is `VARCHAR(20)`).
pub const MAX_IDENTIFIER: usize = 20;

/// An identifier within the rules: blanks become `-`, what nobody sees goes, at most
/// [`MAX_IDENTIFIER`] characters. An empty one is made from the subject, without its keys.
pub fn normalise(identifier: &str, title: &str) -> String {
    let own: String = composed(identifier.trim())
        .chars()
        .map(|c| if c.is_whitespace() { '-' } else { c })
        .filter(|c| !c.is_control() && !is_unseen(*c))
        .take(MAX_IDENTIFIER)
        .collect();
    if !own.is_empty() {
        return own;
    }
    let slug = slug(title);
    if slug.is_empty() {
        "template".to_owned()
    } else {
        slug
    }
}

/// Identifiers that are in use, compared without case. Taking one costs the same however
/// many there are already.
#[derive(Debug, Default)]
pub(super) struct Taken {
    identifiers: HashSet<String>,
    /// The number to try next for a base that was asked for before.
    next: HashMap<String, u64>,
}

impl Taken {
    /// Marks an identifier as in use.
    pub(super) fn insert(&mut self, identifier: &str) {
        self.identifiers.insert(identifier.to_lowercase());
    }

    /// Takes `base`, or `base-2`, `base-3` … cut to fit: the first that is free.
    pub(super) fn take(&mut self, base: &str) -> String {
        let key = base.to_lowercase();
        if self.identifiers.insert(key.clone()) {
            return base.to_owned();
        }
        let next = self.next.entry(key).or_insert(2);
        loop {
            let candidate = numbered(base, *next);
            *next += 1;
            if self.identifiers.insert(candidate.to_lowercase()) {
                return candidate;
            }
        }
    }
}

/// Under which names an identifier is looked for: itself, and when it may have been derived
/// (`stem-2`), its stem with the length of what was added.
pub(super) fn names(identifier: &str) -> impl Iterator<Item = (String, usize)> {
    let identifier = identifier.to_lowercase();
    let derived = identifier
        .rsplit_once('-')
        .filter(|(_, n)| is_number(n))
        .map(|(stem, n)| (stem.to_owned(), n.len() + 1));
    std::iter::once((identifier, 0)).chain(derived)
}

/// The names under which `base`, or an identifier derived from it, would be found.
pub(super) fn names_sought(base: &str) -> impl Iterator<Item = (String, usize)> {
    let base = base.to_lowercase();
    let stems = (2..=LONGEST_SUFFIX).map({
        let base = base.clone();
        move |suffix| (base.chars().take(MAX_IDENTIFIER - suffix).collect(), suffix)
    });
    std::iter::once((base, 0)).chain(stems)
}

/// `-` and six digits.
const LONGEST_SUFFIX: usize = 7;

fn is_number(text: &str) -> bool {
    !text.starts_with(['0', '+'])
        && text != "1"
        && text.len() < LONGEST_SUFFIX
        && text.parse::<u32>().is_ok()
}

fn numbered(base: &str, n: u64) -> String {
    let suffix = format!("-{n}");
    let kept: String = base
        .chars()
        .take(MAX_IDENTIFIER.saturating_sub(suffix.len()))
        .collect();
    kept + &suffix
}

/// Lower-case words of a subject, joined by `-`, as many whole ones as fit.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for word in without_keys(title).split(|c: char| !c.is_alphanumeric()) {
        let word: String = word
            .chars()
            .flat_map(char::to_lowercase)
            .map(without_accent)
            .collect();
        if word.is_empty() {
            continue;
        }
        let gap = usize::from(!slug.is_empty());
        if slug.chars().count() + gap + word.chars().count() > MAX_IDENTIFIER {
            if slug.is_empty() {
                slug = word.chars().take(MAX_IDENTIFIER).collect();
            }
            break;
        }
        if gap == 1 {
            slug.push('-');
        }
        slug += &word;
    }
    slug
}

fn without_keys(title: &str) -> String {
    let mut kept = String::new();
    let mut rest = title;
    while let Some((before, after)) = rest.split_once("${") {
        kept += before;
        kept.push(' ');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_what_is_within_the_rules() {
        assert_eq!(normalise("NOTIFOCORRENCIA", "x"), "NOTIFOCORRENCIA");
        assert_eq!(normalise(" com espaço ", "x"), "com-espaço");
        assert_eq!(normalise("ac\u{327}\u{e3}o\u{200b}", "x"), "aç\u{e3}o");
        assert_eq!(normalise("\u{2060}", "Aviso"), "aviso");
        assert_eq!(
            normalise("a-name-that-is-longer-than-twenty", "x"),
            "a-name-that-is-longe"
        );
    }

    #[test]
    fn makes_one_of_the_subject() {
        assert_eq!(
            normalise("", "Solicitação registrada -  ${IDSOLICITACAOSERVICO}"),
            "solicitacao"
        );
        assert_eq!(
            normalise(" ", "Validade do Item configuração"),
            "validade-do-item"
        );
        assert_eq!(normalise("", "${KEY"), "template");
        assert_eq!(
            normalise("", "Anticonstitucionalissimamente"),
            "anticonstitucionalis"
        );
    }

    fn finds(identifier: &str, base: &str) -> bool {
        names(identifier).any(|name| names_sought(base).any(|sought| sought == name))
    }

    #[test]
    fn counts_up_until_free() {
        let mut taken = Taken::default();
        for identifier in ["cp", "CP-2", "a-name-that-is-longe"] {
            taken.insert(identifier);
        }
        assert_eq!(taken.take("CP"), "CP-3");
        assert_eq!(taken.take("cp"), "cp-4");
        assert_eq!(taken.take("a-name-that-is-longe"), "a-name-that-is-lon-2");
        assert_eq!(taken.take("ep"), "ep");
    }

    #[test]
    fn derived_ones_are_recognised() {
        assert!(
            finds("CP", "cp")
                && finds("cp-2", "CP")
                && finds("a-name-that-is-lo-17", "a-name-that-is-longe")
        );
        assert!(
            !finds("cp", "cp-2")
                && !finds("cp-1", "cp")
                && !finds("cp-02", "cp")
                && !finds("cpx-2", "cp")
        );
    }

    proptest! {
        #[test]
        fn always_within_the_rules(own in "\\PC{0,40}", title in "\\PC{0,60}", n in 0usize..200) {
            let base = normalise(&own, &title);
            let mut taken = Taken::default();
            for _ in 0..n {
                taken.take(&base);
            }
            let before = taken.identifiers.clone();
            let found = taken.take(&base);
            prop_assert!(found.chars().count() <= MAX_IDENTIFIER && !found.is_empty());
            prop_assert!(!found.contains(char::is_whitespace) && !found.contains(char::is_control));
            prop_assert!(!before.contains(&found.to_lowercase()));
            prop_assert!(finds(&found, &base));
        }
    }
}
