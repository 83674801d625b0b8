//! How the mail provider stands: the transport, and what SES said to the sender about the account,
//! the identity and the configuration set.

use jiff::Timestamp;

use super::{Check, CheckStatus};
use crate::{
    App, Result,
    entity::{self, Entity as _},
    outgoing::{mailing, sending::SendingState},
    settings::Settings,
    texts,
};
use domain::{
    account::{Seen, Standing},
    address::{Address, Mailbox},
    catalog::Phrase,
    delivery::Delivery,
    parameter::Parameters,
    reason::Reason,
};
use storage::{
    Query, Range, Source,
    keys::{self, Due},
};
use transport::Capabilities;

const ACCOUNT: &str = "ses_account";
const IDENTITY: &str = "ses_identity";
const CONFIGURATION_SET: &str = "configuration_set";

/// Everything about the provider, in one read.
pub(super) async fn checks(app: &App, parameters: &Parameters) -> Result<Vec<Check>> {
    let wanted = (entity::SendingState.or_default(), entity::Account);
    let (state, seen) = app.read(wanted).await?;
    let mut checks = vec![transport(app.capabilities), sending(&state, app.now())];
    if app.capabilities.signs_in {
        checks.push(smtp_account(app).await?);
    }
    if !app.capabilities.has_account {
        return Ok(checks);
    }
    let seen = seen.map(|seen| seen.value);
    let sender = mailing::sender(&app.settings, parameters).map(|sender| sender.address);
    checks.push(account(seen.as_ref()));
    checks.push(identity(seen.as_ref(), sender.as_ref()));
    checks.extend(other_senders(seen.as_ref(), parameters, &app.settings));
    checks.push(configuration_set(seen.as_ref(), &app.settings));
    Ok(checks)
}

fn failed(id: &'static str, detail: Phrase, fix: Phrase) -> Check {
    Check::bad(id, CheckStatus::Failed, detail, fix)
}

fn warning(id: &'static str, detail: Phrase, fix: Phrase) -> Check {
    Check::bad(id, CheckStatus::Warning, detail, fix)
}

fn transport(transport: Capabilities) -> Check {
    const ID: &str = "transport";
    if transport.delivers {
        return Check::ok(ID, Phrase::verbatim(transport.name));
    }
    warning(
        ID,
        texts::provider::MAIL_GOES_TO_THE_OUTBOX_ON_THIS_MACHINE.phrase(),
        texts::provider::MAIL_TRANSPORT_SMTP_WITH_SMTP_URL_SENDS.phrase(),
    )
}

/// Whether the senders stopped for the whole account, see the circuit of `sending`.
fn sending(state: &SendingState, now: Timestamp) -> Check {
    const ID: &str = "sending";
    match &state.circuit {
        Some(open) if !open.is_over(now) => {
            let said = open.detail.clone().map_or_else(
                || texts::provider::THE_PROVIDER_DID_NOT_SAY_WHY.phrase(),
                Phrase::verbatim,
            );
            failed(
                ID,
                texts::provider::STOPPED_SINCE
                    .with("since", open.since)
                    .with("reason", open.reason.code())
                    .with_phrase("said", said),
                texts::provider::FIX_WHAT_THE_PROVIDER_SAYS.phrase(),
            )
        }
        _ => Check::ok(ID, texts::provider::NOT_STOPPED.phrase()),
    }
}

/// Whether the mail server refuses mail from us. It may do so for some recipients alone (relaying is
/// not allowed), which stops nothing else.
async fn smtp_account(app: &App) -> Result<Check> {
    const ID: &str = "smtp_account";
    let prefix = Range::Prefix(format!("{}#", Reason::SmtpAuth.code()));
    for shard in 0..keys::DUE_SHARDS {
        let held = Source::Index(keys::due(Due::Held, shard));
        let query = Query::of(held, 1).range(prefix.clone());
        if let Some(item) = app.store.query(query).await?.items.first() {
            let delivery: Delivery = item.decode()?;
            let said = delivery.detail.as_deref().unwrap_or_default();
            return Ok(failed(
                ID,
                texts::provider::THE_MAIL_SERVER_REFUSES_MAIL.with("said", said),
                texts::provider::CORRECT_USER_AND_PASSWORD_IN_SMTP_URL.phrase(),
            ));
        }
    }
    Ok(Check::ok(ID, texts::provider::NO_MAIL_IS_HELD.phrase()))
}

/// Nobody has asked yet: nothing is known to be wrong.
fn not_asked(id: &'static str) -> Check {
    warning(
        id,
        texts::provider::SES_HAS_NOT_BEEN_ASKED_YET.phrase(),
        texts::provider::THE_SENDER_ASKS_WITHIN_A_MINUTE.phrase(),
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
            texts::provider::SES_HAS_SENDING_SWITCHED_OFF.with("asked", asked),
            texts::provider::READ_THE_CASE_IN_THE_SES_CONSOLE.phrase(),
        );
    }
    if !account.production {
        return warning(
            ACCOUNT,
            texts::provider::IN_THE_SANDBOX.with("asked", asked),
            texts::provider::ASK_FOR_PRODUCTION_ACCESS_IN_THE_SES.phrase(),
        );
    }
    Check::ok(
        ACCOUNT,
        texts::provider::PRODUCTION_ACCESS_SENDING.with("asked", asked),
    )
}

/// Senders of contracts that are not of the identity by which the stack may send.
fn other_senders(
    seen: Option<&Seen>,
    parameters: &Parameters,
    settings: &Settings,
) -> Option<Check> {
    let identity = seen?.identity_name.as_ref()?;
    let foreign = parameters.identities.values().filter(|one| {
        let from = one
            .state
            .from
            .as_deref()
            .and_then(|from| Mailbox::parse(from).ok());
        let mut known = std::iter::once(identity).chain(&settings.further_identities);
        from.is_some_and(|from| !known.any(|one| is_of(&from.address, one)))
    });
    let contracts: Vec<&str> = foreign.map(|one| one.contract.as_str()).collect();
    let id = "contract_senders";
    if contracts.is_empty() {
        let any = parameters
            .identities
            .values()
            .any(|one| one.state.from.is_some());
        let fine = texts::provider::ALL_OF_THE_IDENTITY.phrase();
        return any.then(|| Check::ok(id, fine.with("name", identity)));
    }
    Some(warning(
        id,
        texts::provider::THE_SENDERS_OF_THESE_CONTRACTS
            .with("name", identity)
            .with("contracts", contracts.join(", ")),
        texts::provider::USE_AN_ADDRESS_OF_THAT_IDENTITY.phrase(),
    ))
}

fn identity(seen: Option<&Seen>, sender: Option<&Address>) -> Check {
    let Some(seen) = seen else {
        return not_asked(IDENTITY);
    };
    let Some(name) = &seen.identity_name else {
        return warning(
            IDENTITY,
            texts::provider::MAIL_IDENTITY_IS_NOT_SET_SO_SES_WAS.phrase(),
            texts::provider::SET_MAIL_IDENTITY_OF_THE_SENDER.phrase(),
        );
    };
    match seen.account.identity {
        Standing::Absent => failed(
            IDENTITY,
            texts::provider::SES_DOES_NOT_HAVE_THE_IDENTITY.with("name", name),
            texts::provider::MAKE_AND_VERIFY_IT_IN_SES_OR_NAME.phrase(),
        ),
        Standing::NotReady => failed(
            IDENTITY,
            texts::provider::IS_NOT_VERIFIED.with("name", name),
            texts::provider::A_DOMAIN_PUT_THE_CNAME_RECORDS.phrase(),
        ),
        _ if sender.is_some_and(|sender| !is_of(sender, name)) => failed(
            IDENTITY,
            texts::provider::THE_SENDER_IS_NOT_AN_ADDRESS.with("name", name),
            texts::provider::SET_PARAMETER_10.with("name", name),
        ),
        Standing::Ready => Check::ok(IDENTITY, texts::provider::IS_VERIFIED.with("name", name)),
        Standing::Unknown => warning(
            IDENTITY,
            texts::provider::SES_DID_NOT_TELL_ABOUT.with("name", name),
            texts::provider::THE_SENDER_ASKS_AGAIN_WITHIN_MINUTES.phrase(),
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
            texts::provider::WITHOUT_A_CONFIGURATION_SET_NO_DELIVERY.phrase(),
            texts::provider::SET_CONFIGURATION_SET.phrase(),
        );
    };
    let Some(seen) = seen else {
        return not_asked(CONFIGURATION_SET);
    };
    match seen.account.configuration_set {
        Standing::Ready => Check::ok(
            CONFIGURATION_SET,
            texts::provider::IS_THERE.with("name", name),
        ),
        Standing::NotReady => failed(
            CONFIGURATION_SET,
            texts::provider::SENDING_IS_SWITCHED_OFF.with("name", name),
            texts::provider::SWITCH.phrase(),
        ),
        Standing::Absent => failed(
            CONFIGURATION_SET,
            texts::provider::SES_DOES.with("name", name),
            texts::provider::DEPLOY_THE_STACK_AGAIN_WHICH_MAKES.phrase(),
        ),
        Standing::Unknown => warning(
            CONFIGURATION_SET,
            texts::provider::SES_DID_NOT_TELL_ABOUT.with("name", name),
            texts::provider::THE_SENDER_ASKS_AGAIN_WITHIN_MINUTES.phrase(),
        ),
    }
}
