//! People answer within the mail that they got, and below it, where nothing marks their words.

use mail::inbound::parse;
use serde_json::json;
use tests::memory::Memory;

use crate::desk;
use crate::desk::{Desk, MARIA, TICKET, accepted, mail, quarantined};

const TEMPLATE: &str = "<p>Chamado ${IDSOLICITACAOSERVICO} (${SITUACAO})</p><p>${REGISTRADOPOR} escreveu em ${DATAHORA}:</p>${COMMENTTEXT}<p>Para responder, basta responder a este e-mail.</p><p>Você recebeu este e-mail porque participa do chamado ${IDSOLICITACAOSERVICO}.</p>";
const ATTRIBUTION: &str =
    "Em qui., 1 de jan. de 2026 às 10:03, Central <desk@example.org> escreveu:";
const BLOCK: &str = "De: Central <desk@example.org>\nEnviada em: quinta-feira, 1 de janeiro de 2026 10:03\nPara: Maria\nAssunto: Senha";

/// A desk that has written to Maria, and the text of the mail that she got.
async fn written() -> (Desk<Memory>, String) {
    let desk = Desk::receiving().await;
    let id = desk.template("mensageria", TEMPLATE).await;
    desk.set(417, &id.to_string()).await;
    desk.send("A impressora voltou a funcionar?\nQual é o modelo?")
        .await;
    let sent = desk.transport.mails();
    let text = parse(&sent[0].raw).unwrap().reply.full;
    assert!(text.contains("escreveu em"), "{text}");
    (desk, text)
}

async fn last(desk: &Desk<Memory>) -> String {
    let found = desk.conversation(&desk::bia()).await;
    found.last().unwrap()["text"].as_str().unwrap().to_owned()
}

/// Answers above each quotation: the answers alone are shown.
async fn all_go(desk: &Desk<Memory>, headers: &str, quotations: impl IntoIterator<Item = String>) {
    let to = desk.reply_to(MARIA);
    for (at, quoted) in quotations.into_iter().enumerate() {
        let answer = format!("Voltou, é a HP {at}.");
        let text = format!("{answer}\n\n{quoted}");
        accepted(desk.take(mail(MARIA, &to, headers, &text)).await);
        assert_eq!(last(desk).await, answer, "{text}");
        desk.wait(jiff::SignedDuration::from_hours(5));
    }
}

fn marked(text: &str) -> String {
    let lines = text.lines().map(|line| format!("> {line}\n"));
    format!("{ATTRIBUTION}\n\n{}", lines.collect::<String>())
}

fn in_html(text: &str) -> String {
    let lines = text.lines().map(|line| match line {
        "" => "<div><br></div>".to_owned(),
        line => format!("<div>{}</div>", line.replace('<', "&lt;")),
    });
    lines.collect()
}

#[tokio::test]
async fn what_is_written_into_our_mail_or_below_it_is_not_lost() {
    let (desk, ours) = written().await;
    let to = desk.reply_to(MARIA);
    let answers = "In-Reply-To: <a@b.example>\r\n";
    let answered = ours
        .replace("funcionar?", "funcionar? VOLTOU SIM")
        .replace("modelo?", "modelo?\nHP 4100");
    let html = format!("{answers}Content-Type: text/html; charset=utf-8\r\n");
    for (headers, text) in [
        (answers, format!("{ours}\n\nVOLTOU SIM, é a HP 4100.")),
        (answers, answered.clone()),
        (answers, marked(&answered)),
        (answers, format!("Obrigada.\n\n{}", marked(&answered))),
        (answers, format!("Bia, segue.\n\n{BLOCK}\n\n{answered}")),
        (
            answers,
            format!("Preenchi o que foi pedido.\n\n{BLOCK}\n\n{answered}"),
        ),
        (
            answers,
            format!("Conforme solicitado\n\n{BLOCK}\n\n{answered}"),
        ),
        (
            &html,
            format!(
                "<blockquote>{}</blockquote><div>VOLTOU SIM, HP 4100</div>",
                in_html(&ours)
            ),
        ),
        (
            &html,
            format!(
                "<div>Vide respostas</div><div class=gmail_quote><div class=gmail_attr>{}</div><blockquote class=gmail_quote>{}</blockquote></div>",
                in_html(ATTRIBUTION),
                in_html(&answered)
            ),
        ),
        (
            &html,
            format!(
                "<div class=gmail_quote><blockquote type=cite>{}</blockquote></div>",
                in_html(&answered)
            ),
        ),
    ] {
        accepted(desk.take(mail(MARIA, &to, headers, &text)).await);
        let shown = last(&desk).await;
        for words in ["VOLTOU SIM", "HP 4100"] {
            assert!(shown.contains(words), "{text}\nbecame\n{shown}");
        }
        desk.wait(jiff::SignedDuration::from_hours(5));
    }
}

#[tokio::test]
async fn notes_that_went_to_nobody_do_not_hide_the_mail_that_is_quoted() {
    let (desk, ours) = written().await;
    for number in 0..10 {
        let note =
            json!({ "text": format!("modelo, impressora: {number}"), "visibility": "internal" });
        desk.message(&desk::bia(), TICKET, note).await;
    }
    let to = desk.reply_to(MARIA);
    let answered = ours.replace("modelo?", "modelo?\nHP 4100");
    let text = format!("Bia, segue.\n\n{BLOCK}\n\n{answered}");
    let headers = "In-Reply-To: <a@b.example>\r\n";
    accepted(desk.take(mail(MARIA, &to, headers, &text)).await);
    assert!(last(&desk).await.contains("HP 4100"));
}

#[tokio::test]
async fn no_token_of_ours_comes_back_with_an_answer_in_our_mail() {
    let (desk, ours) = written().await;
    let to = desk.reply_to(MARIA);
    let answered = ours.replace("modelo?", "modelo?\nHP 4100");
    let address = format!("Responder para {to}");
    let text = format!("Bia, segue.\n\n{BLOCK}\n{address}\n\n{answered}\n{address}");
    let headers = "In-Reply-To: <a@b.example>\r\n";
    accepted(desk.take(mail(MARIA, &to, headers, &text)).await);
    let shown = last(&desk).await;
    let token = to.split(['+', '@']).nth(1).unwrap();
    assert!(
        shown.contains("HP 4100") && !shown.contains(token),
        "{shown}"
    );
}

#[tokio::test]
async fn an_answer_in_what_is_left_of_our_mail_is_not_lost() {
    let (desk, ours) = written().await;
    let to = desk.reply_to(MARIA);
    let answers = "In-Reply-To: <a@b.example>\r\n";
    let html = format!("{answers}Content-Type: text/html; charset=utf-8\r\n");
    let spanish = BLOCK
        .replace("Enviada em", "Enviado el")
        .replace("Assunto", "Asunto");
    let english = BLOCK
        .replace("De:", "From:")
        .replace("Enviada em", "Sent")
        .replace("Para:", "To:")
        .replace("Assunto", "Subject");
    let question = "Qual é o modelo?";
    for (headers, text) in [
        (
            answers,
            format!("Oi.\n\n{BLOCK}\n\n{question}\n\nÉ a HP 4100, sala 12."),
        ),
        (
            answers,
            format!("Oi.\n\n{spanish}\n\n{question}\n\nHP 4100"),
        ),
        (answers, format!("Oi.\n\n{english}\n\n{question} HP 4100")),
        (
            answers,
            format!("Oi.\n\n{ATTRIBUTION}\n\n{question}\nHP 4100"),
        ),
        (
            "In-Reply-To: <0100018f1a2b3c4d-aaaa@email.amazonses.com>\r\n",
            format!("Oi.\n\n{BLOCK}\n\nSim, HP 4100."),
        ),
        (
            answers,
            format!("Oi.\n\n{BLOCK}\n\nA impressora voltou a funcionar?\n{question}\n\nHP 4100"),
        ),
        (
            &*html,
            format!(
                "<p>Oi.</p><div class=gmail_quote><div class=gmail_attr>{}</div><blockquote class=gmail_quote>{question} <b>HP 4100</b></blockquote></div>",
                in_html(ATTRIBUTION)
            ),
        ),
        (
            &*html,
            format!(
                "<p>Oi.</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt'>{}</div></div><p>{question}</p><p>HP 4100</p>",
                in_html(BLOCK)
            ),
        ),
        (
            answers,
            format!(
                "{}\n\n{BLOCK}\n\n{}",
                "Estive em viagem, desculpe. ".repeat(20),
                ours.replace(question, "Qual é o modelo?\nHP 4100")
            ),
        ),
    ] {
        accepted(desk.take(mail(MARIA, &to, headers, &text)).await);
        let shown = last(&desk).await;
        assert!(shown.contains("HP 4100"), "{text}\nbecame\n{shown}");
        desk.wait(jiff::SignedDuration::from_hours(5));
    }
    let quotations = [
        format!("{BLOCK}\n\n{question}"),
        format!("{BLOCK}\n\n{question}\n\nEnviado do meu iPhone"),
        format!(
            "{BLOCK}\n\nA impressora voltou a funcionar?\n\nVocê recebeu este e-mail porque participa do chamado."
        ),
        format!("{ATTRIBUTION}\n\n> {question}"),
        format!("{BLOCK}\n\n{ours}\n\n-- \nMaria Sol\nAnalista\n(11) 5555-0000"),
    ];
    all_go(&desk, answers, quotations).await;
}

#[tokio::test]
async fn an_answer_that_is_an_address_a_link_or_an_emoji_is_not_lost() {
    let (desk, ours) = written().await;
    let to = desk.reply_to(MARIA);
    let answers = "In-Reply-To: <a@b.example>\r\n";
    for said in [
        "ana2@example.com",
        "👍",
        "https://files.example.net/4471",
        "[imagem da etiqueta 4471]",
    ] {
        let within = ours.replace("modelo?", &format!("modelo? {said}"));
        for text in [
            format!("Bia, segue.\n\n{BLOCK}\n\n{within}"),
            format!(
                "Bia, seguem.\n\n{BLOCK}\n\n{}",
                ours.replace("modelo?", &format!("modelo?\n{said}"))
            ),
            format!("Ok.\n\n{BLOCK}\n\n{ours}\n\n{said}"),
            marked(&within),
        ] {
            accepted(desk.take(mail(MARIA, &to, answers, &text)).await);
            let shown = last(&desk).await;
            assert!(shown.contains(said), "{text}\nbecame\n{shown}");
            desk.wait(jiff::SignedDuration::from_hours(5));
        }
    }
}

#[tokio::test]
async fn what_stands_in_front_of_our_name_is_an_answer() {
    let (desk, ours) = written().await;
    desk.set(10, "Central de Serviços <desk@example.org>").await;
    let to = desk.reply_to(MARIA);
    let answers = "In-Reply-To: <a@b.example>\r\n";
    let marked: String = ours.lines().map(|line| format!("> {line}\n")).collect();
    let ours = "Central de Serviços <desk@example.org>";
    let date = "escreveu no dia quinta, 1/01/2026 à(s) 10:03:";
    for (line, shown) in [
        (format!("Patrimônio 4471 {ours} {date}"), "Patrimônio 4471"),
        (format!("4471 {ours} [2026-01-01 10:03]:"), "4471"),
        (format!("Bia, às 14:00 {ours} {date}"), "Bia, às 14:00"),
        (
            format!("Obrigada.\n\nSala 12 {ours} {date}"),
            "Obrigada.\n\nSala 12",
        ),
        // Who has another name for us has all of the line.
        (
            "Sala 13 Suporte <desk@example.org> escreveu em 01/01/2026 10:03:".to_owned(),
            "Sala 13 Suporte <desk@example.org> escreveu em 01/01/2026 10:03:",
        ),
        (format!("Voltou.\n\n{ours} {date}"), "Voltou."),
        (
            format!("Voltou já.\n\nSuporte TI <desk@example.org> {date}"),
            "Voltou já.",
        ),
        (
            format!("Sim, voltou.\n\n* {ours} [2026-01-01 10:03]:"),
            "Sim, voltou.",
        ),
        (
            format!("Voltou sim.\n\nServiços, Central de <desk@example.org> {date}"),
            "Voltou sim.",
        ),
    ] {
        let text = format!("{line}\n{marked}");
        accepted(desk.take(mail(MARIA, &to, answers, &text)).await);
        assert_eq!(last(&desk).await, shown, "{text}");
        desk.wait(jiff::SignedDuration::from_hours(5));
    }
    let received = desk
        .take(mail(
            MARIA,
            &to,
            answers,
            &format!("{ours} {date}\n{marked}"),
        ))
        .await;
    assert_eq!(quarantined(received), "NOTHING_NEW");
}

#[tokio::test]
async fn what_somebody_copied_below_the_line_of_a_program_is_not_lost() {
    let answers = "In-Reply-To: <0100018f1a2b3c4d-aaaa@email.amazonses.com>\r\n";
    let copied = "O cabo chega amanhã.\n\nPodem esperar?";
    for line in [
        "-----Mensagem original-----",
        "----- Mensaje original -----",
        "--- Original Message ---",
        "[Texto das mensagens anteriores oculto]",
        "-----Mensagem original-----\nDe: João <joao@example.net>\n",
        "Em 03/11/2026 10:15, João Cabos escreveu:\n",
        "Em 03/11/2026 10:15, Mariana Cabos escreveu:\n",
        "\nOn Nov 3, 2026, João Cabos wrote:\n",
    ] {
        let said = format!("O fornecedor respondeu:\n{line}\n{copied}");
        for below in [false, true] {
            // Of what stands in the ticket already, nothing is new.
            let (desk, ours) = written().await;
            let text = match below {
                true => format!("{said}\n\n{BLOCK}\n\n{ours}"),
                false => said.clone(),
            };
            let to = desk.reply_to(MARIA);
            accepted(desk.take(mail(MARIA, &to, answers, &text)).await);
            let shown = last(&desk).await;
            assert!(shown.starts_with(&said), "{text}\nbecame\n{shown}");
        }
    }
    let (desk, ours) = written().await;
    desk.set(10, "Central de Serviços <desk@example.org>").await;
    let quotations = [
        format!("-----Mensagem original-----\n\n{ours}"),
        "-----Mensagem original-----\nA impressora voltou a funcionar?".to_owned(),
        format!("-----Mensagem original-----\nDe: Central <desk@example.org>\n\n{ours}"),
        "-----Mensagem original-----\nDe: Central\n\nAviso: o prazo mudou.".to_owned(),
        "## Responda acima desta linha ##\nAviso: o prazo mudou.".to_owned(),
        format!("Em 03/11/2026 10:15, Suporte TI escreveu:\n\n{ours}"),
        "Em 03/11/2026 10:15, Central de Serviços escreveu:\n\nAviso: o prazo mudou.".to_owned(),
    ];
    all_go(&desk, answers, quotations).await;
}

#[tokio::test]
async fn a_mail_of_ours_that_nobody_wrote_into_goes() {
    let (desk, ours) = written().await;
    let to = desk.reply_to(MARIA);
    let answers = "In-Reply-To: <a@b.example>\r\n";
    let quotations = [
        marked(&ours),
        format!("{BLOCK}\n\n{ours}"),
        format!("{BLOCK}\nPrioridade: Alta\n\n{ours}"),
        format!("{BLOCK}\n\nCUIDADO: e-mail de fora da empresa.\n\n{ours}"),
        format!("{BLOCK}\n\n{ours}\n\nEnviado do meu iPhone"),
        format!("{}\n\n", marked(&marked(&ours))),
    ];
    all_go(&desk, answers, quotations).await;
    // The ticket has changed since the mail left.
    let snapshot = json!({
        "requester": { "name": "Maria", "email": MARIA },
        "responsible": { "name": "Bia", "email": "bia@example.com" },
        "status": "Aguardando quem pediu",
        "updated_at": desk.now().to_string(),
    });
    let path = format!("/tickets/{TICKET}");
    let integration = desk::integration();
    let put = desk.call(&integration, "PUT", &path, Some(snapshot)).await;
    put.expect(200);
    let text = format!("Pode fechar.\n\n{BLOCK}\n\n{ours}");
    accepted(desk.take(mail(MARIA, &to, answers, &text)).await);
    assert_eq!(last(&desk).await, "Pode fechar.");
    let received = desk.take(mail(MARIA, &to, answers, &marked(&ours))).await;
    assert_eq!(quarantined(received), "NOTHING_NEW");
}
