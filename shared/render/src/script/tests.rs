mod limits;

use super::SOURCE_LIMIT;
use crate::{Compiled, Mode, RenderContext, RichText, Value, Values, compile};
use domain::{
    catalog::Language,
    diagnostic::Diagnostic,
    source::{Source, Syntax},
};

fn template(html: &str) -> Source {
    Source {
        syntax: Syntax::Tera,
        title: "{{ IDSOLICITACAOSERVICO }}".to_owned(),
        html: html.to_owned(),
        text: None,
    }
}

fn values() -> Values {
    [
        ("IDSOLICITACAOSERVICO", Value::Text("2041".to_owned())),
        ("NOMECONTATO", Value::Text("Ana <b>".to_owned())),
        ("DATAHORA", Value::Text("14/03/2026 09:30".to_owned())),
        ("TEMPOGASTODATA", Value::Text("14/03/2026".to_owned())),
        ("CATEGORIA", Value::Text("a,b,c".to_owned())),
        (
            "COMMENTTEXT",
            Value::Html(RichText::sanitise("<p>Um <b>texto</b></p>")),
        ),
        (
            "LINKSOLICITACAOSERVICO",
            Value::Link("https://x.example/1".to_owned()),
        ),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

fn compiled(html: &str) -> Compiled {
    compile(&template(html), Mode::Strict)
        .unwrap_or_else(|findings| panic!("{html}: {findings:#?}"))
}

fn render(html: &str) -> String {
    let rendered = compiled(html).render(&values(), &RenderContext::default());
    rendered
        .unwrap_or_else(|error| panic!("{html}: {error}"))
        .html
}

fn refused(html: &str) -> Diagnostic {
    let findings = compile(&template(html), Mode::Strict).expect_err(html);
    findings
        .into_iter()
        .find(|finding| finding.code != "NO_TICKET_KEY")
        .expect(html)
}

#[test]
fn the_language_works() {
    for (html, expected) in [
        ("{{ NOMECONTATO }}", "Ana &lt;b&gt;"),
        (
            "${NOMECONTATO} $${NOMECONTATO}",
            "Ana &lt;b&gt; ${NOMECONTATO}",
        ),
        ("{% if TEMPOGASTOHORA %}a{% else %}b{% endif %}", "b"),
        ("{% if not TEMPOGASTOHORA and CATEGORIA %}a{% endif %}", "a"),
        (
            "{% if CATEGORIA == 'x' %}x{% elif CATEGORIA == \"a,b,c\" %}y{% endif %}",
            "y",
        ),
        (
            "{% for x in CATEGORIA | split(pat=',') %}{{ loop.index }}{{ x }}{% if not loop.last %};{% endif %}{% endfor %}",
            "1a;2b;3c",
        ),
        ("{% for x in [] %}a{% else %}none{% endfor %}", "none"),
        (
            "{% set x = 'a' ~ 1 ~ NOMECONTATO %}{{ x | upper }}",
            "A1ANA &lt;B&gt;",
        ),
        (
            "{% set_global n = 0 %}{% for i in range(end=4) %}{% set_global n = n + i %}{% endfor %}{{ n }}",
            "6",
        ),
        ("{{ 'a' if 1 > 2 else 'b' }}", "b"),
        (
            "{{ [x * 2 for x in range(end=5) if x % 2 == 0] | join(sep='-') }}",
            "0-4-8",
        ),
        (
            "{{ 'b' in CATEGORIA }} {{ 'z' not in CATEGORIA }} {{ 1 in [1, 2] }}",
            "true true true",
        ),
        (
            "{% set m = {'a': 1, 'b': [1, 2]} %}{{ m.a }}{{ m['b'][1] }}{{ m.b[-1] }}{{ m?.c?.d is defined }}",
            "122false",
        ),
        (
            "{{ 'abcdef'[1:3] }}{{ 'abc'[::-1] }}{{ [1, 2, 3][1:] | join(sep='') }}",
            "bccba23",
        ),
        ("{{ COMMENTTEXT }}", "<p>Um <b>texto</b></p>"),
        ("{{ COMMENTTEXT | truncate(length=5) }}", "Um te…"),
        ("{{ COMMENTTEXT | upper }}", "UM TEXTO"),
        ("{{ 'a\\nb<' | newlines_to_br }}", "a<br>b&lt;"),
        ("{{ NOMECONTATO | escape }}", "Ana &lt;b&gt;"),
        (
            "<a href=\"{{ LINKSOLICITACAOSERVICO }}\">{{ NOMECONTATO }}</a>",
            "<a href=\"https://x.example/1\">Ana &lt;b&gt;</a>",
        ),
        (
            "<a href=\"{{ 'javascript:' ~ NOMECONTATO }}\">x</a>",
            "<a href=\"\">x</a>",
        ),
        (
            "<a href=\"{% if NOMECONTATO %}{{ LINKSOLICITACAOSERVICO }}{% else %}{{ 'https://y' }}{% endif %}\">x</a>",
            "<a href=\"https://x.example/1\">x</a>",
        ),
        ("<i title={{ NOMECONTATO }}>", "<i title=\"Ana &lt;b&gt;\">"),
        (
            "<td class=\"{% if CATEGORIA %}a{% else %}b{% endif %}\" {% if CATEGORIA %}align=\"left\"{% endif %}>",
            "<td class=\"a\" align=\"left\">",
        ),
        (
            "<style>{{ NOMECONTATO }}</style><!-- {{ NOMECONTATO }} -->",
            "<style></style><!--  -->",
        ),
        (
            "{{ DATAHORA | date }} {{ DATAHORA | date_time }} {{ DATAHORA | date(format='%d de %B de %Y, %A') }}",
            "14/03/2026 14/03/2026 09:30 14 de março de 2026, sábado",
        ),
        (
            "{{ TEMPOGASTODATA | date(format='%Y-%m-%d') }} {{ 'soon' | date }}",
            "2026-03-14 soon",
        ),
        ("{% raw %}{{ x }}{% endraw %}{# c #}", "{{ x }}"),
        ("a {%- if true -%} b {%- endif -%} c", "abc"),
        (
            "{% if CATEGORIA %}{% set y = 1 %}{% endif %}{{ y }}{% if PORTFOLIO %}{% set z = 1 %}{% endif %}{{ z }}",
            "1",
        ),
        (
            "{{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 10 }} {{ -3 | abs }} {{ (1 + 2) * 3 }} {{ 1.5 | round }}",
            "3 3 1024 3 9 2.0",
        ),
        (
            "{{ none }}|{{ true }}|{{ 1.0 }}|{{ [1, 'a'] }}",
            "|true|1.0|[1, &quot;a&quot;]",
        ),
    ] {
        assert_eq!(render(html), expected, "{html}");
    }
}

#[test]
fn faults_are_found_where_they_stand() {
    for (html, code, found) in [
        ("{{ NOMECONTATOO }}", "UNKNOWN_KEY", "NOMECONTATOO"),
        ("{{ nomeContato }}", "WRONG_CASE", "nomeContato"),
        ("a{{ CATEGORIA", "TERA_SYNTAX", "{{"),
        ("{% if CATEGORIA %}a", "TERA_SYNTAX", "{% if CATEGORIA %}"),
        ("a{% endif %}", "TERA_SYNTAX", "{% endif %}"),
        (
            "{% for x in CATEGORIA %}{% endif %}",
            "TERA_SYNTAX",
            "{% endif %}",
        ),
        ("{% include 'x' %}", "TERA_SYNTAX", "{% include 'x' %}"),
        ("{% extends 'x' %}", "TERA_SYNTAX", "{% extends 'x' %}"),
        (
            "{% block a %}{% endblock %}",
            "TERA_SYNTAX",
            "{% block a %}",
        ),
        ("{% set x %}a{% endset %}", "TERA_SYNTAX", "{% set x %}"),
        (
            "{% filter upper %}a{% endfilter %}",
            "TERA_SYNTAX",
            "{% filter upper %}",
        ),
        (
            "{% component X() %}{% endcomponent %}",
            "TERA_SYNTAX",
            "{% component X() %}",
        ),
        ("{{ <X/> }}", "TERA_SYNTAX", "<"),
        ("{{ CATEGORIA | safe }}", "TERA_SYNTAX", "safe"),
        ("{{ CATEGORIA | uper }}", "TERA_SYNTAX", "uper"),
        ("{{ CATEGORIA is even_odd }}", "TERA_SYNTAX", "even_odd"),
        ("{{ get_env(name='HOME') }}", "TERA_SYNTAX", "get_env"),
        ("{{ throw(message='x') }}", "TERA_SYNTAX", "throw"),
        ("{{ __tera_context }}", "TERA_SYNTAX", "__tera_context"),
        ("{{ CATEGORIA + }}", "TERA_SYNTAX", "}}"),
        ("{{ 'abc }}", "TERA_SYNTAX", "'"),
        (
            "{{ CATEGORIA | newlines_to_br | upper }}",
            "TERA_SYNTAX",
            "newlines_to_br",
        ),
        (
            "{% if CATEGORIA %}<a href=\"{% endif %}",
            "TERA_SYNTAX",
            "{% if CATEGORIA %}",
        ),
        ("x ${NOMECONTATOO}", "UNKNOWN_KEY", "${NOMECONTATOO}"),
        ("{{ CATEGORIA + 1 }}", "TERA_SYNTAX", "CATEGORIA + 1 "),
        ("{{ 1 / 0 }}", "TERA_SYNTAX", "0 "),
    ] {
        let finding = refused(html);
        assert_eq!(
            (finding.code.as_str(), finding.found.as_str()),
            (code, found),
            "{html}"
        );
        let start = finding.column - 1;
        let named: String = html.chars().skip(start).take(finding.length).collect();
        assert_eq!(named, finding.found, "{html}");
    }
}

#[test]
fn an_error_at_render_repeats_no_value() {
    let source = template("{{ NOMECONTATO | int }}");
    let template = compile(&source, Mode::Lenient).unwrap();
    let error = template
        .render(&values(), &RenderContext::default())
        .unwrap_err();
    assert!(!error.to_string().contains("Ana"), "{error}");
}

#[test]
fn keys_of_the_site_are_names_too_in_an_imported_template() {
    let source = template("{{ TITULO | upper }}{{ OUTRA }}");
    let mut values = values();
    values.insert("TITULO".to_owned(), Value::Text("a".to_owned()));
    let rendered = compile(&source, Mode::Lenient)
        .unwrap()
        .render(&values, &RenderContext::default());
    assert_eq!(rendered.unwrap().html, "A");
}

#[test]
fn a_key_without_a_value_takes_the_default() {
    for (html, expected) in [
        ("{{ TEMPOGASTOHORA | default(value='-') }}", "-"),
        ("{{ CATEGORIA | default(value='-') }}", "a,b,c"),
        ("{{ TEMPOGASTOHORA | default(value='x') | upper }}", "X"),
        (
            "{% if TEMPOGASTOHORA is defined %}a{% else %}b{% endif %}",
            "b",
        ),
        ("{% if TEMPOGASTOHORA is undefined %}a{% endif %}", "a"),
        ("{% if CATEGORIA is defined %}a{% endif %}", "a"),
        ("{{ 0 | default(value=1) }}", "0"),
        ("{{ 0 | default(value=1, boolean=true) }}", "1"),
        ("{{ 'a' ~ TEMPOGASTOHORA ~ 'b' }}", "ab"),
        ("{{ CATEGORIA | int(default=9) }}", "9"),
        (
            "{{ ' 12 ' | int }} {{ '-3.0' | int }} {{ 'ff' | int(base=16) }}",
            "12 -3 255",
        ),
        (
            "{{ '1.5' | float }} {{ CATEGORIA | float(default=0.5) }}",
            "1.5 0.5",
        ),
    ] {
        assert_eq!(render(html), expected, "{html}");
    }
}

#[test]
fn what_fails_on_some_values_is_refused_with_its_line() {
    for (html, line, when) in [
        (
            "a\n{% if PRIORIDADE | int < 2 %}b{% endif %}",
            2,
            "a key has no value",
        ),
        (
            "\n\n{{ CATEGORIA | split(pat=',') | nth(n=1) | upper }}",
            3,
            "",
        ),
        (
            "{% if SERVICO %}\n{{ SERVICO | int(default=0) + (CATEGORIA | int) }}{% endif %}",
            2,
            "",
        ),
        (
            "{% if SERVICO == 'Alta, \\\"1\\\"' or SERVICO and SERVICO | length > 30 %}\n{{ SERVICO | float }}{% endif %}",
            2,
            "",
        ),
    ] {
        let finding = refused(html);
        assert_eq!(
            finding.severity,
            domain::diagnostic::Severity::Error,
            "{html}"
        );
        assert_eq!(finding.line, line, "{html}: {finding:?}");
        assert!(finding.message.contains(when), "{html}: {finding:?}");
    }
    compiled("{% if PRIORIDADE | int(default=9) < 2 %}b{% endif %}");
    compiled("{{ CATEGORIA | default(value='-') | upper }}");
}

/// What a reader of another language must not find outside of quotation marks.
const ENGLISH: &[&str] = &[
    "the",
    "has",
    "is",
    "cannot",
    "found",
    "expected",
    "there",
    "takes",
    "longer",
    "with",
    "only",
    "what",
    "of",
    "than",
    "when",
    "which",
    "value",
    "key",
    "which",
    "must",
    "got",
    "requires",
    "operations",
    "numbers",
];

#[test]
fn no_finding_is_english_in_another_language() {
    let mut wrong = Vec::new();
    let deep = format!("{{{{ {}{} }}}}", "[".repeat(300), "]".repeat(300));
    let nested = "{% if CATEGORIA %}".repeat(300) + &"{% endif %}".repeat(300);
    let long = format!("{{{{ 1 {} }}}}", "+ 1 ".repeat(5000));
    let branches =
        "{% if CATEGORIA %}".to_owned() + &"{% elif CATEGORIA %}".repeat(2000) + "{% endif %}";
    let large = "x".repeat(SOURCE_LIMIT + 1);
    for html in [
        "a{{ CATEGORIA",
        "a{# CATEGORIA",
        "{% raw %}a",
        "{% if CATEGORIA %}a",
        "a{% endif %}",
        "{% %}",
        "{% x %}",
        "{% for x in CATEGORIA %}{% endif %}",
        "{% include 'x' %}",
        "{% set x %}a{% endset %}",
        "{{ <X/> }}",
        "{{ CATEGORIA | safe }}",
        "{{ CATEGORIA | uper }}",
        "{{ CATEGORIA is even_odd }}",
        "{{ get_env(name='H') }}",
        "{{ __tera_context }}",
        "{{ CATEGORIA + }}",
        "{{ CATEGORIA",
        "{{ 'abc }}",
        "{{ 'a\\x' }}",
        "{{ § }}",
        "{{ {1: 2} }}",
        "{{ {a: 2} }}",
        "{% set 1 = 2 %}",
        "{% set and = 2 %}",
        "{{ range(end=1, end=2) }}",
        "{{ (1 }}",
        "{{ 1 1 }}",
        "{% for x in [1] %}{{ loop.x }}{% endfor %}",
        "{% set loop = 1 %}",
        "{{ CATEGORIA | newlines_to_br | upper }}",
        "{% if CATEGORIA %}<a href=\"{% endif %}",
        "{{ CATEGORIA + 1 }}",
        "{{ 1 / 0 }}",
        "{{ 1 < 'a' }}",
        "{{ -CATEGORIA }}",
        "{{ 2 * CATEGORIA }}",
        "{% for x in 5 %}{% endfor %}",
        "{% for k, v in [1] %}{% endfor %}",
        "{{ 5 | length }}",
        "{{ CATEGORIA | int }}",
        "{{ CATEGORIA | float }}",
        "{{ CATEGORIA | round }}",
        "{{ CATEGORIA | replace }}",
        "{{ [...5] }}",
        "{{ {...5} }}",
        "{{ CATEGORIA.x.y }}",
        "{{ [1][CATEGORIA] }}",
        "{{ 1[0] }}",
        "{{ 1 in 5 }}",
        "{{ CATEGORIA[::0] }}",
        "{{ range(end=5, step_by=0) }}",
        "{{ [1, 'a'] | sort }}",
        "{{ range(end=100000000) }}",
        "{% if SITUACAO == \"Fechada\" %}{{ 1 / 0 }}{% endif %}",
        "{{ '2026-01-01' | date(format='%Q') }}",
        "{{ CATEGORIA | split(pat='') }}",
        "{{ 5 | join }}",
        "{{ 5 | abs | upper }}",
        "{{ 5 | upper }}",
        "{{ 5 | reverse }}",
        "{TOKEN(x)}",
        "{TOKEN(?, ${IDSOLICITACAOSERVICO}, VIEW, 1)}",
        "{TOKEN(x, 1, VIEW, 1)}",
        "{TOKEN(x, ${IDSOLICITACAOSERVICO}, SEE, 1)}",
        "{TOKEN(x, ${IDSOLICITACAOSERVICO}, VIEW, 0)}",
        "{TOKEN(x, <b>${IDSOLICITACAOSERVICO}</b>, VIEW, 1)}",
        &deep,
        &nested,
        &long,
        &branches,
        &large,
    ] {
        let shown: String = html.chars().take(60).collect();
        let Err(found) = compile(&template(html), Mode::Strict) else {
            wrong.push(format!("{shown} is taken"));
            continue;
        };
        for finding in found {
            let english = finding.message.clone();
            for language in [Language::Pt, Language::Es] {
                let message = finding.clone().in_language(language).message;
                if message == english {
                    wrong.push(format!("{shown}: {message}"));
                }
                // Within quotation marks stands what the template says.
                let words: String = message
                    .split(['`', '"'])
                    .step_by(2)
                    .collect::<Vec<_>>()
                    .join(" ");
                let words = words
                    .split(|c: char| !c.is_alphabetic())
                    .map(str::to_lowercase);
                let left: Vec<String> = words
                    .filter(|word| ENGLISH.contains(&word.as_str()))
                    .collect();
                if !left.is_empty() {
                    wrong.push(format!("{shown}: {message}: {left:?}"));
                }
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}
