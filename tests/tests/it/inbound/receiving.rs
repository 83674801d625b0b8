//! From a mail to a message: who may write, where it lands, what is told to whom.

use std::{fs, path::PathBuf};

use jiff::SignedDuration;
use mail::token::reply::reference;
use serde_json::json;
use service::{
    desk::tickets::TicketReference,
    inbound::{Received, Trust},
    outgoing::deliveries::MailRecord,
};
use storage::{Item, Storage, Write, keys};
use uuid::Uuid;

use super::matching::mail_of;
use crate::desk;
use crate::desk::{DOMAIN, Desk, SEAL, TICKET, accepted, ignored, mail, quarantined};

const MARIA: &str = "maria@example.com";
const BIA: &str = "bia@example.com";

#[tokio::test]
async fn a_reply_becomes_a_message_and_the_other_side_is_told() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let text = "Voltou, obrigada!\r\n\r\nEm 05/06/2025 10:00, Bia escreveu:\r\n> Pode testar?";
    desk.store.take_calls();
    let id = accepted(
        desk.take(mail("Mari <Maria@Example.com>", &to, "", text))
            .await,
    );
    assert_eq!(desk.store.take_calls().commit, 1, "all or nothing");
    let found = desk.conversation(&desk::bia()).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["id"], id.to_string());
    assert_eq!(found[0]["text"], "Voltou, obrigada!");
    assert_eq!(found[0]["source"], "email");
    assert_eq!(found[0]["visibility"], "public");
    assert_eq!(
        found[0]["author"],
        json!({ "name": "Maria", "email": MARIA, "role": "requester" })
    );
    assert!(
        found[0]["full_text"]
            .as_str()
            .unwrap()
            .contains("Pode testar?")
    );
    let path = format!("/tickets/{TICKET}/messages/{id}");
    let told = desk
        .call(&desk::bia(), "GET", &path, None)
        .await
        .expect(200);
    let told: Vec<_> = told["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["to"]["address"].clone())
        .collect();
    assert_eq!(told, [BIA, "n1@example.com"]);
    let listed = desk
        .call(&desk::admin(), "GET", "/quarantine?status=accepted", None)
        .await
        .expect(200);
    assert_eq!(listed["items"][0]["message_id"], id.to_string());
}

#[tokio::test]
async fn a_technicians_reply_goes_to_the_requester_and_shows_no_quotation() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(BIA);
    let text = "Troquei o cabo.\r\n\r\nEm 05/06/2025 10:00, N2 escreveu:\r\n> senha do roteador: x";
    let id = accepted(desk.take(mail(BIA, &to, "", text)).await);
    let path = format!("/tickets/{TICKET}/messages/{id}");
    let read = desk
        .call(&desk::bia(), "GET", &path, None)
        .await
        .expect(200);
    let told: Vec<_> = read["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["to"]["address"].clone())
        .collect();
    assert_eq!(told, [MARIA, "fabio@example.com"]);
    assert_eq!(read["author"]["role"], "technician");
    let seen = desk.conversation(&desk::maria()).await;
    assert_eq!(seen[0]["text"], "Troquei o cabo.");
    assert!(!seen[0].to_string().contains("roteador"), "{seen:?}");
}

#[tokio::test]
async fn a_follower_and_a_group_write_for_themselves() {
    let desk = Desk::receiving().await;
    for (who, role, name) in [
        ("fabio@example.com", "requester", "Fabio"),
        ("n1@example.com", "technician", "N1"),
    ] {
        accepted(desk.reply(who, &format!("Aqui é {who}.")).await);
        let found = desk.conversation(&desk::bia()).await;
        let author = &found.last().unwrap()["author"];
        assert_eq!(author, &json!({ "name": name, "email": who, "role": role }));
    }
}

#[tokio::test]
async fn every_bad_token_has_a_reason_of_its_own() {
    let desk = Desk::receiving().await;
    let good = desk.token(TICKET, MARIA);
    let changed = if good.as_bytes()[9] == b'a' { "b" } else { "a" };
    let altered = format!("{}{changed}{}", &good[..9], &good[10..]);
    let forged = format!("a{}", "b".repeat(good.len() - 1));
    let foreign = format!("z{}", &good[1..]);
    let bia = desk.token(TICKET, BIA);
    for (token, from, reason) in [
        (altered.as_str(), MARIA, "TOKEN_ALTERED"),
        (&forged, MARIA, "TOKEN_FORGED"),
        (&foreign, MARIA, "TOKEN_FOREIGN"),
        ("abc", MARIA, "TOKEN_MALFORMED"),
        (&bia, "carla@example.net", "SENDER_NOT_KNOWN"),
        (&good, "carla@example.net", "SENDER_NOT_KNOWN"),
    ] {
        // The anchor does not make up for a token that is not valid.
        let headers = format!("References: <t.{TICKET}@{DOMAIN}>\r\n");
        let received = desk
            .take(mail(
                from,
                &format!("reply+{token}@{DOMAIN}"),
                &headers,
                reason,
            ))
            .await;
        assert_eq!(quarantined(received), reason);
    }
    desk.wait(SignedDuration::from_hours(31 * 24));
    let late = desk
        .take(mail(MARIA, &format!("reply+{good}@{DOMAIN}"), "", "Tarde."))
        .await;
    assert_eq!(quarantined(late), "TOKEN_EXPIRED");
    assert!(desk.conversation(&desk::bia()).await.is_empty());
    let listed = desk
        .call(&desk::admin(), "GET", "/quarantine?limit=100", None)
        .await
        .expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 7, "each is seen");
}

#[tokio::test]
async fn a_copied_stranger_never_writes_as_the_requester() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    // Maria copied Carla; Carla answers to all, under a name that is not hers.
    for (from, headers) in [
        (
            "Maria <carla@example.net>",
            format!("References: <t.{TICKET}@{DOMAIN}>\r\n"),
        ),
        (
            "carla@example.net",
            format!("Reply-To: {MARIA}\r\nSender: {MARIA}\r\n"),
        ),
        ("\"maria@example.com\" <carla@example.net>", String::new()),
    ] {
        let received = desk.take(mail(from, &to, &headers, "Podem fechar.")).await;
        assert_eq!(quarantined(received), "SENDER_NOT_KNOWN", "{from}");
    }
    for from in ["maria@example.com, carla@example.net", "", "nobody"] {
        let received = desk.take(mail(from, &to, "", "Podem fechar.")).await;
        assert_eq!(quarantined(received), "SENDER_UNCLEAR", "{from}");
    }
    assert!(desk.conversation(&desk::bia()).await.is_empty());
}

#[tokio::test]
async fn only_what_ses_proved_is_let_in() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let whole = |verdicts: &str| format!("{verdicts}{}", mail(MARIA, &to, "", "Sim."));
    let with = |find: &str, put: &str| whole(&SEAL.replace(find, put));
    for (raw, reason) in [
        (with("dmarc=pass", "dmarc=fail"), "DMARC_FAILED"),
        (with("dmarc=pass", "dmarc=none"), "DMARC_NOT_PROVEN"),
        (with("amazonses.com", "mx.example.net"), "DMARC_NOT_PROVEN"),
        (with("Spam-Verdict: PASS", "Spam-Verdict: FAIL"), "SPAM"),
        (with("Virus-Verdict: PASS", "Virus-Verdict: FAIL"), "VIRUS"),
        (whole(""), "DMARC_NOT_PROVEN"),
        // Below the seal of SES anybody may have written what they like.
        (
            with("dmarc=pass", "dmarc=fail").replace("Subject:", &format!("{SEAL}Subject:")),
            "DMARC_FAILED",
        ),
    ] {
        let received = desk.take_raw(&desk.next_id(), raw.into_bytes()).await;
        assert_eq!(quarantined(received), reason);
    }
}

#[tokio::test]
async fn what_machines_write_is_no_message() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    for (headers, reason) in [
        ("Auto-Submitted: auto-replied\r\n", "AUTO_REPLY"),
        ("Auto-Submitted: auto-generated\r\n", "AUTO_GENERATED"),
        ("X-Autoreply: yes\r\n", "AUTO_REPLY"),
        ("Return-Path: <>\r\n", "NULL_RETURN_PATH"),
        ("Precedence: bulk\r\n", "LIST_MAIL"),
        ("List-Id: <l.example.com>\r\n", "LIST_MAIL"),
        ("List-Id: <tickets.reply.example.org>\r\n", "OWN_MAIL"),
        (
            "Content-Type: multipart/report; report-type=delivery-status\r\n",
            "BOUNCE",
        ),
    ] {
        let received = desk.take(mail(MARIA, &to, headers, "Estou fora.")).await;
        assert_eq!(ignored(received), reason, "{headers}");
    }
    let away = mail(MARIA, &to, "", "Volto dia 5.")
        .replace("RES: Impressora", "Resposta automática: Impressora");
    assert_eq!(ignored(desk.take(away).await), "OUT_OF_OFFICE");
    assert_eq!(
        ignored(desk.take(mail("desk@example.org", &to, "", "x")).await),
        "OWN_MAIL"
    );
    // People's programs set this one: it proves nothing.
    let received = desk
        .take(mail(
            MARIA,
            &to,
            "X-Auto-Response-Suppress: All\r\n",
            "Sim.",
        ))
        .await;
    accepted(received);
    let listed = desk
        .call(
            &desk::bia(),
            "GET",
            "/quarantine?status=ignored&limit=100",
            None,
        )
        .await
        .expect(200);
    assert_eq!(
        listed["items"].as_array().unwrap().len(),
        10,
        "each is seen"
    );
}

#[tokio::test]
async fn the_same_mail_twice_is_one_message() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let raw = [SEAL, &mail(MARIA, &to, "", "Uma vez.")]
        .concat()
        .into_bytes();
    accepted(desk.take_raw("one", raw.clone()).await);
    assert_eq!(desk.take_raw("one", raw.clone()).await, Received::Duplicate);
    assert_eq!(desk.take_raw("two", raw).await, Received::Duplicate);
    // Without an id the body tells.
    let without = |text: &str| {
        let whole = mail(MARIA, &to, "", text);
        let lines: Vec<_> = whole
            .split_inclusive("\r\n")
            .filter(|l| !l.starts_with("Message-ID"))
            .collect();
        [SEAL, &lines.concat()].concat().into_bytes()
    };
    accepted(desk.take_raw("three", without("Outra coisa.")).await);
    assert_eq!(
        desk.take_raw("four", without("Outra coisa.")).await,
        Received::Duplicate
    );
    // Somebody else who uses the same id takes nothing from anybody.
    let id = "Message-ID: <known@example.com>\r\n";
    let same = |from: &str, text: &str| {
        let whole = mail(from, &desk.reply_to(from), id, text);
        let lines: Vec<_> = whole
            .split_inclusive("\r\n")
            .filter(|l| !l.contains("@example.com>\r\n") || *l == id)
            .collect();
        lines.concat()
    };
    accepted(desk.take(same("fabio@example.com", "Primeiro.")).await);
    accepted(desk.take(same(MARIA, "Segundo.")).await);
    // A program that gives every mail the same id: what says something else is another mail.
    accepted(desk.take(same(MARIA, "Terceiro.")).await);
    assert_eq!(
        desk.take(same(MARIA, "Terceiro. ")).await,
        Received::Duplicate
    );
    assert_eq!(desk.conversation(&desk::bia()).await.len(), 5);
}

#[tokio::test]
async fn a_switch_and_a_missing_ticket_keep_mail_aside() {
    let desk = Desk::receiving().await;
    desk.set(299, "N").await;
    assert_eq!(quarantined(desk.reply(MARIA, "Oi.").await), "MESSAGES_OFF");
    let to = format!("reply+{}@{DOMAIN}", desk.token("9999", MARIA));
    let received = desk.take(mail(MARIA, &to, "", "Oi.")).await;
    assert_eq!(quarantined(received), "TICKET_UNKNOWN");
    let received = desk.take(mail(MARIA, "desk@example.org", "", "Oi.")).await;
    assert_eq!(quarantined(received), "NO_TICKET");
}

#[tokio::test]
async fn no_mail_is_dropped_however_broken() {
    let desk = Desk::receiving().await;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("inbound");
    let mut mails: Vec<Vec<u8>> = vec![Vec::new(), vec![b'a'; 100_000], b"\0\0\0".to_vec()];
    for part in ["malformed", "replies"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            mails.push(fs::read(entry.unwrap().path()).unwrap());
        }
    }
    let head = format!("From: {MARIA}\r\nTo: {}\r\n", desk.reply_to(MARIA));
    for (number, raw) in mails.iter().enumerate() {
        // As it is, and as a mail of hers that SES proved.
        let hers = [SEAL.as_bytes(), head.as_bytes(), raw].concat();
        for (kind, raw) in [("as-it-is", raw.clone()), ("hers", hers)] {
            let id = format!("{kind}-{number}");
            let received = desk.take_raw(&id, raw).await;
            let found = desk
                .store
                .get(&[keys::inbound(&id.parse().unwrap())])
                .await
                .unwrap();
            assert_eq!(found[0].is_some(), received != Received::Duplicate, "{id}");
        }
        desk.wait(SignedDuration::from_mins(20));
    }
}

#[tokio::test]
async fn every_row_of_the_matching_table_lands_where_it_says() {
    let desk = Desk::without_tickets();
    let person = |email: &str| json!({ "name": email, "email": email });
    for id in ["4711", "4712", "REQ.7_b", "INC-2025-000000000000-long"] {
        let mut snapshot = json!({ "requester": person("ana@example.com") });
        if id == "4711" {
            snapshot["responsible"] = person("bruno@example.org");
        }
        let path = format!("/tickets/{id}");
        desk.call(&desk::integration(), "PUT", &path, Some(snapshot))
            .await
            .expect(201);
    }
    let mail = |id: &str, ticket: &str| {
        let record = MailRecord {
            ticket_id: ticket.parse().unwrap(),
            message_id: Uuid::now_v7(),
            delivery_id: Uuid::now_v7(),
            attempt: 1,
        };
        Write::put(Item::new(keys::mail(id), "mail", &record).unwrap())
    };
    let long = "INC-2025-000000000000-long";
    let record = TicketReference {
        ticket_id: long.parse().unwrap(),
    };
    let reference = keys::ticket_reference(&reference(&long.parse().unwrap()));
    let writes = vec![
        mail("0100018f1a2b3c4d-aaaa-000000", "4711"),
        mail("0100018f1a2b3c4d-bbbb-000000", "4712"),
        mail(
            &format!("0197400000007000800000000000aaaa.1@{DOMAIN}"),
            "4711",
        ),
        mail(
            &format!("0197400000007000800000000000aaaa.2@{DOMAIN}"),
            "4711",
        ),
        Write::put(Item::new(reference, "ticket_reference", &record).unwrap()),
    ];
    desk.store.commit(writes).await.unwrap();
    let table = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("inbound/matching.tsv");
    for (row, line) in fs::read_to_string(table)
        .unwrap()
        .lines()
        .filter(|l| !l.starts_with('#'))
        .enumerate()
    {
        let columns: Vec<_> = line.split('\t').collect();
        let (raw, envelope) = mail_of(&columns);
        let arrival = service::inbound::Arrival {
            id: format!("row-{row}").parse().unwrap(),
            // Each says something else: the same again would be a loop.
            raw: raw.replace("Sim.", &format!("Sim, {row}.")).into_bytes(),
            envelope,
            trust: Trust::ThisMachine,
        };
        let received = service::inbound::keep_and_receive(&desk.app, arrival)
            .await
            .unwrap();
        let landed = match received {
            Received::Message { ticket_id, .. } => ticket_id.to_string(),
            _ => "-".to_owned(),
        };
        assert_eq!(landed, columns[1], "{}", columns[0]);
        desk.wait(SignedDuration::from_mins(20));
    }
}
