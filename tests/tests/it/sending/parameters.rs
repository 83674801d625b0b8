//! Each parameter changes what the system does: one test a number, from the setting to the mail.

use domain::{
    catalog::Language, delivery::DeliveryStatus, id::TemplateId, source::Source, template::Variant,
};
use service::{
    Code, Precondition,
    access::{Caller, Role},
    admin::{
        parameters,
        templates::{self, Draft},
    },
    api::PersonFields,
    desk::{
        messages::{self, NewMessage, Posted},
        tickets::{self, TicketFields},
    },
    pages::Rows,
};
use transport::OutgoingMail;

use crate::desk::{Desk, MARIA, NUMBER, TICKET, caller};

const BIA: &str = "bia@example.com";

fn maria() -> Caller {
    Caller {
        email: MARIA.parse().ok(),
        name: "Maria".to_owned(),
        ..caller(Role::Requester)
    }
}

async fn says(desk: &Desk, who: &Caller) -> Result<Posted, Code> {
    let new = NewMessage {
        text: Some("Olá".to_owned()),
        ..NewMessage::default()
    };
    let posted = messages::post(&desk.app, who, &NUMBER, &new, None).await;
    posted
        .map(|outcome| outcome.into_parts().0)
        .map_err(|error| error.code)
}

/// Posts as somebody and sends: the mails that left.
async fn mails(desk: &Desk, who: &Caller) -> Vec<OutgoingMail> {
    let before = desk.transport.mails().len();
    let posted = says(desk, who).await.unwrap();
    desk.sender.send_queued(desk.items(&posted).await).await;
    desk.transport.mails().split_off(before)
}

fn to(mails: &[OutgoingMail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.to.as_str()).collect()
}

fn text(mail: &OutgoingMail) -> String {
    let raw = String::from_utf8(mail.raw.clone()).unwrap();
    raw.replace("=\r\n", "").replace("=3D", "=")
}

/// What each side gets: the mark of the template, to the requester and to the desk.
async fn marks(desk: &Desk) -> (bool, bool) {
    let to_requester = mails(desk, &caller(Role::Technician)).await;
    let to_desk = mails(desk, &maria()).await;
    let marked = |mail: &OutgoingMail| text(mail).contains("OUTRO");
    (marked(&to_requester[0]), marked(&to_desk[0]))
}

async fn other(desk: &Desk) -> String {
    desk.template("outro", "OUTRO ${COMMENTTEXT}")
        .await
        .to_string()
}

#[tokio::test]
async fn parameter_417_chooses_the_template_of_both_directions() {
    let desk = Desk::sending().await;
    let id = other(&desk).await;
    assert_eq!(marks(&desk).await, (false, false));
    desk.set(417, &id).await;
    assert_eq!(marks(&desk).await, (true, true));
}

#[tokio::test]
async fn parameter_251_wins_towards_the_requester() {
    let desk = Desk::sending().await;
    let id = other(&desk).await;
    desk.set(251, &id).await;
    assert_eq!(marks(&desk).await, (true, false));
}

#[tokio::test]
async fn parameter_253_wins_towards_the_desk() {
    let desk = Desk::sending().await;
    let id = other(&desk).await;
    desk.set(253, &id).await;
    assert_eq!(marks(&desk).await, (false, true));
}

#[tokio::test]
async fn parameter_297_holds_every_mail_until_it_is_off() {
    let desk = Desk::sending().await;
    desk.set(297, "sim").await;
    assert!(mails(&desk, &caller(Role::Technician)).await.is_empty());
    assert!(mails(&desk, &maria()).await.is_empty());
    desk.set(297, "não").await;
    desk.sender.sweep().await.unwrap();
    let left = desk.transport.mails();
    let mut left = to(&left);
    left.sort_unstable();
    assert_eq!(left, [BIA, MARIA, "n1@example.com"]);
}

#[tokio::test]
async fn parameter_299_closes_the_conversation() {
    let desk = Desk::sending().await;
    desk.set(299, "N").await;
    for who in [maria(), caller(Role::Technician)] {
        assert_eq!(says(&desk, &who).await.err(), Some(Code::MessagesOff));
    }
    desk.set(299, "S").await;
    assert!(says(&desk, &maria()).await.is_ok());
}

#[tokio::test]
async fn parameter_300_keeps_a_requesters_message_from_the_desk() {
    let desk = Desk::sending().await;
    desk.set(300, "N").await;
    assert!(mails(&desk, &maria()).await.is_empty());
    assert_eq!(to(&mails(&desk, &caller(Role::Technician)).await), [MARIA]);
    desk.set(300, "S").await;
    assert_eq!(to(&mails(&desk, &maria()).await).len(), 2);
}

#[tokio::test]
async fn parameter_252_lets_the_portal_write_or_not() {
    let desk = Desk::sending().await;
    desk.set(252, "N").await;
    assert_eq!(
        says(&desk, &maria()).await.err(),
        Some(Code::PortalWritingOff)
    );
    assert!(says(&desk, &caller(Role::Technician)).await.is_ok());
    desk.set(252, "S").await;
    assert!(says(&desk, &maria()).await.is_ok());
}

#[tokio::test]
async fn parameters_262_and_263_name_what_a_portal_message_does_not() {
    let desk = Desk::sending().await;
    let id = desk.template("origem", "C=${CATEGORIA} O=${ORIGEM}.").await;
    desk.set(417, &id.to_string()).await;
    assert!(text(&mails(&desk, &maria()).await[0]).contains("C= O=."));
    desk.set(262, "Duvida").await;
    assert!(text(&mails(&desk, &maria()).await[0]).contains("C=Duvida O=."));
    desk.set(263, "Portal").await;
    assert!(text(&mails(&desk, &maria()).await[0]).contains("C=Duvida O=Portal."));
    // They are of the portal alone.
    let bia = caller(Role::Technician);
    assert!(text(&mails(&desk, &bia).await[0]).contains("C= O=."));
}

#[tokio::test]
async fn parameter_9_is_told_when_nobody_else_can_be() {
    let desk = Desk::sending().await;
    let alone = TicketFields {
        id: TICKET.to_owned(),
        requester: PersonFields {
            email: MARIA.into(),
            ..PersonFields::default()
        },
        ..TicketFields::default()
    };
    let itsm = caller(Role::Integration);
    tickets::put(&desk.app, &itsm, TICKET, alone).await.unwrap();
    assert!(mails(&desk, &maria()).await.is_empty());
    desk.set(9, "plantao@example.com; chefe@example.com").await;
    let mails = mails(&desk, &maria()).await;
    let mut told = to(&mails);
    told.sort_unstable();
    assert_eq!(told, ["chefe@example.com", "plantao@example.com"]);
}

#[tokio::test]
async fn parameter_10_is_the_sender() {
    let desk = Desk::sending().await;
    let bia = caller(Role::Technician);
    assert_eq!(
        mails(&desk, &bia).await[0].from.as_str(),
        "desk@mensageria.example"
    );
    desk.set(10, "suporte@example.com").await;
    let mail = mails(&desk, &bia).await.remove(0);
    assert_eq!(mail.from.as_str(), "suporte@example.com");
    // The name of the desk stays when its address is set.
    assert!(text(&mail).contains("From: Central <suporte@example.com>\r\n"));
}

#[tokio::test]
async fn parameter_33_is_the_base_of_links() {
    let desk = Desk::sending().await;
    let id = desk
        .template("link", "<p>${LINKSOLICITACAOSERVICO}</p>")
        .await;
    desk.set(417, &id.to_string()).await;
    let bia = caller(Role::Technician);
    assert!(!text(&mails(&desk, &bia).await[0]).contains("/tickets/"));
    desk.set(33, "https://portal.example.com/base/").await;
    let link = format!("href=\"https://portal.example.com/base/tickets/{TICKET}\"");
    assert!(text(&mails(&desk, &bia).await[0]).contains(&link));
}

#[tokio::test]
async fn every_change_is_kept_with_its_author() {
    let desk = Desk::sending().await;
    for value in ["S", "n", "true"] {
        desk.set(297, value).await;
    }
    let admin = caller(Role::Admin);
    let any = Precondition::Any;
    parameters::reset(&desk.app, &admin, 297, &any, Language::Pt)
        .await
        .unwrap();
    let first = parameters::history(&desk.app, &admin, 297, 3, None)
        .await
        .unwrap();
    let rest = parameters::history(&desk.app, &admin, 297, 3, first.next.clone())
        .await
        .unwrap();
    assert!(rest.next.is_none());
    let history: Vec<_> = [first, rest]
        .into_iter()
        .flat_map(Rows::into_items)
        .collect();
    let changes = history.iter();
    let changes: Vec<_> = changes
        .map(|change| (change.before.as_deref(), change.after.as_deref()))
        .collect();
    assert_eq!(
        changes,
        [
            (Some("S"), None),
            (Some("N"), Some("S")),
            (Some("S"), Some("N")),
            (None, Some("S"))
        ]
    );
    assert!(
        history
            .iter()
            .all(|change| change.by == "somebody" && change.number == 297)
    );
}

/// A mail is in the recipient's language, in a near one, or in the template's own: a missing
/// variant stops no mail.
#[tokio::test]
async fn a_missing_variant_stops_no_mail() {
    let desk = Desk::sending().await;
    let admin = caller(Role::Admin);
    let variant = |title: &str| Variant {
        title: title.to_owned(),
        html: "<p>${COMMENTTEXT}</p>".to_owned(),
        text: None,
    };
    let draft = Draft {
        identifier: "mensageria".to_owned(),
        source: Source {
            title: "Chamado".to_owned(),
            html: "<p>${COMMENTTEXT}</p>".to_owned(),
            ..Source::default()
        },
        locales: [("en-GB", "Ticket"), ("es", "Solicitud")]
            .map(|(tag, title)| (tag.to_owned(), variant(title)))
            .into(),
        ..Draft::default()
    };
    templates::update(
        &desk.app,
        &admin,
        TemplateId::FIRST,
        draft,
        &Precondition::Any,
    )
    .await
    .unwrap();
    for (locale, subject) in [
        (Some("en-GB"), "Ticket"),
        (Some("en-US"), "Ticket"),
        (Some("EN"), "Ticket"),
        (Some("es-AR"), "Solicitud"),
        (Some("fr"), "Chamado"),
        (Some("pt-PT"), "Chamado"),
        (Some("?"), "Chamado"),
        (None, "Chamado"),
    ] {
        let ticket = TicketFields {
            id: TICKET.to_owned(),
            requester: PersonFields {
                email: MARIA.into(),
                locale: locale.map(str::to_owned),
                ..PersonFields::default()
            },
            responsible: Some(PersonFields {
                email: BIA.into(),
                ..PersonFields::default()
            }),
            ..TicketFields::default()
        };
        let itsm = caller(Role::Integration);
        tickets::put(&desk.app, &itsm, TICKET, ticket)
            .await
            .unwrap();
        let mail = mails(&desk, &caller(Role::Technician)).await.remove(0);
        let line = format!("Subject: {subject} [#{TICKET}]\r\n");
        assert!(text(&mail).contains(&line), "{locale:?}: {}", text(&mail));
    }
}

/// What a mail was made from can be read as long as the mail can be asked about.
#[tokio::test]
async fn a_deleted_template_leaves_the_versions_that_mails_used() {
    let desk = Desk::sending().await;
    let (_, delivery) = desk.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Accepted);
    let sent = delivery.mail.unwrap();
    let admin = caller(Role::Admin);
    let in_use = templates::delete(&desk.app, &admin, sent.template, &Precondition::None).await;
    assert_eq!(in_use.unwrap_err().code, Code::TemplateInUse);
    let id = other(&desk).await;
    desk.set(417, &id).await;
    templates::delete(&desk.app, &admin, sent.template, &Precondition::None)
        .await
        .unwrap();
    let gone = templates::read(&desk.app, &admin, sent.template).await;
    assert_eq!(gone.unwrap_err().code, Code::NotFound);
    let version = sent.template_version;
    let kept = templates::read_version(&desk.app, &admin, sent.template, version)
        .await
        .unwrap();
    assert_eq!(kept.source.html, "${COMMENTTEXT}");
}
