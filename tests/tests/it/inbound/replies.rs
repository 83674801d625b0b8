//! Whole mails of many clients, each with a snapshot beside it of what it becomes.
//!
//! A reviewer reads the snapshots alone: who wrote, whether a person did, what is the message, and what
//! was cut off. Bars stand before the lines, so that blank lines and spaces show.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use domain::system::Ours;
use mail::{
    inbound::{InboundMail, not_conversation, parse},
    reply::extract,
};

fn folder(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("inbound")
        .join(kind)
}

fn raw(name: &str) -> Vec<u8> {
    fs::read(folder("replies").join(name).with_extension("eml")).unwrap()
}

/// Every mail of a folder, by name.
fn mails(kind: &str) -> Vec<(String, InboundMail)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder(kind))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "eml"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, parse(&fs::read(path).unwrap()).unwrap())
    };
    paths.iter().map(read).collect()
}

/// What a mail becomes, for people.
fn shown(mail: &InboundMail) -> String {
    let from: Vec<String> = mail
        .from
        .iter()
        .map(|one| format!("{} <{}>", one.name, one.address.as_str()))
        .collect();
    let judged = match not_conversation(mail, Ours::default()) {
        Some(reason) => format!("no conversation: {}", reason.code()),
        None if mail.sender().is_none() => "of nobody in particular".to_owned(),
        None if mail.reply.nothing_new => "a message, though all of it is quotation".to_owned(),
        None => "a message".to_owned(),
    };
    let mut out = format!(
        "from:    {}\nsubject: {}\njudged:  {judged}\n",
        from.join(", "),
        mail.subject
    );
    if let Some(unreadable) = mail.unreadable {
        writeln!(out, "unread:  {unreadable:?}").unwrap();
    }
    let reply = &mail.reply;
    section(&mut out, "message", &reply.text);
    if let Some(signature) = &reply.signature {
        section(&mut out, "signature", signature);
    }
    section(&mut out, "cut off", &cut_off(&reply.full, &reply.text));
    for passage in reply
        .unproven
        .iter()
        .flat_map(|unproven| &unproven.passages)
    {
        section(&mut out, "cut off if we sent it", &passage.quoted);
    }
    for file in &mail.attachments {
        let (name, kind, bytes) = (&file.name, &file.media_type, file.content.len());
        writeln!(out, "\nfile: {name} ({kind}, {bytes} bytes)").unwrap();
    }
    out
}

fn section(out: &mut String, title: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    writeln!(out, "\n{title}:").unwrap();
    for line in text.split('\n') {
        writeln!(out, "{}", format!("| {line}").trim_end()).unwrap();
    }
}

/// The lines of a whole text that are not lines of the reply.
fn cut_off(full: &str, text: &str) -> String {
    let mut kept = text.lines().peekable();
    let cut: Vec<&str> = full
        .lines()
        .filter(|line| kept.next_if(|next| next.trim() == line.trim()).is_none())
        .collect();
    cut.join("\n").trim_matches('\n').to_owned()
}

fn snapshot(folder: &Path, name: &str, mail: &InboundMail) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, shown(mail)));
}

#[test]
fn every_client_gives_the_exact_reply() {
    let mails = mails("replies");
    assert!(mails.len() >= 120, "only {} mails", mails.len());
    for (name, mail) in &mails {
        assert!(mail.reply.full.len() >= mail.reply.text.len(), "{name}");
        assert_eq!(mail.in_reply_to.len(), 1, "{name}");
        assert_eq!(mail.references.len(), 2, "{name}");
        assert_eq!(
            mail.sender().unwrap().address.as_str(),
            "ana@example.com",
            "{name}"
        );
        assert_eq!(not_conversation(mail, Ours::default()), None, "{name}");
        snapshot(&folder("replies"), name, mail);
    }
}

#[test]
fn what_no_person_wrote_or_nobody_can_read_is_told_from_replies() {
    let mails = mails("others");
    assert!(mails.len() >= 25, "only {} mails", mails.len());
    for (name, mail) in &mails {
        snapshot(&folder("others"), name, mail);
    }
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
    let path = folder("kept.txt");
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
