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
fn a_telephones_line_goes_from_the_line_of_an_answer() {
    let block = "De: Ana <ana@example.com>\nEnviada em: 05/06/2025 14:03\nPara: x\n\nOi";
    let on_one = "-------- Mensagem original --------De: Ana <ana@example.com> Data: 05/06/2025 14:03 (GMT-03:00) Para: x Oi";
    for below in [
        "",
        "\n\n> Oi",
        "\nEm 05/06/2025 14:03, Ana <ana@example.com> escreveu:\n> Oi",
        " Em 05/06/2025 14:03, Ana <ana@example.com> escreveu:\n> Oi",
        &format!("\n{block}"),
        &format!("\n\n{block}"),
        &format!("\n{on_one}"),
        on_one,
    ] {
        for (answer, line) in [
            ("Sim, pode fechar.", "Enviado do meu Galaxy"),
            ("Obrigada.\n\nSí", "Enviado desde mi iPhone"),
        ] {
            let reply = extract(&format!("{answer} {line}{below}"));
            assert_eq!(reply.text, answer, "{below}");
            assert_eq!(reply.signature.as_deref(), Some(line));
        }
    }
    for mail in [
        "Bom dia. Enviado do meu iPhone\nSim, pode fechar.",
        "Bom dia. Enviado do meu iPhone\n\nNotebook 3420",
        "Bom dia. Enviado do meu iPhone\n____\nNotebook 3420",
        "A tela mostra ----- Mensagem original ----- De: sala 2",
        "O e-mail chega assim: -------- Mensagem original --------De: Ana <ana@example.com> Data: 05/06/2025 14:03 Para: x\nComo tiro isso?",
    ] {
        assert_eq!(text(mail), mail);
    }
}

#[test]
fn what_stands_below_a_greeting_alone_is_shown() {
    let quotation = "Em 05/06/2025 14:03, Ana <ana@example.com> escreveu:\n> Oi";
    for (written, reply) in [
        (
            "Boa tarde Bia,\n\nEnviado do meu iPhone\n\nNão",
            "Boa tarde Bia,\n\nNão",
        ),
        ("Hola,\n\n--\nDell Latitude", "Hola,\n\n--\nDell Latitude"),
        ("Boa tarde,\n\nEnviado do meu iPhone", "Boa tarde,"),
        ("Hi Bia,\nYes\n\nRegards,\nAna Sol", "Hi Bia,\nYes"),
        ("-- \nSim", "--\nSim"),
        ("-- \n4471", "--\n4471"),
        (
            "Enviado do meu iPhone\n\n-- \nNotebook 12",
            "Enviado do meu iPhone\n\n--\nNotebook 12",
        ),
    ] {
        let found = extract(&format!("{written}\n\n{quotation}"));
        assert_eq!((found.text.as_str(), found.nothing_new), (reply, false));
    }
}

#[test]
fn an_answer_in_what_a_client_marks_as_its_signature_is_the_reply() {
    for (above, signature, reply) in [
        ("Boa tarde,", "Não|Enviado do meu iPhone", "Boa tarde,\nNão"),
        ("", "Gracias!|Ana Sol", "Gracias!"),
        ("", "👍|Sent from my iPhone", "👍"),
        ("", "9930", "9930"),
        ("Boa tarde,", "Dell|Latitude", "Boa tarde,\nDell\nLatitude"),
        (
            "",
            "Dell 3420|Enviado do meu iPhone",
            "Dell 3420\nEnviado do meu iPhone",
        ),
        ("Pode vir hoje.", "Ana Sol|Sala 12", "Pode vir hoje."),
    ] {
        let above: Vec<&str> = above.split_terminator('|').collect();
        let signed: Vec<&str> = signature.split('|').collect();
        let lines = [&above[..], &signed, &["", "> Oi"]].concat();
        let marks = Marks {
            signatures: vec![above.len()..above.len() + signed.len(); 1],
            cut: false,
        };
        let found = extract_marked(lines.join("\n"), &marks);
        assert_eq!((found.text.as_str(), found.nothing_new), (reply, false));
    }
}

#[test]
fn too_little_left_of_the_unquoted_text_shows_all() {
    let notice = "palavras ".repeat(60);
    let mail = format!("Ok\n\nAviso legal: {notice}");
    assert_eq!(text(&mail), mail.trim_end());
}

#[test]
fn a_short_answer_over_what_is_surely_signature_is_the_reply() {
    let card = "Ana Sol\nGerente de Manutenção Industrial\nExemplo Têxtil Ltda.\nAvenida das Flores, 40, Recife\n+55 81 5555-0100 / +55 81 5555-0101";
    let notice = "Esta mensagem pode conter informações sigilosas e privilegiadas, e só o destinatário pode usá-las.";
    let quotations = [
        "Em 05/06/2025 14:03, Bia <bia@example.com> escreveu:\n> Oi",
        "________________________________\nDe: Bia <bia@example.com>\nEnviada em: 05/06/2025 14:03\nPara: Ana\nAssunto: VPN\n\nOi",
    ];
    for quotation in quotations {
        for answer in ["Ok", "Sim", "No", "12", "👍"] {
            for signature in [
                "Obter o Outlook para Android<https://example.com/0123456789>",
                &format!("-- \n{card}"),
                &format!("Saludos,\n\n{card}"),
                &format!(
                    "Att,\n\n[Logotipo Descrição gerada automaticamente]\n{card}\n[Facebook]<https://example.com>"
                ),
                &format!("Best regards,\n{card}\n\n{notice}"),
                &format!("{notice}\n\n{notice}"),
                "Atenciosamente,\nAna Sol\nGerente de Manutenção Industrial\nExemplo Têxtil Ltda.",
            ] {
                let mail = format!("{answer}\n\n{signature}\n\n{quotation}");
                assert_eq!(text(&mail), answer, "{mail}");
            }
            // Nobody knows what these are.
            for other in [
                "-- \nTeclado sem fio preto\nMonitor de vinte polegadas\nCabo de dois metros\nTransformador"
                    .to_owned(),
                format!("-- \nNotebook 4471\n{card}"),
                format!("Att,\n{}", "Eva Luz\neva@example.com\n".repeat(3)),
                format!("Enviado do meu iPhone\n\n{card}"),
                format!("-- \n{}", "Peça trocada\n".repeat(20)),
            ] {
                let mail = format!("{answer}\n\n{other}\n\n{quotation}");
                assert_ne!(text(&mail), answer, "{mail}");
            }
        }
    }
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

#[test]
fn who_wrote_a_quotation_is_read_from_the_head_over_it() {
    let block = "> De: Pedro <pedro@example.net>\n> Enviada em: 05/06/2025 14:03\n> Para: Ana\n> Assunto: Peça";
    for (head, from) in [
        // A line that names no address stands over a block that does.
        (
            format!("> Em 05/06/2025 14:03, Ana escreveu:\n{block}\n>"),
            "pedro@example.net",
        ),
        // A long address goes on in the next line.
        (
            "Em 05/06/2025 14:03, Central <central-de-\natendimento@example.org> escreveu:"
                .to_owned(),
            "central-de-atendimento@example.org",
        ),
        (
            "Em 05/06/2025 14:03, Ana Sol\n<ana@example.com> escreveu:".to_owned(),
            "ana@example.com",
        ),
    ] {
        let reply = extract(&format!("Segue.\n\n{head}\n> O fusor queimou."));
        let unproven = reply.unproven.expect(&head);
        let passage = unproven.passages.last().expect(&head);
        assert_eq!(passage.from, Some(from.into()), "{head}");
    }
}

#[test]
fn what_stands_below_a_block_of_headers_may_be_what_its_author_shows() {
    let block = "De: Pedro <pedro@example.net>\nEnviada em: quinta-feira, 26 de novembro de 2026 10:00\nPara: Ana <ana@example.com>\nAssunto: Peça";
    let forward = "De: Pedro <pedro@example.net>\nDate: qui., 26 de nov. de 2026 às 10:00\nSubject: Peça\nTo: Ana <ana@example.com>";
    for head in [
        block.to_owned(),
        format!("________________________________\n{block}"),
        format!("---------- Mensagem encaminhada ---------\n{forward}"),
        format!("---------- Forwarded message ---------\n{forward}"),
        format!("-------- Weitergeleitete Nachricht --------\n{forward}"),
    ] {
        let mail = format!("Segue o e-mail do fornecedor.\n\n{head}\n\nA peça chega na sexta.");
        let marked = mail.replace(
            &format!("{head}\n\nA peça"),
            &format!("{head}\n\nA peça")
                .replace('\n', "\n> ")
                .replacen("", "> ", 1),
        );
        for mail in [&mail, &marked] {
            let reply = extract(mail);
            assert_eq!(reply.text, "Segue o e-mail do fornecedor.", "{mail}");
            let unproven = reply.unproven.as_ref().unwrap();
            let [passage] = &unproven.passages[..] else {
                panic!("{mail}");
            };
            assert_eq!(passage.from, Some("pedro@example.net".into()), "{mail}");
            assert_eq!(passage.subject.as_deref(), Some("Peça"), "{mail}");
            assert!(
                passage.quoted.ends_with("A peça chega na sexta.\n"),
                "{mail}"
            );
            assert_eq!(reply.if_own(&[true]), mail);
            assert_eq!(reply.if_own(&[false]), reply.text);
        }
    }
    for list in [
        "De: vendas@example.com\nPara: ana@example.com\nData: a partir de 01/12/2026",
        "De: Matriz\nPara: Filial\nData: 10/12/2026 às 14:00\nVolumes: 3",
        "Nome: Ana\nDe: 01/12/2026 08:00\nData: 10/12/2026 08:00\nPara: RH",
        "Von: 14:00\nAn: Raum 3\nDatum: 10.12.2026 14:00\nBetreff: Umzug",
        "Remetente: sistema@example.com\nData: 25/11/2026\nDestinatário: ana@example.com\nStatus: bloqueado",
    ] {
        let mail = format!("Segue a lista.\n\n{list}\n\nPodem confirmar?");
        let reply = extract(&mail);
        assert_eq!(reply.if_own(&[true]), mail);
    }
}

#[test]
fn what_was_answered_is_known_by_its_subject_where_it_names_no_address() {
    let block = "De: Central\nData: 26/11/2026 10:00\nPara: Ana\nAssunto: [4711] VPN";
    for (subject, doubt) in [
        ("RES: [4711] VPN", false),
        ("Re: AW: [4711] vpn", false),
        ("Troca de peças", true),
    ] {
        let mut reply = extract(&format!("Funcionou.\n\n{block}\n\nReinicie."));
        reply.take_answered(subject);
        assert_eq!(reply.unproven.is_some(), doubt, "{subject}");
        assert_eq!(reply.text, "Funcionou.");
    }
    let written_out = block.replace("26/11/2026", "quinta-feira, 26 de novembro de 2026");
    let mut reply = extract(&format!("Funcionou.\n\n{written_out}\n\nReinicie."));
    reply.take_answered("Troca de peças");
    assert!(reply.unproven.is_none());
    let named = block.replace("Central", "Central <desk@example.com>");
    let mut reply = extract(&format!("Funcionou.\n\n{named}\n\nReinicie."));
    reply.take_answered("RES: [4711] VPN");
    assert!(reply.unproven.is_some());
}

#[test]
fn each_passage_of_marked_lines_is_judged_by_itself() {
    let reply = extract("> Pode testar?\n\nCai sim.\n\n> sala 12, ramal 4455");
    assert_eq!(reply.text, "Cai sim.");
    let unproven = reply.unproven.as_ref().unwrap();
    let quoted: Vec<&str> = unproven.passages.iter().map(|p| &*p.quoted).collect();
    assert_eq!(quoted, ["Pode testar?\n", "sala 12, ramal 4455\n"]);
    for (own, text) in [
        ([false, false], "Cai sim."),
        ([false, true], "Cai sim.\n\n> sala 12, ramal 4455"),
        ([true, false], "> Pode testar?\n\nCai sim."),
        (
            [true, true],
            "> Pode testar?\n\nCai sim.\n\n> sala 12, ramal 4455",
        ),
    ] {
        assert_eq!(reply.if_own(&own), text);
    }
    let many: String = (1..9).map(|n| format!("> {n}\n\nlinha {n}\n\n")).collect();
    let reply = extract(&many);
    let unproven = reply.unproven.as_ref().unwrap();
    assert_eq!(unproven.passages.len(), MAX_PASSAGES);
    assert_eq!(reply.if_own(&[true; MAX_PASSAGES]), many.trim_end());
}

#[test]
fn lines_that_their_author_marks_below_a_quotation_may_be_theirs() {
    let own = "> ipconfig /all\n> Endereço IPv4: 10.0.0.5";
    let head = "Em 05/06/2025 14:03, Ana escreveu:\n\n> Funcionou?";
    for (mail, without, with) in [
        (
            format!("{head}\n\nRodei o que pediram:\n{own}\n\nE agora?"),
            "Rodei o que pediram:\n\nE agora?".to_owned(),
            format!("Rodei o que pediram:\n{own}\n\nE agora?"),
        ),
        (
            format!("Não.\n\n{head}\n\nPS:\n\n{own}"),
            "Não.\n\nPS:".to_owned(),
            format!("Não.\n\nPS:\n\n{own}"),
        ),
    ] {
        let reply = extract(&mail);
        assert_eq!(reply.text, without);
        let unproven = reply.unproven.as_ref().unwrap();
        assert_eq!(unproven.passages.len(), 1);
        assert!(unproven.passages[0].quoted.starts_with("ipconfig"));
        assert_eq!(reply.if_own(&[true]), with);
    }
    // A second quotation with a line of a program over it is none of hers.
    let mail = format!("{head}\n\nNão.\n\n{head}\n> > Oi");
    assert!(extract(&mail).unproven.is_none());
}

#[test]
fn a_text_that_is_cut_says_so_and_ends_with_a_word() {
    assert_eq!(shortened("uma palavra", 11), "uma palavra");
    assert_eq!(shortened("uma palavra inteira", 18), "uma palavra\n[…]");
    for text in ["palavra ".repeat(50), "é".repeat(400), "é ".repeat(200)] {
        for most in 20..60 {
            let bytes = shortened(&text, most);
            assert!(bytes.len() <= most && bytes.ends_with("\n[…]"), "{bytes}");
            let chars = shortened_to_chars(&text, most);
            assert!(
                chars.chars().count() <= most && chars.ends_with("\n[…]"),
                "{chars}"
            );
            let left = chars.trim_end_matches("\n[…]");
            let whole = text.starts_with(&format!("{left} "));
            assert!(whole || !text.contains(' '), "{chars}");
        }
    }
    let exact = "é".repeat(30);
    assert_eq!(shortened_to_chars(&exact, 30), exact);
}
