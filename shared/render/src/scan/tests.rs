use super::*;

fn one(text: &str) -> Placeholder<'_> {
    let mut found = scan(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found.remove(0)
}

#[test]
fn keys_and_escapes_are_found() {
    assert_eq!(one("a ${NOTA} b").range, 2..9);
    assert_eq!(one("${NOTA}").what, What::Key("NOTA"));
    assert_eq!(one("${dataHora}").what, What::Key("dataHora"));
    assert_eq!(one("$${NOTA}").what, What::Escaped);
    assert_eq!(one("$$${NOTA}").range, 1..9);
}

#[test]
fn defects_are_found_whole() {
    for (text, what) in [
        (r"\${NOTA}", What::Backslash("NOTA")),
        ("$ {NOTA}", What::Malformed("NOTA".into())),
        ("$&nbsp;{NOTA}", What::Malformed("NOTA".into())),
        ("${ NOTA }", What::Malformed("NOTA".into())),
        ("${NOTA&nbsp;}", What::Malformed("NOTA".into())),
        ("$(NOTA)", What::Malformed("NOTA".into())),
        ("${}", What::Malformed("".into())),
        ("${NOME-CONTATO}", What::Malformed("NOME-CONTATO".into())),
    ] {
        let found = one(text);
        assert_eq!(found.what, what, "{text}");
        assert_eq!(found.range, 0..text.len(), "{text}");
    }
}

#[test]
fn keys_that_an_editor_encoded_are_found() {
    for text in [
        "$%7BNOTA%7D",
        "$%7bNOTA%7d",
        "%24%7BNOTA%7D",
        "%2524%257BNOTA%257D",
        "$%7B%20NOTA%7D",
        "&#36;{NOTA}",
        "&#x24;{NOTA}",
        "&amp;#36;{NOTA}",
        "$&#123;NOTA&#125;",
        "$&#123NOTA&#125",
        "&#36{NOTA}",
        "&#x24{NOTA}",
        "&amp#36;{NOTA}",
        "$&shy{NOTA}",
        "${NO&shyTA}",
        "${&nbspNOTA}",
        "&dollar;{NOTA}",
        "$&lcub;NOTA&rcub;",
        "$&lbrace;NOTA&rbrace;",
        "$\u{200B}{NOTA}",
        "$&#8203;{NOTA}",
        "${\u{FEFF}NO\u{AD}TA}",
        "${NO&#8203;TA}",
        "$%E2%80%8B{NOTA}",
        "$\u{A0}{NOTA}",
        "${\u{A0}NOTA&#160;}",
        "${\u{201C}NOTA\u{201D}}",
        "${&ldquo;NOTA&rdquo;}",
        "${&quot;NOTA&quot;}",
        "＄｛NOTA｝",
        "${NOTA&#125;",
        "${NO TA}",
        "${NO\n  TA}",
    ] {
        let found = one(text);
        assert_eq!(found.what, What::Malformed("NOTA".into()), "{text}");
        assert_eq!(found.range, 0..text.len(), "{text}");
    }
}

#[test]
fn markup_inside_a_key_may_be_long() {
    let style = "mso-fareast-font-family:&quot;Times New Roman&quot;;".repeat(40);
    for markup in [
        format!("<span style=\"{style}\">"),
        format!("<!-- {style} -->"),
        "<!--[if gte mso 9]><xml><o:p></o:p></xml><![endif]-->".to_owned(),
        "<![if !supportLists]>".to_owned(),
        "<?xml:namespace prefix = o />".to_owned(),
        "<b><i></i></b>".to_owned(),
    ] {
        for text in [
            format!("${{NO{markup}TA}}"),
            format!("$ {markup}{{NOTA}}"),
            format!("${{{markup}NOTA}}"),
            format!("$%7BNO{markup}TA&#125;"),
        ] {
            let found = one(&text);
            assert!(
                matches!(&found.what, What::Split(name, markup) if name == "NOTA" && markup.len() == 1),
                "{text}: {found:?}"
            );
            assert_eq!(found.range, 0..text.len(), "{text}");
        }
    }
}

#[test]
fn keys_in_round_brackets_are_found_where_there_is_no_doubt() {
    for text in [
        "$(NOMECONTATO)",
        "$( NOMECONTATO )",
        "$ (NOMECONTATO)",
        "$&nbsp;(nomeContato)",
        "$&#40;NOMECONTATO&#41;",
    ] {
        let found = one(text);
        assert!(
            matches!(&found.what, What::Malformed(name) if name.eq_ignore_ascii_case("NOMECONTATO")),
            "{text}: {found:?}"
        );
        assert_eq!(found.range, 0..text.len(), "{text}");
    }
    let split = one("$(<b>NOMECONTATO</b>)");
    assert!(matches!(split.what, What::Split(name, _) if name == "NOMECONTATO"));
    for text in [
        "R$ (REAIS)",
        "US$ (100)",
        "$ (document)",
        "$(NOMECONTATO",
        "$ (NOME CONTATO X)",
    ] {
        assert_eq!(scan(text), [], "{text}");
    }
}

#[test]
fn a_default_of_another_language_is_part_of_what_was_meant() {
    for text in [
        "${NOMECONTATO!\"ninguém\"}",
        "${nomecontato ? \"a\" : \"b\"}",
    ] {
        let found = one(text);
        assert_eq!(found.range, 0..text.len(), "{text}");
        assert!(matches!(found.what, What::Malformed(_)), "{text}");
    }
    assert!(matches!(
        one("${x ? \"a\" : \"b\"}").what,
        What::Unclosed(_)
    ));
}

#[test]
fn tokens_that_an_editor_encoded_are_found() {
    for text in [
        "%7BTOKEN(a,%20$%7BIDSOLICITACAOSERVICO%7D,%20VIEW,%205)%7D",
        "{TOKEN(a, $%7BIDSOLICITACAOSERVICO%7D, VIEW, 5)%7D",
        "&#123;TOKEN(a, ${IDSOLICITACAOSERVICO}, VIEW, 5)&#125;",
        "{TOKEN(a,&nbsp;${IDSOLICITACAOSERVICO},\n VIEW, 5)}",
        "{TOKEN(a, <b>${IDSOLICITACAOSERVICO}</b>, VIEW, 5)}",
        "{ TOKEN(a, ${IDSOLICITACAOSERVICO}, VIEW, 5)}",
        "{<b>TOKEN</b>(a, ${IDSOLICITACAOSERVICO}, VIEW, 5)}",
        "{TO<span>KEN(a, ${IDSOLICITACAOSERVICO}, VIEW, 5)}",
        "{&nbsp;TOKEN&nbsp;(a, ${IDSOLICITACAOSERVICO}, VIEW, 5)}",
    ] {
        let found = one(text);
        assert_eq!(found.range, 0..text.len(), "{text}");
        let What::Token(Err(problem)) = found.what else {
            panic!("{text}");
        };
        assert_eq!(problem.legacy().map(|spec| spec.minutes), Some(5), "{text}");
    }
}

/// A text of the wanted length that repeats a piece.
fn repeated(piece: &str, length: usize) -> String {
    piece.repeat(length / piece.len() + 1)
}

#[test]
fn scanning_takes_time_that_grows_with_the_length() {
    for piece in [
        "{TOKEN(",
        "{token(",
        "{TOKEN (${",
        "{TOKEN(a, ${IDSOLICITACAOSERVICO}, VIEW, 5)}",
        "{TOKEN(a, ${IDSOLICITACAOSERVICO}, VIEW, 5)} ",
        "%7BTOKEN(",
        "${",
        "$ {",
        "$",
        "$$",
        "$$${",
        "\\${",
        "$(A",
        "${A",
        "${<b>",
        "$<b>",
        "$<b",
        "${<!--",
        "$<!-- ",
        "&#36;<!-- ",
        "&#36;{<!-- a -->",
        "&#36;",
        "&#36;{",
        "%24%7B",
        "%24",
        "%2524",
        "&amp;",
        "$\u{200B}",
        "${\u{200B}A",
        "$&#8203;",
        "\u{FF04}",
        "\u{FF5B}TOKEN(",
        "{",
        "{ ",
        "{<b>",
        "{&#8203;",
        "$(",
        "$ (",
        "$(<b>",
        "<",
        "<b>",
        "<!--",
        "a",
    ] {
        for tail in ["", "<b>NOTA}-->"] {
            let cost = |length| {
                let text = repeated(piece, length) + tail;
                super::super::work::count(|| drop(scan(&text)))
            };
            let (small, large) = (cost(64 * 1024), cost(1024 * 1024));
            assert!(small < 64 * 1024 * 400, "{piece}{tail}: {small}");
            assert!(large < small * 20, "{piece}{tail}: {small}, {large}");
        }
    }
    // One beginning before everything that could be passed over.
    for run in [" ", "<b>", "<!-- a -->", "\u{200B}", "A", "&nbsp;", "%20"] {
        for head in ["$", "${", "$(", "&#36;", "%24", "{", "{TOKEN", "{TOKEN("] {
            let cost = |length| {
                let text = format!("{head}{}", repeated(run, length)).repeat(2);
                super::super::work::count(|| drop(scan(&text)))
            };
            let (small, large) = (cost(64 * 1024), cost(1024 * 1024));
            assert!(
                large < small.max(64 * 1024) * 20,
                "{head}{run}: {small}, {large}"
            );
        }
    }
}

#[test]
fn an_unclosed_key_ends_where_its_name_ends() {
    for text in ["${NOTA", "${NOTA e ${NOTA", "${NOTA <p>", "${NOTA\n}"] {
        let found = scan(text);
        if text == "${NOTA\n}" {
            assert_eq!(found[0].what, What::Malformed("NOTA".into()));
        } else {
            assert_eq!(found[0].what, What::Unclosed("NOTA"), "{text}");
            assert_eq!(found[0].range, 0..6, "{text}");
        }
    }
}

#[test]
fn markup_inside_a_key_is_told_apart() {
    let text = "${<b>NO</b>TA}";
    assert_eq!(
        one(text).what,
        What::Split("NOTA".to_owned(), vec![2..5, 7..11])
    );
    assert_eq!(
        one("$<b>{NOTA}").what,
        What::Split("NOTA".to_owned(), std::iter::once(1..4).collect())
    );
}

#[test]
fn letters_of_several_bytes_beside_markup_are_whole() {
    assert_eq!(one("${¡<b>NOTA").what, What::Unclosed(""));
    assert_eq!(
        one("${ã<b>ç</b>}").what,
        What::Split("ãç".to_owned(), vec![4..7, 9..13])
    );
}

#[test]
fn other_dollars_are_literal() {
    for text in [
        "$",
        "R$ 10",
        "$(document)",
        "$ {x: 1}",
        "{{ x }}",
        "a$b",
        "\\$",
        "{TOKENS}",
        "é$",
    ] {
        assert_eq!(scan(text), [], "{text}");
    }
}

#[test]
fn tokens_are_found_with_their_problems() {
    let found = one("\"{TOKEN(a, ${IDSOLICITACAOSERVICO}, VIEW, 5)}\"");
    assert!(matches!(found.what, What::Token(Ok(_))));
    let found = one("{TOKEN(a, VIEW");
    assert_eq!(found.range, 0..7);
    assert!(matches!(found.what, What::Token(Err(TokenProblem::Shape))));
}
