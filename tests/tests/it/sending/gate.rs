//! For every rule of the gate: `explain` names the reason that the sender records.

use domain::{
    catalog::Language,
    id::TemplateId,
    message::{Author, Role as Side},
    pace::Pace,
    reason::{Reason, Recorded},
    reputation::Breaker,
    suppression::{Cause, Suppression},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use service::{
    access::Role,
    desk::{
        explain::{self, DeliveryReport},
        messages::{self, NewMessage, Posted},
    },
    outgoing::{
        deliveries,
        sending::{Open, Rule, SendingState},
    },
};
use storage::{Expect, Item, Key, Storage, Write, keys};
use transport::Outcome;
use uuid::Uuid;

use super::world::{MARIA, NUMBER, World, caller};
use crate::http::{Desk, maria};

/// A mail that a rule keeps back.
struct Kept {
    world: World,
    /// The message whose mail it is.
    posted: Posted,
    /// The message that is explained: its own, or one that travels along.
    explained: Uuid,
    reason: Reason,
    /// Who knows of it without an attempt.
    known: Known,
}

/// When the reason is known, and from whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// It is recorded already, when the message was posted or by an earlier attempt.
    Recorded,
    /// `explain` sees it before the sender records it.
    Seen,
    /// `explain` sees it, and the sender leaves the delivery in the queue as it is.
    Queued,
    /// The sender finds out by making the mail.
    Tried,
}

impl Kept {
    fn new(world: World, posted: Posted, reason: Reason, known: Known) -> Self {
        Self {
            explained: posted.id,
            world,
            posted,
            reason,
            known,
        }
    }

    fn seen(world: World, posted: Posted, reason: Reason) -> Self {
        Self::new(world, posted, reason, Known::Seen)
    }

    /// The reason that `explain` names.
    async fn explained(&self) -> Option<String> {
        let report = report(&self.world, self.explained).await;
        assert_eq!(report.reason.is_some(), report.reason_text.is_some());
        report.reason
    }

    /// The reason that is stored with the delivery.
    async fn recorded(&self) -> Option<String> {
        let delivery = self.world.delivery(&self.posted).await;
        delivery.reason_code().map(str::to_owned)
    }
}

/// The mails that a rule keeps back, one for each way in which it does. A new rule needs its own.
async fn kept_by(rule: Rule) -> Vec<Kept> {
    match rule {
        Rule::Storm => vec![storm().await],
        Rule::Coalescing => vec![coalescing().await],
        Rule::Content => vec![content().await],
        Rule::Visibility => vec![visibility().await],
        Rule::Preferences => vec![preferences().await],
        Rule::KillSwitch => vec![kill_switch().await],
        Rule::Suppression => vec![suppression().await],
        Rule::Reputation => vec![reputation().await],
        Rule::Sender => vec![sender().await],
        Rule::Template => templates().await,
        Rule::Circuit => vec![stopped().await, over_quota().await],
        Rule::Making => vec![making().await],
        Rule::Window => vec![window().await],
        Rule::Order => vec![order().await],
        Rule::Rate => vec![rate().await],
    }
}

#[tokio::test]
async fn explain_names_the_reason_that_the_sender_records_for_every_rule() {
    for rule in Rule::ALL {
        for kept in kept_by(*rule).await {
            let (what, code) = (format!("{rule:?}, {:?}", kept.reason), kept.reason.code());
            let before = (kept.explained().await, kept.recorded().await);
            let code = Some(code.to_owned());
            let expected = match kept.known {
                Known::Recorded => (code.clone(), code.clone()),
                Known::Seen | Known::Queued => (code.clone(), None),
                Known::Tried => (None, None),
            };
            assert_eq!(before, expected, "{what}, before it is sent");
            let items = kept.world.items(&kept.posted).await;
            let mails = kept.world.transport.mails().len();
            let sent = kept.world.sender.send_queued(items).await;
            assert_eq!(
                kept.world.transport.mails().len(),
                mails,
                "{what}, {sent:?}"
            );
            let after = (kept.explained().await, kept.recorded().await);
            let expected = match kept.known {
                Known::Queued => (code, None),
                Known::Recorded | Known::Seen | Known::Tried => (code.clone(), code),
            };
            assert_eq!(after, expected, "{what}, {sent:?}");
        }
    }
}

/// What `explain` says of the first mail of a message.
async fn report(world: &World, message: Uuid) -> DeliveryReport {
    let bia = caller(Role::Technician);
    let shown = explain::message(&world.app, &bia, &NUMBER, message, Language::En).await;
    shown.unwrap().recipients[0].delivery.clone().unwrap()
}

#[tokio::test]
async fn a_look_is_one_more_read_where_a_mail_waits_and_writes_nothing() {
    let world = World::new().await;
    let posted = world.post("Olá").await;
    let items = world.items(&posted).await;
    world.store.calls();
    assert_eq!(report(&world, posted.id).await.reason, None);
    let waiting = world.store.calls();
    assert_eq!(world.items(&posted).await, items);
    world.sender.send_queued(items).await;
    world.store.calls();
    report(&world, posted.id).await;
    assert_eq!(waiting, world.store.calls() + 1);
}

/// While two versions run side by side, one reads what the other wrote.
#[tokio::test]
async fn a_reason_of_another_version_is_shown_as_it_is_and_holds_nothing_for_ever() {
    let world = World::new().await;
    let unknown = || Recorded::of("A_REASON_OF_TOMORROW".to_owned());
    let held = world.post("um").await;
    let mut delivery = world.delivery(&held).await;
    let obstacle = unknown().code().to_owned();
    delivery.hold(unknown(), obstacle, None, None, world.now());
    write(&world, deliveries::item(&delivery).unwrap()).await;
    let shown = report(&world, held.id).await;
    assert_eq!(shown.reason.as_deref(), Some(unknown().code()));
    assert_eq!(shown.reason_text, None);
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 1);
    // The same of what stops the whole account.
    let open = Open {
        reason: unknown(),
        detail: None,
        since: world.now(),
        until: world.now() + SignedDuration::from_mins(10),
        asked: false,
    };
    let state = SendingState {
        circuit: Some(open),
    };
    let item = Item::new(keys::sending_state(), "sending_state", &state);
    write(&world, item.unwrap()).await;
    let posted = world.post("dois").await;
    let shown = report(&world, posted.id).await.reason;
    assert_eq!(shown.as_deref(), Some(unknown().code()));
    world.sender.send_queued(world.items(&posted).await).await;
    assert_eq!(world.delivery(&posted).await.reason, Some(unknown()));
    world.wait(SignedDuration::from_mins(11));
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 1);
}

async fn automatic(world: &World, text: &str) -> Posted {
    let new = NewMessage {
        text: Some(text.to_owned()),
        automatic: true,
        author: Some(Author {
            name: "Sistema".to_owned(),
            email: None,
            role: Side::Technician,
        }),
        ..NewMessage::default()
    };
    let posted = messages::post(&world.app, &caller(Role::Integration), &NUMBER, &new, None).await;
    posted.unwrap().into_parts().0
}

async fn write(world: &World, item: Item) {
    world.store.commit(vec![Write::put(item)]).await.unwrap();
}

async fn remove(world: &World, key: Key) {
    let write = Write::delete(key, Expect::Anything);
    world.store.commit(vec![write]).await.unwrap();
}

/// Changes a document as no use case would.
async fn force(world: &World, key: Key, change: impl FnOnce(&mut Value)) {
    let mut item = world.store.get(&[key]).await.unwrap().remove(0).unwrap();
    change(&mut item.data);
    write(world, item).await;
}

async fn storm() -> Kept {
    let world = World::with(&[("STORM_LIMITS", "1/10")]).await;
    world.send("um").await;
    let posted = world.post("dois").await;
    Kept::new(world, posted, Reason::LoopLimit, Known::Recorded)
}

async fn coalescing() -> Kept {
    let world = World::new().await;
    automatic(&world, "um").await;
    let posted = automatic(&world, "dois").await;
    Kept::new(world, posted, Reason::Coalesced, Known::Recorded)
}

/// A message travels in the mail of another one, which is gone when that mail is due.
async fn content() -> Kept {
    let world = World::new().await;
    automatic(&world, "um").await;
    let posted = automatic(&world, "dois").await;
    let explained = automatic(&world, "três").await.id;
    remove(&world, keys::message(&NUMBER, posted.id)).await;
    world.wait(SignedDuration::from_mins(6));
    assert_eq!(world.sender.sweep().await.unwrap().failed, 1);
    Kept {
        explained,
        ..Kept::new(world, posted, Reason::MessageMissing, Known::Recorded)
    }
}

async fn visibility() -> Kept {
    let world = World::new().await;
    let posted = world.post("segredo").await;
    let message = keys::message(&NUMBER, posted.id);
    force(&world, message, |message| {
        message["visibility"] = json!("internal");
    })
    .await;
    Kept::seen(world, posted, Reason::InternalMessage)
}

async fn preferences() -> Kept {
    let world = World::new().await;
    let desk = Desk::of(world.app.clone());
    let wishes = json!({ "mute_automatic": true });
    desk.call(&maria(), "PUT", "/me/preferences", Some(wishes))
        .await
        .expect(200);
    let posted = automatic(&world, "Em andamento").await;
    Kept::seen(world, posted, Reason::AutomaticUnwanted)
}

async fn kill_switch() -> Kept {
    let world = World::new().await;
    world.set(297, "S").await;
    let posted = world.post("Olá").await;
    Kept::seen(world, posted, Reason::KillSwitch)
}

async fn suppression() -> Kept {
    let world = World::new().await;
    let suppression = Suppression::new(MARIA, Cause::Bounce, None, None, world.now());
    let item = Item::new(keys::suppression(MARIA), "suppression", &suppression);
    write(&world, item.unwrap()).await;
    let posted = world.post("Olá").await;
    Kept::seen(world, posted, Reason::Suppressed)
}

async fn reputation() -> Kept {
    let world = World::new().await;
    let since = world.now();
    let pace = Pace {
        breaker: Some(Breaker { since }),
        ..Pace::default()
    };
    write(&world, Item::new(keys::pace(), "pace", &pace).unwrap()).await;
    let posted = automatic(&world, "Em andamento").await;
    Kept::seen(world, posted, Reason::ReputationAtRisk)
}

async fn sender() -> Kept {
    let world = World::with(&[("MAIL_FROM", "")]).await;
    let posted = world.post("Olá").await;
    Kept::seen(world, posted, Reason::SenderNotSet)
}

async fn templates() -> Vec<Kept> {
    let bare = World::bare(&[]).await;
    let posted = bare.post("Olá").await;
    let mut all = vec![Kept::seen(bare, posted, Reason::TemplateNotSet)];
    let gone = World::new().await;
    remove(&gone, keys::template(TemplateId::FIRST)).await;
    let posted = gone.post("Olá").await;
    all.push(Kept::seen(gone, posted, Reason::TemplateMissing));
    for (field, value, reason) in [
        ("status", json!("inactive"), Reason::TemplateInactive),
        ("errors", json!(1), Reason::TemplateInvalid),
    ] {
        let world = World::new().await;
        let template = keys::template(TemplateId::FIRST);
        force(&world, template, |summary| summary[field] = value).await;
        let posted = world.post("Olá").await;
        all.push(Kept::seen(world, posted, reason));
    }
    all
}

/// A mail to Rui finds out that the account may not send.
async fn account(outcome: Outcome) -> (World, Posted) {
    let world = World::new().await;
    world.ticket("2", "rui@example.com").await;
    world.transport.to("rui@example.com", Some(outcome));
    let other = world.post_on("2", "Olá").await;
    world.sender.send_queued(world.items(&other).await).await;
    let posted = world.post("Olá").await;
    (world, posted)
}

async fn stopped() -> Kept {
    let stop = Outcome::Stop {
        reason: "AccountSuspendedException".to_owned(),
    };
    let (world, posted) = account(stop).await;
    Kept::new(world, posted, Reason::SendingStopped, Known::Queued)
}

async fn over_quota() -> Kept {
    let quota = Outcome::Held {
        scope: transport::Scope::Account,
        code: Reason::OverQuota,
        after: std::time::Duration::from_secs(600),
        reason: "Daily message quota exceeded".to_owned(),
    };
    let (world, posted) = account(quota).await;
    Kept::seen(world, posted, Reason::OverQuota)
}

/// A mail to what is no address: no use case would store one.
async fn making() -> Kept {
    let world = World::new().await;
    let posted = world.post("Olá").await;
    let delivery = keys::delivery(&NUMBER, posted.id, posted.deliveries[0].id);
    let address = json!("não é um endereço");
    force(&world, delivery, |delivery| {
        delivery["to"]["address"] = address.clone();
    })
    .await;
    force(&world, keys::message(&NUMBER, posted.id), |message| {
        message["decisions"][0]["to"]["address"] = address.clone();
    })
    .await;
    Kept::new(world, posted, Reason::AddressInvalid, Known::Tried)
}

/// Two that waited to be sent at all: the second finds the first in its window.
async fn window() -> Kept {
    let world = World::with(&[("STORM_LIMITS", "1/5")]).await;
    let first = world.post("um").await;
    world.wait(SignedDuration::from_mins(6));
    let posted = world.post("dois").await;
    world.wait(SignedDuration::from_mins(6));
    world.sender.send_queued(world.items(&first).await).await;
    assert_eq!(world.transport.mails().len(), 1);
    Kept::seen(world, posted, Reason::LoopLimit)
}

async fn order() -> Kept {
    let world = World::new().await;
    world.post("um").await;
    let posted = world.post("dois").await;
    Kept::new(world, posted, Reason::EarlierMailWaits, Known::Queued)
}

async fn rate() -> Kept {
    let world = World::new().await;
    let pace = Pace {
        limit: Some(1.0),
        free_at: (world.now() + SignedDuration::from_secs(60)).as_millisecond(),
        ..Pace::default()
    };
    write(&world, Item::new(keys::pace(), "pace", &pace).unwrap()).await;
    let posted = world.post("Olá").await;
    Kept::new(world, posted, Reason::RateReached, Known::Queued)
}
