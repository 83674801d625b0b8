//! Broken and hostile mail: no panic, nothing dropped, time and memory bounded.

use std::{fs, path::PathBuf};

use domain::system::Ours;
use mail::{
    inbound::{Domains, InboundError, MAX_MAIL, candidates, not_conversation, parse},
    reply::MAX_TEXT,
};
use proptest::prelude::*;
use tests::cpu;

/// The whole path over bytes: what a fuzzer would call.
fn whole_path(raw: &[u8]) -> Result<(), InboundError> {
    let mail = parse(raw)?;
    let domains = Domains {
        further: &[],
        reply: "reply.example.org",
        anchor: "reply.example.org",
    };
    let found = candidates(&mail, &[], domains);
    let _ = (
        not_conversation(&mail, Ours::default()),
        format!("{mail:?} {found:?}"),
    );
    assert!(mail.reply.full.len() <= MAX_TEXT);
    assert!(mail.reply.text.len() <= mail.reply.full.len());
    let says_something = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count() > 1;
    assert!(
        !says_something(&mail.reply.full) || !mail.reply.text.trim().is_empty(),
        "came out empty"
    );
    for file in &mail.attachments {
        assert!(!file.name.contains(['/', '\\', '\0']));
    }
    Ok(())
}

#[test]
fn broken_mails_are_read_as_far_as_they_go() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("inbound");
    let table = fs::read_to_string(folder.join("malformed.tsv")).unwrap();
    let mut rows = 0;
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        let (name, expected) = row.split_once('\t').unwrap();
        rows += 1;
        let raw = fs::read(folder.join("malformed").join(name).with_extension("eml")).unwrap();
        let found = match parse(&raw) {
            Ok(mail) => mail.reply.text.replace('\n', "\\n"),
            Err(error) => error.reason().code().to_owned(),
        };
        if expected != "*" {
            assert_eq!(found, expected, "{name}");
        }
        let _ = whole_path(&raw);
    }
    assert_eq!(
        rows,
        fs::read_dir(folder.join("malformed")).unwrap().count()
    );
}

fn mail_of(content_type: &str, body: &str) -> Vec<u8> {
    format!("From: ana@example.com\r\nContent-Type: {content_type}\r\n\r\n{body}").into_bytes()
}

#[test]
fn hostile_mails_take_their_time_and_no_more() {
    // Long enough to show work that grows with the square, short enough for an unoptimised build.
    let (all, big) = (MAX_MAIL - 1000, 200_000);
    let unclosed: String = (0..20_000).map(|i| format!("<b x={i}><p>")).collect();
    let attributes: String = (0..big).map(|i| format!(" a{i}=1")).collect();
    let mails = [
        mail_of("text/html", &format!("<div{attributes}>Sim")),
        mail_of("text/plain", &"a".repeat(all)),
        mail_of("text/plain", &"\n".repeat(big)),
        mail_of("text/plain", &"> \n".repeat(big / 3)),
        mail_of("text/plain", &"Em 1/1 às 10:00 <a@b\n".repeat(big / 25)),
        mail_of("text/plain", &"De: x\n".repeat(big / 6)),
        mail_of("text/plain", &"--\n".repeat(MAX_TEXT / 3)),
        mail_of("text/plain", &"-----\n".repeat(MAX_TEXT / 6)),
        mail_of("text/plain", &"Att\n\n".repeat(MAX_TEXT / 5)),
        mail_of("text/html", &"<p id=signature>x".repeat(5 * big / 17)),
        mail_of(
            "text/plain; charset=iso-2022-jp",
            &"\u{1b}$B".repeat(big / 3),
        ),
        mail_of("text/plain; format=flowed", &"a \n".repeat(big / 3)),
        mail_of("text/html", &"<div>".repeat(big / 5)),
        mail_of("text/html", &unclosed),
        mail_of(
            "text/html",
            &"<a href=https://x.example/y>z".repeat(big / 30),
        ),
        mail_of("text/html", &"</div>".repeat(big / 6)),
        mail_of("text/html", &"<blockquote type=cite><br>".repeat(big / 26)),
        mail_of("text/html", &"<li><ol><td>".repeat(big / 12)),
        mail_of("text/html", &"&amp".repeat(big / 4)),
        mail_of("multipart/mixed; boundary=b", &"--b\n".repeat(all / 4)),
        mail_of("multipart/mixed; boundary=b", &"--b \n--c\n".repeat(400)),
        "a:\n".repeat(big / 3).into_bytes(),
        "From: <a@b.c>,".repeat(big / 14).into_bytes(),
        format!("References: {}\n\n", "<a@b> ".repeat(40_000)).into_bytes(),
        format!("Content-Type: a/b; {}\n\n", "x*1=y;".repeat(40_000)).into_bytes(),
    ];
    for (index, raw) in mails.iter().enumerate() {
        let start = cpu::spent();
        let _ = whole_path(raw);
        let taken = cpu::spent() - start;
        assert!(taken.as_secs() < 20, "mail {index} took {taken:?}");
    }
    assert_eq!(
        parse(&vec![b'a'; MAX_MAIL + 1]).unwrap_err(),
        InboundError::TooLarge
    );
}

/// Pieces that mails are made of, to be put together in any order.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "From: Ana <ana@example.com>\r\n",
        "To: <reply+x@reply.example.org>, a: b@c.example;\r\n",
        "References: <t.1@reply.example.org>\r\n <a@email.amazonses.com>\r\n",
        "Subject: =?iso-8859-1?Q?RES=3A_=E7?= [#1]\r\n",
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n",
        "Content-Type: text/html; charset=windows-1252\r\n",
        "Content-Type: text/plain; format=flowed; delsp=yes\r\n",
        "Content-Type: message/rfc822\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Disposition: attachment; filename*0*=utf-8''..%2F;\r\n filename*1=x.pdf.exe\r\n",
        "Authentication-Results: amazonses.com; dmarc=pass\r\nX-SES-RECEIPT: x\r\n",
        "\r\n",
        "\r\n\r\n",
        "--b\r\n",
        "--b--\r\n",
        "Em 05/06/2025 10:00, Ana escreveu:\r\n",
        "De: Ana\r\nEnviada em: hoje\r\nPara: x\r\nAssunto: y\r\n",
        "-----Mensagem original-----\r\n",
        "> citado \r\n",
        "-- \r\n",
        "Atenciosamente,\r\nAna\r\n",
        "<div class=gmail_quote><blockquote type=cite>",
        "<div id=Signature><table><tr><td>x</a></blockquote>",
        "=E7=\r\n",
        "w6k=\r\n",
    ]);
    prop_oneof![
        4 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => "\\PC{0,60}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(pieces in prop::collection::vec(piece(), 0..40)) {
        let _ = whole_path(&pieces.concat());
    }
}
