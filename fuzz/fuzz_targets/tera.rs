//! Any text as a template in Tera: it is refused or it renders, soon and within its limits.

#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use domain::{catalog::Language, source::{Source, Syntax}};
use render::{Mode, RenderContext, check, compile, sample_values};

fuzz_target!(|html: String| {
    let source = Source {
        syntax: Syntax::Tera,
        title: "{{ IDSOLICITACAOSERVICO }}".to_owned(),
        html,
        text: None,
    };
    let started = Instant::now();
    let _ = check(&source);
    if let Ok(compiled) = compile(&source, Mode::Lenient)
        && let Ok(rendered) = compiled.render(&sample_values(Language::Pt), &RenderContext::default())
    {
        assert!(rendered.html.len() <= 1024 * 1024);
    }
    // Instrumented code is slow; a template that hangs takes longer than this by far.
    assert!(started.elapsed() < Duration::from_secs(10));
});
