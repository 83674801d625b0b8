//! Properties: any text as a template, any value in any place.

use domain::{
    catalog::{Language, keys},
    diagnostic::{Diagnostic, Part},
    source::{Rendered, Source, Syntax},
};
use proptest::prelude::*;
use render::{Mode, RenderContext, Values, check, compile};

use super::structure::{MARK, around};

use super::all_values;

/// Pieces that mean something to a scanner, an HTML parser or Tera.
const PIECES: &[&str] = &[
    "${",
    "}",
    "$",
    "{",
    "$${",
    "\\",
    "NOTA",
    "SERVICO",
    "nota",
    "NOTTA",
    "${NOTA}",
    "${DESCRICAO}",
    "${LINKSOLICITACAOSERVICO}",
    "${IDSOLICITACAOSERVICO}",
    "$ {NOTA}",
    "${ NOTA }",
    "$(NOTA)",
    "{TOKEN(",
    "s, ${IDSOLICITACAOSERVICO}, VIEW, 5",
    ")}",
    "<",
    ">",
    "/",
    "\"",
    "'",
    "=",
    " ",
    "\n",
    "\r\n",
    "<b>",
    "</b>",
    "<p>",
    "</p>",
    "<a href=\"",
    "<a href=",
    "<i title='",
    "<!--",
    "-->",
    "<!--[if mso]>",
    "<![endif]-->",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<svg>",
    "</svg>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<form>",
    " onclick=",
    "<html>",
    "<body>",
    "<!DOCTYPE html>",
    "&",
    ";",
    "&amp;",
    "&CCEDIL;",
    "&#",
    "é",
    "🎫",
    "\u{0}",
    "\u{1}",
    "\u{1}{",
    "\u{E000}",
    "\u{F0000}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-",
    "if",
    "else",
    "endif",
    "for x in",
    "endfor",
    "set x =",
    "| upper",
    "| replace(from='a', to='b')",
    "~",
    "[",
    "]",
    "(",
    ")",
    "1",
    "'a'",
    "raw",
    "endraw",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9 ]{0,8}",
        1 => any::<char>().prop_map(String::from),
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

fn source(syntax: Syntax) -> impl Strategy<Value = Source> {
    (text(), text(), proptest::option::of(text())).prop_map(move |(title, html, text)| Source {
        syntax,
        title,
        html,
        text,
    })
}

fn part(source: &Source, part: Part) -> &str {
    match part {
        Part::Title => &source.title,
        Part::Html => &source.html,
        Part::Text => source.text.as_deref().unwrap_or_default(),
    }
}

fn points_at_its_text(source: &Source, finding: &Diagnostic) -> bool {
    let text = part(source, finding.part);
    let line = text
        .split_inclusive('\n')
        .nth(finding.line - 1)
        .unwrap_or_default();
    // A finding may run over the line's end, so it is counted in the text from its line on.
    let start: usize = text
        .split_inclusive('\n')
        .take(finding.line - 1)
        .map(str::len)
        .sum();
    let named: String = text[start..]
        .chars()
        .skip(finding.column - 1)
        .take(finding.length)
        .take(80)
        .collect();
    finding.column <= line.chars().count() + 1 && named == finding.found
}

fn is_clean(rendered: &Rendered) -> bool {
    let subject = &rendered.subject;
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    !subject.contains(char::is_control)
        && subject.chars().count() <= 255
        && !rendered.html.contains(control)
        && !rendered.text.contains(control)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_template_that_leaves_no_key_behind(source in source(Syntax::Keys)) {
        for finding in check(&source) {
            prop_assert!(points_at_its_text(&source, &finding), "{finding:?}");
        }
        let escapes = [&source.title, &source.html, source.text.as_ref().unwrap_or(&String::new())]
            .iter()
            .any(|text| text.contains("$${"));
        for mode in [Mode::Strict, Mode::Lenient] {
            let Ok(compiled) = compile(&source, mode) else { continue };
            let rendered = compiled
                .render(&all_values(Language::Pt, "value"), &RenderContext::default())
                .expect("a template of keys renders with any value");
            prop_assert!(is_clean(&rendered));
            if !escapes {
                for name in keys::all_names() {
                    let raw = format!("${{{name}}}");
                    prop_assert!(!rendered.subject.contains(&raw), "{raw}");
                    prop_assert!(!rendered.html.contains(&raw), "{raw}");
                    prop_assert!(!rendered.text.contains(&raw), "{raw}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_read_as_tera_without_harm(source in source(Syntax::Tera)) {
        for finding in check(&source) {
            prop_assert!(points_at_its_text(&source, &finding), "{finding:?}");
        }
        if let Ok(compiled) = compile(&source, Mode::Lenient)
            && let Ok(rendered) = compiled.render(&all_values(Language::Pt, "value"), &RenderContext::default())
        {
            prop_assert!(is_clean(&rendered));
        }
    }

    #[test]
    fn what_is_no_key_stays_byte_for_byte(html in "[a-z<>/=\"' \n&;!-]{0,80}") {
        let source = Source {
            title: "t".to_owned(),
            html,
            ..Source::default()
        };
        let unsafe_parts = check(&source).iter().any(|finding| finding.code == "UNSAFE_HTML");
        if let Ok(compiled) = compile(&source, Mode::Lenient)
            && !unsafe_parts
        {
            let rendered = compiled.render(&Values::new(), &RenderContext::default()).unwrap();
            prop_assert_eq!(rendered.html, source.html);
        }
    }
}

/// HTML with a place for a value, between two marks. `{}` is the place.
const PLACES: &[&str] = &[
    "{}",
    "<p>{}</p><p>a</p>",
    "<div>{}</div>b",
    "<div><p>a{}b<b>c</b></p></div>",
    "<h2>{}</h2><p>b</p>",
    "<b><i>{}</i></b>b",
    "<a href=\"https://x.example\">{}</a><a href=y>b</a>",
    "<ul><li>{}</li><li>b</li></ul>",
    "<table><tbody><tr><td>{}</td><td>b</td></tr></tbody></table>",
    "<p><table><tr><td><p>{}</p></td></tr></table>b",
    "<dl><dt>{}</dt><dd>{}</dd></dl>",
    "<pre>{}</pre><blockquote>{}</blockquote>",
    "<center><font color=red>{}</font></center>b",
    "<i title=\"{}\">b</i>",
    "<i title='{}'>b</i>",
    "<i title=a{}b class=c>b</i>",
    "<i class=\"a {} b\" id='x'>b</i>",
    "<a href=\"{}\">b</a>",
    "<a href='{}'>b</a>",
    "<a href=\"https://x.example/{}?q={}#a\">b</a>",
    "<img src=\"{}\" alt=\"{}\">b",
    "<td background='{}'>b",
    "<p style=\"color: {}; a: b\">b</p>",
    "<style>p { color: {} }</style><p>b</p>",
    "<!-- {} --><p>b</p>",
    "<!--[if mso]><p title=\"{}\">{}</p><a href=\"{}\">x</a><![endif]--><p>b</p>",
    "<!--[if mso]>--{}--<![endif]--><p>b</p>",
    "<html><head><title>{}</title></head><body><p>b</p></body></html>",
    "<!DOCTYPE html><html><head></head><body>{}</body></html>",
    "<a href=\"mailto:{}?subject={}\">b</a>",
    "<svg><text>{}</text></svg><p>b</p>",
    "<math><mi>{}</mi></math><p>b</p>",
    "a < {} > b & {} ; <p>b</p>",
    "<p {}>b</p>",
    "<p a={} b>c</p>",
    "<{}>b</{}>",
    "<p>not closed {} <div>b",
    "<span><div>{}</span>b</div>",
];

/// Values that try to leave their place.
const ATTACKS: &[&str] = &[
    "",
    " ",
    "\"",
    "'",
    "\" onclick=\"x",
    "' onclick='x",
    " onclick=x ",
    ">",
    "/>",
    "<b>",
    "</p>",
    "</div>",
    "</td></tr></table>",
    "</a>",
    "</b></i>",
    "<a href=\"x\">y</a>",
    "<p>y</p>",
    "<li>y",
    "<td>y",
    "<table><tr><td>y",
    "<h1>y</h1>",
    "<h3><h4>y",
    "-->",
    "--!>",
    "<!--",
    "]]>",
    "<![endif]-->",
    "</style>",
    "</title>",
    "</script>",
    "<script>x</script>",
    "<style>x",
    "<plaintext>",
    "<svg><p>",
    "<math><mtext><table><mglyph><style><img>",
    "<form><input>",
    "<option>",
    "</body></html>",
    "javascript:x",
    "https://y.example/\" onclick=\"x",
    "https://y.example/?a=1&b=2",
    "&lt;b&gt;",
    "&quot;",
    "&#34;",
    "\u{0}",
    "a\r\nb",
    "\u{2028}",
    "`",
    "=",
    "<b><p>y</b></p>",
    "<p><table><p>",
    "<ul><li><ul><li>y",
    "<dl><dt>y<dd>z",
    "<button>y<button>",
    "<nobr><nobr>",
    "<select><select>",
    "<a><b><a><i>y",
    "<object><p>y",
    "<p><object><p>y</p></object></p>",
    "<noscript><p>y",
    "<template><p>y",
    "<img src=\"https://y.example/x.png\" alt=\"-->\">",
    "<b title=\"-->\">y</b>",
    "<hr><br>",
    "-",
    "--",
];

fn value() -> impl Strategy<Value = String> {
    let attack = proptest::sample::select(ATTACKS).prop_map(str::to_owned);
    prop_oneof![
        3 => attack.clone(),
        3 => proptest::collection::vec(attack, 2..5).prop_map(|parts| parts.concat()),
        1 => any::<String>(),
    ]
}

fn template(place: &str, key: &str) -> Source {
    let marked = format!("{MARK}${{{key}}}{MARK}");
    Source {
        title: "t".to_owned(),
        html: place.replace("{}", &marked),
        ..Source::default()
    }
}

fn html(source: &Source, value: &str) -> String {
    let value = value.replace(MARK, "");
    let compiled = compile(source, Mode::Lenient).expect("the tests' places are sound");
    let rendered = compiled.render(&all_values(Language::Pt, &value), &RenderContext::default());
    rendered
        .expect("a template of keys renders with any value")
        .html
}

/// One key of each kind.
const KEYS: [&str; 4] = [
    "SERVICO",
    "INFORMACOESCONTATO",
    "DESCRICAO",
    "LINKSOLICITACAOSERVICO",
];

#[test]
fn no_attack_changes_the_html_around_it() {
    for place in PLACES {
        for key in KEYS {
            let source = template(place, key);
            let expected = around(&html(&source, "x"));
            for attack in ATTACKS {
                let rendered = html(&source, attack);
                assert_eq!(
                    around(&rendered),
                    expected,
                    "{key} = {attack:?} in {place}: {rendered}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_value_changes_the_html_around_it(
        place in proptest::sample::select(PLACES),
        key in proptest::sample::select(&KEYS[..]),
        value in value(),
    ) {
        let source = template(place, key);
        let rendered = html(&source, &value);
        prop_assert_eq!(around(&rendered), around(&html(&source, "x")), "{}", rendered);
        let lower = rendered.to_lowercase();
        prop_assert!(!lower.contains("<script"), "{}", rendered);
    }

    #[test]
    fn a_subject_is_one_line_whatever_the_values(value in any::<String>(), title in "[a-z ]{0,300}") {
        let source = Source {
            title: format!("{title}${{SERVICO}}${{DESCRICAO}}${{INFORMACOESCONTATO}}"),
            html: "x".to_owned(),
            ..Source::default()
        };
        let compiled = compile(&source, Mode::Lenient).unwrap();
        let rendered = compiled.render(&all_values(Language::Pt, &value), &RenderContext::default()).unwrap();
        prop_assert!(!rendered.subject.contains(char::is_control));
        prop_assert!(rendered.subject.chars().count() <= 255);
    }
}
