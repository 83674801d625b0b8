//! Any JSON as an event of the ITSM system, over the whole path: no panic, no fault of ours, and the same
//! event once more changes nothing.
//!
//! Seeds: `fuzz/seeds/events`.

#![no_main]

use std::{cell::RefCell, sync::Arc};

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use service::{App, Code, desk::events::{Event, apply}, settings::Settings};
use storage::{Item, MAX_PAGE, Query, Source, embedded::Embedded, keys};
use tokio::runtime::Runtime;

/// How many events one store sees.
const EVENTS: usize = 500;

struct EventTaker {
    runtime: Runtime,
    app: App,
    events: usize,
}

impl EventTaker {
    fn new() -> Self {
        let settings = Settings::read(|name| (name == "MAIL_FROM").then(|| "desk@example.org".to_owned()));
        let store = Arc::new(Embedded::in_memory().expect("a store"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        Self { runtime, app: App::new(store, settings.expect("settings")), events: 0 }
    }

    /// Everything of a ticket, without what each write makes anew.
    async fn ticket(&self, id: &str) -> Vec<(String, Value)> {
        let Ok(id) = id.parse() else {
            return Vec::new();
        };
        let source = Source::Partition(keys::ticket_partition(&id));
        let page = self.app.store.query(Query::of(source, MAX_PAGE)).await.expect("a page");
        page.items.into_iter().map(|Item { key, data, .. }| (key.sk, data)).collect()
    }
}

thread_local! {
    static DESK: RefCell<EventTaker> = RefCell::new(EventTaker::new());
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(event) = serde_json::from_slice::<Event>(bytes) else {
        return;
    };
    DESK.with_borrow_mut(|desk| {
        if desk.events >= EVENTS {
            *desk = EventTaker::new();
        }
        desk.events += 1;
        let desk = &*desk;
        desk.runtime.block_on(async {
            let id = event.detail.pointer("/ticket/id").or(event.detail.get("id"));
            let id = id.and_then(Value::as_str).unwrap_or("4711").to_owned();
            let partition = id.len() <= 64 && !id.is_empty();
            let first = apply(&desk.app, event.clone()).await;
            if let Err(error) = &first {
                assert!(error.code != Code::Internal, "{error}: {:?}", error.cause());
            }
            if !partition {
                return;
            }
            let before = desk.ticket(&id).await;
            let again = apply(&desk.app, event).await;
            assert_eq!(first.is_ok(), again.is_ok(), "the same answer: {again:?}");
            assert_eq!(before, desk.ticket(&id).await, "the same event changes nothing");
        });
    });
});
