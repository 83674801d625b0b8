//! For every rule of the gate: `explain` names the reason that the sender records.

use domain::{
    catalog::Language,
    id::TemplateId,
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
        messages::Posted,
    },
    outgoing::{
        deliveries,
        sending::{GateRule, Open, SendingState},
    },
};
use storage::{Expect, Item, Key, Storage, Write, keys};
use transport::Outcome;
use uuid::Uuid;

use crate::desk::{Desk, MARIA, NUMBER, caller, maria};

/// A mail that a rule keeps back.
struct Kept {
    desk: Desk,
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
    fn new(desk: Desk, posted: Posted, reason: Reason, known: Known) -> Self {
        Self {
            explained: posted.id,
            desk,
            posted,
            reason,
            known,
        }
    }

    fn seen(desk: Desk, posted: Posted, reason: Reason) -> Self {
        Self::new(desk, posted, reason, Known::Seen)
    }

    /// The reason that `explain` names.
    async fn explained(&self) -> Option<Recorded<Reason>> {
        let report = report(&self.desk, self.explained).await;
        assert_eq!(report.reason.is_some(), report.reason_text.is_some());
        report.reason
    }

    /// The reason that is stored with the delivery.
    async fn recorded(&self) -> Option<Recorded<Reason>> {
        self.desk.delivery(&self.posted).await.reason
    }
}

/// The mails that a rule keeps back, one for each way in which it does. A new rule needs its own.
async fn kept_by(rule: GateRule) -> Vec<Kept> {
    match rule {
        GateRule::Storm => vec![storm().await],
        GateRule::Coalescing => vec![coalescing().await],
        GateRule::Content => vec![content().await],
        GateRule::Visibility => vec![visibility().await],
        GateRule::Preferences => vec![preferences().await],
        GateRule::KillSwitch => vec![kill_switch().await],
        GateRule::Suppression => vec![suppression().await],
        GateRule::Reputation => vec![reputation().await],
        GateRule::Sender => vec![sender().await],
        GateRule::Template => templates().await,
        GateRule::Circuit => vec![stopped().await, over_quota().await],
        GateRule::Making => vec![making().await],
        GateRule::Window => vec![window().await],
        GateRule::Order => vec![order().await],
        GateRule::Rate => vec![rate().await],
    }
}

#[tokio::test]
async fn explain_names_the_reason_that_the_sender_records_for_every_rule() {
    for rule in GateRule::ALL {
        for kept in kept_by(*rule).await {
            let what = format!("{rule:?}, {:?}", kept.reason);
            let before = (kept.explained().await, kept.recorded().await);
            let reason = Some(Recorded::Known(kept.reason));
            let expected = match kept.known {
                Known::Recorded => (reason.clone(), reason.clone()),
                Known::Seen | Known::Queued => (reason.clone(), None),
                Known::Tried => (None, None),
            };
            assert_eq!(before, expected, "{what}, before it is sent");
            let items = kept.desk.items(&kept.posted).await;
            let mails = kept.desk.transport.mails().len();
            let sent = kept.desk.sender.send_queued(items).await;
            assert_eq!(kept.desk.transport.mails().len(), mails, "{what}, {sent:?}");
            let after = (kept.explained().await, kept.recorded().await);
            let expected = match kept.known {
                Known::Queued => (reason, None),
                Known::Recorded | Known::Seen | Known::Tried => (reason.clone(), reason),
            };
            assert_eq!(after, expected, "{what}, {sent:?}");
        }
    }
}

/// What `explain` says of the first mail of a message.
async fn report(desk: &Desk, message: Uuid) -> DeliveryReport {
    let bia = caller(Role::Technician);
    let shown = explain::message(&desk.app, &bia, &NUMBER, message, Language::En).await;
    shown.unwrap().recipients[0].delivery.clone().unwrap()
}

#[tokio::test]
async fn a_look_is_one_more_read_where_a_mail_waits_and_writes_nothing() {
    let desk = Desk::sending().await;
    let posted = desk.post("Olá").await;
    let items = desk.items(&posted).await;
    desk.store.calls();
    assert_eq!(report(&desk, posted.id).await.reason, None);
    let waiting = desk.store.calls();
    assert_eq!(desk.items(&posted).await, items);
    desk.sender.send_queued(items).await;
    desk.store.calls();
    report(&desk, posted.id).await;
    assert_eq!(waiting, desk.store.calls() + 1);
}

/// While two versions run side by side, one reads what the other wrote.
#[tokio::test]
async fn a_reason_of_another_version_is_shown_as_it_is_and_holds_nothing_for_ever() {
    let desk = Desk::sending().await;
    let unknown = || Recorded::of("A_REASON_OF_TOMORROW".to_owned());
    let held = desk.post("um").await;
    let mut delivery = desk.delivery(&held).await;
    let obstacle = unknown().code().to_owned();
    delivery.hold(unknown(), obstacle, None, None, desk.now());
    write(&desk, deliveries::item(&delivery).unwrap()).await;
    let shown = report(&desk, held.id).await;
    assert_eq!(shown.reason, Some(unknown()));
    assert_eq!(shown.reason_text, None);
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1);
    // The same of what stops the whole account.
    let open = Open {
        reason: unknown(),
        detail: None,
        since: desk.now(),
        until: desk.now() + SignedDuration::from_mins(10),
        asked: false,
    };
    let state = SendingState {
        circuit: Some(open),
    };
    let item = Item::new(keys::sending_state(), "sending_state", &state);
    write(&desk, item.unwrap()).await;
    let posted = desk.post("dois").await;
    let shown = report(&desk, posted.id).await.reason;
    assert_eq!(shown, Some(unknown()));
    desk.sender.send_queued(desk.items(&posted).await).await;
    assert_eq!(desk.delivery(&posted).await.reason, Some(unknown()));
    desk.wait(SignedDuration::from_mins(11));
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1);
}

async fn automatic(desk: &Desk, text: &str) -> Posted {
    desk.post_by_system(text, true).await
}

async fn write(desk: &Desk, item: Item) {
    desk.store.commit(vec![Write::put(item)]).await.unwrap();
}

async fn remove(desk: &Desk, key: Key) {
    let write = Write::delete(key, Expect::Anything);
    desk.store.commit(vec![write]).await.unwrap();
}

/// Changes a document as no use case would.
async fn force(desk: &Desk, key: Key, change: impl FnOnce(&mut Value)) {
    let mut item = desk.store.get(&[key]).await.unwrap().remove(0).unwrap();
    change(&mut item.data);
    write(desk, item).await;
}

async fn storm() -> Kept {
    let desk = Desk::sending_with(&[("STORM_LIMITS", "1/10")]).await;
    desk.send("um").await;
    let posted = desk.post("dois").await;
    Kept::new(desk, posted, Reason::LoopLimit, Known::Recorded)
}

async fn coalescing() -> Kept {
    let desk = Desk::sending().await;
    automatic(&desk, "um").await;
    let posted = automatic(&desk, "dois").await;
    Kept::new(desk, posted, Reason::Coalesced, Known::Recorded)
}

/// A message travels in the mail of another one, which is gone when that mail is due.
async fn content() -> Kept {
    let desk = Desk::sending().await;
    automatic(&desk, "um").await;
    let posted = automatic(&desk, "dois").await;
    let explained = automatic(&desk, "três").await.id;
    remove(&desk, keys::message(&NUMBER, posted.id)).await;
    desk.wait(SignedDuration::from_mins(6));
    assert_eq!(desk.sender.sweep().await.unwrap().failed, 1);
    Kept {
        explained,
        ..Kept::new(desk, posted, Reason::MessageMissing, Known::Recorded)
    }
}

async fn visibility() -> Kept {
    let desk = Desk::sending().await;
    let posted = desk.post("segredo").await;
    let message = keys::message(&NUMBER, posted.id);
    force(&desk, message, |message| {
        message["visibility"] = json!("internal");
    })
    .await;
    Kept::seen(desk, posted, Reason::InternalMessage)
}

async fn preferences() -> Kept {
    let desk = Desk::sending().await;
    let wishes = json!({ "mute_automatic": true });
    desk.call(&maria(), "PUT", "/me/preferences", Some(wishes))
        .await
        .expect(200);
    let posted = automatic(&desk, "Em andamento").await;
    Kept::seen(desk, posted, Reason::AutomaticUnwanted)
}

async fn kill_switch() -> Kept {
    let desk = Desk::sending().await;
    desk.set(297, "S").await;
    let posted = desk.post("Olá").await;
    Kept::seen(desk, posted, Reason::KillSwitch)
}

async fn suppression() -> Kept {
    let desk = Desk::sending().await;
    let suppression = Suppression::new(&MARIA.into(), Cause::Bounce, None, None, desk.now());
    let item = Item::new(
        keys::suppression(&suppression.address),
        "suppression",
        &suppression,
    );
    write(&desk, item.unwrap()).await;
    let posted = desk.post("Olá").await;
    Kept::seen(desk, posted, Reason::Suppressed)
}

async fn reputation() -> Kept {
    let desk = Desk::sending().await;
    let since = desk.now();
    let pace = Pace {
        breaker: Some(Breaker { since }),
        ..Pace::default()
    };
    write(&desk, Item::new(keys::pace(), "pace", &pace).unwrap()).await;
    let posted = automatic(&desk, "Em andamento").await;
    Kept::seen(desk, posted, Reason::ReputationAtRisk)
}

async fn sender() -> Kept {
    let desk = Desk::sending_with(&[("MAIL_FROM", "")]).await;
    let posted = desk.post("Olá").await;
    Kept::seen(desk, posted, Reason::SenderNotSet)
}

async fn templates() -> Vec<Kept> {
    let bare = Desk::unconfigured(&[]).await;
    let posted = bare.post("Olá").await;
    let mut all = vec![Kept::seen(bare, posted, Reason::TemplateNotSet)];
    let gone = Desk::sending().await;
    remove(&gone, keys::template(TemplateId::FIRST)).await;
    let posted = gone.post("Olá").await;
    all.push(Kept::seen(gone, posted, Reason::TemplateMissing));
    for (field, value, reason) in [
        ("status", json!("inactive"), Reason::TemplateInactive),
        ("errors", json!(1), Reason::TemplateInvalid),
    ] {
        let desk = Desk::sending().await;
        let template = keys::template(TemplateId::FIRST);
        force(&desk, template, |summary| summary[field] = value).await;
        let posted = desk.post("Olá").await;
        all.push(Kept::seen(desk, posted, reason));
    }
    all
}

/// A mail to Rui finds out that the account may not send.
async fn account(outcome: Outcome) -> (Desk, Posted) {
    let desk = Desk::sending().await;
    desk.ticket_of("2", "rui@example.com").await;
    desk.transport.to("rui@example.com", Some(outcome));
    let other = desk.post_on("2", "Olá").await;
    desk.sender.send_queued(desk.items(&other).await).await;
    let posted = desk.post("Olá").await;
    (desk, posted)
}

async fn stopped() -> Kept {
    let stop = Outcome::Stop {
        reason: "AccountSuspendedException".to_owned(),
    };
    let (desk, posted) = account(stop).await;
    Kept::new(desk, posted, Reason::SendingStopped, Known::Queued)
}

async fn over_quota() -> Kept {
    let quota = Outcome::Held {
        scope: transport::Scope::Account,
        code: Reason::OverQuota,
        after: std::time::Duration::from_secs(600),
        reason: "Daily message quota exceeded".to_owned(),
    };
    let (desk, posted) = account(quota).await;
    Kept::seen(desk, posted, Reason::OverQuota)
}

/// A mail to what is not an address: no use case would store one.
async fn making() -> Kept {
    let desk = Desk::sending().await;
    let posted = desk.post("Olá").await;
    let delivery = keys::delivery(&NUMBER, posted.id, posted.deliveries[0].id);
    let address = json!("não é um endereço");
    force(&desk, delivery, |delivery| {
        delivery["to"]["address"] = address.clone();
    })
    .await;
    force(&desk, keys::message(&NUMBER, posted.id), |message| {
        message["decisions"][0]["to"]["address"] = address.clone();
    })
    .await;
    Kept::new(desk, posted, Reason::AddressInvalid, Known::Tried)
}

/// Two that waited to be sent at all: the second finds the first in its window.
async fn window() -> Kept {
    let desk = Desk::sending_with(&[("STORM_LIMITS", "1/5")]).await;
    let first = desk.post("um").await;
    desk.wait(SignedDuration::from_mins(6));
    let posted = desk.post("dois").await;
    desk.wait(SignedDuration::from_mins(6));
    desk.sender.send_queued(desk.items(&first).await).await;
    assert_eq!(desk.transport.mails().len(), 1);
    Kept::seen(desk, posted, Reason::LoopLimit)
}

async fn order() -> Kept {
    let desk = Desk::sending().await;
    desk.post("um").await;
    let posted = desk.post("dois").await;
    Kept::new(desk, posted, Reason::EarlierMailWaits, Known::Queued)
}

async fn rate() -> Kept {
    let desk = Desk::sending().await;
    let pace = Pace {
        limit: Some(1.0),
        free_at: (desk.now() + SignedDuration::from_secs(60)).as_millisecond(),
        ..Pace::default()
    };
    write(&desk, Item::new(keys::pace(), "pace", &pace).unwrap()).await;
    let posted = desk.post("Olá").await;
    Kept::new(desk, posted, Reason::RateReached, Known::Queued)
}
