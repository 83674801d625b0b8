//! Logs as JSON events and metrics in the embedded metric format (EMF), both on standard output.
//!
//! Events carry ids (`request_id`, `ticket_id`, `delivery_id`, `template_id`), never an address, a
//! subject or a text of a message.

use std::{
    io::{IsTerminal, Write},
    sync::OnceLock,
};

use jiff::Timestamp;
use serde_json::{Value, json};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Namespace of the metrics.
pub const NAMESPACE: &str = "Mensageria";

/// Dimension of every metric: two stacks of one region do not ring each other's alarms.
const DIMENSION: &str = "Stack";

/// The stack whose metrics are written; none, none are.
static STACK: OnceLock<String> = OnceLock::new();

/// Writes metrics from now on, as those of this stack. A process belongs to one.
pub fn write_metrics(stack: &str) {
    STACK.get_or_init(|| stack.to_owned());
}

/// Starts JSON logs; `RUST_LOG` sets the level (`info` when absent).
pub fn start() {
    let started = fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(LevelFilter::TRACE)
        .finish()
        .with(filter())
        .try_init();
    if started.is_err() {
        tracing::debug!("logs were started before");
    }
}

/// Starts logs for people who look at a terminal.
pub fn start_for_people() {
    let started = fmt()
        .compact()
        .with_target(false)
        .with_ansi(is_colourful())
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

/// What is counted and measured. Each has one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Messages stored.
    MessagesAccepted,
    /// Mails that the provider took.
    Sent,
    /// Deliveries that were held, for whatever reason.
    Held,
    /// Deliveries that were held because the provider or the configuration is in the way.
    Blocked,
    /// Deliveries that will not be sent.
    Failed,
    /// Deliveries whose outcome nobody saw.
    Unknown,
    /// Seconds that the oldest queued delivery has waited.
    OldestQueued,
    /// Accepted mails that no event came for in 15 minutes.
    Silent,
    /// Unknown outcomes that no event resolved in 15 minutes.
    Unresolved,
    /// Accepted mails that no event came for in 72 hours.
    Unconfirmed,
    /// Mails beyond the storm rules.
    LoopLimited,
    /// Automatic mails wait for the account's reputation.
    BreakerOpen,
    /// Addresses that the provider did not take off its own suppression list.
    NotLifted,
    /// Mails that the recipient's server refused for good.
    Bounced,
    /// Mails that their recipients called spam.
    Complained,
    /// Mails that became messages.
    MailsAccepted,
    /// Mails that were not let in.
    MailsQuarantined,
    /// Mails that are no conversation.
    MailsIgnored,
    /// Mails that came again.
    MailsKnown,
    /// Milliseconds from the message to the provider's acceptance.
    TimeToAccepted,
}

impl Metric {
    fn name(self) -> &'static str {
        match self {
            Self::MessagesAccepted => "MessagesAccepted",
            Self::Sent => "Sent",
            Self::Held => "Held",
            Self::Blocked => "Blocked",
            Self::Failed => "Failed",
            Self::Unknown => "Unknown",
            Self::OldestQueued => "OldestQueued",
            Self::Silent => "Silent",
            Self::Unresolved => "Unresolved",
            Self::Unconfirmed => "Unconfirmed",
            Self::LoopLimited => "LoopLimited",
            Self::BreakerOpen => "BreakerOpen",
            Self::NotLifted => "NotLifted",
            Self::Bounced => "Bounced",
            Self::Complained => "Complained",
            Self::MailsAccepted => "MailsAccepted",
            Self::MailsQuarantined => "MailsQuarantined",
            Self::MailsIgnored => "MailsIgnored",
            Self::MailsKnown => "MailsKnown",
            Self::TimeToAccepted => "TimeToAccepted",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::TimeToAccepted => "Milliseconds",
            Self::OldestQueued => "Seconds",
            _ => "Count",
        }
    }
}

/// Writes one value of a metric as an EMF line when the process belongs to a stack: CloudWatch reads
/// it from the log.
pub fn emit(metric: Metric, value: f64, at: Timestamp) {
    let Some(stack) = STACK.get() else { return };
    let line = format!("{}\n", emf(stack, metric, value, at));
    if std::io::stdout().lock().write_all(line.as_bytes()).is_err() {
        tracing::debug!("a metric could not be written");
    }
}

fn emf(stack: &str, metric: Metric, value: f64, at: Timestamp) -> Value {
    let name = metric.name();
    json!({
        "_aws": {
            "Timestamp": at.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [[DIMENSION]],
                "Metrics": [{ "Name": name, "Unit": metric.unit() }],
            }],
        },
        DIMENSION: stack,
        name: value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_names_its_unit_and_its_stack() {
        let line = emf("desk", Metric::TimeToAccepted, 12.0, Timestamp::UNIX_EPOCH);
        assert_eq!(line["TimeToAccepted"], 12.0);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Metrics"][0]["Unit"], "Milliseconds");
        assert_eq!(directive["Dimensions"], json!([["Stack"]]));
        assert_eq!(line["Stack"], "desk");
    }
}
