//! What the API takes and answers of the domain's values and of stored records.
//!
//! These types have the OpenAPI schema, so a record can change without the API, and the other way round.
//! Each is made of its record field by field: a new field of a record does not compile until somebody
//! says whether it is shown, and a record with a schema of its own does not compile at all. What the two
//! sides have in common are words (states, roles, kinds: enums without fields) and ids: they are stored
//! as they are answered, and neither side can change one alone.

use std::collections::BTreeMap;

/// What is given, or else the default.
macro_rules! either {
    ([] $default:expr) => {
        $default
    };
    ([$given:expr] $default:expr) => {
        $given
    };
}

/// Answers, each with the record that it is made of. A field is what the record has under its name, or
/// what follows the equals sign; what the record has for this program alone follows `without`.
macro_rules! shown {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident = $record:path $(, without $hidden:ident)? {
            $($(#[$attr:meta])* pub $field:ident: $type:ty $(= $shown:expr)?,)*
        }
    )*) => {$(
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$attr])* pub $field: $type,)*
        }

        const _: () = <$record as $crate::api::Apart<_>>::APART;

        impl From<$record> for $name {
            fn from(record: $record) -> Self {
                let $record { $($field,)* $($hidden: _,)? } = record;
                Self {
                    $($field: either!([$($shown)?] $field.into()),)*
                }
            }
        }
    )*};
}

/// What is taken and answered alike.
macro_rules! exchanged {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident = $record:path {
            $($(#[$attr:meta])* pub $field:ident: $type:ty,)*
        }
    )*) => {$(
        shown! {
            #[derive(serde::Deserialize)]
            $(#[$meta])*
            pub struct $name = $record {
                $($(#[$attr])* pub $field: $type,)*
            }
        }

        impl From<$name> for $record {
            fn from(taken: $name) -> Self {
                let $name { $($field),* } = taken;
                Self {
                    $($field: $field.into(),)*
                }
            }
        }
    )*};
}

mod canned_answer;
mod catalogue;
mod configuration;
mod delivery;
mod erasure;
mod import;
mod mail;
mod message;
mod people;
mod suppression;
mod template;

pub use canned_answer::CannedAnswerContent;
pub use catalogue::{ArgumentView, FunctionView, KeyView, Labels};
pub use configuration::{ChangeView, CountsView, IdentityChangeView, IdentityStateView};
pub use delivery::{DismissedView, SentMailView};
pub use erasure::{ErasedView, ErasureView};
pub use import::{
    FindingView, LegacyTemplateFields, LineView, OriginFields, ReportView, TotalsView,
};
pub use mail::{MailSenderView, MailView, NamedFileView, VerdictsView};
pub use message::{FileView, LetInView, MessageView, TimeSpentFields};
pub use people::{AuthorFields, GroupFields, PersonFields, RecipientView};
pub use suppression::{LiftedView, SuppressionAdded, SuppressionOrigin, SuppressionView};
pub use template::{
    DiagnosticView, SourceFields, SummaryView, TemplateFields, TemplateView, VariantFields,
};

/// That a type has no schema, as `<Type as Apart<_>>::APART`. Of one that has, both cases below hold: which
/// is meant cannot be told, and it does not compile.
pub(crate) trait Apart<Case> {
    /// Nothing: it is there to be named.
    const APART: () = ();
}
impl<T> Apart<()> for T {}
impl<T: utoipa::ToSchema> Apart<HasSchema> for T {}

/// The case of a type that has a schema.
pub(crate) struct HasSchema;

/// All of them as the other side has them.
pub fn each<T: Into<U>, U>(all: Vec<T>) -> Vec<U> {
    all.into_iter().map(Into::into).collect()
}

/// The same by key.
pub(crate) fn converted<K: Ord, T: Into<U>, U>(all: BTreeMap<K, T>) -> BTreeMap<K, U> {
    let all = all.into_iter();
    all.map(|(key, one)| (key, one.into())).collect()
}
