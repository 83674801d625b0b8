//! One mail of several messages: what an automatic message takes along from those that followed it.

use jiff::tz::TimeZone;

use domain::{
    catalog::Locale,
    message::{Message, Visibility},
};
use html::escape;
use render::format_date_time;

/// Between two messages in plain text.
const RULE: &str = "\n\n––\n\n";

/// The message with the text of those that follow it, in order, each under its author and time as the
/// mail's language writes them; where these are the same for all, the template says them.
pub(super) fn together(
    first: &Message,
    rest: &[Message],
    locale: Locale,
    time_zone: &TimeZone,
) -> Message {
    let mut whole = first.clone();
    let all = || std::iter::once(first).chain(rest);
    let heading = |message: &Message| {
        let at = format_date_time(message.created_at, locale, time_zone);
        match message.author.name.trim() {
            "" => at,
            name => format!("{name} · {at}"),
        }
    };
    let own = all().any(|message| heading(message) != heading(first));
    let text = |message: &Message| match own {
        true => format!("{}\n{}", heading(message), message.text),
        false => message.text.clone(),
    };
    whole.text = joined(all().map(text), RULE);
    let html = |message: &Message| match own {
        true => {
            let heading = heading(message);
            format!("<p><b>{}</b></p>{}", escape(&heading), html(message))
        }
        false => html(message),
    };
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
        let escaped = escape(&message.text).replace('\n', "<br>");
        format!("<p>{escaped}</p>")
    })
}
