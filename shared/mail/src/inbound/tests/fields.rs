//! The header as types.

use super::*;

#[test]
fn a_mail_of_several_has_no_sender() {
    for from in [
        "From: ana@example.com, bia@example.com\r\n",
        "From: ana@example.com\r\nFrom: bia@example.com\r\n",
        "From: nobody\r\n",
        "From: Ana Sol:;\r\n",
        "From: ana@example.com, <joão@example.com>\r\n",
        "From: ana@example.com\r\nFrom:\r\n",
    ] {
        assert_eq!(mail(from, "Oi").sender(), None, "{from}");
    }
    let twice = "From: Ana <ana@example.com>, \"Ana Sol\" <Ana@example.com>\r\n";
    assert!(mail(twice, "Oi").sender().is_some());
    let only = mail("From: =?iso-8859-1?Q?Jo=E3o?= <Joao@Example.com>\r\n", "Oi");
    let sender = only.sender().unwrap();
    assert_eq!(
        (sender.name.as_str(), sender.address.key().as_str()),
        ("João", "joao@example.com")
    );
}

#[test]
fn the_header_is_typed() {
    let found = mail(
        "Message-ID: <a@x.example>\r\nDate: Thu, 5 Jun 2025 14:03:22 -0300\r\nSubject: =?utf-8?B?w6E=?=\r\n b\r\nTo: a@b.example\r\nCc: \"C, D\" <c@d.example>\r\nX-Original-To: e@f.example\r\nReferences: <1@x.example>\r\n <no space@x> bare <2@x.example>\r\n",
        "Oi",
    );
    assert_eq!(found.header_id.as_deref(), Some("<a@x.example>"));
    assert_eq!(found.date.unwrap().to_string(), "2025-06-05T17:03:22Z");
    assert_eq!(found.subject, "á b");
    assert_eq!(found.to[0].as_str(), "a@b.example");
    assert_eq!(found.cc[0].as_str(), "c@d.example");
    assert_eq!(found.delivered_to[0].as_str(), "e@f.example");
    assert_eq!(found.references, ["<1@x.example>", "<2@x.example>"]);
    let debug = format!("{found:?}");
    assert!(
        !debug.contains("example") && !debug.contains("Oi"),
        "{debug}"
    );
}

#[test]
fn the_same_body_has_the_same_sum_over_two_ways() {
    let one = mail("Received: one\r\n", "Oi");
    let two = mail("Received: two\r\nReceived: three\r\n", "Oi");
    assert_eq!(one.body_sha256, two.body_sha256);
    assert_ne!(one.body_sha256, mail("", "Oi!").body_sha256);
    assert!(one.body_sha256.is_some());
    // Servers end lines in their own way, and encode.
    let sum = |headers: &str, body: &str| mail(headers, body).body_sha256;
    let said = sum("", "Olá,\r\nfuncionou.");
    assert_eq!(said, sum("", "Olá,\nfuncionou.\n\n"));
    let encoded = "Content-Transfer-Encoding: quoted-printable\r\n";
    assert_eq!(said, sum(encoded, "Ol=C3=A1,\r\nfuncio=\r\nnou."));
    assert_ne!(said, sum("Subject: Olá,\r\n", "funcionou."));
    let file = |content: &str| {
        let kind = "Content-Type: application/pdf\r\n";
        sum(kind, content)
    };
    assert_ne!(file("x"), file("y"));
    // It is known by its id.
    assert_eq!(
        mail("Message-ID: <1@x.example>\r\n", "Oi").body_sha256,
        None
    );
}
