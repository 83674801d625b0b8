//! HTML as a parser sees it: for comparing what stands around a value.

use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// What stands between values in the tests' HTML. No value holds it.
pub(super) const MARK: &str = "\u{E000}";

/// The document as a parser sees it, everything between two marks taken out.
pub(super) fn around(html: &str) -> String {
    let dom =
        html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(html);
    let mut shown = String::new();
    show(&dom.document, &mut shown);
    let mut parts = shown.split(MARK);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    while let (Some(_inside), Some(outside)) = (parts.next(), parts.next()) {
        kept.push('\u{2026}');
        kept.push_str(outside);
    }
    kept
}

fn show(node: &Handle, out: &mut String) {
    match &node.data {
        NodeData::Text { contents } => out.push_str(&contents.borrow()),
        NodeData::Comment { contents } => {
            out.push_str("<!--");
            out.push_str(contents);
            out.push_str("-->");
        }
        NodeData::Element { name, attrs, .. } => {
            out.push('<');
            out.push_str(&name.local);
            for attribute in attrs.borrow().iter() {
                out.push(' ');
                out.push_str(&attribute.name.local);
                out.push('=');
                out.push_str(&attribute.value);
            }
            out.push('>');
        }
        _ => {}
    }
    for child in node.children.borrow().iter() {
        show(child, out);
    }
    if let NodeData::Element { name, .. } = &node.data {
        out.push_str("</");
        out.push_str(&name.local);
        out.push('>');
    }
}
