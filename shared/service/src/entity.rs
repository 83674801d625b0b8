//! Documents by their types. An [`Entity`] is the key of one kind of item: it knows the name that the
//! item is stored under, the type of its document, and its place in the index. [`App::read`] takes
//! several of different kinds at once and answers each with its own type:
//!
//! ```ignore
//! let (ticket, parameters) = app
//!     .read((entity::Ticket(id), entity::Parameters.or_default()))
//!     .await?;
//! ```
//!
//! [`table`] lists every kind there is.

mod layout;
mod table;

use serde::{Serialize, de::DeserializeOwned};

pub use layout::Row;
pub use table::layout;
pub(crate) use table::*;

use crate::App;
use storage::{Expect, IndexEntry, Item, Key, MAX_GET, StorageError, Version, Write};

type Result<T> = std::result::Result<T, StorageError>;
/// What storage answers to the keys of a read, in their order.
type Items = std::vec::IntoIter<Option<Item>>;

/// The key of one kind of item.
pub(crate) trait Entity: Copy {
    /// What is stored there.
    type Document: Serialize + DeserializeOwned;
    /// Name of the kind in the item: the stream's filter and people in the console read it.
    const NAME: &'static str;

    /// Where it is stored, by what it is of.
    fn key(self) -> Key;

    /// Its place in the index, where the document alone says it.
    fn place(_document: &Self::Document) -> Option<IndexEntry> {
        None
    }

    /// The same, for a document that is taken as empty while nothing is stored.
    fn or_default(self) -> OrDefault<Self> {
        OrDefault(self)
    }

    /// The same, for a document that is passed over when it cannot be read: one must not stop others.
    fn if_readable(self) -> IfReadable<Self> {
        IfReadable(self)
    }

    /// The item of a document.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn item(self, document: &Self::Document) -> Result<Item> {
        let mut item = Item::new(self.key(), Self::NAME, document)?;
        item.index = Self::place(document);
        Ok(item)
    }

    /// The write that stores a document where nothing is yet.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn create(self, document: &Self::Document) -> Result<Write> {
        self.item(document).map(Write::create)
    }

    /// The write that stores a document whatever is there.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn put(self, document: &Self::Document) -> Result<Write> {
        self.item(document).map(Write::put)
    }

    /// The write that stores a document if what is there meets `expect`.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn store(self, document: &Self::Document, expect: Expect) -> Result<Write> {
        self.item(document).map(|item| Write::store(item, expect))
    }
}

/// A document, and the version at which it was read: what a write of it expects to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loaded<T> {
    /// The document, read into its type.
    pub(crate) value: T,
    /// Mark of the write that made it.
    pub(crate) version: Version,
}

impl<T> Loaded<T> {
    /// What a write in its place expects: this version, or nothing where nothing was read.
    pub(crate) fn expect(read: Option<&Self>) -> Expect {
        read.map_or(Expect::Absent, |one| Expect::Version(one.version.clone()))
    }

    /// The document and its version.
    pub(crate) fn into_parts(self) -> (T, Version) {
        (self.value, self.version)
    }

    /// The document, empty where nothing was read, and what a write in its place expects.
    pub(crate) fn or_default(read: Option<Self>) -> (T, Expect)
    where
        T: Default,
    {
        let expect = Self::expect(read.as_ref());
        (read.map(|one| one.value).unwrap_or_default(), expect)
    }
}

impl<T: DeserializeOwned> Loaded<T> {
    /// The document of an item.
    ///
    /// # Errors
    /// When it is of another shape.
    pub(crate) fn of(item: &Item) -> Result<Self> {
        Ok(Self {
            value: item.decode()?,
            version: item.version.clone(),
        })
    }
}

/// An entity whose document is taken as empty while nothing is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrDefault<E>(E);

/// An entity whose document counts as absent when it cannot be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfReadable<E>(E);

/// What [`App::read`] reads: entities, and lists, options and tuples of them.
pub(crate) trait Wanted {
    /// What is answered: an option for what may be absent, a tuple for a tuple.
    type Found;

    /// The keys that it needs, in the order in which [`Wanted::found`] takes the items.
    fn keys(&self, into: &mut Vec<Key>);

    /// What was found, of the items of all that is read.
    ///
    /// # Errors
    /// When an item is not of its type.
    fn found(self, items: &mut Items) -> Result<Self::Found>;
}

impl<E: Entity> Wanted for E {
    type Found = Option<Loaded<E::Document>>;

    fn keys(&self, into: &mut Vec<Key>) {
        into.push(self.key());
    }

    fn found(self, items: &mut Items) -> Result<Self::Found> {
        let item = items.next().flatten();
        item.as_ref().map(Loaded::of).transpose()
    }
}

impl<E: Entity<Document: Default>> Wanted for OrDefault<E> {
    type Found = E::Document;

    fn keys(&self, into: &mut Vec<Key>) {
        self.0.keys(into);
    }

    fn found(self, items: &mut Items) -> Result<Self::Found> {
        let found = self.0.found(items)?;
        Ok(found.map(|one| one.value).unwrap_or_default())
    }
}

impl<E: Entity> Wanted for IfReadable<E> {
    type Found = Option<Loaded<E::Document>>;

    fn keys(&self, into: &mut Vec<Key>) {
        self.0.keys(into);
    }

    fn found(self, items: &mut Items) -> Result<Self::Found> {
        Ok(self.0.found(items).ok().flatten())
    }
}

impl<W: Wanted> Wanted for Option<W> {
    type Found = Option<W::Found>;

    fn keys(&self, into: &mut Vec<Key>) {
        self.iter().for_each(|one| one.keys(into));
    }

    fn found(self, items: &mut Items) -> Result<Self::Found> {
        self.map(|one| one.found(items)).transpose()
    }
}

impl<W: Wanted> Wanted for Vec<W> {
    type Found = Vec<W::Found>;

    fn keys(&self, into: &mut Vec<Key>) {
        self.iter().for_each(|one| one.keys(into));
    }

    fn found(self, items: &mut Items) -> Result<Self::Found> {
        self.into_iter().map(|one| one.found(items)).collect()
    }
}

macro_rules! tuples {
    ($($kind:ident $one:ident),*) => {
        impl<$($kind: Wanted),*> Wanted for ($($kind,)*) {
            type Found = ($($kind::Found,)*);

            fn keys(&self, into: &mut Vec<Key>) {
                let ($($one,)*) = self;
                $($one.keys(into);)*
            }

            fn found(self, items: &mut Items) -> Result<Self::Found> {
                let ($($one,)*) = self;
                Ok(($($one.found(items)?,)*))
            }
        }
    };
}
tuples!(A a, B b);
tuples!(A a, B b, C c);
tuples!(A a, B b, C c, D d);

impl App {
    /// Reads documents, each strongly consistent; two of them may be of different commits. One call of
    /// storage, unless more is wanted than one call gives.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(crate) async fn read<W: Wanted>(&self, wanted: W) -> crate::Result<W::Found> {
        let mut keys = Vec::new();
        wanted.keys(&mut keys);
        let mut items = Vec::with_capacity(keys.len());
        for some in keys.chunks(MAX_GET) {
            items.extend(self.store.get(some).await?);
        }
        Ok(wanted.found(&mut items.into_iter())?)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use domain::id::TemplateId;

    use super::*;
    use crate::settings::Settings;
    use storage::embedded::Embedded;

    fn app() -> App {
        let store = Arc::new(Embedded::in_memory().unwrap());
        App::new(store, Settings::read(|_| None).unwrap())
    }

    #[test]
    fn no_two_kinds_have_one_name() {
        let names: BTreeSet<_> = table::NAMES.iter().collect();
        assert_eq!(names.len(), table::NAMES.len());
    }

    #[tokio::test]
    async fn each_part_of_a_read_is_answered_by_its_own_type() {
        let app = app();
        let mark = |messages| crate::desk::tickets::ReadMark {
            messages,
            public_messages: 0,
        };
        let tickets = ["42", "43"].map(domain::id::TicketId::from_static);
        let [ana, bia] = ["ana", "bia"].map(|reader| ReadUpTo(&tickets[0], reader));
        let schedule = serde_json::json!({ "free_at": "later" });
        let broken = Item::new(Pace.key(), Pace::NAME, &schedule).unwrap();
        let writes = vec![
            ana.create(&mark(1)).unwrap(),
            bia.create(&mark(2)).unwrap(),
            Write::put(broken),
        ];
        app.store.commit(writes).await.unwrap();
        let (none, marks, pace, missing) = app
            .read((
                None::<Template>,
                vec![bia, ana, ReadUpTo(&tickets[0], "eva")],
                Pace.if_readable(),
                ReadUpTo(&tickets[1], "ana").or_default(),
            ))
            .await
            .unwrap();
        let read: Vec<_> = marks.iter().flatten().map(|one| one.value).collect();
        assert_eq!(read, [mark(2), mark(1)]);
        assert!(none.is_none() && marks[2].is_none() && pace.is_none());
        assert_eq!(missing, mark(0));
        let broken = app.read((ana, Pace)).await.unwrap_err();
        assert_eq!(broken.code, crate::Code::Internal);
    }

    #[tokio::test]
    async fn who_writes_at_an_older_version_loses() {
        let app = app();
        let sequence = |last| serde_json::from_value(serde_json::json!({ "last": last })).unwrap();
        let (_, expect) = Loaded::or_default(app.read(TemplateSequence).await.unwrap());
        for (last, wins) in [(1, true), (2, false)] {
            let write = TemplateSequence.store(&sequence(last), expect.clone());
            let written = crate::committed(&app, vec![write.unwrap()]).await;
            assert_eq!(written.unwrap(), wins);
        }
    }

    #[tokio::test]
    async fn more_than_one_call_gives_is_read_in_several() {
        let app = app();
        let wanted: Vec<_> = (1..=250)
            .filter_map(TemplateId::new)
            .map(Template)
            .collect();
        assert_eq!(app.read(wanted).await.unwrap().len(), 250);
    }
}
