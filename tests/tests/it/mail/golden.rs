//! Golden mails: the bytes are reviewed snapshots, and Python reads out of them what went in.

use mail::compose::Attachment;

use super::{composed, envelope, mailbox, parser::parse, rendered};

/// What a hostile or unlucky person can write, and what a mail program must show of it.
struct Case {
    name: &'static str,
    /// Names of sender and recipient, as written.
    names: (&'static str, &'static str),
    /// The same as shown.
    shown: (&'static str, &'static str),
    subject: &'static str,
    shown_subject: &'static str,
    /// Text of the message, in both bodies; shown as it is.
    text: &'static str,
}

const LONG_WORD: &str = "4211 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const LONG_WORDS: &str = "4211 Ocorrência registrada na solicitação de serviço: a impressora do segundo andar não imprime desde ontem, já reiniciei três vezes; por favor, alguém da equipe pode vir até aqui antes do meio-dia? Obrigado pela atenção, e desculpem pelo transtorno todo, de nada";

const CASES: &[Case] = &[
    Case {
        name: "plain",
        names: ("Service Desk", "Maria"),
        shown: ("Service Desk", "Maria"),
        subject: "Ticket 4211: new message",
        shown_subject: "Ticket 4211: new message",
        text: "Hello,\n\nit works again.\n",
    },
    Case {
        name: "accents",
        names: ("Central de Serviços", "João Conceição"),
        shown: ("Central de Serviços", "João Conceição"),
        subject: "Solicitação 4211 – nova ocorrência",
        shown_subject: "Solicitação 4211 – nova ocorrência",
        text: "Olá, João!\n\nA impressão não saiu: «página à direita», 50 % às 8 º.\n",
    },
    Case {
        name: "emoji",
        names: ("Desk 🛠️", "👩‍👩‍👧‍👦 Família"),
        shown: ("Desk 🛠️", "👩‍👩‍👧‍👦 Família"),
        subject: "🎉🎉🎉 4211 🇧🇷 👩🏽‍💻 done ✅ 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉",
        shown_subject: "🎉🎉🎉 4211 🇧🇷 👩🏽‍💻 done ✅ 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉",
        text: "👍👍🏽 ❤️‍🔥 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉\n",
    },
    Case {
        name: "script",
        names: (
            "<script>alert(1)</script>",
            "\"><script>alert('x')</script>",
        ),
        shown: (
            "<script>alert(1)</script>",
            "\"><script>alert('x')</script>",
        ),
        subject: "4211 <script>alert(1)</script>",
        shown_subject: "4211 <script>alert(1)</script>",
        text: "&lt;script&gt;alert(1)&lt;/script&gt; =3Cscript=3E\n",
    },
    Case {
        name: "line-breaks",
        names: (
            "Desk\r\nBcc: everyone@example.com",
            "Maria\nX-Evil: 1\r\n\r\n<html>",
        ),
        shown: ("Desk Bcc: everyone@example.com", "Maria X-Evil: 1 <html>"),
        subject: "4211\r\nBcc: everyone@example.com\r\n\r\nbody\u{2028}\u{85}\u{b}x",
        shown_subject: "4211 Bcc: everyone@example.com body x",
        text: "a\n\n\n.\n..\n.\nFrom here\n--\n-- \nend\n",
    },
    Case {
        name: "long-word",
        names: (LONG_WORD, LONG_WORD),
        shown: (
            "4211 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "4211 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
        subject: LONG_WORD,
        shown_subject: LONG_WORD,
        text: LONG_WORD,
    },
    Case {
        name: "long-words",
        names: (
            "Central de Serviços de Tecnologia da Informação e Comunicação",
            "Maria",
        ),
        shown: (
            "Central de Serviços de Tecnologia da Informação e Comunicação",
            "Maria",
        ),
        subject: LONG_WORDS,
        shown_subject: LONG_WORDS,
        text: LONG_WORDS,
    },
    Case {
        name: "right-to-left",
        names: ("مكتب الخدمة", "\u{202e}moc.elpmaxe@airam\u{202c}"),
        shown: ("مكتب الخدمة", "moc.elpmaxe@airam"),
        subject: "4211 تذكرة جديدة שלום",
        shown_subject: "4211 تذكرة جديدة שלום",
        text: "مرحبا، الطابعة لا تعمل.\nשלום עולם\n",
    },
    Case {
        name: "encoded-lookalike",
        names: ("=?utf-8?q?Chefe?=", "Silva, Maria (TI) <x@y.z>; \\\"a\\\""),
        shown: ("=?utf-8?q?Chefe?=", "Silva, Maria (TI) <x@y.z>; \\\"a\\\""),
        subject: "4211 =?utf-8?b?PHNjcmlwdD4=?= =?x?",
        shown_subject: "4211 =?utf-8?b?PHNjcmlwdD4=?= =?x?",
        text: "=?utf-8?q?=41?= =41 =\n=",
    },
    Case {
        name: "nothing",
        names: ("", " \u{7} "),
        shown: ("", ""),
        subject: "",
        shown_subject: "[#4211]",
        text: "",
    },
    Case {
        name: "white-space",
        names: ("  Desk   of\t many ", "Maria"),
        shown: ("Desk of many", "Maria"),
        subject: "4211  two  spaces   three",
        shown_subject: "4211  two  spaces   three",
        text: "trailing   \n\ttab\t\n  lead\n\n\n",
    },
];

#[test]
fn python_reads_what_went_in() {
    let mails: Vec<Vec<u8>> = CASES
        .iter()
        .map(|case| {
            let mut envelope = envelope();
            envelope.from.name = case.names.0.into();
            envelope.to.name = case.names.1.into();
            let html = format!("<p>{}</p>", case.text);
            composed(&envelope, &rendered(case.subject, &html, case.text)).raw
        })
        .collect();
    for ((case, raw), parsed) in CASES.iter().zip(&mails).zip(parse(&mails)) {
        let name = case.name;
        assert_eq!(parsed.defects, [""; 0], "{name}");
        assert_eq!(parsed.header("Subject"), case.shown_subject, "{name}");
        let (from, to) = case.shown;
        assert_eq!(
            parsed.from,
            [(from.to_owned(), "desk@example.com".to_owned())],
            "{name}"
        );
        assert_eq!(
            parsed.to,
            [(to.to_owned(), "maria@example.com".to_owned())],
            "{name}"
        );
        assert_eq!(
            parsed.structure,
            ["multipart/alternative", "text/plain", "text/html"],
            "{name}"
        );
        let contents: Vec<&str> = parsed
            .parts
            .iter()
            .map(|part| part.content.as_str())
            .collect();
        assert_eq!(
            contents,
            [case.text, &format!("<p>{}</p>", case.text)],
            "{name}"
        );
        assert!(
            parsed
                .parts
                .iter()
                .all(|part| part.charset.as_deref() == Some("utf-8")),
            "{name}"
        );
        assert_eq!(
            parsed.header("Date"),
            "Fri, 02 Jan 2026 13:14:15 +0000",
            "{name}"
        );
        assert_eq!(parsed.header("Auto-Submitted"), "auto-generated", "{name}");
        assert_eq!(parsed.header("X-Auto-Response-Suppress"), "All", "{name}");
        assert_eq!(parsed.header("List-Id"), "<tickets.example.com>", "{name}");
        assert_eq!(parsed.headers.len(), 12, "{name}: {:?}", parsed.headers);
        insta::with_settings!({ snapshot_suffix => name, prepend_module_to_snapshot => false }, {
            insta::assert_binary_snapshot!("golden.eml", raw.clone());
        });
    }
}

#[test]
fn python_finds_the_files() {
    let mut envelope = envelope();
    let files = [
        (
            "relatório final (v2).pdf",
            "application/pdf",
            "relatório final (v2).pdf",
        ),
        (
            "a\r\nContent-Type: text/html\r\n\r\n\".txt",
            "text/plain",
            "a Content-Type: text/html \".txt",
        ),
        ("bad", "no type at all", "bad"),
    ];
    for (name, media_type, _) in files {
        envelope.attachments.push(Attachment {
            content_id: None,
            name: name.into(),
            media_type: media_type.into(),
            content: (0..=255).collect(),
        });
    }
    envelope.to = mailbox("Maria", "maria@exãmple.com");
    let raw = composed(&envelope, &rendered("4211", "<p>é</p>", "é")).raw;
    let parsed = parse(std::slice::from_ref(&raw)).remove(0);
    assert_eq!(parsed.defects, [""; 0]);
    assert_eq!(
        parsed.structure[..4],
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html"
        ]
    );
    assert_eq!(parsed.to[0].1, "maria@xn--exmple-4ta.com");
    for ((_, _, name), part) in files.iter().zip(&parsed.parts[2..]) {
        assert_eq!(part.filename.as_deref(), Some(*name));
        assert_eq!(part.disposition.as_deref(), Some("attachment"));
    }
    let types: Vec<&str> = parsed.parts[2..]
        .iter()
        .map(|part| part.media_type.as_str())
        .collect();
    assert_eq!(
        types,
        ["application/pdf", "text/plain", "application/octet-stream"]
    );
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(
        data_encoding::BASE64
            .decode(parsed.parts[2].content.as_bytes())
            .unwrap(),
        bytes
    );
    insta::with_settings!({ snapshot_suffix => "files", prepend_module_to_snapshot => false }, {
        insta::assert_binary_snapshot!("golden.eml", raw);
    });
}
