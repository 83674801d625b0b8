//! Any rich text in any place: what stands around it is parsed as before.

#![no_main]

use html5ever::tendril::TendrilSink;
use libfuzzer_sys::fuzz_target;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use render::{Mode, RenderContext, RichText, Value, Values, compile};
use domain::source::{Source, Syntax};

const MARK: &str = "\u{E000}";
const PLACES: [&str; 12] = [
    "{}",
    "<p>{}</p>a",
    "<div><b>{}</b></div>a",
    "<a href=x>{}</a>a",
    "<h1>{}</h1>a",
    "<ul><li>{}</li><li>a</li></ul>",
    "<table><tr><td>{}</td><td>a</td></tr></table>",
    "<i title=\"{}\">a</i>",
    "<i title={} b>a</i>",
    "<a href=\"{}\">a</a>",
    "<!--[if mso]><p title=\"{}\">{}</p><![endif]-->a",
    "<svg><text>{}</text></svg>a",
];

fuzz_target!(|input: (u8, String)| {
    let (place, value) = input;
    let place = PLACES[usize::from(place) % PLACES.len()];
    let value = value.replace(MARK, "");
    let source = Source {
        syntax: Syntax::Keys,
        title: "t".to_owned(),
        html: place.replace("{}", &format!("{MARK}${{NOTA}}{MARK}")),
        text: None,
    };
    let compiled = compile(&source, Mode::Lenient).expect("the places are sound");
    let html = |value: Value| {
        let values: Values = [("COMMENTTEXT".to_owned(), value)].into_iter().collect();
        compiled.render(&values, &RenderContext::default()).expect("it renders").html
    };
    let expected = around(&html(Value::Text("x".to_owned())));
    for value in [
        Value::Html(RichText::sanitise(&value)),
        Value::Lines(value.clone()),
        Value::Link(value.clone()),
        Value::Text(value.clone()),
    ] {
        let html = html(value);
        assert_eq!(around(&html), expected, "{html}");
    }
});

/// The document as a parser sees it, everything between two marks taken out.
fn around(html: &str) -> String {
    let dom = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(html);
    let mut shown = String::new();
    show(&dom.document, &mut shown);
    shown.split(MARK).step_by(2).collect::<Vec<_>>().join("\u{2026}")
}

fn show(node: &Handle, out: &mut String) {
    let mut end = String::new();
    match &node.data {
        NodeData::Text { contents } => out.push_str(&contents.borrow()),
        NodeData::Comment { contents } => out.push_str(&format!("<!--{contents}-->")),
        NodeData::Element { name, attrs, .. } => {
            out.push_str(&format!("<{}", name.local));
            for attribute in attrs.borrow().iter() {
                out.push_str(&format!(" {}={}", attribute.name.local, attribute.value));
            }
            out.push('>');
            end = format!("</{}>", name.local);
        }
        _ => {}
    }
    for child in node.children.borrow().iter() {
        show(child, out);
    }
    out.push_str(&end);
}
