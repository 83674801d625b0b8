//! `mensageria settings`: the names of the settings and the limits of the code. Documents, the template
//! of the stack and their tests are compared with what is printed here, not with the sources.

use clap::Args;
use console::Config;
use domain::{delivery::LOOK_MAX, reason::Reason};
use platform::telemetry::{DIMENSION, Metric, NAMESPACE};
use serde_json::{Value, json};
use service::{
    inbound::KEPT_DAYS,
    layout,
    outgoing::sending::{LIFE, MARGIN, PACE, SWEEP},
    settings::Settings,
};
use storage::keys::{DUE_SHARDS, Due, LIST_SHARDS, SHARDS};

use crate::terminal::say;

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Print {
    /// For programs: one JSON document.
    #[arg(long)]
    json: bool,
}

/// Prints them.
///
/// # Errors
/// The document cannot be written as JSON.
pub(crate) fn print(options: Print) -> Result<(), serde_json::Error> {
    let document = document();
    if options.json {
        say(serde_json::to_string_pretty(&document)?);
        return Ok(());
    }
    for name in Settings::names() {
        say(name);
    }
    say("");
    for (name, limit) in document["limits"].as_object().into_iter().flatten() {
        say(format_args!("{name:24}{limit}"));
    }
    Ok(())
}

fn document() -> Value {
    let faults = Reason::ALL.iter().filter(|reason| reason.is_fault());
    json!({
        "settings": Settings::names(),
        "console_settings": Config::names(),
        "limits": {
            "raw_mail_days": KEPT_DAYS,
            "hours_between_checks": LOOK_MAX.as_hours(),
            "sender_seconds": LIFE.as_secs(),
            "sweep_seconds": SWEEP.as_secs(),
            "pace_seconds": PACE.as_secs(),
            "margin_seconds": MARGIN.as_secs(),
            "shards": SHARDS,
            "due_shards": DUE_SHARDS,
            "list_shards": LIST_SHARDS,
            "due_kinds": Due::ALL.len(),
        },
        "metrics": {
            "namespace": NAMESPACE,
            "dimension": DIMENSION,
            "names": Metric::ALL.iter().map(|metric| metric.name()).collect::<Vec<_>>(),
        },
        "faults": faults.map(|reason| reason.code()).collect::<Vec<_>>(),
        "keys": layout(),
    })
}
