//! Any text as a `${KEY}` template, any value in it: no panic, no raw key, findings that point at
//! their text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use domain::{catalog::keys, diagnostic::Part, source::{Source, Syntax}};
use render::{Mode, RenderContext, Value, Values, check, compile};

fuzz_target!(|input: (String, String, Option<String>, String)| {
    let (title, html, text, value) = input;
    let source = Source {
        syntax: Syntax::Keys,
        title,
        html,
        text,
    };
    for finding in check(&source) {
        let text = match finding.part {
            Part::Title => source.title.as_str(),
            Part::Html => source.html.as_str(),
            Part::Text => source.text.as_deref().unwrap_or_default(),
        };
        let start: usize = text.split_inclusive('\n').take(finding.line - 1).map(str::len).sum();
        let named = text[start..].chars().skip(finding.column - 1);
        let named: String = named.take(finding.length).take(80).collect();
        assert_eq!(named, finding.found);
    }
    let Ok(compiled) = compile(&source, Mode::Lenient) else {
        return;
    };
    // A value may spell a key, also once a subject lost its control characters: it is not one.
    let value = value.replace('$', "");
    let values: Values = keys::KEYS
        .iter()
        .map(|key| (key.name.to_owned(), Value::Text(value.clone())))
        .collect();
    let rendered = compiled
        .render(&values, &RenderContext::default())
        .expect("a template of keys renders with any value");
    assert!(!rendered.subject.contains(char::is_control));
    assert!(rendered.subject.chars().count() <= 255);
    let parts = [&source.title, &source.html, source.text.as_ref().unwrap_or(&source.title)];
    if !parts.iter().any(|part| part.contains("$${")) {
        for name in keys::all_names() {
            let raw = format!("${{{name}}}");
            assert!(!rendered.subject.contains(&raw), "{raw}");
            assert!(!rendered.html.contains(&raw), "{raw}");
            assert!(!rendered.text.contains(&raw), "{raw}");
        }
    }
});
