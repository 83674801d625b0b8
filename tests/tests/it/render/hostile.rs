//! Hostile templates in a process of their own, whose memory and time are watched.

use std::process::Command;
use std::time::Duration;

use domain::{
    diagnostic::Severity,
    source::{Source, Syntax},
};
use render::{Mode, RenderContext, RichText, Value, Values, check, compile};
use tests::cpu;

/// Most memory that hostile templates may add, in KiB.
const MEMORY: u64 = 64 * 1024;
/// Longest that rendering any of them may take: a second, with room for a busy machine.
const RENDERING: Duration = Duration::from_millis(1_500);
/// Longest that reading any of them may take, unoptimised on a busy machine.
const READING: Duration = Duration::from_secs(6);

/// What a template may try against memory and time: each has to end in `TERA_LIMIT`.
fn bombs() -> Vec<String> {
    let text = "{% set x = [1 for i in range(end=9999)] | join(sep='aaaaaaaaaa') %}";
    let ranges = |body: &str| {
        let open: String = (0..8)
            .map(|i| format!("{{% for a{i} in range(end=9999) %}}"))
            .collect();
        open + body + &"{% endfor %}".repeat(8)
    };
    Vec::from([
        "{{ range(end=100000000) }}".to_owned(),
        ranges(""),
        ranges("{{ a0 ~ a7 }}"),
        format!("{text}{{{{ x | split(pat='a') | join(sep=x) | length }}}}"),
        format!(
            "{text}{{% for a in x | split(pat='a') %}}{{% for b in x | split(pat='a') %}}{{{{ b }}}}{{% endfor %}}{{% endfor %}}"
        ),
        format!("{text}{{{{ x | indent(width=100000000, first=true, blank=true) | length }}}}"),
        "{{ 'a' | indent(width=9000000000000000000, first=true) | length }}".to_owned(),
        format!("{text}{{{{ x | replace(from='a', to=x) | replace(from='a', to=x) | length }}}}"),
        "{% set_global x = 'ab' %}".to_owned()
            + &"{% set_global x = x | replace(from='a', to='aaaaaaaa') %}".repeat(30)
            + "{{ x }}",
    ])
}

fn templates() -> Vec<String> {
    let loops = |count: usize, body: &str| {
        (0..count)
            .map(|i| format!("{{% for a{i} in range(end=9999) %}}"))
            .collect::<String>()
            + body
            + &"{% endfor %}".repeat(count)
    };
    let grown = "{% set x = [1 for i in range(end=9999)] | join(sep='aaaaaaaaaa') %}";
    Vec::from([
        loops(10, ""),
        loops(10, "{{ a0 }}"),
        loops(2, "{% set_global y = a0 ~ a1 ~ y %}"),
        "{% set x = 'aaaaaaaa' %}".to_owned() + &"{% set x = x ~ x %}".repeat(1_000) + "{{ x }}",
        "{% set x = [1] %}".to_owned() + &"{% set x = [x, x] %}".repeat(1_000) + "{{ x }}",
        "{% set x = {'a': 1} %}".to_owned() + &"{% set x = {'a': x, 'b': x} %}".repeat(1_000) + "{{ x == x }}",
        format!("{grown}{{{{ x | indent(width=1000, first=true, blank=true) | upper | length }}}}"),
        format!("{grown}{}", "{{ x | upper | lower | title | reverse | length }}".repeat(1_900)),
        format!("{grown}{}", "{% if x == x and x in x and x ~ '' == x %}{% endif %}".repeat(1_900)),
        format!("{grown}{{% for c in x %}}{{% for d in x %}}{{% endfor %}}{{% endfor %}}"),
        format!("{grown}{{% for c in x %}}{{% set_global z = x[::-1] %}}{{% endfor %}}"),
        "{% set_global x = [] %}{% for i in range(end=9999) %}{% set_global x = [...x, ...x, i] %}{% endfor %}".to_owned(),
        format!("{{{{ {}1{} }}}}", "(".repeat(40_000), ")".repeat(40_000)),
        format!("{{{{ {}1 }}}}", "-".repeat(90_000)),
        format!("{{{{ {}a }}}}", "not ".repeat(20_000)),
        format!("{{{{ a{} }}}}", ".b".repeat(40_000)),
        "{% if 1 %}".repeat(9_000),
        "{".repeat(100_000),
        "{{".repeat(50_000),
        "{% raw %}".repeat(10_000),
        "{{ 'a".repeat(20_000),
        "<".repeat(100_000),
        "<script>".repeat(12_000),
        "<a b='".repeat(16_000),
        format!("{}{}", "<scr<script></script>".repeat(4_000), "ipt>"),
        "{% if 1 %}<b>{% endif %}".repeat(4_000),
    ])
}

fn rich_texts() -> Vec<String> {
    Vec::from([
        "<b>".repeat(80_000),
        "<div>".repeat(50_000),
        "<div><p>".repeat(30_000),
        "<a>".repeat(60_000),
        "<table><tr><td>".repeat(15_000),
        "<ul><li>".repeat(30_000),
        "<a><table>".repeat(25_000),
        "<b><i><u><s>".repeat(20_000) + &"</b></i></u></s>".repeat(5_000),
        "<p>".repeat(80_000),
        "&".repeat(250_000),
        "<".repeat(250_000),
        "<!--".repeat(60_000),
    ])
}

/// Most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "the process that the test below watches"]
fn watched() {
    let values: Values = [("NOMECONTATO".to_owned(), Value::Text("x".repeat(100_000)))]
        .into_iter()
        .collect();
    let before = peak();
    for html in bombs() {
        let source = Source {
            syntax: Syntax::Tera,
            title: "t".to_owned(),
            html,
            text: None,
        };
        let found = check(&source);
        let limits: Vec<_> = found.iter().filter(|f| f.code == "TERA_LIMIT").collect();
        assert_eq!(limits.len(), 1, "{}: {found:?}", source.html);
        assert_eq!(limits[0].severity, Severity::Error);
        assert!(!limits[0].message.is_empty());
    }
    for html in templates().into_iter().chain(bombs()) {
        for syntax in [Syntax::Tera, Syntax::Keys] {
            let source = Source {
                syntax,
                title: "${IDSOLICITACAOSERVICO}".to_owned(),
                html: html.clone(),
                text: None,
            };
            for mode in [Mode::Strict, Mode::Lenient] {
                let shown: String = html.chars().take(80).collect();
                let started = cpu::spent();
                let compiled = compile(&source, mode);
                let took = cpu::spent() - started;
                assert!(took < READING, "{shown}: {took:?}");
                if let Ok(compiled) = compiled {
                    let started = cpu::spent();
                    let _ = compiled.render(&values, &RenderContext::default());
                    let took = cpu::spent() - started;
                    assert!(took < RENDERING, "{shown}: {took:?}");
                }
            }
        }
    }
    for html in rich_texts() {
        let started = cpu::spent();
        let rich = RichText::sanitise(&html);
        let _ = rich.text();
        let shown: String = html.chars().take(80).collect();
        let took = cpu::spent() - started;
        assert!(took < READING, "{shown}: {took:?}");
    }
    // The process lives, and works on.
    let sound = Source {
        syntax: Syntax::Tera,
        title: "t".to_owned(),
        html: "{% for i in range(end=3) %}{{ i }}{% endfor %}".to_owned(),
        text: None,
    };
    let rendered = compile(&sound, Mode::Strict)
        .unwrap()
        .render(&values, &RenderContext::default());
    assert_eq!(rendered.unwrap().html, "012");
    let added = peak() - before;
    assert!(added < MEMORY, "{added} KiB more");
    println!("{added} KiB more");
}

#[test]
fn hostile_templates_take_little_time_and_memory() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let output = Command::new(crate::this_program())
        .args([
            "--exact",
            "render::hostile::watched",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("1 passed"), "{shown}");
}
