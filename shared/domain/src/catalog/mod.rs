//! The catalogues: keys of the template language and parameters, as data, in three languages.

pub mod keys;
pub mod language;
pub mod parameters;
pub mod phrase;
pub mod starters;
pub mod tag;

pub use keys::{Key, KeyKind};
pub use language::{Language, Texts};
pub use parameters::{Parameter, ParameterError, ParameterType};
pub use phrase::Phrase;
pub use tag::{DateOrder, LanguageTag, Locale};
