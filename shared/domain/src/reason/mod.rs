//! The catalogue of reasons: why a mail of ours did not go, or not yet, and why a mail that came was not
//! let in. Each has a stable code and words for people.

mod delivery;
mod quarantine;
mod recorded;

pub use delivery::{Effect, Reason};
pub use quarantine::MailReason;
pub use recorded::Recorded;

use crate::catalog::Texts;

/// One kind of reasons.
pub trait Reasons: Copy + Eq + 'static {
    /// Every reason of this kind, in the order of its table; tests and the contract walk it.
    const ALL: &'static [Self];
    /// The code in records and answers; part of the API's contract, never renamed.
    fn code(self) -> &'static str;
    /// What it means and what to do, for people.
    fn words(self) -> Texts;
    /// The reason with this code.
    fn find(code: &str) -> Option<Self> {
        let mut known = Self::ALL.iter().copied();
        known.find(|reason| reason.code() == code)
    }
}

/// Declares a kind of reasons: each with its code, which also names its words in the catalogue of texts.
macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident, $texts:ident { $($(#[$doc:meta])* $variant:ident = $code:ident;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every reason of this kind, in the order of its table; tests and
            /// the contract walk it.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The code in records and answers; part of the API's contract, never renamed.
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => stringify!($code),)* } }
            /// What it means and what to do, for people.
            pub const fn words(self) -> $crate::catalog::Texts { match self { $(Self::$variant => $crate::texts::$texts::$code,)* } }
            /// The reason with this code.
            pub fn find(code: &str) -> Option<Self> { $crate::reason::Reasons::find(code) }
        }

        impl $crate::reason::Reasons for $name {
            const ALL: &'static [Self] = Self::ALL;
            fn code(self) -> &'static str { self.code() }
            fn words(self) -> $crate::catalog::Texts { self.words() }
        }
    };
}
use reasons;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::Language;

    fn codes_and_words<R: Reasons + std::fmt::Debug>() {
        let codes: BTreeSet<_> = R::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), R::ALL.len());
        let mut words = BTreeSet::new();
        for reason in R::ALL {
            assert_eq!(R::find(reason.code()), Some(*reason));
            let plain = |b: u8| b.is_ascii_uppercase() || b == b'_';
            assert!(reason.code().bytes().all(plain), "{reason:?}");
            for language in Language::ALL {
                let text = reason.words().get(language);
                assert!(text.ends_with('.'), "{text}");
                assert!(words.insert(text), "twice: {text}");
            }
        }
    }

    #[test]
    fn every_reason_has_its_own_code_and_words_in_every_language() {
        codes_and_words::<Reason>();
        codes_and_words::<MailReason>();
    }
}
