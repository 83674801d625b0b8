//! `GetAccount`, identities, configuration sets and the suppression list.

use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, error, json as answer},
    state::{Inner, State, Suppressed},
};

/// Routes below `/v2/email/`.
pub(crate) fn route(
    state: &State,
    method: &Method,
    parts: &[&str],
    query: &str,
    body: &[u8],
) -> Answer {
    state.with(|inner| match (method.as_str(), parts) {
        ("GET", ["account"]) => answer(200, &account(inner)),
        ("GET", ["identities", identity]) => self::identity(inner, identity),
        ("GET", ["configuration-sets", name]) => configuration_set(inner, name),
        ("PUT", ["suppression", "addresses"]) => suppress(inner, body),
        ("GET", ["suppression", "addresses"]) => answer(200, &list(inner, query)),
        ("GET", ["suppression", "addresses", address]) => suppressed(inner, address),
        ("DELETE", ["suppression", "addresses", address]) => lift(inner, address),
        _ => error(404, "UnknownOperationException", ""),
    })
}

fn account(inner: &Inner) -> Value {
    let settings = &inner.settings;
    json!({
        "DedicatedIpAutoWarmupEnabled": false,
        "EnforcementStatus": if settings.sending_enabled { "HEALTHY" } else { "SHUTDOWN" },
        "ProductionAccessEnabled": settings.production_access,
        "SendingEnabled": settings.sending_enabled,
        "SendQuota": {
            "Max24HourSend": settings.max_24_hour_send.unwrap_or(50_000) as f64,
            "MaxSendRate": settings.max_send_rate.unwrap_or(14.0),
            "SentLast24Hours": inner.counts.accepted as f64,
        },
        "SuppressionAttributes": { "SuppressedReasons": ["BOUNCE", "COMPLAINT"] },
    })
}

fn not_found(what: &str) -> Answer {
    error(404, "NotFoundException", &format!("{what} does not exist."))
}

fn identity(inner: &Inner, identity: &str) -> Answer {
    let pending = &inner.settings.pending;
    let pending = pending.iter().any(|one| one.eq_ignore_ascii_case(identity));
    let known = inner.settings.verified.as_ref().filter(|_| !pending);
    if known.is_some_and(|known| !known.iter().any(|one| one.eq_ignore_ascii_case(identity))) {
        return not_found("Email identity");
    }
    let kind = if identity.contains('@') {
        "EMAIL_ADDRESS"
    } else {
        "DOMAIN"
    };
    answer(
        200,
        &json!({
            "IdentityType": kind,
            "FeedbackForwardingStatus": true,
            "VerifiedForSendingStatus": !pending,
            "VerificationStatus": if pending { "PENDING" } else { "SUCCESS" },
        }),
    )
}

fn configuration_set(inner: &Inner, name: &str) -> Answer {
    match &inner.settings.configuration_sets {
        Some(known) if !known.iter().any(|one| one == name) => not_found("Configuration set"),
        _ => answer(
            200,
            &json!({
                "ConfigurationSetName": name,
                "SendingOptions": { "SendingEnabled": inner.settings.configuration_sets_send },
            }),
        ),
    }
}

fn suppress(inner: &mut Inner, body: &[u8]) -> Answer {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let address = request["EmailAddress"].as_str().unwrap_or_default();
    let reason = request["Reason"].as_str().unwrap_or_default();
    if !address.contains('@') || !["BOUNCE", "COMPLAINT"].contains(&reason) {
        return error(
            400,
            "BadRequestException",
            "EmailAddress and Reason are needed",
        );
    }
    let entry = Suppressed {
        email_address: address.to_owned(),
        reason: reason.to_owned(),
        last_update_time: Timestamp::now().as_second() as f64,
    };
    inner.suppressed.insert(address.to_owned(), entry);
    answer(200, &json!({}))
}

fn list(inner: &Inner, query: &str) -> Value {
    let parameter = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    let size: usize = parameter("PageSize")
        .and_then(|size| size.parse().ok())
        .unwrap_or(1000);
    let start: usize = parameter("NextToken")
        .and_then(|token| token.parse().ok())
        .unwrap_or(0);
    let page: Vec<&Suppressed> = inner.suppressed.values().skip(start).take(size).collect();
    let next = start + page.len();
    let token = (next < inner.suppressed.len()).then(|| next.to_string());
    json!({ "SuppressedDestinationSummaries": page, "NextToken": token })
}

fn suppressed(inner: &Inner, address: &str) -> Answer {
    match inner.suppressed.get(address) {
        Some(entry) => answer(200, &json!({ "SuppressedDestination": entry })),
        None => not_found("Email address"),
    }
}

fn lift(inner: &mut Inner, address: &str) -> Answer {
    match inner.suppressed.remove(address) {
        Some(_) => answer(200, &json!({})),
        None => not_found("Email address"),
    }
}
