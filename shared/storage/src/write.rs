//! What a commit does, and what each of its writes expects to find.

use crate::{Item, Key, Version};

/// What a write expects to find; otherwise the whole commit is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No item, or an expired one.
    Absent,
    /// The item as this write left it.
    Version(Version),
    /// Whatever is there, or nothing: the last write wins.
    Anything,
    /// Whatever is there, and the rest of the commit does not count on it: a backend may make the write
    /// on its own, which costs half of one that is held together with others.
    Alone(When),
}

/// When a write that stands alone is made, where it is not made with its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before it: when the commit is done, the write is. It stays when the commit is refused.
    Before,
    /// After it: it may be missing when the process ends or storage fails in between.
    After,
}

/// What a write does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Store the item, replacing what is there.
    Put(Item),
    /// Remove the item at this key; removing an absent one is not an error.
    Delete(Key),
    /// Change nothing, only hold the expectation.
    Check(Key),
}

/// One write of a commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// What becomes of the item.
    pub action: Action,
    /// The state of the item without which the whole commit fails.
    pub expect: Expect,
}

impl Write {
    /// Store `item` if nothing is there.
    pub fn create(item: Item) -> Self {
        Self {
            action: Action::Put(item),
            expect: Expect::Absent,
        }
    }
    /// Store `item` if the present one has this version.
    pub fn replace(item: Item, version: Version) -> Self {
        Self {
            action: Action::Put(item),
            expect: Expect::Version(version),
        }
    }
    /// Store `item` whatever is there.
    pub fn put(item: Item) -> Self {
        Self {
            action: Action::Put(item),
            expect: Expect::Anything,
        }
    }
    /// Store `item` if the present one meets `expect`.
    pub fn store(item: Item, expect: Expect) -> Self {
        let action = Action::Put(item);
        Self { action, expect }
    }
    /// Store `item` on its own, before the rest of the commit or after it.
    pub fn alone(item: Item, when: When) -> Self {
        Self {
            action: Action::Put(item),
            expect: Expect::Alone(when),
        }
    }
    /// Remove what is at `key` if it meets `expect`.
    pub fn delete(key: Key, expect: Expect) -> Self {
        Self {
            action: Action::Delete(key),
            expect,
        }
    }
    /// Hold `expect` at `key` without writing.
    pub fn check(key: Key, expect: Expect) -> Self {
        Self {
            action: Action::Check(key),
            expect,
        }
    }
    /// The key it is about.
    pub fn key(&self) -> &Key {
        match &self.action {
            Action::Put(item) => &item.key,
            Action::Delete(key) | Action::Check(key) => key,
        }
    }
}
