//! One mail of several messages: what an automatic message takes along from those that followed it.

use crate::{
    domain::message::{Message, Visibility},
    render::escape_html,
};

/// Between two messages in plain text.
const RULE: &str = "\n\n––\n\n";

/// The message with the text of those that follow it, in order.
pub(super) fn together(first: &Message, rest: &[Message]) -> Message {
    let mut whole = first.clone();
    let all = || std::iter::once(first).chain(rest);
    whole.text = joined(all().map(|message| message.text.clone()), RULE);
    whole.html = all()
        .any(|message| message.html.is_some())
        .then(|| joined(all().map(html), "<hr>"));
    // What one of them may not show, the mail may not.
    if all().any(|message| message.visibility == Visibility::Internal) {
        whole.visibility = Visibility::Internal;
    }
    whole
}

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

fn html(message: &Message) -> String {
    message.html.clone().unwrap_or_else(|| {
        let escaped = escape_html(&message.text).replace('\n', "<br>");
        format!("<p>{escaped}</p>")
    })
}
