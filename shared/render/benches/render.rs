//! Rendering of the eleven-key messaging template beside Tera alone, minijinja, handlebars and
//! Jinja2, and checking of a large template, with the bounds of the specification.
//! `cargo bench -p shared --bench render`.
//!
//! Everyone does the same job: from a map of values to subject, HTML (escaped) and text. The engines
//! take turns, so that a busy moment of the machine meets all of them; a figure is the median of
//! the rounds. Jinja2 needs a Python that has it: `PEER_PYTHON`, or `.venv-peer/bin/python` in the
//! repository.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use domain::{
    catalog::{Language, keys::KEYS},
    source::{Source, Syntax},
};
use mensageria_render::{Compiled, Mode, RenderContext, Value, Values, check, compile};

const TITLE: &str = "Chamado ${IDSOLICITACAOSERVICO}: ${SERVICO}";
const HTML: &str = "<p>Olá, <strong>${NOMECONTATO}</strong>,</p>\n\
    <p>${REGISTRADOPOR} escreveu em ${DATAHORA}:</p>\n<table>\n\
    <tr><td>N&uacute;mero</td><td>${IDSOLICITACAOSERVICO}</td></tr>\n\
    <tr><td>Tipo</td><td>${DEMANDA}</td></tr>\n\
    <tr><td>Atividade</td><td>${SERVICO}</td></tr>\n\
    <tr><td>Servi&ccedil;o</td><td>${SERVICORELACIONADO}</td></tr>\n\
    <tr><td>Portf&oacute;lio</td><td>${PORTFOLIO}</td></tr>\n\
    <tr><td>Categoria</td><td>${CATEGORIA}</td></tr>\n\
    <tr><td>Tempo gasto</td><td>${TEMPOGASTODATA} ${TEMPOGASTOHORA}</td></tr>\n\
    </table>\n<p>Atenciosamente,<br />Central de Servi&ccedil;os de TI</p>\n";
/// What we derive from the HTML, written out for those who cannot.
const TEXT: &str = "Olá, ${NOMECONTATO},\n\n${REGISTRADOPOR} escreveu em ${DATAHORA}:\n\n\
    Número ${IDSOLICITACAOSERVICO}\nTipo ${DEMANDA}\nAtividade ${SERVICO}\n\
    Serviço ${SERVICORELACIONADO}\nPortfólio ${PORTFOLIO}\nCategoria ${CATEGORIA}\n\
    Tempo gasto ${TEMPOGASTODATA} ${TEMPOGASTOHORA}\n\n\
    Atenciosamente,\nCentral de Serviços de TI\n";

const ROUNDS: usize = 40;
const ROUND: Duration = Duration::from_millis(25);
const BESIDE_TERA: f64 = 1.5;
const BESIDE_JINJA: f64 = 10.0;
const CHECK: Duration = Duration::from_millis(10);
const LARGE: usize = 100 * 1024;

type Engine<'e> = (&'static str, Box<dyn Fn() + 'e>);

fn main() -> ExitCode {
    let strings: BTreeMap<&'static str, String> = KEYS
        .iter()
        .filter(|key| key.messaging && key.name != "COMMENTTEXT")
        .map(|key| (key.name, key.sample.get(Language::Pt).to_owned()))
        .collect();
    let rendered = ours().render(&values(&strings), &RenderContext::default());
    let rendered = rendered.expect("the template renders");
    println!(
        "eleven-key messaging template, compiled: subject, HTML and text ({} bytes)",
        rendered.html.len() + rendered.text.len()
    );

    let figures = measure(&engines(&strings));
    let own = figures[0].1;
    for (name, figure) in &figures {
        line(name, *figure, own);
    }
    let jinja = jinja(&strings);
    if let Some(figure) = jinja {
        line("Jinja2", figure, own);
    }
    let checked = checked();

    let mut kept = true;
    let mut bound = |what: &str, holds: bool| {
        println!("{} {what}", if holds { "held  " } else { "BROKEN" });
        kept &= holds;
    };
    bound(
        "at most 1.5 times Tera alone",
        own / figures[1].1 <= BESIDE_TERA,
    );
    match jinja {
        Some(figure) => bound(
            "at least 10 times faster than Jinja2",
            figure / own >= BESIDE_JINJA,
        ),
        None => println!("left out: Jinja2, no Python that has it (PEER_PYTHON)"),
    }
    bound(
        "a template of 100 KB is checked in at most 10 ms",
        checked <= CHECK,
    );
    if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn line(name: &str, figure: f64, own: f64) {
    println!(
        "  {name:<12} {:>9.2} µs  {:>6.2} ×",
        figure / 1e3,
        figure / own
    );
}

fn ours() -> Compiled {
    let source = Source {
        syntax: Syntax::Keys,
        title: TITLE.to_owned(),
        html: HTML.to_owned(),
        text: None,
    };
    compile(&source, Mode::Strict).expect("the template is sound")
}

fn values(strings: &BTreeMap<&'static str, String>) -> Values {
    strings
        .iter()
        .map(|(key, text)| ((*key).to_owned(), Value::Text(text.clone())))
        .collect()
}

fn braces(text: &str) -> String {
    text.replace("${", "{{").replace('}', "}}")
}

fn engines<'e>(strings: &'e BTreeMap<&'static str, String>) -> Vec<Engine<'e>> {
    const PARTS: [(&str, &str); 3] = [("s.txt", TITLE), ("b.html", HTML), ("b.txt", TEXT)];
    let own = ours();
    let own_values = values(strings);

    let mut tera = tera::Tera::new();
    tera.add_raw_templates(PARTS.map(|(name, text)| (name, braces(text))))
        .expect("the template is sound");

    let mut minijinja = minijinja::Environment::new();
    let mut handlebars = handlebars::Handlebars::new();
    for (name, text) in PARTS {
        minijinja
            .add_template_owned(name, braces(text))
            .expect("the template is sound");
        // Handlebars escapes by the number of braces.
        let text = match name {
            "b.html" => braces(text),
            _ => text.replace("${", "{{{").replace('}', "}}}"),
        };
        handlebars
            .register_template_string(name, text)
            .expect("the template is sound");
    }
    Vec::from([
        (
            "mensageria",
            Box::new(move || {
                let rendered = own.render(&own_values, &RenderContext::default());
                black_box(rendered.expect("the template renders"));
            }) as Box<dyn Fn()>,
        ),
        (
            "Tera alone",
            Box::new(move || {
                let mut context = tera::Context::new();
                for (key, text) in strings {
                    context.insert(*key, text);
                }
                for (name, _) in PARTS {
                    black_box(tera.render(name, &context).expect("the template renders"));
                }
            }),
        ),
        (
            "minijinja",
            Box::new(move || {
                let pairs = strings.iter().map(|(key, text)| (*key, text.as_str()));
                let context = minijinja::Value::from_pairs(pairs);
                for (name, _) in PARTS {
                    let template = minijinja.get_template(name).expect("it was added");
                    black_box(
                        template
                            .render(context.clone())
                            .expect("the template renders"),
                    );
                }
            }),
        ),
        (
            "handlebars",
            Box::new(move || {
                for (name, _) in PARTS {
                    black_box(
                        handlebars
                            .render(name, strings)
                            .expect("the template renders"),
                    );
                }
            }),
        ),
    ])
}

/// Nanoseconds of each engine, which take turns.
fn measure(engines: &[Engine<'_>]) -> Vec<(&'static str, f64)> {
    let mut rounds = vec![Vec::with_capacity(ROUNDS); engines.len()];
    for _ in 0..ROUNDS {
        for (index, (_, engine)) in engines.iter().enumerate() {
            let started = Instant::now();
            let mut times = 0_u32;
            while started.elapsed() < ROUND {
                for _ in 0..100 {
                    engine();
                }
                times += 100;
            }
            rounds[index].push(started.elapsed().as_nanos() as f64 / f64::from(times));
        }
    }
    let names = engines.iter().map(|(name, _)| *name);
    names.zip(rounds.into_iter().map(median)).collect()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Nanoseconds of Jinja2, by the script beside the other peers.
fn jinja(strings: &BTreeMap<&'static str, String>) -> Option<f64> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = std::env::var_os("PEER_PYTHON")
        .map_or_else(|| repository.join(".venv-peer/bin/python"), PathBuf::from);
    let job = serde_json::json!({
        "parts": [
            {"text": braces(TITLE), "html": false},
            {"text": braces(HTML), "html": true},
            {"text": braces(TEXT), "html": false},
        ],
        "values": strings,
        "rounds": ROUNDS,
        "seconds": ROUND.as_secs_f64(),
    });
    let mut child = Command::new(python)
        .arg(repository.join("tests/bench/peers/render/jinja.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child
        .stdin
        .take()?
        .write_all(job.to_string().as_bytes())
        .ok()?;
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Time of checking a template of 100 KB, sound and faulty; the slower of both.
fn checked() -> Duration {
    let sound = HTML.repeat(LARGE / HTML.len() + 1);
    let faulty =
        "<p>${NOMECONTATOO} ${dataHora} $ {NOTA} ${SERVICO &CCEDIL; ".repeat(LARGE / 60 + 1);
    let mut slowest = Duration::ZERO;
    for (what, html) in [("sound", sound), ("faulty", faulty)] {
        let source = Source {
            syntax: Syntax::Keys,
            title: TITLE.to_owned(),
            html: html.chars().take(LARGE).collect(),
            text: None,
        };
        let times = (0..ROUNDS).map(|_| {
            let started = Instant::now();
            black_box(check(&source));
            started.elapsed().as_nanos() as f64
        });
        let time = Duration::from_nanos(median(times.collect()) as u64);
        println!(
            "checking a {what} template of 100 KB: {:.2} ms",
            time.as_secs_f64() * 1e3
        );
        slowest = slowest.max(time);
    }
    slowest
}
