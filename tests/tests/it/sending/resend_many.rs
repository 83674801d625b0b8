//! After an outage many are sent again at once: chosen, counted before, bounded, and once.

use domain::delivery::{Delivery, DeliveryStatus, Step};
use jiff::SignedDuration;
use service::{
    Code,
    access::Role,
    feedback::Applied,
    idempotency::Once,
    outgoing::resend_many::{self, ResendFilter, Resent},
};
use transport::Outcome;

use super::feedback::SES;
use super::feedback::delivered;
use super::feedback::tell;
use super::transport::Act;
use crate::desk::{Desk, caller};

fn unknown() -> Act {
    Act::Answer(Outcome::Unknown {
        reason: "dropped".to_owned(),
    })
}

async fn call(desk: &Desk, wanted: &ResendFilter) -> Resent {
    let admin = caller(Role::Admin);
    let done = resend_many::deliveries(&desk.app, &admin, wanted, None).await;
    done.unwrap().into_parts().0
}

/// Three mails on two tickets whose outcome nobody saw, one that failed, and one that arrived.
async fn outage() -> (Desk, Vec<service::desk::messages::Posted>) {
    let desk = Desk::sending_with(SES).await;
    desk.ticket_of("4712", "joana@example.com").await;
    let mut posted = Vec::new();
    for ticket in ["4711", "4711", "4712"] {
        desk.transport.then(unknown());
        let one = desk.post_on(ticket, "Olá").await;
        desk.sender.send_queued(desk.items(&one).await).await;
        posted.push(one);
    }
    let refused = Outcome::Refused {
        code: domain::reason::Reason::Rejected,
        reason: "550".to_owned(),
    };
    desk.transport.then(Act::Answer(refused));
    for _ in 0..2 {
        let one = desk.post_on("4712", "Olá").await;
        desk.sender.send_queued(desk.items(&one).await).await;
        posted.push(one);
    }
    (desk, posted)
}

fn since(desk: &Desk, hours: i64) -> ResendFilter {
    ResendFilter {
        from: Some(desk.now() - SignedDuration::from_hours(hours)),
        ..ResendFilter::default()
    }
}

#[tokio::test]
async fn a_dry_run_counts_and_changes_nothing() {
    let (desk, posted) = outage().await;
    let early = call(&desk, &since(&desk, 1)).await;
    assert_eq!(
        (early.matched, early.too_early),
        (0, 3),
        "their events may come"
    );
    desk.wait(SignedDuration::from_mins(16));
    desk.sender.sweep().await.unwrap();
    let dry = ResendFilter {
        dry_run: true,
        ..since(&desk, 1)
    };
    for _ in 0..2 {
        let said = call(&desk, &dry).await;
        assert_eq!(
            (said.matched, said.may_arrive_twice, said.resent),
            (3, 3, 0)
        );
        assert_eq!(said.next_cursor, None);
    }
    assert_eq!(
        desk.delivery(&posted[0]).await.status,
        DeliveryStatus::Unknown
    );
    let both = ResendFilter {
        statuses: Some(vec![DeliveryStatus::Unknown, DeliveryStatus::Failed]),
        ..dry
    };
    let said = call(&desk, &both).await;
    assert_eq!(
        (said.matched, said.may_arrive_twice),
        (4, 3),
        "a failed one never left"
    );
}

#[tokio::test]
async fn all_of_them_are_sent_again_in_parts_and_once() {
    let (desk, posted) = outage().await;
    desk.wait(SignedDuration::from_mins(16));
    desk.sender.sweep().await.unwrap();
    let mut wanted = ResendFilter {
        limit: Some(1),
        ..since(&desk, 1)
    };
    let mut found = Vec::new();
    for _ in 0..20 {
        let done = call(&desk, &wanted).await;
        assert!(done.matched <= 1 && done.resent == done.matched);
        found.extend(done.deliveries.into_iter().map(|one| one.id));
        wanted.cursor = done.next_cursor;
        if wanted.cursor.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 3);
    for one in &posted[..3] {
        let delivery = desk.delivery(one).await;
        assert_eq!(delivery.status, DeliveryStatus::Queued);
        let last = delivery.timeline.last().unwrap();
        assert_eq!(
            (last.step, last.by.as_deref()),
            (Step::Resent, Some("somebody"))
        );
    }
    assert_eq!(
        call(&desk, &since(&desk, 1)).await.matched,
        0,
        "nothing is left"
    );
    let before = desk.transport.mails().len();
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.transport.mails().len(), before + 3);
}

#[tokio::test]
async fn a_choice_takes_what_it_names() {
    let (desk, _) = outage().await;
    desk.wait(SignedDuration::from_mins(16));
    desk.sender.sweep().await.unwrap();
    let dry = ResendFilter {
        dry_run: true,
        ..since(&desk, 1)
    };
    let with = |change: &dyn Fn(&mut ResendFilter)| {
        let mut wanted = dry.clone();
        change(&mut wanted);
        wanted
    };
    let reasons = |reason: &str| Some(vec![reason.to_owned()]);
    let now = desk.now();
    for (wanted, matched) in [
        (with(&|one| one.reasons = reasons("NO_ANSWER")), 3),
        (with(&|one| one.reasons = reasons("SENDER_LOST")), 0),
        (with(&|one| one.from = Some(now)), 0),
        (with(&|one| one.to = one.from), 0),
        (with(&|one| one.ticket_id = Some("4711".to_owned())), 2),
        (
            with(&|one| (one.from, one.ticket_id) = (None, Some("4712".to_owned()))),
            1,
        ),
        (with(&|one| one.ticket_id = Some("none".to_owned())), 0),
        (
            with(&|one| one.statuses = Some(vec![DeliveryStatus::Failed])),
            1,
        ),
    ] {
        assert_eq!(call(&desk, &wanted).await.matched, matched, "{wanted:?}");
    }
    let admin = caller(Role::Admin);
    let mut foreign = with(&|one| one.limit = Some(1));
    foreign.cursor = call(&desk, &foreign).await.next_cursor;
    foreign.reasons = reasons("NO_ANSWER");
    for (wanted, code) in [
        (ResendFilter::default(), Code::Invalid),
        (
            with(&|one| one.statuses = Some(vec![DeliveryStatus::Queued])),
            Code::Invalid,
        ),
        (with(&|one| one.statuses = Some(vec![])), Code::Invalid),
        (
            with(&|one| one.reasons = reasons("no answer")),
            Code::Invalid,
        ),
        (
            with(&|one| one.ticket_id = Some("a b".to_owned())),
            Code::Invalid,
        ),
        (
            with(&|one| one.to = Some(now - SignedDuration::from_hours(9))),
            Code::Invalid,
        ),
        (with(&|one| one.limit = Some(101)), Code::Invalid),
        (foreign, Code::CursorInvalid),
    ] {
        let refused = resend_many::deliveries(&desk.app, &admin, &wanted, None).await;
        assert_eq!(refused.unwrap_err().code, code, "{wanted:?}");
    }
    for role in [Role::Technician, Role::Requester, Role::Integration] {
        let refused = resend_many::deliveries(&desk.app, &caller(role), &dry, None).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    }
}

#[tokio::test]
async fn the_same_key_answers_as_the_first_time() {
    let (desk, posted) = outage().await;
    desk.wait(SignedDuration::from_mins(16));
    desk.sender.sweep().await.unwrap();
    let (admin, wanted) = (caller(Role::Admin), since(&desk, 1));
    let once = Once::new(&admin, "POST /deliveries/resend", "k", b"{}").unwrap();
    let again = async || {
        let done = resend_many::deliveries(&desk.app, &admin, &wanted, Some(&once)).await;
        done.unwrap().into_parts()
    };
    let (first, replayed) = again().await;
    assert_eq!((first.resent, replayed), (3, false));
    assert_eq!(again().await, (first, true));
    let delivery = desk.delivery(&posted[0]).await;
    let resent = delivery
        .timeline
        .iter()
        .filter(|one| one.step == Step::Resent);
    assert_eq!(resent.count(), 1);
}

/// Off unless it is asked for; then once, recorded as the system's doing, and not for what an event
/// has confirmed.
#[tokio::test]
async fn the_system_sends_unknown_ones_again_where_the_settings_say_so() {
    let by_system = |delivery: &Delivery| {
        let by = |one: &&domain::delivery::Entry| one.by.as_deref() == Some("system");
        delivery.timeline.iter().filter(by).count()
    };
    for (setting, again) in [("0", 0), ("30", 1)] {
        let mut settings = SES.to_vec();
        settings.push(("RESEND_UNKNOWN_MINUTES", setting));
        let desk = Desk::sending_with(&settings).await;
        let mut posted = Vec::new();
        for _ in 0..2 {
            desk.transport.then(unknown());
            let one = desk.post("Olá").await;
            desk.sender.send_queued(desk.items(&one).await).await;
            posted.push(one);
        }
        for minutes in [16, 13] {
            desk.wait(SignedDuration::from_mins(minutes));
            assert_eq!(desk.sender.sweep().await.unwrap().resent, 0);
        }
        // The event of one of them comes at last.
        let told = desk.delivery(&posted[1]).await;
        let applied = tell(&desk, &told, &delivered()).await;
        assert_eq!(applied, Applied::Changed(DeliveryStatus::Delivered));
        // The one that is sent again ends unknown again: that is for people.
        desk.transport.then(unknown());
        desk.wait(SignedDuration::from_mins(2));
        assert_eq!(desk.sender.sweep().await.unwrap().resent, again);
        for _ in 0..10 {
            desk.wait(SignedDuration::from_mins(10));
            desk.sender.sweep().await.unwrap();
        }
        let left = desk.delivery(&posted[0]).await;
        assert_eq!(
            (left.status, by_system(&left)),
            (DeliveryStatus::Unknown, again)
        );
        assert!(left.wants_sending_again());
        let told = desk.delivery(&posted[1]).await;
        assert_eq!(
            (told.status, by_system(&told)),
            (DeliveryStatus::Delivered, 0)
        );
        assert_eq!(desk.transport.mails().len(), 2 + again);
    }
}
