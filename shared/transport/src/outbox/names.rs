//! Which mails there are: the newest in memory, all others in the index.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{
    index::{self, Index},
    name::{self, FileName},
};

/// Most names in memory. A folder with fewer mails has no index.
pub(super) const RECENT: usize = if cfg!(test) { 32 } else { 1024 };
/// Names that go into the index together when the folder is looked through: the more, the less often
/// is each part of it written again.
const TOGETHER: usize = if cfg!(test) { 64 } else { 128 * RECENT };

/// The names of a folder.
pub(super) struct Names {
    dir: PathBuf,
    /// Those that the index does not hold yet; their numbers are greater than all of its.
    recent: BTreeMap<u64, FileName>,
    attempts: HashMap<(Uuid, u32), u64>,
    index: Option<Index>,
    /// How many the index holds, and the last.
    indexed: (u64, u64),
    /// Whether the index says that it holds all mails of the folder.
    settled: bool,
    /// Names that were read from the folder when it was opened.
    pub(super) read: usize,
}

impl Names {
    /// The names in this folder. Removes what a killed process left.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let file = dir.join(index::FILE);
        if file.exists() {
            // redb says that opening a file which something else damaged may panic.
            let opened = catch_unwind(AssertUnwindSafe(|| Self::with_index(dir)));
            match opened {
                Ok(Ok(names)) => return Ok(names),
                Ok(Err(error)) => tracing::warn!(%error, "the index of the outbox is made anew"),
                Err(_) => tracing::warn!("the index of the outbox is damaged; it is made anew"),
            }
            fs::remove_file(file)?;
        }
        let mut names = Self::of(dir);
        names.look_through()?;
        Ok(names)
    }

    fn of(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            recent: BTreeMap::new(),
            attempts: HashMap::new(),
            index: None,
            indexed: (0, 0),
            settled: false,
            read: 0,
        }
    }

    fn with_index(dir: &Path) -> io::Result<Self> {
        let mut names = Self::of(dir);
        let index = Index::open(dir).map_err(io::Error::other)?;
        names.settled = index.is_whole(dir).map_err(io::Error::other)?;
        names.indexed = index.size().map_err(io::Error::other)?;
        names.index = Some(index);
        if !names.settled {
            names.look_through()?;
        }
        Ok(names)
    }

    /// Reads the folder, and brings the index up to it.
    fn look_through(&mut self) -> io::Result<()> {
        let known = match &self.index {
            Some(index) => index.numbers().map_err(io::Error::other)?,
            None => Vec::new(),
        };
        let mut there = vec![false; known.len()];
        let mut new = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let Ok(file_name) = entry.file_name().into_string() else {
                continue;
            };
            if name::is_temporary(&file_name) {
                fs::remove_file(entry.path())?;
            } else if let Some(name) = FileName::parse(&file_name) {
                self.read += 1;
                match known.binary_search(&name.number) {
                    Ok(place) => there[place] = true,
                    Err(_) => new.push(name),
                }
            }
            if new.len() >= TOGETHER {
                self.index(&mut new, &[])?;
                let mails = self.read;
                tracing::info!(mails, "the outbox is looked through, once; mails so far");
            }
        }
        let gone: Vec<_> = known
            .into_iter()
            .zip(there)
            .filter_map(|(number, there)| (!there).then_some(number))
            .collect();
        if self.index.is_some() || new.len() > RECENT {
            return self.index(&mut new, &gone);
        }
        for name in new {
            self.remember(name);
        }
        Ok(())
    }

    /// Moves names into the index, and takes numbers out of it.
    fn index(&mut self, new: &mut Vec<FileName>, gone: &[u64]) -> io::Result<()> {
        // In their order, so that neighbours in the file are written together.
        new.sort_unstable_by_key(|name| name.number);
        let index = match self.index.take() {
            Some(index) => index,
            None => Index::open(&self.dir).map_err(io::Error::other)?,
        };
        let index = self.index.insert(index);
        index.change(new.iter(), gone).map_err(io::Error::other)?;
        self.indexed = index.size().map_err(io::Error::other)?;
        new.clear();
        Ok(())
    }

    fn remember(&mut self, name: FileName) {
        let attempt = (name.delivery_id, name.attempt);
        self.attempts.insert(attempt, name.number);
        self.recent.insert(name.number, name);
    }

    /// To be called before a mail is put into its place: from here on, what is in the folder may not
    /// be in the index.
    pub(super) fn expect_more(&mut self) -> io::Result<()> {
        if let Some(index) = self.index.as_ref().filter(|_| self.settled) {
            index.change([], &[]).map_err(io::Error::other)?;
            self.settled = false;
        }
        Ok(())
    }

    /// Takes a mail that is in its place now.
    pub(super) fn add(&mut self, name: FileName) {
        self.remember(name);
        // A disk that is full is asked again after as many mails.
        if self.recent.len().is_multiple_of(RECENT) {
            self.move_into_index();
        }
    }

    /// What cannot be moved stays in memory, and is found in the folder after a kill.
    fn move_into_index(&mut self) {
        let mut recent: Vec<_> = self.recent.values().cloned().collect();
        match self.index(&mut recent, &[]) {
            Ok(()) => {
                self.recent.clear();
                self.attempts.clear();
            }
            Err(error) => tracing::warn!(%error, "the index of the outbox could not be written"),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.indexed.0)
            .unwrap_or(usize::MAX)
            .saturating_add(self.recent.len())
    }

    /// How many of them are in memory.
    #[cfg(test)]
    pub(super) fn in_memory(&self) -> usize {
        self.recent.len().max(self.attempts.len())
    }

    /// The number of the next mail.
    pub(super) fn next(&self) -> u64 {
        let recent = self.recent.last_key_value().map_or(0, |(last, _)| *last);
        recent.max(self.indexed.1) + 1
    }

    pub(super) fn number(&self, attempt: (Uuid, u32)) -> io::Result<Option<u64>> {
        match (self.attempts.get(&attempt), &self.index) {
            (Some(number), _) => Ok(Some(*number)),
            (None, Some(index)) => index.number(attempt).map_err(io::Error::other),
            (None, None) => Ok(None),
        }
    }

    pub(super) fn name(&self, number: u64) -> io::Result<Option<FileName>> {
        match (self.recent.get(&number), &self.index) {
            (Some(name), _) => Ok(Some(name.clone())),
            (None, Some(index)) => index.name(number).map_err(io::Error::other),
            (None, None) => Ok(None),
        }
    }

    /// Up to `limit` names after this number, in order.
    pub(super) fn after(&self, after: u64, limit: usize) -> io::Result<Vec<FileName>> {
        let mut names = match &self.index {
            Some(index) => index.after(after, limit).map_err(io::Error::other)?,
            None => Vec::new(),
        };
        let recent = self.recent.range(after.saturating_add(1)..);
        names.extend(
            recent
                .take(limit - names.len())
                .map(|(_, name)| name.clone()),
        );
        Ok(names)
    }

    /// Up to `limit` names before this number, the last first.
    pub(super) fn before(&self, before: u64, limit: usize) -> io::Result<Vec<FileName>> {
        let recent = self.recent.range(..before).rev();
        let mut names: Vec<_> = recent.take(limit).map(|(_, name)| name.clone()).collect();
        if let Some(index) = &self.index {
            let more = index.before(before, limit - names.len());
            names.extend(more.map_err(io::Error::other)?);
        }
        Ok(names)
    }
}

impl Names {
    /// Leaves an index that holds everything, so that the next start need not read the folder.
    pub(super) fn settle(&mut self) {
        let is_whole = |index: &Index| index.is_whole(&self.dir).unwrap_or(false);
        if self.index.as_ref().is_none_or(is_whole) {
            return;
        }
        if !self.recent.is_empty() {
            self.move_into_index();
        }
        let Some(index) = self.index.as_ref().filter(|_| self.recent.is_empty()) else {
            return;
        };
        match index.say_whole(&self.dir) {
            Ok(()) => self.settled = true,
            Err(error) => tracing::warn!(%error, "the outbox is looked through at the next start"),
        }
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.settle();
    }
}
