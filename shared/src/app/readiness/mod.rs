//! Whether a message posted now would arrive, and what to do when it would not.

mod provider;

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, Result,
    access::{Caller, Role},
    mailing, parameters,
};
use crate::{
    domain::{
        parameter::{self, Parameters},
        template::{Status as TemplateStatus, Summary},
    },
    mail::token::Keyring,
    settings::{MailTransport, Settings},
    store::keys,
};

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// Mail arrives, and something is missing.
    Warning,
    /// No mail arrives.
    Failed,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// Stable name.
    pub id: &'static str,
    /// How it went.
    pub status: CheckStatus,
    /// What was found.
    pub detail: String,
    /// What to do; empty when nothing is to be done.
    pub fix: String,
}

/// All checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Readiness {
    /// No check failed.
    pub ready: bool,
    /// Each one.
    pub checks: Vec<Check>,
}

impl Check {
    fn ok(id: &'static str, detail: impl Into<String>) -> Self {
        Self {
            id,
            status: CheckStatus::Ok,
            detail: detail.into(),
            fix: String::new(),
        }
    }
    fn bad(
        id: &'static str,
        status: CheckStatus,
        detail: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            id,
            status,
            detail: detail.into(),
            fix: fix.into(),
        }
    }
}

/// Looks at everything that a message needs to leave. SES itself is not asked here: the sender
/// keeps what it says, so that one function alone may ask.
///
/// # Errors
/// [`super::Code::Forbidden`], storage.
pub async fn look(app: &App, caller: &Caller) -> Result<Readiness> {
    caller.require(&[Role::Admin])?;
    if let Some(fault) = app.store.fault().await {
        // Nothing else can be looked at.
        let check = Check::bad(
            "storage",
            CheckStatus::Failed,
            fault,
            "Free space on the disk of the data folder; the store goes on by itself.",
        );
        return Ok(Readiness {
            ready: false,
            checks: vec![check],
        });
    }
    let (parameters, _) = parameters::load(app).await?;
    let mut checks = vec![messaging_template(&parameters)];
    if app.store.is_older_copy() {
        checks.push(Check::bad(
            "storage",
            CheckStatus::Failed,
            "a copy of the store was brought back: what was due in it may have left already, so nothing is sent",
            "Look at what is queued; start with --send-due to send it, which may reach people twice.",
        ));
    }
    checks.push(templates(app, &parameters).await?);
    checks.push(sender(&app.settings, &parameters));
    checks.extend(provider::checks(app, &parameters).await?);
    checks.push(replies(&app.settings));
    checks.push(kill_switch(&parameters));
    checks.push(message_exchange(&parameters));
    Ok(Readiness {
        ready: checks
            .iter()
            .all(|check| check.status != CheckStatus::Failed),
        checks,
    })
}

/// The templates of both directions.
fn named(parameters: &Parameters) -> [Option<u64>; 2] {
    [true, false].map(|to_requester| parameters.messaging_template(to_requester))
}

fn messaging_template(parameters: &Parameters) -> Check {
    const ID: &str = "parameter_417";
    match named(parameters) {
        [Some(requester), Some(desk)] if requester == desk => {
            Check::ok(ID, format!("template {requester} for both directions"))
        }
        [Some(requester), Some(desk)] => Check::ok(
            ID,
            format!("template {requester} to requesters, {desk} to the desk"),
        ),
        _ => Check::bad(
            ID,
            CheckStatus::Failed,
            "parameter 417 names no template: every mail is held",
            "Create or import a template, then PUT /parameters/417 with its id.",
        ),
    }
}

async fn templates(app: &App, parameters: &Parameters) -> Result<Check> {
    const ID: &str = "template";
    let ids: BTreeSet<u64> = named(parameters).into_iter().flatten().collect();
    let wanted: Vec<_> = ids.iter().map(|id| keys::template(*id)).collect();
    let failed = |detail: String, fix: &str| Ok(Check::bad(ID, CheckStatus::Failed, detail, fix));
    if wanted.is_empty() {
        return failed(
            "there is none to look at".to_owned(),
            "Set parameter 417 first.",
        );
    }
    for (id, item) in ids.iter().zip(app.store.get(&wanted).await?) {
        let Some(item) = item else {
            return failed(
                format!("template {id} is not there"),
                "Name another one in parameter 417 (or 251, 253).",
            );
        };
        let summary: Summary = item.decode()?;
        if summary.status != TemplateStatus::Active {
            return failed(
                format!("template {id} is inactive"),
                "Activate it: PUT /templates/{id} with status active.",
            );
        }
        if summary.errors > 0 {
            return failed(
                format!("template {id} has {} errors", summary.errors),
                "GET /templates/{id} shows them; publish a version without.",
            );
        }
    }
    Ok(Check::ok(ID, "active and without errors"))
}

fn sender(settings: &Settings, parameters: &Parameters) -> Check {
    match mailing::sender(settings, parameters) {
        Some(sender) => Check::ok("sender", sender.address.as_str()),
        None => Check::bad(
            "sender",
            CheckStatus::Failed,
            "there is no sender: every mail is held",
            "Set parameter 10 or MAIL_FROM to an address such as desk@example.com.",
        ),
    }
}

fn replies(settings: &Settings) -> Check {
    const ID: &str = "reply_domain";
    // On AWS the stack makes the keys, and only the functions that sign are given them.
    let keys = settings.mail_transport == MailTransport::Ses
        || Keyring::new(&settings.reply_token_keys).is_ok();
    match (&settings.reply_domain, keys) {
        (Some(domain), true) => Check::ok(ID, domain.as_str()),
        (Some(_), false) => Check::bad(
            ID,
            CheckStatus::Warning,
            "REPLY_DOMAIN is set, and there is no key to sign reply addresses",
            "Set REPLY_TOKEN_KEYS.",
        ),
        (None, _) => Check::bad(
            ID,
            CheckStatus::Warning,
            "replies by mail are off",
            "Set REPLY_DOMAIN and REPLY_TOKEN_KEYS to take them in.",
        ),
    }
}

fn kill_switch(parameters: &Parameters) -> Check {
    if parameters.is_on(parameter::KILL_SWITCH) {
        return Check::bad(
            "kill_switch",
            CheckStatus::Failed,
            "parameter 297 holds all mail",
            "PUT /parameters/297 with N; what is held leaves then.",
        );
    }
    Check::ok("kill_switch", "off")
}

fn message_exchange(parameters: &Parameters) -> Check {
    if parameters.is_on(parameter::MESSAGE_EXCHANGE) {
        return Check::ok("message_exchange", "on");
    }
    Check::bad(
        "message_exchange",
        CheckStatus::Failed,
        "parameter 299 is off: no message is accepted",
        "PUT /parameters/299 with S.",
    )
}
