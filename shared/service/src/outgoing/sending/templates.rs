//! Templates as this process has compiled them. A version never changes, so nothing here expires;
//! which version is published is read with every batch.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{App, Result, admin::templates};
use domain::{
    id::TemplateId,
    template::{Content, Template},
};
use render::{Compiled, Mode, compile};

/// Most template versions that are kept.
const KEPT: usize = 64;

/// A version of a template, compiled for the languages that were asked for.
pub(super) struct CachedTemplate {
    content: Content,
    compiled: Mutex<HashMap<String, Option<Arc<Compiled>>>>,
}

impl CachedTemplate {
    /// Tag of the language in which its variant for a language is written.
    pub(super) fn tag_sent<'a>(&'a self, locale: &'a str, default: &'a str) -> &'a str {
        self.content.tag_sent(locale, default)
    }

    /// Its compiled form for a language; `None` when it has errors.
    pub(super) fn compiled(&self, locale: &str) -> Option<Arc<Compiled>> {
        let tag = self.content.tag_for(locale).unwrap_or_default();
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = compiled.get(tag) {
            return found.clone();
        }
        let fresh = compile(&self.content.in_locale(locale), Mode::Lenient)
            .ok()
            .map(Arc::new);
        compiled.insert(tag.to_owned(), fresh.clone());
        fresh
    }
}

/// Compiled templates by number and version, for as long as the process lives.
#[derive(Default)]
pub(super) struct Templates(Mutex<HashMap<(TemplateId, u64), Arc<CachedTemplate>>>);

impl Templates {
    /// A version; `None` when there is none.
    pub(super) async fn load(
        &self,
        app: &App,
        id: TemplateId,
        version: u64,
    ) -> Result<Option<Arc<CachedTemplate>>> {
        if let Some(found) = self.lock().get(&(id, version)) {
            return Ok(Some(found.clone()));
        }
        let Some(template) = templates::stored_version(app, id, version).await? else {
            return Ok(None);
        };
        Ok(Some(self.keep(template)))
    }

    /// Keeps a version that was read.
    pub(super) fn keep(&self, template: Template) -> Arc<CachedTemplate> {
        let version = (template.id, template.version);
        let loaded = Arc::new(CachedTemplate {
            content: template.into(),
            compiled: Mutex::default(),
        });
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(version, loaded.clone());
        loaded
    }

    /// Ids of the templates that are known: they are asked for before it is clear which are needed.
    pub(super) fn ids(&self) -> Vec<TemplateId> {
        let mut ids: Vec<_> = self.lock().keys().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(TemplateId, u64), Arc<CachedTemplate>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
