use super::*;
use crate::{RichText, TokenSpec, Value};
use domain::source::Syntax;

fn source(title: &str, html: &str, text: Option<&str>) -> Source {
    Source {
        syntax: Syntax::Keys,
        title: title.to_owned(),
        html: html.to_owned(),
        text: text.map(str::to_owned),
    }
}

fn values(pairs: &[(&str, Value)]) -> Values {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect()
}

fn render(source: &Source, values: &Values) -> Rendered {
    compile(source, Mode::Lenient)
        .unwrap()
        .render(values, &RenderContext::default())
        .unwrap()
}

fn html(html: &str, key: &str, value: Value) -> String {
    render(&source("t", html, None), &values(&[(key, value)])).html
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn a_compiled_template_can_be_shared() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<Compiled>();
}

#[test]
fn escaping_is_on_in_html_and_off_in_text() {
    let source = source("${SERVICO}", "<p>${SERVICO}</p>", Some("${SERVICO}"));
    let rendered = render(&source, &values(&[("SERVICO", text("<b> & \"q\""))]));
    assert_eq!(rendered.subject, "<b> & \"q\"");
    assert_eq!(rendered.html, "<p>&lt;b&gt; &amp; &quot;q&quot;</p>");
    assert_eq!(rendered.text, "<b> & \"q\"\n");
}

#[test]
fn a_value_is_never_scanned_again() {
    for value in [
        "${CATEGORIA}",
        "{{ 1 + 1 }}",
        "{% raw %}",
        "\u{1}{k0}\u{1}",
        "$${CATEGORIA}",
    ] {
        let source = source("${SERVICO}${CATEGORIA}", "${SERVICO}", None);
        let rendered = render(
            &source,
            &values(&[("SERVICO", text(value)), ("CATEGORIA", text("never"))]),
        );
        let expected = value.replace('\u{1}', "");
        assert_eq!(rendered.html, expected);
        assert_eq!(rendered.text.trim_end(), expected);
        assert!(
            rendered.subject.ends_with("never") && rendered.subject.matches("never").count() == 1
        );
    }
}

#[test]
fn everything_but_keys_is_literal() {
    let body = "{{ x }} {% if %} {# c #} ${ R$ 10 $${NOTA} <!--[if mso]><v:rect/><![endif]-->\r\n  &CCEDIL;\n";
    let rendered = render(&source("t", body, None), &Values::new());
    let expected = body.replace("${ R", " R").replace("$${", "${");
    assert_eq!(rendered.html, expected);
}

#[test]
fn keys_without_value_and_unknown_keys_stand_for_nothing() {
    let rendered = render(
        &source(
            "a${SERVICO}${TITULO}b",
            "<i title=${SERVICO} lang=pt>${TITULO}</i>",
            None,
        ),
        &Values::new(),
    );
    assert_eq!(rendered.subject, "ab");
    assert_eq!(rendered.html, "<i title=\"\" lang=pt></i>");
}

#[test]
fn each_place_is_written_for_itself() {
    let hostile = || text("\" onclick='x' <b>-->");
    for (template, expected) in [
        (
            "<i title=\"${SERVICO}\">",
            "<i title=\"&quot; onclick=&#39;x&#39; &lt;b&gt;--&gt;\">",
        ),
        ("<i style=\"${SERVICO}\">", "<i style=\"\">"),
        ("<i ${SERVICO}>", "<i >"),
        ("<!-- ${SERVICO} -->", "<!--  -->"),
        ("<script>${SERVICO}</script>", ""),
        ("<style>${SERVICO}</style>", "<style></style>"),
        ("<a href=\"${SERVICO}\">", "<a href=\"\">"),
        (
            "<a href=\"https://x/?q=${SERVICO}\">",
            "<a href=\"https://x/?q=%22%20onclick%3D%27x%27%20%3Cb%3E--%3E\">",
        ),
        (
            "<!--[if mso]>${SERVICO}<![endif]-->",
            "<!--[if mso]>&quot; onclick=&#39;x&#39; &lt;b&gt;&#45;&#45;&gt;<![endif]-->",
        ),
    ] {
        assert_eq!(html(template, "SERVICO", hostile()), expected, "{template}");
    }
}

#[test]
fn links_are_links_where_they_can_be() {
    let link = || Value::Link("https://x.example/?a=1&b=2".to_owned());
    let key = "LINKSOLICITACAOSERVICO";
    for (template, expected) in [
        (
            "${LINKSOLICITACAOSERVICO}",
            "<a href=\"https://x.example/?a=1&amp;b=2\">https://x.example/?a=1&amp;b=2</a>",
        ),
        (
            "<a href=\"${LINKSOLICITACAOSERVICO}\">${LINKSERVICEREQUEST}</a>",
            "<a href=\"https://x.example/?a=1&amp;b=2\">https://x.example/?a=1&amp;b=2</a>",
        ),
        (
            "<a href=${LINKSOLICITACAOSERVICO}>x</a>",
            "<a href=\"https://x.example/?a=1&amp;b=2\">x</a>",
        ),
    ] {
        assert_eq!(html(template, key, link()), expected, "{template}");
    }
    assert_eq!(
        html(
            "${LINKSOLICITACAOSERVICO}",
            key,
            Value::Link("javascript:x".to_owned())
        ),
        ""
    );
}

#[test]
fn rich_text_is_markup_in_html_and_flat_in_text() {
    let rich = Value::Html(RichText::sanitise("<p>a <b>b</b></p><script>x</script>"));
    let source = source("${NOTA}", "<div>${NOTA}</div><p>${NOTA}</p>", None);
    let rendered = render(&source, &values(&[("COMMENTTEXT", rich)]));
    assert_eq!(
        rendered.html,
        "<div><p>a <b>b</b></p></div><p>a <b>b</b></p>"
    );
    assert_eq!(rendered.subject, "a b");
    assert_eq!(rendered.text, "a b\n\na b\n");
}

#[test]
fn the_derived_text_reads_well() {
    let body = "<p>Ol&aacute; <b>${NOMECONTATO}</b>,</p><table><tr><td>N&uacute;mero:</td><td>${IDSOLICITACAOSERVICO}</td></tr></table>\
                <hr><ul><li>EXCLUS&ATILDE;O</li></ul><a href=\"${LINKSOLICITACAOSERVICO}\">Abrir</a> <a href=\"https://x.example\">https://x.example</a>";
    let rendered = render(
        &source("t", body, None),
        &values(&[
            ("NOMECONTATO", text("Ana &amp; <Bia>")),
            ("IDSOLICITACAOSERVICO", text("2041")),
            (
                "LINKSOLICITACAOSERVICO",
                Value::Link("https://y.example/tickets/2041".to_owned()),
            ),
        ]),
    );
    insta::assert_snapshot!(rendered.text, @r"
    Olá Ana &amp; <Bia>,

    Número: 2041

    ---
    - EXCLUSÃO
    Abrir <https://y.example/tickets/2041> https://x.example
    ");
}

#[test]
fn tokens_are_links_from_the_link_maker_or_plain() {
    let body = "<a href=\"{TOKEN(s, ${IDSOLICITACAOSERVICO}, APPROVE, 50)}\">Aprovar</a>";
    let compiled = compile(
        &source("t ${IDSOLICITACAOSERVICO}", body, None),
        Mode::Strict,
    )
    .unwrap();
    let plain = Value::Link("https://x.example/tickets/1".to_owned());
    let values = values(&[("LINKSOLICITACAOSERVICO", plain)]);
    let rendered = compiled.render(&values, &RenderContext::default()).unwrap();
    assert_eq!(
        rendered.html,
        "<a href=\"https://x.example/tickets/1\">Aprovar</a>"
    );

    let make = |spec: &TokenSpec| {
        format!(
            "https://x.example/{}/{}",
            spec.action.as_str(),
            spec.minutes
        )
    };
    let context = RenderContext {
        link_maker: Some(&make),
        ..RenderContext::default()
    };
    let rendered = compiled.render(&values, &context).unwrap();
    assert_eq!(
        rendered.html,
        "<a href=\"https://x.example/APPROVE/50\">Aprovar</a>"
    );
    assert_eq!(rendered.text, "Aprovar <https://x.example/APPROVE/50>\n");
}

#[test]
fn what_fails_in_one_branch_alone_is_found_and_says_when() {
    for (html, fails) in [
        (
            "{% if SITUACAO == \"Fechada\" %}{{ IMPACTO | round }}{% endif %}",
            true,
        ),
        (
            "{% if \"a\" == CATEGORIA and URGENCIA == 'b' %}{{ IMPACTO * 2 }}{% endif %}",
            true,
        ),
        (
            "{% if SITUACAO | lower == \"x\" %}{% if CATEGORIA == \"y\" %}{{ IMPACTO - 1 }}{% endif %}{% endif %}",
            true,
        ),
        (
            "{% if SITUACAO == \"x\" %}a{% elif SITUACAO == \"y\" %}{{ IMPACTO - 1 }}{% endif %}",
            true,
        ),
        (
            "{% if SITUACAO == \"Fechada\" %}{{ IMPACTO | upper }}{% endif %}",
            false,
        ),
        (
            "{% if SITUACAO == \"x\" and IMPACTO is number %}{{ IMPACTO * 2 }}{% endif %}",
            false,
        ),
        (
            "{% if SITUACAO == \"x\" %}a{% elif SITUACAO == \"y\" %}b{% else %}c{% endif %}",
            false,
        ),
    ] {
        let source = Source {
            syntax: Syntax::Tera,
            title: "{{ IDSOLICITACAOSERVICO }}".to_owned(),
            html: format!("<p>a {html}</p>"),
            text: None,
        };
        let found = check(&source);
        let errors: Vec<_> = found
            .iter()
            .filter(|f| f.severity == Severity::Error)
            .collect();
        assert_eq!(!errors.is_empty(), fails, "{html}: {errors:?}");
        for error in errors {
            assert!(error.message.starts_with("when "), "{}", error.message);
        }
    }
}

#[test]
fn braces_of_tera_that_an_editor_encoded_are_found() {
    for html in [
        "&#123;&#123; NOMECONTATO }}",
        "&lcub;&lcub; NOMECONTATO &rcub;&rcub;",
        "<a href=\"https://example.com/%7B%7B%20NOMECONTATO%20%7D%7D\">x</a>",
        "{\u{200b}{ NOMECONTATO }}",
        "{<b>{ NOMECONTATO }}</b>",
        "{ { nomecontato } }",
        "\u{ff5b}\u{ff5b}NOMECONTATO\u{ff5d}\u{ff5d}",
    ] {
        let source = Source {
            syntax: Syntax::Tera,
            title: "{{ IDSOLICITACAOSERVICO }}".to_owned(),
            html: format!("<p>a</p>{html}"),
            text: None,
        };
        let found = check(&source);
        let one = found.iter().find(|f| f.code == "MALFORMED_KEY");
        let suggestion = one.and_then(|f| f.suggestion.as_deref());
        assert_eq!(suggestion, Some("{{ NOMECONTATO }}"), "{html}: {found:?}");
    }
    for html in [
        "{ color: red }",
        "{ {x} }",
        "a { b",
        "&#123; NOMECONTATO &#125;",
        "%7B%7B",
    ] {
        let source = Source {
            syntax: Syntax::Tera,
            title: "{{ IDSOLICITACAOSERVICO }}".to_owned(),
            html: format!("<p>a {html}</p>"),
            text: None,
        };
        assert_eq!(check(&source), [], "{html}");
    }
}

#[test]
fn keys_that_an_editor_encoded_hold_their_value_once_imported() {
    for written in [
        "$%7BSERVICO%7D",
        "&#36;{SERVICO}",
        "$&#123SERVICO&#125;",
        "$\u{200b}{SERVICO}",
        "${SER&shy;VICO}",
        "${&ldquo;SERVICO&rdquo;}",
    ] {
        let shown = html(&format!("<p>{written}</p>"), "SERVICO", text("VPN"));
        assert_eq!(shown, "<p>VPN</p>", "{written}");
    }
}

#[test]
fn one_budget_serves_all_languages_of_a_template() {
    let costly = Source {
        syntax: Syntax::Tera,
        ..source(
            "t",
            "{% for a in range(end=300) %}{% for b in range(end=30) %}x{% endfor %}{% endfor %}",
            None,
        )
    };
    let findings = |checks: &mut Checks| {
        let found = checks.check(&costly);
        found.iter().any(|one| one.code == "TERA_LIMIT")
    };
    assert!(!findings(&mut Checks::default()), "one alone is well");
    let mut checks = Checks::default();
    assert!(
        (0..1000).any(|_| findings(&mut checks)),
        "a thousand share its budget"
    );
}

#[test]
fn a_part_that_is_too_large_is_told_with_the_limit_of_its_syntax() {
    let long = values(&[("DESCRICAO", Value::Text("x".repeat(200_000)))]);
    let told = |syntax, key: &str, times| {
        let mut source = source("t", &key.repeat(times), None);
        source.syntax = syntax;
        let compiled = compile(&source, Mode::Lenient).unwrap();
        match compiled.render(&long, &RenderContext::default()) {
            Ok(_) => "taken",
            Err(RenderError::Limit(limit)) => limit.en,
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(told(Syntax::Keys, "${DESCRICAO}", 50), "taken");
    let limit = told(Syntax::Keys, "${DESCRICAO}", 60);
    assert_eq!(limit, "its output is larger than 10 MiB");
    let limit = told(Syntax::Tera, "{{ DESCRICAO }}", 6);
    assert_eq!(limit, "its output is larger than 1 MiB");
}

#[test]
fn a_key_in_the_words_of_another_engine_is_suggested() {
    for written in [
        "${COMMENTTEXT?html}",
        "${COMMENTTEXT?upper_case?html}",
        "${COMMENTTEXT!\"none\"}",
        "${fn:escapeXml(CommentText)}",
        "${ticket.COMMENTTEXT}",
    ] {
        let found = check(&source("t", &format!("<p>{written}</p>"), None));
        let malformed = found.iter().find(|one| one.code == "MALFORMED_KEY");
        let suggestion = malformed.and_then(|one| one.suggestion.as_deref());
        assert_eq!(suggestion, Some("${COMMENTTEXT}"), "{written}: {found:?}");
    }
    let found = check(&source("t", "<p>${a?html}</p>", None));
    assert_eq!(found[0].code, "MALFORMED_KEY");
    assert_eq!(found[0].suggestion, None);
}
