use super::*;

fn one(text: &str) -> Found<'_> {
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
        ("$ {NOTA}", What::Malformed("NOTA")),
        ("$&nbsp;{NOTA}", What::Malformed("NOTA")),
        ("${ NOTA }", What::Malformed("NOTA")),
        ("${NOTA&nbsp;}", What::Malformed("NOTA")),
        ("$(NOTA)", What::Malformed("NOTA")),
        ("${}", What::Malformed("")),
        ("${NOME-CONTATO}", What::Malformed("NOME-CONTATO")),
    ] {
        let found = one(text);
        assert_eq!(found.what, what, "{text}");
        assert_eq!(found.range, 0..text.len(), "{text}");
    }
}

#[test]
fn an_unclosed_key_ends_where_its_name_ends() {
    for text in ["${NOTA", "${NOTA e ${NOTA", "${NOTA <p>", "${NOTA\n}"] {
        let found = scan(text);
        if text == "${NOTA\n}" {
            assert_eq!(found[0].what, What::Malformed("NOTA"));
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
