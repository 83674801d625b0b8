//! Whether a message posted now would arrive, and what to do when it would not.

mod provider;

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::settings::Settings;
use crate::{
    App, Result,
    access::{Caller, Role},
    admin::parameters,
    entity::{self, Loaded},
    outgoing::mailing,
    texts,
};
use domain::{
    address::Mailbox,
    catalog::{Language, Phrase},
    id::TemplateId,
    parameter::{self, Parameters},
    template::Status as TemplateStatus,
};
use transport::MailTransport;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// Mail arrives, and something is missing.
    Warning,
    /// No mail arrives until it is fixed.
    Failed,
}

/// The result of one check, in the caller's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Check)]
pub struct CheckView {
    /// Name of the check, the same in every language.
    pub id: &'static str,
    /// How much it stands in the way of mail.
    pub status: CheckStatus,
    /// What was found, in one sentence.
    pub detail: String,
    /// What to do; empty when nothing is to be done.
    pub fix: String,
}

/// What a check found, before it is put into words.
struct Check {
    id: &'static str,
    status: CheckStatus,
    detail: Phrase,
    fix: Option<Phrase>,
}

/// Whether mail can leave and arrive, by everything that can be checked from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether no check failed; warnings do not count.
    pub ready: bool,
    /// Every check, also those that went well.
    pub checks: Vec<CheckView>,
}

impl Check {
    fn ok(id: &'static str, detail: Phrase) -> Self {
        Self {
            id,
            status: CheckStatus::Ok,
            detail,
            fix: None,
        }
    }
    fn bad(id: &'static str, status: CheckStatus, detail: Phrase, fix: Phrase) -> Self {
        Self {
            id,
            status,
            detail,
            fix: Some(fix),
        }
    }

    fn view(&self, language: Language) -> CheckView {
        CheckView {
            id: self.id,
            status: self.status,
            detail: self.detail.get(language),
            fix: self
                .fix
                .as_ref()
                .map(|fix| fix.get(language))
                .unwrap_or_default(),
        }
    }
}

/// Looks at everything that a message needs to leave. SES itself is not asked here: the sender
/// keeps what it says, so that one function alone may ask.
///
/// # Errors
/// [`crate::Code::Forbidden`], storage.
pub async fn look(app: &App, caller: &Caller, language: Language) -> Result<Readiness> {
    caller.require(&[Role::Admin])?;
    if let Some(fault) = app.store.fault().await {
        // Nothing else can be looked at.
        let check = Check::bad(
            "storage",
            CheckStatus::Failed,
            Phrase::verbatim(fault),
            texts::readiness::FREE_SPACE_ON_THE_DISK_OF_THE_DATA.phrase(),
        );
        return Ok(Readiness {
            ready: false,
            checks: vec![check.view(language)],
        });
    }
    let parameters = parameters::load(app).await?;
    let mut checks = vec![messaging_template(&parameters)];
    if app.store.is_older_copy() {
        checks.push(Check::bad(
            "storage",
            CheckStatus::Failed,
            texts::readiness::A_COPY_OF_THE_STORE_WAS_BROUGHT_BACK.phrase(),
            texts::readiness::LOOK_AT_WHAT_IS_QUEUED.phrase(),
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
        checks: checks.iter().map(|check| check.view(language)).collect(),
    })
}

/// The templates of both directions.
fn named(parameters: &Parameters) -> [Option<TemplateId>; 2] {
    [true, false].map(|to_requester| parameters.messaging_template(to_requester))
}

fn messaging_template(parameters: &Parameters) -> Check {
    const ID: &str = "parameter_417";
    match named(parameters) {
        [Some(requester), Some(desk)] if requester == desk => Check::ok(
            ID,
            texts::readiness::TEMPLATE_FOR_BOTH_DIRECTIONS.with("template", requester),
        ),
        [Some(requester), Some(desk)] => Check::ok(
            ID,
            texts::readiness::TEMPLATE_TO_REQUESTERS_TO_THE_DESK
                .with("requester", requester)
                .with("desk", desk),
        ),
        _ => Check::bad(
            ID,
            CheckStatus::Failed,
            texts::readiness::PARAMETER_417_NAMES_NO_TEMPLATE.phrase(),
            texts::readiness::CREATE_OR_IMPORT_A_TEMPLATE_THEN_PUT.phrase(),
        ),
    }
}

async fn templates(app: &App, parameters: &Parameters) -> Result<Check> {
    const ID: &str = "template";
    let numbers = parameter::TEMPLATES.map(|number| parameters.template(number));
    let ids: BTreeSet<TemplateId> = numbers.into_iter().flatten().collect();
    let wanted: Vec<_> = ids.iter().map(|id| entity::Template(*id)).collect();
    let failed = |detail: Phrase, fix: Phrase| Ok(Check::bad(ID, CheckStatus::Failed, detail, fix));
    if wanted.is_empty() {
        return failed(
            texts::readiness::THERE_IS_NONE_TO_LOOK.phrase(),
            texts::readiness::SET_PARAMETER_417_FIRST.phrase(),
        );
    }
    for (id, template) in ids.iter().zip(app.read(wanted).await?) {
        let Some(Loaded { value: summary, .. }) = template else {
            return failed(
                texts::readiness::TEMPLATE_IS_NOT_THERE.with("id", id),
                texts::readiness::NAME_ANOTHER_ONE_IN_PARAMETER_417.phrase(),
            );
        };
        if summary.status != TemplateStatus::Active {
            return failed(
                texts::readiness::TEMPLATE_IS_INACTIVE.with("id", id),
                texts::readiness::ACTIVATE_IT_PUT_TEMPLATES_WITH_STATUS.with("id", id),
            );
        }
        if summary.errors > 0 {
            return failed(
                texts::readiness::TEMPLATE_HAS_ERRORS
                    .with("id", id)
                    .with("count", summary.errors),
                texts::readiness::GET_TEMPLATES_SHOWS_THEM.with("id", id),
            );
        }
    }
    Ok(Check::ok(
        ID,
        texts::readiness::ACTIVE_AND_WITHOUT_ERRORS.phrase(),
    ))
}

fn sender(settings: &Settings, parameters: &Parameters) -> Check {
    let own = parameters.value(parameter::SENDER);
    match mailing::sender(settings, parameters) {
        // A value that a release with fewer checks stored.
        Some(sender) if own.is_some_and(|own| Mailbox::parse(own).is_err()) => Check::bad(
            "sender",
            CheckStatus::Warning,
            texts::readiness::PARAMETER_10_IS_NOT_AN_ADDRESS
                .with("sender", sender.address.as_str()),
            texts::readiness::SET_PARAMETER_10_OR_DELETE_IT.phrase(),
        ),
        Some(sender) => Check::ok("sender", Phrase::verbatim(sender.address.as_str())),
        None => Check::bad(
            "sender",
            CheckStatus::Failed,
            texts::readiness::THERE_IS_NO_SENDER.phrase(),
            texts::readiness::SET_PARAMETER_10_OR_MAIL.phrase(),
        ),
    }
}

fn replies(settings: &Settings) -> Check {
    const ID: &str = "reply_domain";
    // On AWS the stack makes the keys, and only the functions that sign are given them.
    let keys = settings.mail_transport == MailTransport::Ses || settings.reply_token_keys.is_some();
    match (&settings.reply_domain, keys) {
        (Some(domain), true) => Check::ok(ID, Phrase::verbatim(domain.as_str())),
        (Some(_), false) => Check::bad(
            ID,
            CheckStatus::Warning,
            texts::readiness::REPLY_DOMAIN_IS_SET_AND_THERE.phrase(),
            texts::readiness::SET_REPLY_TOKEN_KEYS.phrase(),
        ),
        (None, _) => Check::bad(
            ID,
            CheckStatus::Warning,
            texts::readiness::REPLIES_BY_MAIL_ARE_OFF.phrase(),
            texts::readiness::SET_REPLY_DOMAIN_AND_REPLY_TOKEN_KEYS.phrase(),
        ),
    }
}

fn kill_switch(parameters: &Parameters) -> Check {
    if parameters.is_on(parameter::KILL_SWITCH) {
        return Check::bad(
            "kill_switch",
            CheckStatus::Failed,
            texts::readiness::PARAMETER_297_HOLDS_ALL_MAIL.phrase(),
            texts::readiness::PUT_PARAMETERS_297_WITH_N.phrase(),
        );
    }
    Check::ok("kill_switch", texts::readiness::OFF.phrase())
}

fn message_exchange(parameters: &Parameters) -> Check {
    if parameters.is_on(parameter::MESSAGE_EXCHANGE) {
        return Check::ok("message_exchange", texts::readiness::ON.phrase());
    }
    Check::bad(
        "message_exchange",
        CheckStatus::Failed,
        texts::readiness::PARAMETER_299_IS_OFF.phrase(),
        texts::readiness::PUT_PARAMETERS_299_WITH_S.phrase(),
    )
}

#[cfg(test)]
mod tests {
    use domain::parameter::Stored;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_stored_sender_that_mail_cannot_leave_from_is_told() {
        let mail_from = |name: &str| (name == "MAIL_FROM").then(|| "desk@example.com".to_owned());
        let settings = Settings::read(mail_from).unwrap();
        for (value, expected) in [
            ("other@example.com", CheckStatus::Ok),
            ("Desk <desk@10.0.0.1>", CheckStatus::Warning),
            ("desk@localserver", CheckStatus::Warning),
        ] {
            let stored = Stored {
                value: value.to_owned(),
                etag: String::new(),
                updated_at: Timestamp::UNIX_EPOCH,
                updated_by: String::new(),
                updated_by_name: String::new(),
            };
            let parameters = Parameters {
                values: [(parameter::SENDER, stored)].into(),
                ..Parameters::default()
            };
            let check = sender(&settings, &parameters);
            assert_eq!(check.status, expected, "{value}");
            if expected == CheckStatus::Warning {
                assert!(check.detail.get(Language::En).contains("desk@example.com"));
            }
        }
    }
}
