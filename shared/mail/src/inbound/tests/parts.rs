//! Which parts of a mail are its text, and which are files.

use super::*;

fn in_parts(kind: &str, parts: &[(&str, &str)]) -> String {
    let mut raw =
        format!("From: a@example.com\r\nContent-Type: multipart/{kind}; boundary=b\r\n\r\n");
    for (media_type, body) in parts {
        raw.push_str(&format!(
            "--b\r\nContent-Type: {media_type}\r\n\r\n{body}\r\n"
        ));
    }
    raw + "--b--\r\n"
}

#[test]
fn only_the_forms_of_one_text_stand_for_each_other() {
    let inner = "multipart/mixed; boundary=c";
    let nested = "--c\r\nContent-Type: text/html\r\n\r\n<p>Um</p>\r\n--c\r\nContent-Type: text/html\r\n\r\nDois\r\n--c--";
    for (kind, parts, text) in [
        (
            "mixed",
            &[("text/html", "<p>Sim.</p>"), ("text/plain", "Fim")][..],
            "Sim.\n\nFim",
        ),
        (
            "mixed",
            &[("text/plain", "Sim."), ("text/html", "<p>Fim</p>")],
            "Sim.\n\nFim",
        ),
        (
            "related",
            &[("text/html", "<p>Sim.</p>"), ("text/plain", " ")],
            "Sim.",
        ),
        (
            "alternative",
            &[("text/plain", "Sim."), ("text/html", "<p>Sim.</p>")],
            "Sim.",
        ),
        (
            "alternative",
            &[("text/plain", " "), ("text/html", "<p>Sim.</p>")],
            "Sim.",
        ),
        (
            "alternative",
            &[("text/html", "<p>Sim.</p>"), ("text/plain", "Sim.")],
            "Sim.",
        ),
        (
            "alternative",
            &[("text/plain", ""), (inner, nested)],
            "Um\n\nDois",
        ),
        ("alternative", &[("image/png", "x")], ""),
        (
            "mixed",
            &[
                ("text/html", "a<div id=signature>Ana</div>"),
                ("text/html", "b<div id=signature>Bia</div>"),
            ],
            "a\n\nb",
        ),
    ] {
        let raw = in_parts(kind, parts);
        let found = parse(raw.as_bytes()).unwrap();
        assert_eq!(found.reply.text, text, "{raw}");
    }
}

#[test]
fn a_note_of_a_scanner_does_not_hide_the_mail() {
    let note = "This message has been scanned for viruses by the gateway of Example.";
    let raw = in_parts(
        "mixed",
        &[
            (
                "text/html",
                "<p>Pode fechar.</p><blockquote type=cite>Oi</blockquote>",
            ),
            ("text/plain", note),
        ],
    );
    let reply = parse(raw.as_bytes()).unwrap().reply;
    assert_eq!(reply.text, "Pode fechar.");
    assert_eq!(reply.signature.as_deref(), Some(note));
}

#[test]
fn mail_is_read_as_it_is_found() {
    let from = b"From: Ana Sol <ana@example.com>\r\n".as_slice();
    let part = "--B\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--B--";
    let armour = "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\nPode fechar.\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\n-----END PGP SIGNATURE-----\r\n";
    let mails: [(&str, Vec<u8>, &str, &[&str]); 34] = [
        ("a bad byte in UTF-8", [b"Content-Type: text/plain; charset=utf-8\r\n\r\nA\xc3\xa7\xc3\xa3o: ".as_slice(), b"\xe9 aqui"].concat(), "Ação: \u{fffd} aqui", &[]),
        ("latin-1 called UTF-8", b"Content-Type: text/plain; charset=utf-8\r\n\r\nA\xe7\xe3o".to_vec(), "Ação", &[]),
        ("an unknown charset", b"Content-Type: text/plain; charset=x-foo\r\n\r\nA\xe7\xe3o \x96".to_vec(), "Ação –", &[]),
        ("a name of windows-1252", b"Content-Type: text/plain; charset=CP1252\r\n\r\nA\xe7\xe3o \x80".to_vec(), "Ação €", &[]),
        ("white space within the header", b"X-A: b\r\n \t \r\nContent-Type: text/html\r\n\r\n<p>Sim.</p>".to_vec(), "Sim.", &[]),
        ("white space, and a folded line", b"X-A: b\r\n \r\n c\r\n\r\nSim.".to_vec(), "Sim.", &[]),
        ("white space that ends the header", b"X-A: b\r\n \r\nSim.".to_vec(), "Sim.", &[]),
        ("a boundary behind the fold", format!("Content-Type: multipart/mixed; boundary=\r\n\t\"B\"\r\n\r\n--B\r\n\r\nSim.\r\n{part}").into_bytes(), "Sim.", &["a.pdf"]),
        ("no semicolon", format!("Content-Type: multipart/mixed boundary=B\r\n\r\n--B\r\nContent-Type: text/plain charset=iso-8859-1\r\n\r\nSim.\r\n{part}").into_bytes(), "Sim.", &["a.pdf"]),
        ("a page of XHTML", b"Content-Type: application/xhtml+xml\r\n\r\n<p>Sim.</p>".to_vec(), "Sim.", &[]),
        ("a body with a name", b"Content-Type: text/plain; name=mensagem.txt\r\n\r\nSim.".to_vec(), "Sim.", &[]),
        ("a body as a file", b"Content-Type: text/html\r\nContent-Disposition: attachment; filename=corpo.html\r\n\r\n<p>Sim.</p>".to_vec(), "Sim.", &["corpo.html"]),
        ("a first part with a name", format!("Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain; name=corpo.txt\r\n\r\nSim.\r\n{part}").into_bytes(), "Sim.", &["a.pdf"]),
        ("a second part with a name", format!("Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nSegue.\r\n--B\r\nContent-Type: text/plain; name=log.txt\r\n\r\nErro\r\n{part}").into_bytes(), "Segue.", &["log.txt", "a.pdf"]),
        ("a placeholder", in_parts("alternative", &[("text/plain", "Para ler esta mensagem use um programa que mostre HTML."), ("text/html", "<p>A fila 3 parou.</p>")]).as_bytes()[21..].to_vec(), "A fila 3 parou.", &[]),
        ("a short placeholder", in_parts("alternative", &[("text/plain", "[HTML]"), ("text/html", "<p>A fila 3 parou.</p>")]).as_bytes()[21..].to_vec(), "A fila 3 parou.", &[]),
        ("a dot over the text", in_parts("alternative", &[("text/plain", "."), ("text/html", "<p>Sim.</p>")]).as_bytes()[21..].to_vec(), "Sim.", &[]),
        ("plain text without width", in_parts("alternative", &[("text/plain", "\u{200b}\u{feff}\u{a0}"), ("text/html", "<p>Sim.</p>")]).as_bytes()[21..].to_vec(), "Sim.", &[]),
        ("the same text twice", in_parts("alternative", &[("text/plain", "A impressora parou outra vez."), ("text/html", "<p>A impressora <b>parou</b> outra vez.</p>")]).as_bytes()[21..].to_vec(), "A impressora parou outra vez.", &[]),
        ("base64 over a footer", b"Content-Transfer-Encoding: base64;\r\n\r\nUG9kZSBmZWNoYXIu\r\n\r\nVerificado pelo gateway\r\n".to_vec(), "Pode fechar.\n\nVerificado pelo gateway", &[]),
        ("a quoted encoding", b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: \"Quoted-Printable\"\r\n\r\nA=C3=A7=C3=A3o=\r\n.".to_vec(), "Ação.", &[]),
        ("CR alone", b"Content-Type: text/plain\r\rSim.\rFim.".to_vec(), "Sim.\nFim.", &[]),
        ("enriched text", b"Content-Type: text/enriched\r\n\r\n<bold>Agora</bold> sim,\r\nobrigada.".to_vec(), "Agora sim, obrigada.", &[]),
        ("signed with PGP", format!("Content-Type: text/plain\r\n\r\n{armour}").into_bytes(), "Pode fechar.", &[]),
        ("UTF-8 called latin-1", b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nA\xc3\xa7\xc3\xa3o".to_vec(), "Ação", &[]),
        ("base64 in two pieces", b"Content-Transfer-Encoding: base64\r\n\r\nU2ltLg==\r\nU2ltLg==\r\n".to_vec(), "Sim.Sim.", &[]),
        ("plain text called base64", b"Content-Transfer-Encoding: base64\r\n\r\nSim, funcionou.\r\n".to_vec(), "Sim, funcionou.", &[]),
        ("no boundary", format!("Content-Type: multipart/mixed\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nSim.\r\n{part}").into_bytes(), "Sim.", &["a.pdf"]),
        ("another boundary", format!("Content-Type: multipart/mixed; boundary='C'\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nSim.\r\n{part}").into_bytes(), "Sim.", &["a.pdf"]),
        ("a document with a signature of its own", format!("Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nSegue.\r\n{}", part.replace("application/pdf; name=a.pdf", "application/pkcs7-mime; name=nota.xml.p7m")).into_bytes(), "Segue.", &["nota_xml.p7m"]),
        ("CR alone, and a footer of a server", b"Content-Type: text/plain\r\rSim.\rFim.\r\n--\r\nLista".to_vec(), "Sim.\nFim.\n--\nLista", &[]),
        ("pieces of a name in latin-1", b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nSim.\r\n--B\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*0*=iso-8859-1''relat%F3;\r\n filename*1*=rio%20n%BA%201.pdf\r\n\r\nx\r\n--B--".to_vec(), "Sim.", &["relatório nº 1.pdf"]),
        ("a raw name in latin-1", b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nSim.\r\n--B\r\nContent-Type: application/pdf; name=\"relat\xf3rio.pdf\"\r\n\r\nx\r\n--B--".to_vec(), "Sim.", &["relatório.pdf"]),
        ("a name as encoded words", b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nSim.\r\n--B\r\nContent-Type: application/pdf; name=\"=?utf-8?Q?relat=C3?=\r\n =?utf-8?Q?=B3rio.pdf?=\"\r\n\r\nx\r\n--B--".to_vec(), "Sim.", &["relatório.pdf"]),
    ];
    for (name, rest, text, files) in &mails {
        let head = if name.starts_with("CR") {
            b"From: ana@example.com\r".as_slice()
        } else {
            from
        };
        let found = parse(&[head, rest].concat()).unwrap();
        assert_eq!(found.reply.full, *text, "{name}");
        let names: Vec<_> = found
            .attachments
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        assert_eq!(names, *files, "{name}");
    }
    let found = parse(b"From: ana@example.com\r\nSubject: A\xe7\xe3o =?utf-8?Q?n=C3?=\r\n =?utf-8?Q?=A3o?=\r\n\r\nx").unwrap();
    assert_eq!(found.subject, "Ação não");
    let found = parse(b"From: Sol, Ana <ana@example.com>\r\n\r\nx").unwrap();
    assert_eq!(found.sender().unwrap().address.as_str(), "ana@example.com");
}

#[test]
fn a_seal_is_known_by_its_name_or_its_first_bytes() {
    use super::Unreadable::{EncryptedSmime, SignedSmime, Tnef};
    let der = |last: &str| format!("MIAGCSqGSIb3DQEH{last}");
    for (content, encoded, unreadable) in [
        (
            "application/octet-stream; name=smime.p7m",
            der("Ag=="),
            Some(SignedSmime),
        ),
        (
            "application/octet-stream; name=smime.p7m",
            der("Aw=="),
            Some(EncryptedSmime),
        ),
        ("application/pkcs7-mime", der("Ag=="), Some(SignedSmime)),
        (
            "application/pkcs7-mime; name=nota.xml.p7m",
            der("Ag=="),
            None,
        ),
        (
            "application/octet-stream; name=ATT00001.dat",
            "eJ8+IgAA".to_owned(),
            Some(Tnef),
        ),
        (
            "application/octet-stream; name=a.dat",
            "AAAA".to_owned(),
            None,
        ),
    ] {
        let head = format!("Content-Type: {content}\r\nContent-Transfer-Encoding: base64\r\n");
        assert_eq!(mail(&head, &encoded).unreadable, unreadable, "{content}");
    }
}

/// A mail of a plain text and HTML.
fn two_forms(plain: &str, html: &str) -> String {
    let raw = format!(
        "From: ana@example.com\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n\
         --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n"
    );
    parse(raw.as_bytes()).unwrap().reply.text
}

#[test]
fn html_that_says_more_than_the_plain_text_is_read() {
    let attribution = "Em 26/11/2026 19:02, Central <desk@example.org> escreveu:";
    let quotation = format!(
        "<div class=\"gmail_quote\"><div class=\"gmail_attr\">{}</div>\
         <blockquote class=\"gmail_quote\">Qual é o erro?</blockquote></div>",
        attribution.replace('<', "&lt;")
    );
    let quoted = format!("{attribution}\r\n> Qual é o erro?");
    for (plain, html, expected) in [
        (
            "Segue a lista:",
            "<p>Segue a lista:</p><table><tr><td>NB-1</td><td>10.0.0.1</td></tr></table>",
            "Segue a lista:\n\nNB-1\t10.0.0.1",
        ),
        (
            "A VPN caiu.",
            "<p>A VPN caiu.</p><p>Erro 809 no notebook NB-0042</p>",
            "A VPN caiu.\n\nErro 809 no notebook NB-0042",
        ),
        (
            "Enviado do meu iPhone",
            "<p>A VPN caiu.</p><p>Enviado do meu iPhone</p>",
            "A VPN caiu.",
        ),
        (
            &quoted,
            &format!("<p>A VPN caiu.</p>{quotation}"),
            "A VPN caiu.",
        ),
        (
            &format!("Caiu.\r\n\r\n{quoted}"),
            &format!("<p>Caiu.</p>{quotation}"),
            "Caiu.",
        ),
        (
            "Ana Sol\r\nAnalista",
            "<p>A VPN caiu.</p><p>Ana Sol<br>Analista</p>",
            "A VPN caiu.\n\nAna Sol\nAnalista",
        ),
        (
            "Veja este erro.",
            "<p>Veja <a href=\"https://example.com/809\">este erro</a>.</p>",
            "Veja este erro.",
        ),
        (
            "1. Abrir\r\n2. Salvar",
            "<ul><li>Abrir<li>Salvar</ul>",
            "1. Abrir\n2. Salvar",
        ),
        ("Só no texto: 809.", "<p></p>", "Só no texto: 809."),
        ("??", "<div>👍</div>", "👍"),
        ("Funcionou ??", "<div>Funcionou 🎉</div>", "Funcionou 🎉"),
        ("Este e-mail está em formato HTML.", "<p>👍</p>", "👍"),
        ("Este e-mail está em formato HTML.", "<p>2</p>", "2"),
        (&quoted, &format!("<p>👍</p>{quotation}"), "👍"),
        ("Ramal 2", "<p>Ramal <b>2</b></p>", "Ramal 2"),
        (
            "* Abrir\r\n* Salvar",
            "<ol><li>Abrir<li>Salvar</ol>",
            "* Abrir\n* Salvar",
        ),
    ] {
        assert_eq!(two_forms(plain, html), expected, "{plain} | {html}");
    }
    for (plain, html) in [
        (
            "O patrimônio é 4471, na sala 12.",
            "O patrimônio é 9982, na sala 12.",
        ),
        (
            "A impressora do terceiro andar parou com o erro 4471",
            "Bom dia! O monitor novo chegou, pode fechar. 9982",
        ),
        (
            "A impressora parou, 4471",
            "This message cannot be displayed in HTML: 9982.",
        ),
    ] {
        let text = two_forms(plain, &format!("<p>{html}</p>"));
        assert!(text.contains("4471") && text.contains("9982"), "{text}");
    }
    for (plain, html) in [
        (
            "Veja https://example.com/4471 e [cid:image001.png@01DB.4471]",
            "<p>Veja <a href='https://example.com/4471'>aqui</a> e <img src='cid:image001.png@01DB.4471'></p>",
        ),
        (
            "View this message in your browser.",
            "<p>Veja aqui e ali, por favor</p>",
        ),
    ] {
        let text = two_forms(plain, html);
        assert!(text.matches("Veja").count() == 1, "{text}");
    }
    for plain in [
        "Ver anexo",
        "[image: image.png]",
        "[cid:image001.png]",
        "Mensagem HTML",
        "https://example.org/view",
    ] {
        let text = two_forms(plain, "<p>A VPN caiu de novo hoje.</p>");
        assert!(text.contains("A VPN caiu de novo hoje."), "{plain}: {text}");
    }
}

#[test]
fn further_forms_of_the_text_are_no_files() {
    for kind in ["text/x-amp-html", "text/watch-html"] {
        let parts = [
            ("text/plain", "Sim."),
            (kind, "<p>Sim.</p>"),
            ("text/html", "<p>Sim.</p>"),
        ];
        let mail = parse(in_parts("alternative", &parts).as_bytes()).unwrap();
        assert_eq!(mail.reply.text, "Sim.");
        assert!(mail.attachments.is_empty(), "{kind}");
    }
}

#[test]
fn a_name_makes_no_file_of_the_form_that_is_the_text() {
    let read = |kind: &str, parts: &[(&str, &str)]| {
        let mail = parse(in_parts(kind, parts).as_bytes()).unwrap();
        let files: Vec<_> = mail.attachments.into_iter().map(|file| file.name).collect();
        (mail.reply.text, files.join(" "))
    };
    let html = ("text/html; name=m.html", "<p>Resposta 4471</p>");
    let placeholder = "Este e-mail está em HTML. Seu programa não mostra HTML.";
    let answer = ("Resposta 4471".to_owned(), String::new());
    for plain in [placeholder, ""] {
        assert_eq!(read("alternative", &[("text/plain", plain), html]), answer);
        let related =
            "--c\r\nContent-Type: text/html; name=m.html\r\n\r\n<p>Resposta 4471</p>\r\n--c--";
        let parts = [
            ("text/plain", plain),
            ("multipart/related; boundary=c", related),
        ];
        assert_eq!(read("alternative", &parts), answer);
    }
    // What is not read stays a file.
    for (kind, forms) in [
        (
            "alternative",
            [
                ("text/plain", "Segue."),
                ("text/plain; name=log.txt", "Erro 809"),
            ],
        ),
        (
            "mixed",
            [
                ("text/plain", "Segue."),
                ("text/plain; name=log.txt", "Erro 809"),
            ],
        ),
    ] {
        assert_eq!(
            read(kind, &forms),
            ("Segue.".to_owned(), "log.txt".to_owned())
        );
    }
    // Some gateways put a picture first.
    let image = ("image/png; name=a.png", "x");
    let inline = "text/plain; name=m.txt\r\nContent-Disposition: inline";
    let attached = "text/plain; name=m.txt\r\nContent-Disposition: attachment";
    for (form, text) in [(inline, "Sim."), (attached, "")] {
        let found = read("mixed", &[image, (form, "Sim.")]);
        assert_eq!(found, (text.to_owned(), "a.png m.txt".to_owned()));
    }
}

#[test]
fn a_text_of_an_unknown_kind_is_plain_text_where_nothing_else_is() {
    for (media_type, text, file) in [
        ("charset=utf-8", "Não, 4471", ""),
        ("plain/text; charset=utf-8", "Não, 4471", ""),
        ("text/x-mail", "Não, 4471", ""),
        ("text/markdown; charset=utf-8", "Não, 4471", ""),
        ("text/x-log; name=a.log", "", "a.log"),
        (
            "text/markdown\r\nContent-Disposition: attachment",
            "",
            "attachment.txt",
        ),
        ("text/calendar", "", "attachment.ics"),
        ("text/csv", "", "attachment.txt"),
        ("text/rtf", "", "attachment.txt"),
    ] {
        let alone = format!("From: a@example.com\r\nContent-Type: {media_type}\r\n\r\nNão, 4471");
        let within = in_parts("mixed", &[(media_type, "Não, 4471")]);
        for raw in [alone, within] {
            let mail = parse(raw.as_bytes()).unwrap();
            let files: Vec<_> = mail.attachments.into_iter().map(|file| file.name).collect();
            assert_eq!(
                (mail.reply.text.as_str(), files.concat()),
                (text, file.to_owned()),
                "{raw}"
            );
        }
    }
    let parts = [("text/plain", "Segue."), ("text/markdown", "# Erro 809")];
    let mail = parse(in_parts("mixed", &parts).as_bytes()).unwrap();
    assert_eq!(
        (mail.reply.text.as_str(), mail.attachments.len()),
        ("Segue.", 1)
    );
}

#[test]
fn a_text_begins_without_a_blank_line_above_it() {
    let part = |part: &str| {
        format!(
            "From: a@example.com\nContent-Type: multipart/mixed; boundary=B\n\n--B\n{part}\n--B--\n"
        )
    };
    let kind = "Content-Type: text/plain; charset=utf-8";
    for (raw, text) in [
        (part("Sim, 4471."), "Sim, 4471."),
        (part("Ramal: 4471"), "Ramal: 4471"),
        (part("Patrimônio: 4471"), "Patrimônio: 4471"),
        (part("Sim.\n\nRamal: 4471"), "Sim.\n\nRamal: 4471"),
        (part("Sim:\n  4471"), "Sim:\n  4471"),
        (part("Sim.\n  4471"), "Sim.\n  4471"),
        (part(&format!("{kind}\nSim, 4471.")), "Sim, 4471."),
        (part(&format!("{kind}\n\nSim, 4471.")), "Sim, 4471."),
        (part(&format!("{kind}\nX-A: b\n\nSim.")), "Sim."),
        (
            part("Content-Type: text/plain;\ncharset=utf-8\n\nSim."),
            "Sim.",
        ),
        (
            format!("From: a@example.com\n{kind}\nSim, 4471.\n\nObrigada"),
            "Sim, 4471.\n\nObrigada",
        ),
        (
            format!("From: a@example.com\nSubject: a\nb\n{kind}\n\nSim."),
            "Sim.",
        ),
        (format!("From: a@example.com\n{kind}\nX-A: b"), ""),
        (part("https://example.com/809"), "https://example.com/809"),
        (
            format!(
                "From: a@example.com\nDKIM-Signature: v=1; b=a\n{}\nabcd=\n\nSim.",
                "a".repeat(70)
            ),
            "Sim.",
        ),
    ] {
        assert_eq!(parse(raw.as_bytes()).unwrap().reply.full, text, "{raw}");
    }
}
