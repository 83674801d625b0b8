//! How the mail provider stands: the transport, and what SES said to the sender about the account,
//! the identity and the configuration set.

use jiff::Timestamp;

use super::{Check, CheckStatus};
use crate::{
    app::{App, Result, mailing, sending::SendingState},
    domain::{
        account::{Seen, Standing},
        parameter::Parameters,
    },
    mail::address::Address,
    settings::{MailTransport, Settings},
    store::keys,
};

const ACCOUNT: &str = "ses_account";
const IDENTITY: &str = "ses_identity";
const CONFIGURATION_SET: &str = "configuration_set";

/// Everything about the provider, in one read.
pub(super) async fn checks(app: &App, parameters: &Parameters) -> Result<Vec<Check>> {
    let wanted = [keys::sending_state(), keys::account()];
    let mut found = app.store.get(&wanted).await?.into_iter();
    let state = match found.next().flatten() {
        Some(item) => item.decode::<SendingState>()?,
        None => SendingState::default(),
    };
    let mut checks = vec![transport(&app.settings), sending(&state, app.now())];
    if app.settings.mail_transport != MailTransport::Ses {
        return Ok(checks);
    }
    let seen = match found.next().flatten() {
        Some(item) => Some(item.decode::<Seen>()?),
        None => None,
    };
    let sender = mailing::sender(&app.settings, parameters).map(|sender| sender.address);
    checks.push(account(seen.as_ref()));
    checks.push(identity(seen.as_ref(), sender.as_ref()));
    checks.push(configuration_set(seen.as_ref(), &app.settings));
    Ok(checks)
}

fn failed(id: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Check {
    Check::bad(id, CheckStatus::Failed, detail, fix)
}

fn warning(id: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Check {
    Check::bad(id, CheckStatus::Warning, detail, fix)
}

fn transport(settings: &Settings) -> Check {
    match settings.mail_transport {
        MailTransport::Ses => Check::ok("transport", "SES"),
        MailTransport::Smtp => Check::ok("transport", "SMTP"),
        MailTransport::Outbox => warning(
            "transport",
            "mail goes to the outbox on this machine, and to nobody",
            "MAIL_TRANSPORT=smtp with SMTP_URL sends it; on AWS MAIL_TRANSPORT=ses.",
        ),
    }
}

/// Whether the senders stopped for the whole account, see the circuit of `sending`.
fn sending(state: &SendingState, now: Timestamp) -> Check {
    const ID: &str = "sending";
    match &state.circuit {
        Some(open) if open.until > now => {
            let said = open
                .detail
                .as_deref()
                .unwrap_or("the provider did not say why");
            failed(
                ID,
                format!("stopped since {} ({}): {said}", open.since, open.reason),
                "Mend what the provider says; one mail tries again every few minutes, and the rest follows.",
            )
        }
        _ => Check::ok(ID, "not stopped"),
    }
}

/// Nobody has asked yet: nothing is known to be wrong.
fn not_asked(id: &'static str) -> Check {
    warning(
        id,
        "SES has not been asked yet",
        "The sender asks within a minute; look again then. If this stays, see the sender's log.",
    )
}

fn account(seen: Option<&Seen>) -> Check {
    let Some(seen) = seen else {
        return not_asked(ACCOUNT);
    };
    let asked = seen.asked_at;
    let account = &seen.account;
    if !account.sending {
        return failed(
            ACCOUNT,
            format!("SES has sending switched off for the account (asked at {asked})"),
            "Read the case in the SES console, and ask AWS to lift it.",
        );
    }
    if !account.production {
        return warning(
            ACCOUNT,
            format!("in the sandbox: mail to verified addresses alone (asked at {asked})"),
            "Ask for production access in the SES console.",
        );
    }
    Check::ok(
        ACCOUNT,
        format!("production access, sending on (asked at {asked})"),
    )
}

fn identity(seen: Option<&Seen>, sender: Option<&Address>) -> Check {
    let Some(seen) = seen else {
        return not_asked(IDENTITY);
    };
    let Some(name) = &seen.identity_name else {
        return warning(
            IDENTITY,
            "MAIL_IDENTITY is not set, so SES was not asked",
            "Set MAIL_IDENTITY of the sender to the identity that SES sends as.",
        );
    };
    match seen.account.identity {
        Standing::Absent => failed(
            IDENTITY,
            format!("SES does not have the identity {name}"),
            "Make and verify it in SES, or name another one (the stack's MailIdentity).",
        ),
        Standing::NotReady => failed(
            IDENTITY,
            format!("{name} is not verified: every mail is held"),
            "A domain: put the CNAME records of the output DkimRecords into its DNS. An address: follow the link that SES mailed to it.",
        ),
        _ if sender.is_some_and(|sender| !is_of(sender, name)) => failed(
            IDENTITY,
            format!("the sender is no address of {name}: SES refuses it"),
            format!("Set parameter 10 (or MAIL_FROM) to an address of {name}."),
        ),
        Standing::Ready => Check::ok(IDENTITY, format!("{name} is verified")),
        Standing::Unknown => warning(
            IDENTITY,
            format!("SES did not tell about {name}"),
            "The sender asks again within minutes; its log says what SES answered.",
        ),
    }
}

/// Whether an identity covers a sender: it is the address, or its domain.
fn is_of(sender: &Address, identity: &str) -> bool {
    let domain = sender.as_str().rsplit('@').next().unwrap_or_default();
    [sender.as_str(), domain]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(identity))
}

fn configuration_set(seen: Option<&Seen>, settings: &Settings) -> Check {
    let Some(name) = &settings.configuration_set else {
        return warning(
            CONFIGURATION_SET,
            "without a configuration set no delivery is ever confirmed",
            "Set CONFIGURATION_SET.",
        );
    };
    let Some(seen) = seen else {
        return not_asked(CONFIGURATION_SET);
    };
    match seen.account.configuration_set {
        Standing::Ready => Check::ok(CONFIGURATION_SET, format!("{name} is there and on")),
        Standing::NotReady => failed(
            CONFIGURATION_SET,
            format!("sending is switched off for {name}"),
            "Switch it on: aws sesv2 put-configuration-set-sending-options --sending-enabled.",
        ),
        Standing::Absent => failed(
            CONFIGURATION_SET,
            format!("SES does not have {name}: every mail is held"),
            "Deploy the stack again, which makes it, or set CONFIGURATION_SET to one that is there.",
        ),
        Standing::Unknown => warning(
            CONFIGURATION_SET,
            format!("SES did not tell about {name}"),
            "The sender asks again within minutes; its log says what SES answered.",
        ),
    }
}
