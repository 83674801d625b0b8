use super::*;

fn text(mail: &str) -> String {
    extract(mail).text
}

#[test]
fn quotation_and_signature_go_and_the_full_text_stays() {
    let mail = "Oi,\r\n\r\nFuncionou.\r\n\r\nEnviado do meu iPhone\r\n\r\nEm 5 de jun. de 2025, à(s) 14:03, Ana <ana@example.com> escreveu:\r\n\r\n> Reinicie.\r\n";
    let reply = extract(mail);
    assert_eq!(reply.text, "Oi,\n\nFuncionou.");
    assert_eq!(reply.signature.as_deref(), Some("Enviado do meu iPhone"));
    assert!(reply.quoted);
    assert_eq!(reply.full, mail.replace("\r\n", "\n").trim_end());
}

#[test]
fn a_short_answer_over_a_long_quotation_is_the_reply() {
    let quotation = "> uma linha citada\n".repeat(400);
    let mail = format!("Ok\n\nEm 05/06/2025 14:03, Ana escreveu:\n{quotation}");
    assert_eq!(text(&mail), "Ok");
}

#[test]
fn no_reply_comes_out_empty() {
    for (mail, nothing_new) in [
        ("> só citação", true),
        ("Enviado do meu iPhone", false),
        ("Em 05/06/2025 14:03, Ana escreveu:\n> Oi", true),
        ("-----Mensagem original-----\nDe: x\n\nOi", false),
        ("[Texto das mensagens anteriores oculto]", true),
        (
            "-- \nAna Sol\nAnalista\n\nEm 05/06/2025 14:03, Ana escreveu:\n> Oi",
            true,
        ),
        (
            "Enviado do meu iPhone\n\nDe: Ana <ana@example.com>\nEnviada em: 05/06/2025 14:03\nPara: x\n\nOi\n\nJá chegou.",
            false,
        ),
        (
            "Atenciosamente,\nAna\n\nDe: Ana <ana@example.com>\nEnviada em: 05/06/2025 14:03\nPara: x\n\nOi\n\nJá chegou.",
            false,
        ),
        (
            "---------- Forwarded message ---------\nDe: x <x@example.com>\n\nO pedido sai amanhã.",
            false,
        ),
        (
            "> Início da mensagem encaminhada:\n>\n> O pedido sai amanhã.",
            false,
        ),
        (
            "Em 05/06/2025 14:03 o técnico escreveu:\nReinicie.\nFiz isso, não ajudou.",
            false,
        ),
        ("-- \nAna", false),
        (".\n\nEm 05/06/2025 14:03, Ana escreveu:\n> Oi", false),
        (
            "Enviado do meu iPhone\n\nEm 05/06/2025 14:03, Ana escreveu:\n> Oi",
            true,
        ),
    ] {
        let reply = extract(mail);
        assert_eq!(reply.text, mail, "{mail}");
        assert_eq!((reply.quoted, reply.signature), (false, None), "{mail}");
        assert_eq!(reply.nothing_new, nothing_new, "{mail}");
    }
}

#[test]
fn what_a_person_wrote_over_a_quotation_is_the_reply() {
    for written in [
        "Enviado via Sedex hoje",
        "Enviado con el mensajero",
        "Cordial saludo,\nLa impresora ya funciona desde ayer, gracias",
        "Saludos,\nya funciona",
        "Este e-mail pode conter vírus?",
        "Antes de imprimir, o sistema trava",
        "Em 05/06 o técnico escreveu: reinicie. Fiz isso e não ajudou.",
        "Em 05/06 o técnico escreveu:\nReinicie.\nNão ajudou.",
        "Em 05/06/2025 14:03 o técnico escreveu:\nReinicie.\nNão ajudou.",
        "Abraço",
        "Enviado do meu setor",
        "Sent from my Wiko",
        "Não contém vírus.",
        "-- \nJá chegou",
        "Atenciosamente,\nAna\nPode fechar o chamado",
        "Saludos,\nAna\nLa impresora ya funciona desde ayer",
        "Enviado do meu iPhone\n\nPode fechar",
    ] {
        let quotation = "Em 05/06/2025 14:03, Ana <ana@example.com> escreveu:\n> Oi";
        let reply = extract(&format!("{written}\n\n{quotation}"));
        assert!(!reply.nothing_new && reply.quoted, "{written}");
        assert_eq!(reply.text, written.replace("-- \n", "--\n"));
        let headers = "De: Ana <ana@example.com>\nEnviada em: 05/06/2025 14:03\nPara: x\n\nOi";
        let reply = extract(&format!("{written}\n\n{headers}"));
        assert!(!reply.nothing_new, "{written}");
        let bare = reply.text.replace("-- \n", "--\n");
        assert!(
            bare.starts_with(&written.replace("-- \n", "--\n")),
            "{written}"
        );
    }
}

#[test]
fn a_telephones_line_goes_and_the_answer_under_it_stays() {
    let mail = "Enviado do meu iPhone\n\nPode fechar o chamado.\n\nAbraço,\nAna\n\n> Oi";
    let reply = extract(mail);
    assert_eq!(
        reply.text,
        "Enviado do meu iPhone\n\nPode fechar o chamado."
    );
}

#[test]
fn too_little_left_of_the_unquoted_text_shows_all() {
    let notice = "palavras ".repeat(60);
    let mail = format!("Ok\n\nAviso legal: {notice}");
    assert_eq!(text(&mail), mail.trim_end());
}

#[test]
fn an_answer_under_a_telephones_signature_stays_when_nothing_stands_above() {
    let mail = "Enviado do meu iPhone\n\nPode fechar o chamado, obrigada.";
    assert_eq!(text(mail), mail);
}

#[test]
fn empty_in_empty_out() {
    for mail in ["", "\r\n \r\n", "\u{feff}"] {
        assert_eq!(text(mail).trim(), "", "{mail:?}");
    }
}

#[test]
fn long_texts_are_bounded() {
    let reply = extract(&"é\n".repeat(MAX_TEXT));
    assert!(reply.full.len() <= MAX_TEXT);
}
