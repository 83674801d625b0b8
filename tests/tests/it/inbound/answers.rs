//! Nothing of what people write is lost, and nothing of it lands where it does not belong.

use serde_json::{Value, json};
use service::inbound::Received;
use tests::memory::Memory;

use crate::desk;
use crate::desk::{DOMAIN, Desk, TICKET, accepted, mail, quarantined};

const MARIA: &str = "maria@example.com";
const ANSWERS: &str = "In-Reply-To: <a@b.example>\r\n";
const ATTRIBUTION: &str = "Em 05/06/2025 14:03, Central <desk@example.org> escreveu:";

/// What the desk wrote on the ticket.
async fn say(desk: &Desk<Memory>, text: &str) {
    let path = format!("/tickets/{TICKET}/messages");
    let body = json!({ "text": text });
    let bia = desk::bia();
    let answer = desk.call(&bia, "POST", &path, Some(body)).await;
    answer.expect(202);
}

async fn last(desk: &Desk<Memory>) -> Value {
    let found = desk.conversation(&desk::bia()).await;
    found.last().unwrap().clone()
}

#[tokio::test]
async fn lines_with_marks_that_quote_nothing_of_ours_are_a_message() {
    let desk = Desk::receiving().await;
    say(&desk, "Qual é o endereço IPv4 da sua máquina?").await;
    let to = desk.reply_to(MARIA);
    for text in [
        "> ping 192.0.2.1\r\n> Tempo limite esgotado",
        "Segue a saída:\r\n\r\n> ping 192.0.2.7\r\n> Resposta de 192.0.2.7",
    ] {
        accepted(desk.take(mail(MARIA, &to, ANSWERS, text)).await);
        assert_eq!(last(&desk).await["text"], text.replace("\r\n", "\n"));
    }
    // The same in HTML: a quotation that she made herself.
    let html = "Content-Type: text/html\r\n";
    let body = "<p>O erro:</p><blockquote style=\"border-left: 1px solid\">Falha 0x97 na porta USB001</blockquote>";
    accepted(
        desk.take(mail(MARIA, &to, &format!("{ANSWERS}{html}"), body))
            .await,
    );
    assert_eq!(
        last(&desk).await["text"],
        "O erro:\n\n> Falha 0x97 na porta USB001"
    );
}

#[tokio::test]
async fn a_mail_of_somebody_else_and_a_list_stay_and_a_mail_of_ours_goes() {
    let desk = Desk::receiving().await;
    say(&desk, "Qual é o endereço IPv4 da sua máquina?").await;
    let to = desk.reply_to(MARIA);
    for text in [
        "Segue o e-mail do fornecedor.\r\n\r\nDe: Pedro <pedro@example.net>\r\nEnviada em: quinta-feira, 26 de novembro de 2026 10:00\r\nPara: Maria <maria@example.com>\r\nAssunto: Troca\r\n\r\nO fusor chega na sexta.",
        "Segue.\r\n\r\n---------- Mensagem encaminhada ---------\r\nDe: Pedro <pedro@example.net>\r\nDate: qui., 26 de nov. de 2026 10:00\r\nSubject: Troca\r\nTo: Maria <maria@example.com>\r\n\r\nO toner chega na sexta.",
        "Redirecionar, por favor.\r\n\r\nDe: vendas@example.com\r\nPara: ana@example.com\r\nData: a partir de 01/12/2026\r\n\r\nObrigada pela ajuda!",
        "O fornecedor respondeu assim:\r\n\r\nEm 25/11/2026 14:03, Pedro <pedro@example.net> escreveu:\r\n\r\nA peça chega dia 30.\r\n\r\nPodem agendar?",
        "The supplier says:\r\n\r\nOn 25 Nov 2026 14:03, Peter <peter@example.net> wrote:\r\n\r\nThe part arrives on Monday.",
        "Transporte:\r\n\r\nDe: Matriz\r\nPara: Filial Recife\r\nData: 10/12/2026 14:00\r\nVolumes: 3\r\n\r\nPodem confirmar?",
    ] {
        accepted(desk.take(mail(MARIA, &to, "", text)).await);
        assert_eq!(last(&desk).await["text"], text.replace("\r\n", "\n"));
    }
    let html = "Content-Type: text/html; charset=utf-8\r\n";
    let body = "<div>Veja.<br><div class=\"gmail_quote\"><div class=\"gmail_attr\">---------- Forwarded message ---------<br>De: Pedro &lt;pedro@example.net&gt;<br>Date: qui., 26 de nov. de 2026<br>Subject: Cabo<br>To: Maria &lt;maria@example.com&gt;<br></div><br><div>O cabo chega na sexta.</div></div></div>";
    accepted(desk.take(mail(MARIA, &to, html, body)).await);
    let text = last(&desk).await["text"].as_str().unwrap().to_owned();
    assert!(text.contains("O cabo chega na sexta."), "{text}");

    // Of somebody who takes part, or of ours.
    for (answer, from) in [
        ("Já fiz.", "bia@example.com"),
        ("Já fiz isso.", to.as_str()),
    ] {
        let line = format!("Em 25/11/2026 14:03, Bia <{from}> escreveu:");
        let text = format!("{answer}\r\n\r\n{line}\r\n\r\nTeste o cabo.");
        accepted(desk.take(mail(MARIA, &to, "", &text)).await);
        assert_eq!(last(&desk).await["text"], answer);
    }

    // Ours: by the address in the block, by its words, or by the subject that is answered.
    for (answer, from, subject, words) in [
        (
            "Já testei uma vez.",
            format!("Central <{to}>"),
            "VPN",
            "Outro texto.",
        ),
        (
            "Já testei duas vezes.",
            "Central".to_owned(),
            "VPN",
            "Qual é o endereço IPv4 da sua máquina?",
        ),
        (
            "Já testei três vezes.",
            "Central".to_owned(),
            "Impressora",
            "Outro texto.",
        ),
    ] {
        let block =
            format!("De: {from}\r\nData: 26/11/2026 10:00\r\nPara: Maria\r\nAssunto: {subject}");
        let text = format!("{answer}\r\n\r\n{block}\r\n\r\n{words}");
        accepted(desk.take(mail(MARIA, &to, ANSWERS, &text)).await);
        assert_eq!(last(&desk).await["text"], answer);
    }
}

#[tokio::test]
async fn a_mail_of_somebody_else_stays_where_a_program_marked_it_or_put_ours_below_it() {
    let desk = Desk::receiving().await;
    let question = "Qual é o endereço IPv4 da sua máquina, e em que sala ela está?";
    say(&desk, question).await;
    let to = desk.reply_to(MARIA);
    let marked =
        |text: &str| -> String { text.lines().map(|line| format!("> {line}\n")).collect() };
    let attribution = "Em 25/11/2026 14:03, Pedro <pedro@example.net> escreveu:";
    let block = "De: Pedro <pedro@example.net>\nEnviada em: quarta-feira, 25 de novembro de 2026 14:03\nPara: Maria\nAssunto: Peça";
    let ours_below = format!(
        "De: Central <desk@example.org>\nData: 24/11/2026 10:00\nPara: Maria\nAssunto: VPN\n\n{question}"
    );
    let ours_deeper = marked(&format!("{ATTRIBUTION}\n\n{}", marked(question)));
    for (number, (head, below)) in [
        (format!("{attribution}\n> "), String::new()),
        (format!("{attribution}\n> "), format!(">\n{ours_deeper}")),
        (
            format!("> {attribution}\n>\n> "),
            format!(">\n{ours_deeper}"),
        ),
        (
            format!("{attribution}\n> "),
            format!("\n{ATTRIBUTION}\n{}", marked(question)),
        ),
        (format!("{attribution}\n\n"), format!("\n{ours_below}")),
        (format!("{block}\n\n"), format!("\n{ours_below}")),
        (
            format!("{block}\n\n"),
            format!("\n{ATTRIBUTION}\n\n{}", marked(question)),
        ),
        (format!("{block}\n\n{block}\n\n"), format!("\n{ours_below}")),
    ]
    .into_iter()
    .enumerate()
    {
        let part = [
            "fusor", "cabo", "toner", "disco", "mouse", "painel", "fone", "rolo",
        ][number];
        let said = format!("{part} {part}? {number}00 {part}s {number}.");
        let text = format!("Segue.\n\n{head}{said}\n{below}");
        accepted(desk.take(mail(MARIA, &to, ANSWERS, &text)).await);
        assert_eq!(last(&desk).await["text"], text.trim_end(), "{text}");
    }
    // The same around a mail of ours, whoever quoted it.
    for (number, head) in [
        format!("{ATTRIBUTION}\n> "),
        "Em 25/11/2026 14:03, Central <central@example.net> escreveu:\n> ".to_owned(),
        "Em 25/11/2026 14:03, Bia <bia@example.com> escreveu:\n> Veja.\n>> ".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = format!("Sala {number}.");
        let text = format!("{answer}\n\n{head}{question}");
        accepted(desk.take(mail(MARIA, &to, ANSWERS, &text)).await);
        assert_eq!(last(&desk).await["text"], answer, "{text}");
    }
}

#[tokio::test]
async fn what_answers_a_mail_of_ours_that_is_gone_quotes_it() {
    let desk = Desk::receiving().await;
    let quotation = "Em 25/11/2026 14:03, Central <antiga@example.net> escreveu:\n> Deu certo?";
    for (number, (id, shown)) in [
        ("0100018f1a2b3c4d-aaaa@email.amazonses.com", false),
        ("0100018f1a2b3c4d-aaaa@example.net", true),
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("Sala {number}.\n\n{quotation}");
        let headers = format!("In-Reply-To: <{id}>\r\n");
        accepted(
            desk.take(mail(MARIA, &desk.reply_to(MARIA), &headers, &text))
                .await,
        );
        let whole = last(&desk).await["text"]
            .as_str()
            .unwrap()
            .contains("certo");
        assert_eq!(whole, shown, "{id}");
    }
}

#[tokio::test]
async fn own_marked_lines_stay_beside_others_that_quote_ours() {
    let desk = Desk::receiving().await;
    say(&desk, "Pode testar e me dizer se ainda cai?").await;
    let to = desk.reply_to(MARIA);
    let text =
        "> Pode testar e me dizer se ainda cai?\r\n\r\nCai sim.\r\n\r\n> sala 12, ramal 4455";
    accepted(desk.take(mail(MARIA, &to, ANSWERS, text)).await);
    assert_eq!(
        last(&desk).await["text"],
        "Cai sim.\n\n> sala 12, ramal 4455"
    );
    // Below a quotation that a program marked; what answers ours line by line is none of hers.
    for (below, shown) in [
        (
            "Rodei:\r\n> ipconfig /all\r\n> IPv4: 192.0.2.7",
            "Rodei:\n> ipconfig /all\n> IPv4: 192.0.2.7",
        ),
        ("Já.\r\n> e me dizer se ainda cai?\r\nCai.", "Já.\n\nCai."),
    ] {
        let quoted = "> Pode testar";
        let text = format!("{ATTRIBUTION}\r\n{quoted}\r\n\r\n{below}");
        accepted(desk.take(mail(MARIA, &to, ANSWERS, &text)).await);
        assert_eq!(last(&desk).await["text"], shown);
    }
}

#[tokio::test]
async fn a_lost_race_changes_nothing_of_what_becomes_of_a_mail() {
    let quoted = "> Qual é o endereço?";
    let with_file = |text: &str| {
        format!(
            "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n\
             --b\r\nContent-Type: image/png; name=tela.png\r\n\r\nPNG\r\n--b--"
        )
    };
    let files = format!("{ANSWERS}Content-Type: multipart/mixed; boundary=b\r\n");
    let mails = [
        (files.as_str(), with_file(quoted)),
        (files.as_str(), with_file("")),
        (files.as_str(), with_file("Segue.")),
        (ANSWERS, "192.0.2.7".to_owned()),
        (ANSWERS, format!("> minhas palavras\r\n\r\n{quoted}")),
        (ANSWERS, quoted.to_owned()),
    ];
    for (headers, body) in mails {
        let mut became = Vec::new();
        for races in [0, 1, 2] {
            let desk = Desk::receiving().await;
            say(&desk, "Qual é o endereço?").await;
            let mail = mail(MARIA, &desk.reply_to(MARIA), headers, &body);
            desk.store.lose_commits(races);
            let received = desk.take(mail).await;
            let mut message = last(&desk).await;
            let what = match received {
                Received::Message { .. } => "message",
                Received::Quarantined(reason) => reason.code(),
                other => panic!("{other:?}"),
            };
            became.push((what, message["text"].take(), message["attachments"].take()));
        }
        assert_eq!(became[0], became[1], "{body}");
        assert_eq!(became[0], became[2], "{body}");
    }
}

#[tokio::test]
async fn what_quotes_us_and_says_nothing_waits_where_people_look_first() {
    let desk = Desk::receiving().await;
    say(&desk, "Qual é o endereço IPv4 da sua máquina?").await;
    let to = desk.reply_to(MARIA);
    let quoted = "> Qual é o endereço IPv4 da sua máquina?";
    for text in [
        quoted.to_owned(),
        format!("{ATTRIBUTION}\r\n{quoted}"),
        format!("{ATTRIBUTION}\r\n> outra coisa"),
        format!("Enviado do meu iPhone\r\n\r\n{quoted}"),
    ] {
        let received = desk.take(mail(MARIA, &to, ANSWERS, &text)).await;
        assert_eq!(quarantined(received), "NOTHING_NEW", "{text}");
    }
    let bia = desk::bia();
    let listed = desk.call(&bia, "GET", "/quarantine", None).await;
    assert_eq!(listed.expect(200)["items"].as_array().unwrap().len(), 4);
    // What she wrote above our quotation is the message; the quotation is not part of it.
    let text = format!("192.0.2.7\r\n\r\n{quoted}");
    accepted(desk.take(mail(MARIA, &to, ANSWERS, &text)).await);
    assert_eq!(last(&desk).await["text"], "192.0.2.7");
}

#[tokio::test]
async fn a_picture_is_named_by_its_file_and_not_by_the_telephone() {
    let desk = Desk::receiving().await;
    let parts = |text: &str| {
        format!(
            "--b\r\nContent-Type: image/jpeg; name=tela.jpg\r\nContent-Disposition: inline; filename=tela.jpg\r\n\r\nx\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--b--"
        )
    };
    say(&desk, "Manda a foto?").await;
    let headers = "Content-Type: multipart/mixed; boundary=b\r\n";
    for (text, shown) in [
        ("\r\n\r\nEnviado do meu iPhone", "[tela.jpg]"),
        ("Enviado do meu iPhone\r\n\r\n> Manda a foto?", "[tela.jpg]"),
        ("A tela.\r\n\r\nEnviado do meu iPhone", "A tela."),
    ] {
        let whole = mail(MARIA, &desk.reply_to(MARIA), headers, &parts(text));
        accepted(desk.take(whole).await);
        assert_eq!(last(&desk).await["text"], shown);
        desk.wait(jiff::SignedDuration::from_hours(5));
    }
}

/// A mail without `Message-ID`.
fn without_id(to: &str, date: &str, text: &str) -> String {
    format!("From: {MARIA}\r\nTo: {to}\r\nDate: {date}\r\nSubject: RES: x\r\n\r\n{text}\r\n")
}

#[tokio::test]
async fn the_same_words_on_two_tickets_or_days_are_two_messages() {
    let desk = Desk::receiving().await;
    desk.ticket("200").await;
    let on = |ticket: &str| format!("reply+{}@{DOMAIN}", desk.token(ticket, MARIA));
    let (first, second) = (
        "Thu, 5 Jun 2025 14:01:00 -0300",
        "Fri, 6 Jun 2025 14:01:00 -0300",
    );
    for (ticket, date) in [(TICKET, first), ("200", first), ("200", second)] {
        let text = "Sim, pode fechar.";
        accepted(desk.take(without_id(&on(ticket), date, text)).await);
        let again = desk.take(without_id(&on(ticket), date, text)).await;
        assert_eq!(again, Received::Duplicate);
        desk.wait(jiff::SignedDuration::from_hours(5));
    }
    // One Message-ID on two tickets.
    let id = "Message-ID: <same@example.com>\r\n";
    for ticket in [TICKET, "200"] {
        let whole = without_id(&on(ticket), first, "Feche os dois.");
        let received = desk
            .take(whole.replace("Subject:", &format!("{id}Subject:")))
            .await;
        assert!(matches!(received, Received::Message { ticket_id, .. } if ticket_id == ticket));
    }
}

#[tokio::test]
async fn a_mail_to_two_tickets_reaches_both() {
    let desk = Desk::receiving().await;
    desk.ticket("200").await;
    let to = ["200", TICKET, "200"]
        .map(|ticket| format!("reply+{}@{DOMAIN}", desk.token(ticket, MARIA)))
        .join(", ");
    let headers = "Content-Type: multipart/mixed; boundary=b\r\n";
    let body = "--b\r\n\r\nPodem fechar os dois.\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--b--";
    let whole = mail(MARIA, &to, headers, body);
    let received = desk.take(&whole).await;
    assert!(matches!(received, Received::Message { ticket_id, .. } if ticket_id == "200"));
    for ticket in ["200", TICKET] {
        let path = format!("/tickets/{ticket}/messages");
        let found = desk
            .call(&desk::bia(), "GET", &path, None)
            .await
            .expect(200);
        let found = found["items"].as_array().unwrap().clone();
        assert_eq!(found.len(), 1, "{ticket}");
        assert_eq!(found[0]["text"], "Podem fechar os dois.");
        assert_eq!(found[0]["attachments"][0]["name"], "a.pdf");
    }
    assert_eq!(desk.stored().len(), 2);
    assert_eq!(desk.take(&whole).await, Received::Duplicate);
    // A stranger's token beside her own opens nothing.
    let own = desk.reply_to(MARIA);
    let other = format!("reply+{}@{DOMAIN}", desk.token("999", MARIA));
    accepted(
        desk.take(mail(MARIA, &format!("{own}, {other}"), "", "E este?"))
            .await,
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_named_in_plain_words() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let parts = |file: &str| format!("--b\r\n\r\nSegue.\r\n--b\r\n{file}\r\n\r\nx\r\n--b--");
    let mixed = "Content-Type: multipart/mixed; boundary=b\r\n";
    for (headers, body, words) in [
        (mixed, parts("Content-Type: application/ms-tnef; name=winmail.dat"), "winmail.dat"),
        (
            "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n",
            "x".to_owned(),
            "assinatura S/MIME",
        ),
        (
            "Content-Type: application/x-pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n",
            "y".to_owned(),
            "criptografado com S/MIME",
        ),
        (
            "Content-Type: multipart/encrypted; boundary=b\r\n",
            "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\nz\r\n--b--".to_owned(),
            "criptografado com PGP",
        ),
    ] {
        accepted(desk.take(mail(MARIA, &to, headers, &body)).await);
        let shown = last(&desk).await;
        let text = shown["text"].as_str().unwrap();
        assert!(text.contains(words) && text.ends_with(']'), "{text}");
        assert_eq!(shown["attachments"].as_array().unwrap().len(), 1);
    }
}
