//! Templates that would take all memory, time or stack.

use super::*;

/// Each ends soon, in a clear error.
#[test]
fn hostile_templates_end_in_a_limit() {
    let doubling =
        "{% set x = 'aaaaaaaa' %}".to_owned() + &"{% set x = x ~ x %}".repeat(60) + "{{ x }}";
    let nesting = "{% set x = [1] %}".to_owned() + &"{% set x = [x, x] %}".repeat(60) + "{{ x }}";
    let comparing = "{% set x = [1] %}".to_owned()
        + &"{% set x = [x, x] %}".repeat(5)
        + "{% for i in range(end=10000) %}{% if x == x %}{% endif %}{% endfor %}";
    let ranges = (0..8)
        .map(|i| format!("{{% for a{i} in range(end=9999) %}}"))
        .collect::<String>()
        + "x"
        + &"{% endfor %}".repeat(8);
    let silent = (0..8)
        .map(|i| format!("{{% for a{i} in range(end=9999) %}}"))
        .collect::<String>()
        + &"{% endfor %}".repeat(8);
    let straight = "{% for a in range(end=9999) %}".to_owned()
        + &"{% if 1 + 1 == 3 %}{% endif %}".repeat(3_000)
        + "{% endfor %}";
    for html in [
        doubling.as_str(),
        nesting.as_str(),
        comparing.as_str(),
        ranges.as_str(),
        silent.as_str(),
        straight.as_str(),
        "{{ range(end=100000000) }}",
        "{{ range(start=-9000000000000000000, end=9000000000000000000) }}",
        "{% for i in range(end=9999) %}{% for j in range(end=9999) %}{% endfor %}{% endfor %}",
        "{{ [x for x in range(end=9999)] | join(sep='xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx') }}",
        "{{ 'a' | indent(width=100000000, first=true) }}",
        "{{ '' | indent(width=9000000000000000000) }}",
        "{% for i in range(end=9999) %}{{ 'a' | indent(width=2000, first=true) | length }}{% endfor %}",
        "{% set x = [1 for i in range(end=9999)] | join(sep='ab') %}{% set y = x | replace(from='a', to=x) %}{{ y | length }}",
        "{% set x = [1 for i in range(end=9999)] | join(sep='ab') %}{{ x | replace(from='1', to=x) | split(pat='a') | length }}",
        "{% set x = [1 for i in range(end=9999)] | join(sep='ab') %}{% for i in range(end=9999) %}{% if x is containing(pat='ba1ba1c') %}{% endif %}{% endfor %}",
        "{% set_global x = [1] %}{% for i in range(end=9999) %}{% set_global x = [x] %}{% endfor %}",
        "{% set_global x = [] %}{% for i in range(end=9999) %}{% set_global x = [...x, i, i] %}{% endfor %}",
        "{% set_global x = 'a' %}{% for i in range(end=9999) %}{% set_global x = x ~ 'aaaaaaaaaaaaaaaa' %}{% endfor %}",
        "{% for i in range(end=9999) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}",
        "{% for i in range(end=9999) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}",
        &"{% if true %}".repeat(100),
        &format!("{{{{ {}1{} }}}}", "(".repeat(100), ")".repeat(100)),
        &format!("{{{{ 1{} }}}}", " + 1".repeat(300)),
        &format!("{{{{ {}1{} }}}}", "[".repeat(10_000), "]".repeat(10_000)),
        &"a".repeat(101 * 1024),
    ] {
        let shown: String = html.chars().take(200).collect();
        let finding = refused(html);
        assert_eq!(finding.code, "TERA_LIMIT", "{shown}: {finding:?}");
    }
}

#[test]
fn a_template_that_depends_on_values_is_stopped_when_they_come() {
    let html =
        "{% for a in NOMECONTATO %}{% for b in NOMECONTATO %}{{ a }}{% endfor %}{% endfor %}";
    let template = compiled(html);
    let long = Value::Text("a".repeat(10_000));
    let values: Values = [("NOMECONTATO".to_owned(), long)].into_iter().collect();
    let error = template
        .render(&values, &RenderContext::default())
        .unwrap_err();
    assert_eq!(error.code(), "TERA_LIMIT");
    // The thread goes on as if nothing had been.
    assert_eq!(render("{{ CATEGORIA }}"), "a,b,c");
}

/// Every way of nesting and chaining, so often.
fn nested(times: usize) -> Vec<(&'static str, String)> {
    let wrapped =
        |open: &str, inside: &str, close: &str| open.repeat(times) + inside + &close.repeat(times);
    let chain = |first: &str, link: &str| format!("{{{{ {first}{} }}}}", link.repeat(times));
    let expression = |open: &str, close: &str| format!("{{{{ {} }}}}", wrapped(open, "1", close));
    Vec::from([
        (
            "elif",
            format!(
                "{{% if 0 %}}a{}{{% endif %}}",
                "{% elif 0 %}b".repeat(times)
            ),
        ),
        (
            "elif and else",
            format!(
                "{{% if 0 %}}{}{{% else %}}c{{% endif %}}",
                "{% elif NOTA %}".repeat(times)
            ),
        ),
        ("if", wrapped("{% if 1 %}", "a", "{% endif %}")),
        (
            "if in else",
            wrapped("{% if 0 %}{% else %}", "a", "{% endif %}"),
        ),
        (
            "if in elif",
            wrapped("{% if 0 %}{% elif 1 %}", "a", "{% endif %}"),
        ),
        ("for", wrapped("{% for a in [1] %}", "a", "{% endfor %}")),
        (
            "for in else",
            wrapped("{% for a in [] %}{% else %}", "a", "{% endfor %}"),
        ),
        ("open if", "{% if 1 %}".repeat(times)),
        ("set", "{% set x = 1 %}".repeat(times)),
        (
            "set of the last",
            format!("{{% set x = 'a' %}}{}", "{% set x = x ~ x %}".repeat(times)),
        ),
        (
            "lists in lists",
            format!("{{% set x = [1] %}}{}", "{% set x = [x] %}".repeat(times)),
        ),
        ("parentheses", expression("(", ")")),
        ("lists", expression("[", "]")),
        ("maps", expression("{'a': ", "}")),
        ("comprehensions", expression("[", " for a in [1]]")),
        ("spreads", expression("[...", "]")),
        ("not", expression("not ", "")),
        ("not in parentheses", expression("not (", ")")),
        ("minus", expression("-", "")),
        ("minus in parentheses", expression("-(", ")")),
        ("calls", expression("range(end=", ")")),
        ("arguments", expression("'a' | replace(from='a', to=", ")")),
        (
            "test arguments",
            expression("1 is divisible_by(divisor=", ")"),
        ),
        ("indexes inside", expression("NOTA[", "]")),
        ("and", chain("1", " and 1")),
        ("or", chain("0", " or 0")),
        ("plus", chain("1", " + 1")),
        ("times", chain("1", " * 1")),
        ("power", chain("1", " ** 1")),
        ("together", chain("'a'", " ~ 'a'")),
        ("comparisons", chain("1", " == 1")),
        ("in", chain("'a'", " in 'a'")),
        ("not in", chain("'a'", " not in 'a'")),
        ("is", chain("1", " is defined")),
        ("ternaries", chain("1", " if 1 else 1")),
        ("filters", chain("'a'", " | upper")),
        (
            "filters that look at all",
            chain("'a'", " | replace(from='a', to='b')"),
        ),
        ("attributes", chain("NOTA", ".a")),
        ("optional attributes", chain("NOTA", "?.a")),
        ("indexes", chain("NOTA", "[0]")),
        ("optional indexes", chain("NOTA", "?[0]")),
        ("slices", chain("NOTA", "[0:1]")),
        ("includes", "{% include 'a' %}".repeat(times)),
        ("blocks", wrapped("{% block a %}", "a", "{% endblock %}")),
        ("macros", wrapped("{% macro a() %}", "a", "{% endmacro %}")),
        (
            "filter blocks",
            wrapped("{% filter upper %}", "a", "{% endfilter %}"),
        ),
        ("components", wrapped("{% <a> %}", "a", "{% </a> %}")),
        ("raw", wrapped("{% raw %}", "a", "{% endraw %}")),
        ("comments", wrapped("{# ", "a", " #}")),
    ])
}

#[test]
fn no_nesting_or_chain_uses_up_the_stack() {
    // A worker thread has 2 MiB, some of it used by whoever calls; frames are largest in a build
    // without optimisation, as here.
    let run = || {
        for times in [10, 16, 39, 40, 41, 63, 64, 65, 200, 3_000] {
            for (name, html) in nested(times) {
                for mode in [Mode::Strict, Mode::Lenient] {
                    let source = Source {
                        title: "${IDSOLICITACAOSERVICO}".to_owned(),
                        ..template(&html)
                    };
                    let compiled = compile(&source, mode);
                    if times == 3_000
                        && !["set", "set of the last", "lists in lists"].contains(&name)
                    {
                        assert_eq!(compiled.is_err(), name != "comments", "{name}");
                    }
                    if let Ok(compiled) = compiled {
                        let _ = compiled.render(&values(), &RenderContext::default());
                    }
                }
            }
        }
        // Everything that is allowed at once: the deepest statement in the last branch.
        let deep = format!(
            "{}{{{{ {}1{}{} }}}}{}",
            "{% if 0 %}{% elif 0 %}{% elif 0 %}{% elif 1 %}".repeat(12),
            "[".to_string() + &"(".repeat(13),
            ")".repeat(13) + "]",
            " ~ 'a'".repeat(60),
            "{% endif %}".repeat(12),
        );
        assert!(compile(&template(&deep), Mode::Strict).is_ok());
    };
    std::thread::Builder::new()
        .stack_size(1536 * 1024)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}
