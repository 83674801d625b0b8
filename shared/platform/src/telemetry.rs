//! Logs as JSON events and metrics in the embedded metric format (EMF), both on standard output.
//!
//! Events carry ids (`request_id`, `ticket_id`, `delivery_id`, `template_id`), never an address, a
//! subject or a text of a message. What a library quotes of its input is out of our hands, so the
//! formats take the local part off whatever looks like an address.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{IsTerminal, Write as _},
    sync::OnceLock,
};

use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt::{
        self, FmtContext, FormatEvent, FormatFields,
        format::{Format, Json, JsonFields, Writer},
    },
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

/// Namespace of the metrics.
pub const NAMESPACE: &str = "Mensageria";

/// Dimension of every metric: two stacks of one region do not ring each other's alarms.
pub const DIMENSION: &str = "Stack";

/// The stack whose metrics are written; none, none are.
static STACK: OnceLock<String> = OnceLock::new();

/// Writes metrics from now on, as those of this stack. A process belongs to one.
pub fn write_metrics(stack: &str) {
    STACK.get_or_init(|| stack.to_owned());
}

/// Starts JSON logs, each line with the name of the function as its `service`; `RUST_LOG` sets the
/// level (`info` when absent).
pub fn start(service: &'static str) {
    let started = json_logs(service).finish().with(filter()).try_init();
    if started.is_err() {
        tracing::debug!("logs were started before");
    }
}

fn json_logs(
    service: &'static str,
) -> fmt::SubscriberBuilder<JsonFields, WithoutAddresses<Format<Json>>, LevelFilter> {
    let format = fmt::format()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false);
    fmt::fmt()
        .fmt_fields(JsonFields::new())
        .event_format(WithoutAddresses {
            service: Some(service),
            format,
        })
        .with_max_level(LevelFilter::TRACE)
}

/// Lines without addresses. JSON says which function wrote it, where logs of several are read together.
struct WithoutAddresses<F> {
    service: Option<&'static str>,
    format: F,
}

impl<S, N, F> FormatEvent<S, N> for WithoutAddresses<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut line = String::new();
        self.format
            .format_event(context, Writer::new(&mut line), event)?;
        let line = without_addresses(&line);
        match (self.service, line.strip_prefix('{')) {
            (Some(service), Some(rest)) => write!(writer, "{{\"service\":\"{service}\",{rest}"),
            _ => writer.write_str(&line),
        }
    }
}

/// The line with `***` in place of what stands before each `@`, as far as a local part goes. The
/// letter that a backslash of JSON belongs to stays, so that the line stays JSON.
fn without_addresses(line: &str) -> Cow<'_, str> {
    if !line.contains('@') {
        return Cow::Borrowed(line);
    }
    let mut safe = String::with_capacity(line.len());
    let mut pieces = line.split('@').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            safe.push_str(piece);
            break;
        }
        let is_part =
            |c: char| c.is_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let kept = piece.trim_end_matches(is_part);
        let escaped = kept.len() - kept.trim_end_matches('\\').len();
        let letters = match piece[kept.len()..].chars().next() {
            Some('u') if escaped % 2 == 1 => 5,
            Some(_) if escaped % 2 == 1 => 1,
            _ => 0,
        };
        let part: String = piece[kept.len()..].chars().take(letters).collect();
        safe.push_str(kept);
        safe.push_str(&part);
        safe.push_str("***@");
    }
    Cow::Owned(safe)
}

/// Starts logs for people who look at a terminal.
pub fn start_for_people() {
    let format = fmt::format()
        .compact()
        .with_target(false)
        .with_ansi(is_colourful());
    let started = fmt::fmt()
        .event_format(WithoutAddresses {
            service: None,
            format,
        })
        .with_writer(std::io::stderr)
        .with_max_level(LevelFilter::TRACE)
        .finish()
        .with(filter())
        .try_init();
    if started.is_err() {
        tracing::debug!("logs were started before");
    }
}

/// Colours are for terminals, and not for those of <https://no-color.org>.
fn is_colourful() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && std::io::stderr().is_terminal()
}

/// What `RUST_LOG` says, as `level` or `target=level,…`. Filters by fields of spans would bring a
/// regular expression engine into every function.
fn filter() -> Targets {
    let wanted = std::env::var("RUST_LOG").ok();
    wanted
        .and_then(|directives| directives.parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO))
}

/// The metrics, each with its unit.
macro_rules! metrics {
    ($($(#[$words:meta])* $name:ident: $unit:literal,)*) => {
        /// What is counted and measured. Each has one unit.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric {
            $($(#[$words])* $name,)*
        }

        impl Metric {
            /// Every metric, in the order of their table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name in CloudWatch.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            fn unit(self) -> &'static str {
                match self {
                    $(Self::$name => $unit,)*
                }
            }
        }
    };
}

metrics! {
    /// Messages stored, by whatever way they came.
    MessagesAccepted: "Count",
    /// Mails that the provider took.
    Sent: "Count",
    /// Deliveries that were held, for whatever reason.
    Held: "Count",
    /// Deliveries that were held because the provider or the configuration is in the way.
    Blocked: "Count",
    /// Deliveries that will not be sent.
    Failed: "Count",
    /// Deliveries whose outcome nobody saw.
    Unknown: "Count",
    /// Those of them whose call got no answer.
    UnknownNoAnswer: "Count",
    /// Those of them whose sender ended between its lease and its record.
    UnknownSenderLost: "Count",
    /// Seconds that the oldest queued delivery has waited.
    OldestQueued: "Seconds",
    /// Accepted mails that no event came for in 15 minutes.
    Silent: "Count",
    /// Unknown outcomes that no event resolved in 15 minutes.
    Unresolved: "Count",
    /// Accepted mails that no event came for in 72 hours.
    Unconfirmed: "Count",
    /// Mails beyond the storm rules.
    LoopLimited: "Count",
    /// Automatic mails wait for the account's reputation.
    BreakerOpen: "Count",
    /// Addresses that the provider did not take off its own suppression list.
    NotLifted: "Count",
    /// Mails that the recipient's server refused permanently.
    Bounced: "Count",
    /// Mails that their recipients called spam.
    Complained: "Count",
    /// Mails that became messages.
    MailsAccepted: "Count",
    /// Mails that were not let in.
    MailsQuarantined: "Count",
    /// Mails that are no conversation.
    MailsIgnored: "Count",
    /// Mails that came again.
    MailsKnown: "Count",
    /// Milliseconds from the message to the provider's acceptance.
    TimeToAccepted: "Milliseconds",
}

/// Most values of one metric in a line, a limit of the embedded metric format.
const MAX_VALUES: usize = 100;

/// Writes one value of a metric, see [`emit_all`].
pub fn emit(metric: Metric, value: f64, at: Timestamp) {
    emit_all(&[(metric, vec![value])], at);
}

/// Writes metrics with all their values as an EMF line when the process belongs to a stack:
/// CloudWatch reads it from the log. More than a hundred values of a metric take more lines.
pub fn emit_all(metrics: &[(Metric, Vec<f64>)], at: Timestamp) {
    let Some(stack) = STACK.get() else { return };
    let mut lines = String::new();
    for line in emf(stack, metrics, at) {
        // Writing to a string never fails.
        let _ = writeln!(lines, "{line}");
    }
    if std::io::stdout()
        .lock()
        .write_all(lines.as_bytes())
        .is_err()
    {
        tracing::debug!("a metric could not be written");
    }
}

fn emf(stack: &str, metrics: &[(Metric, Vec<f64>)], at: Timestamp) -> Vec<Value> {
    let longest = metrics.iter().map(|(_, values)| values.len()).max();
    let lines = longest.unwrap_or_default().div_ceil(MAX_VALUES);
    (0..lines)
        .map(|line| {
            let parts = metrics.iter().filter_map(|(metric, values)| {
                Some((*metric, values.chunks(MAX_VALUES).nth(line)?))
            });
            emf_line(stack, parts, at)
        })
        .collect()
}

fn emf_line<'a>(
    stack: &str,
    metrics: impl Iterator<Item = (Metric, &'a [f64])>,
    at: Timestamp,
) -> Value {
    let mut line = json!({ DIMENSION: stack });
    let mut named = Vec::new();
    for (metric, values) in metrics {
        named.push(json!({ "Name": metric.name(), "Unit": metric.unit() }));
        line[metric.name()] = match values {
            [one] => json!(one),
            several => json!(several),
        };
    }
    line["_aws"] = json!({
        "Timestamp": at.as_millisecond(),
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": [[DIMENSION]],
            "Metrics": named,
        }],
    });
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_names_its_unit_and_its_stack() {
        let metrics = [(Metric::TimeToAccepted, vec![12.0])];
        let lines = emf("desk", &metrics, Timestamp::UNIX_EPOCH);
        let [line] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        assert_eq!(line["TimeToAccepted"], 12.0);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Metrics"][0]["Unit"], "Milliseconds");
        assert_eq!(directive["Dimensions"], json!([["Stack"]]));
        assert_eq!(line["Stack"], "desk");
    }

    #[test]
    fn a_run_is_one_line_for_each_hundred_values() {
        let times: Vec<f64> = (0..250).map(f64::from).collect();
        let metrics = [(Metric::Sent, vec![250.0]), (Metric::TimeToAccepted, times)];
        let lines = emf("desk", &metrics, Timestamp::UNIX_EPOCH);
        let written = |line: &Value| line["TimeToAccepted"].as_array().map_or(0, Vec::len);
        assert_eq!(
            lines.iter().map(written).collect::<Vec<_>>(),
            [100, 100, 50]
        );
        // What is counted once stands in one line alone.
        let counted = lines.iter().filter(|line| line["Sent"].is_number()).count();
        assert_eq!(counted, 1);
        assert!(emf("desk", &[], Timestamp::UNIX_EPOCH).is_empty());
    }

    #[test]
    fn no_line_holds_an_address() {
        for (line, safe) in [
            ("nothing here", "nothing here"),
            ("to maria@example.com: no", "to ***@example.com: no"),
            ("<a.b+c@x.br>,d@y.br", "<***@x.br>,***@y.br"),
            (r#"{"a":"x\nmaria@x.br"}"#, r#"{"a":"x\n***@x.br"}"#),
            (r#"{"a":"\\maria@x.br"}"#, r#"{"a":"\\***@x.br"}"#),
            (r#"{"a":"\u000bmaria@x.br"}"#, r#"{"a":"\u000b***@x.br"}"#),
            (r#"{"a":"jos\u00e9@x.br"}"#, r#"{"a":"jos\u00e9***@x.br"}"#),
            ("josé@x.br@", "***@***@"),
            ("@ @", "***@ ***@"),
        ] {
            assert_eq!(without_addresses(line), safe);
            if line.starts_with('{') {
                assert!(serde_json::from_str::<Value>(safe).is_ok(), "{safe}");
            }
        }
    }

    #[test]
    fn each_line_of_a_log_names_its_function() {
        use std::sync::{Arc, Mutex, PoisonError};

        #[derive(Clone, Default)]
        struct Kept(Arc<Mutex<Vec<u8>>>);
        impl std::io::Write for Kept {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }

        let kept = Kept::default();
        let writer = kept.clone();
        let logs = json_logs("sender").with_writer(move || writer.clone());
        tracing::subscriber::with_default(logs.finish(), || {
            let _span = tracing::info_span!("run", request_id = 7).entered();
            tracing::warn!(ticket_id = "4711", said = %"no maria@x.br", "mail \"waits\"");
        });
        let kept = kept.0.lock().unwrap();
        let line: Value = serde_json::from_slice(&kept).unwrap();
        assert_eq!(line["service"], "sender");
        // Lines of several functions are sorted by it (`trail` in docs/OPERATIONS.md).
        let eighth = std::str::from_utf8(&kept).unwrap().split('"').nth(7);
        assert_eq!(line["timestamp"].as_str(), eighth);
        assert_eq!(line["message"], "mail \"waits\"");
        assert_eq!(line["ticket_id"], "4711");
        assert_eq!(line["said"], "no ***@x.br");
        assert_eq!(line["span"]["request_id"], 7);
    }
}
