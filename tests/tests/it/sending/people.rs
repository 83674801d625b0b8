//! What people ask: send it again, and why somebody did not get it.

use domain::{
    catalog::Language,
    delivery::{Capacity, DeliveryStatus, Step},
    reason::Reason,
};
use service::{
    Code,
    access::{Caller, Role},
    api::{GroupFields, PersonFields},
    desk::{
        explain,
        messages::{self, NewMessage, Posted},
        tickets::{self, TicketFields},
    },
    idempotency::Once,
    outgoing::resend,
};
use transport::Outcome;

use super::transport::Act;
use crate::desk::{Desk, NUMBER, caller};

async fn again(
    desk: &Desk,
    who: &Caller,
    posted: &Posted,
    once: Option<&Once>,
) -> Result<(bool, DeliveryStatus), Code> {
    let id = posted.deliveries[0].id;
    let done = resend::delivery(&desk.app, who, &posted.ticket_id, posted.id, id, once).await;
    done.map(|outcome| {
        let (view, replayed) = outcome.into_parts();
        (replayed, view.status)
    })
    .map_err(|error| error.code)
}

#[tokio::test]
async fn a_failed_mail_is_sent_again_as_a_recorded_attempt() {
    let desk = Desk::sending().await;
    desk.transport.then(Act::Answer(Outcome::Refused {
        code: Reason::Rejected,
        reason: "no".to_owned(),
    }));
    let (posted, delivery) = desk.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    let bia = caller(Role::Technician);
    let once = Once::new(&bia, "resend", "k1", b"").unwrap();
    assert_eq!(
        again(&desk, &bia, &posted, Some(&once)).await,
        Ok((false, DeliveryStatus::Queued))
    );
    assert_eq!(
        again(&desk, &bia, &posted, Some(&once)).await,
        Ok((true, DeliveryStatus::Queued))
    );
    assert_eq!(
        again(&desk, &bia, &posted, None).await,
        Err(Code::StateConflict)
    );
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1);
    let delivery = desk.delivery(&posted).await;
    assert_eq!(
        (delivery.status, delivery.attempts),
        (DeliveryStatus::Accepted, 2)
    );
    let resent = delivery
        .timeline
        .iter()
        .find(|entry| entry.step == Step::Resent)
        .unwrap();
    assert_eq!(resent.by.as_deref(), Some("somebody"));
    assert_eq!(
        again(&desk, &bia, &posted, None).await,
        Err(Code::StateConflict)
    );
    assert_eq!(desk.transport.mails().len(), 2);
}

#[tokio::test]
async fn only_the_desk_of_the_ticket_sends_again() {
    let desk = Desk::sending().await;
    desk.transport.then(Act::Answer(Outcome::Unknown {
        reason: "dropped".to_owned(),
    }));
    let (posted, _) = desk.send("Olá").await;
    let mut maria = caller(Role::Requester);
    maria.email = "maria@example.com".parse().ok();
    assert_eq!(
        again(&desk, &maria, &posted, None).await,
        Err(Code::Forbidden)
    );
    let mut stranger = caller(Role::Technician);
    stranger.email = "other@example.com".parse().ok();
    assert_eq!(
        again(&desk, &stranger, &posted, None).await,
        Err(Code::NotFound)
    );
    let mut missing = posted.clone();
    missing.deliveries[0].id = uuid::Uuid::now_v7();
    let admin = caller(Role::Admin);
    assert_eq!(
        again(&desk, &admin, &missing, None).await,
        Err(Code::NotFound)
    );
    assert!(again(&desk, &admin, &posted, None).await.is_ok());
}

#[tokio::test]
async fn that_there_is_nobody_to_tell_is_explained_too() {
    let desk = Desk::sending().await;
    let ticket = TicketFields {
        requester: PersonFields {
            email: "maria@example.com".into(),
            ..PersonFields::default()
        },
        ..TicketFields::default()
    };
    tickets::put(&desk.app, &caller(Role::Integration), "78", ticket)
        .await
        .unwrap();
    let new = NewMessage {
        text: Some("Alguém?".to_owned()),
        ..NewMessage::default()
    };
    let mut maria = caller(Role::Requester);
    maria.email = "maria@example.com".parse().ok();
    let posted = messages::post(&desk.app, &maria, &"78".parse().unwrap(), &new, None).await;
    let posted = posted.unwrap().into_parts().0;
    assert!(posted.deliveries.is_empty());
    let admin = caller(Role::Admin);
    let explained = explain::message(
        &desk.app,
        &admin,
        &"78".parse().unwrap(),
        posted.id,
        Language::Pt,
    )
    .await;
    let codes: Vec<_> = explained
        .unwrap()
        .recipients
        .into_iter()
        .map(|one| (one.to.capacity, one.decision.code))
        .collect();
    assert_eq!(codes, [(Capacity::Responsible, "NO_ADDRESS".to_owned())]);
}

#[tokio::test]
async fn everyone_considered_is_explained_in_the_callers_language() {
    let desk = Desk::sending().await;
    let person = |name: &str, email: &str| PersonFields {
        name: name.to_owned(),
        email: email.into(),
        ..PersonFields::default()
    };
    let ticket = TicketFields {
        id: "77".to_owned(),
        requester: person("Maria", "maria@example.com"),
        followers: vec![
            person("Maria outra vez", "MARIA@example.com"),
            person("Sem endereço", ""),
            person("Torto", "nobody@example.com"),
            person("Robô", "no-reply@example.com"),
        ],
        responsible: Some(person("Bia", "bia@example.com")),
        group: Some(GroupFields {
            name: "N1".to_owned(),
            addresses: Vec::new(),
        }),
        ..TicketFields::default()
    };
    tickets::put(&desk.app, &caller(Role::Integration), "77", ticket)
        .await
        .unwrap();
    let posted = desk.post_on("77", "Olá").await;
    desk.sender.sweep().await.unwrap();
    for (language, rule, status) in [
        (
            Language::Pt,
            "O mesmo endereço já está na lista.",
            "Entregue ao provedor",
        ),
        (
            Language::En,
            "The same address is on the list already.",
            "Accepted by the mail provider",
        ),
        (
            Language::Es,
            "La misma dirección ya está en la lista.",
            "El proveedor de correo lo tiene",
        ),
    ] {
        let explained = explain::message(
            &desk.app,
            &caller(Role::Admin),
            &"77".parse().unwrap(),
            posted.id,
            language,
        )
        .await
        .unwrap();
        let codes: Vec<_> = explained
            .recipients
            .iter()
            .map(|one| one.decision.code.as_str())
            .collect();
        assert_eq!(
            codes,
            ["MAIL", "DUPLICATE", "NO_ADDRESS", "MAIL", "SYSTEM_ADDRESS"]
        );
        assert_eq!(explained.recipients[1].decision.text, rule);
        let mailed = explained.recipients[0].delivery.as_ref().unwrap();
        assert!(
            mailed.status_text.starts_with(status),
            "{}",
            mailed.status_text
        );
        assert!(explained.recipients[1].delivery.is_none());
        assert!(
            explained
                .recipients
                .iter()
                .all(|one| !one.decision.text.is_empty())
        );
    }
    let mut maria = caller(Role::Requester);
    maria.email = "maria@example.com".parse().ok();
    let refused = explain::message(
        &desk.app,
        &maria,
        &"77".parse().unwrap(),
        posted.id,
        Language::Pt,
    )
    .await
    .unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
}

#[tokio::test]
async fn why_a_mail_waits_is_explained_with_what_to_do() {
    let desk = Desk::sending().await;
    desk.set(297, "S").await;
    let (posted, _) = desk.send("Olá").await;
    let explained = explain::message(
        &desk.app,
        &caller(Role::Technician),
        &NUMBER,
        posted.id,
        Language::En,
    )
    .await
    .unwrap();
    let report = explained.recipients[0].delivery.clone().unwrap();
    assert_eq!(
        (report.status, report.reason),
        (DeliveryStatus::Held, Some(Reason::KillSwitch.into()))
    );
    assert!(report.reason_text.unwrap().contains("parameter 297"));
    assert_eq!((report.timeline.len(), report.send_again), (1, false));
}
