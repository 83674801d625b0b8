//! Whole mails of many clients, each with the exact reply beside it.

use std::{fs, path::PathBuf};

use domain::system::Ours;
use mail::{
    inbound::{not_conversation, parse},
    reply::extract,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("inbound/replies")
}

fn raw(name: &str) -> Vec<u8> {
    fs::read(folder().join(name).with_extension("eml")).unwrap()
}

#[test]
fn every_client_gives_the_exact_reply() {
    let mut wrong = Vec::new();
    let mut mails = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "eml") {
            continue;
        }
        mails += 1;
        let mail = parse(&fs::read(&path).unwrap()).unwrap();
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap();
        let expected = expected.strip_suffix('\n').unwrap();
        if mail.reply.text != expected {
            wrong.push(format!(
                "{}:\n{:?}\nbut it should be\n{expected:?}",
                path.display(),
                mail.reply.text
            ));
        }
        assert!(mail.reply.full.len() >= mail.reply.text.len());
        assert_eq!(mail.in_reply_to.len(), 1);
        assert_eq!(mail.references.len(), 2);
        assert_eq!(mail.sender().unwrap().address.as_str(), "ana@example.com");
        assert_eq!(not_conversation(&mail, Ours::default()), None);
    }
    assert!(mails >= 80, "only {mails} mails");
    assert!(
        wrong.is_empty(),
        "{} of {mails}:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn files_come_with_safe_names_and_their_bytes() {
    let mail = parse(&raw("attachment_pt")).unwrap();
    let files: Vec<_> = mail
        .attachments
        .iter()
        .map(|file| {
            (
                file.name.as_str(),
                file.media_type.as_str(),
                file.content.as_slice(),
            )
        })
        .collect();
    assert_eq!(
        files,
        [
            (
                "tela não abre.png",
                "image/png",
                b"\x89PNG\r\n\x1a\n".as_slice()
            ),
            ("fatura de junho_pdf.exe", "application/octet-stream", b"MZ"),
        ]
    );
    let mail = parse(&raw("attached_message_pt")).unwrap();
    assert_eq!(mail.attachments.len(), 1);
    assert_eq!(mail.attachments[0].name, "aviso.eml");
    assert!(mail.attachments[0].content.starts_with(b"From: Banco"));
    assert!(!mail.reply.full.contains("Texto do aviso"));
}

#[test]
fn nothing_that_people_write_around_a_quotation_is_lost() {
    let path = folder().with_file_name("kept.txt");
    let table = fs::read_to_string(path).unwrap().replace('␠', " ");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in table.split("\n## ").skip(1) {
        let (name, rest) = case.split_once('\n').unwrap();
        let (mail, expected) = rest.split_once("\n==\n").unwrap();
        cases += 1;
        let reply = extract(mail);
        if reply.text != expected.trim() {
            wrong.push(format!(
                "{name}:\n{}\nbut it should be\n{expected}",
                reply.text
            ));
        }
        assert!(!reply.nothing_new, "{name}");
        // The same as HTML; there the space of "-- " is lost, and with it the mark.
        if !mail.contains("-- \n") {
            let text = parse(&in_html(mail)).unwrap().reply.text;
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            if words(&text) != words(expected) {
                wrong.push(format!(
                    "{name}, as HTML:\n{text}\nbut it should be\n{expected}"
                ));
            }
        }
    }
    assert!(cases >= 40, "only {cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A mail with this text as HTML: each line a block, what is marked with `>` a quotation.
fn in_html(text: &str) -> Vec<u8> {
    let mut html =
        "From: ana@example.com\r\nContent-Type: text/html; charset=utf-8\r\n\r\n".to_owned();
    let mut quoted = false;
    for line in text.trim_end().lines() {
        let mark = line.starts_with('>') && !line.starts_with(">>>");
        match (quoted, mark) {
            (false, true) => html.push_str("<blockquote type=\"cite\">"),
            (true, false) => html.push_str("</blockquote>"),
            _ => {}
        }
        quoted = mark;
        let shown = if mark { line[1..].trim_start() } else { line };
        let shown = shown
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let shown = if shown.is_empty() { "<br>" } else { &shown };
        html.push_str(&format!("<div>{shown}</div>"));
    }
    html.into_bytes()
}
