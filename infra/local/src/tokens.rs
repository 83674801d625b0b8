//! The local server's own tokens: HS256 with a key from the data folder.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use service::{
    access::{ClaimRules, Role},
    settings::Settings,
};

use crate::{
    data::Data,
    error::Failure,
    jws::{self, Refused, UNREADABLE},
    texts,
};

const ISSUER: &str = "mensageria-local";
const AUDIENCE: &str = "mensageria";
/// How long a token is good, seconds: a month of trying out.
const LIFETIME: i64 = 30 * 24 * 60 * 60;
/// Seconds by which clocks may differ.
const LEEWAY: i64 = 5;

/// Signs tokens for people of the demo, and verifies what callers bring.
pub(crate) struct Tokens {
    key: Vec<u8>,
    /// How claims are read.
    pub(crate) rules: ClaimRules,
}

/// For whom a token is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    /// One of the four roles, by its name in tokens.
    pub(crate) role: String,
    /// Verified address; none: such a person takes part in no ticket.
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    /// Support groups, as the token has them.
    pub(crate) groups: Vec<String>,
}

impl Tokens {
    /// With the key of this data folder.
    pub(crate) fn open(data: &Data) -> Result<Self, Failure> {
        let key = data.secret("token.key")?;
        let rules = Settings::from_env()?.claims;
        Ok(Self { key, rules })
    }

    /// A token for this person, good for a month.
    pub(crate) fn sign(&self, person: &Person) -> String {
        self.sign_for(person, LIFETIME).0
    }

    /// A token for this person that is good for so many seconds, and when it ends.
    pub(crate) fn sign_for(&self, person: &Person, lifetime: i64) -> (String, i64) {
        let now = Timestamp::now().as_second();
        let expires = now + lifetime;
        let role = Role::named(&person.role).map(|role| self.rules.group_of(role));
        let groups = person.groups.iter().map(|group| group.trim());
        let groups: Vec<_> = role
            .into_iter()
            .chain(groups)
            .filter(|g| !g.is_empty())
            .collect();
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": expires,
            "sub": person.email.as_deref().unwrap_or(&person.role), "groups": groups,
        });
        for (name, value) in [("email", &person.email), ("name", &person.name)] {
            if let Some(value) = value {
                claims[name] = Value::from(value.as_str());
            }
        }
        (jws::sign(&self.key, &claims), expires)
    }

    /// The claims of a token that is ours, in time and for us; otherwise why not, in words that
    /// give nothing of the token away.
    pub(crate) fn verify(&self, token: &str) -> Result<Map<String, Value>, Refused> {
        let claims = jws::verify(&self.key, token)?;
        check(&claims, Timestamp::now().as_second())?;
        Ok(claims)
    }
}

/// The registered claims (RFC 7519, 4.1). A time is a whole number of seconds.
fn check(claims: &Map<String, Value>, now: i64) -> Result<(), Refused> {
    let expires = claims
        .get("exp")
        .and_then(Value::as_i64)
        .ok_or(UNREADABLE)?;
    if expires <= now - LEEWAY {
        return Err(texts::token::EXPIRED);
    }
    for name in ["nbf", "iat"] {
        let Some(value) = claims.get(name) else {
            continue;
        };
        if value.as_i64().ok_or(UNREADABLE)? > now + LEEWAY {
            return Err(texts::token::NOT_GOOD_YET);
        }
    }
    let ours = |audience: &Value| audience == AUDIENCE;
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(audiences)) => audiences.iter().any(ours),
        Some(audience) => ours(audience),
        None => false,
    };
    if !is_for_us || claims.get("iss").is_none_or(|issuer| issuer != ISSUER) {
        return Err(texts::token::FOR_ANOTHER_SYSTEM);
    }
    match claims.get("sub") {
        Some(Value::String(subject)) if !subject.is_empty() => Ok(()),
        _ => Err(UNREADABLE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn with(name: &str, value: Value) -> Map<String, Value> {
        let mut claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": NOW + 60 });
        claims[name] = value;
        let Value::Object(mut claims) = claims else {
            unreachable!("an object")
        };
        claims.retain(|_, value| !value.is_null());
        claims
    }

    #[test]
    fn claims_in_time_and_for_us_are_good() {
        for (name, value) in [
            ("sub", json!("x")),
            ("exp", json!(NOW - LEEWAY + 1)),
            ("nbf", json!(NOW + LEEWAY)),
            ("iat", json!(NOW)),
            ("aud", json!(["other", AUDIENCE])),
            ("exp", json!(i64::MAX)),
        ] {
            assert_eq!(
                check(&with(name, value.clone()), NOW),
                Ok(()),
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn every_other_claim_is_refused() {
        for (name, value) in [
            ("exp", json!(NOW - LEEWAY)),
            ("exp", json!(NOW as f64 + 60.0)),
            ("exp", json!(NOW as f64 + 60.5)),
            ("exp", json!(u64::MAX)),
            ("exp", json!("1900000000")),
            ("exp", json!(-1)),
            ("exp", json!([NOW + 60])),
            ("exp", Value::Null),
            ("nbf", json!(NOW + LEEWAY + 1)),
            ("nbf", json!(1.5)),
            ("nbf", json!("0")),
            ("iat", json!(NOW + LEEWAY + 1)),
            ("aud", json!("elsewhere")),
            ("aud", json!([])),
            ("aud", json!([[AUDIENCE]])),
            ("aud", Value::Null),
            ("iss", json!("elsewhere")),
            ("iss", json!([ISSUER])),
            ("iss", Value::Null),
            ("sub", json!("")),
            ("sub", json!(7)),
            ("sub", Value::Null),
        ] {
            assert!(
                check(&with(name, value.clone()), NOW).is_err(),
                "{name}: {value}"
            );
        }
    }
}
