//! Any JSON object as the claims of a token: nobody has a role but by the whole name of its group, in a
//! true array or in the flat text that API Gateway makes of one; nobody is called by their address.
//!
//! Seeds: `fuzz/seeds/claims`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use service::access::{Caller, ClaimRules, Role, unverified_claims, with_groups_of};

const GROUPS: [&str; 2] = ["groups", "cognito:groups"];

fuzz_target!(|bytes: &[u8]| {
    let Ok(claims) = serde_json::from_slice::<Map<String, Value>>(bytes) else {
        return;
    };
    let rules = ClaimRules::default();
    let caller = Caller::from_claims(&claims, &rules);
    if let Ok(caller) = &caller {
        sound(caller, &claims);
    }
    // The same as a token, with the claims as the gateway hands them over.
    let token = format!("e30.{}.c2ln", base64url(bytes));
    assert_eq!(unverified_claims(&token).as_ref(), Some(&claims));
    let flat: Map<String, Value> = claims
        .iter()
        .map(|(name, value)| (name.clone(), Value::String(flat(value))))
        .collect();
    if let Ok(joined) = with_groups_of(flat.clone(), &token) {
        let joined = Caller::from_claims(&joined, &rules);
        if let (Ok(joined), Ok(caller)) = (&joined, &caller) {
            assert_eq!(joined.roles, caller.roles, "the token's groups count");
            assert_eq!(joined.groups, caller.groups);
        }
    }
    // Where the token is not there, the flat text may lose roles, and never adds one.
    if let (Ok(bare), Ok(caller)) = (Caller::from_claims(&flat, &rules), &caller) {
        sound(&bare, &flat);
        let arrays = GROUPS.iter().all(|name| claims.get(*name).is_none_or(Value::is_array));
        let spaced = GROUPS.iter().any(|name| claims.get(*name).is_some_and(|value| flat_of(value).contains(' ')));
        if arrays && !spaced {
            for role in &bare.roles {
                assert!(caller.is(*role) || bracketed(&claims), "{role:?}");
            }
        }
    }
});

/// What holds for every caller.
fn sound(caller: &Caller, claims: &Map<String, Value>) {
    for role in &caller.roles {
        assert!(named(*role, claims), "{role:?} by {claims:?}");
    }
    assert_eq!(caller.log_id().len(), 12);
    assert!(!caller.name.chars().any(char::is_control), "{:?}", caller.name);
    assert!(!caller.name.trim().is_empty());
    if let Some(email) = &caller.email
        && claims.get("name").is_none()
        && email.as_str().find('@').is_some_and(|at| at > 1)
    {
        assert!(!caller.name.contains(email.as_str()), "{}", caller.name);
    }
}

/// Whether some claim names the role's group: written without the code under test.
fn named(role: Role, claims: &Map<String, Value>) -> bool {
    let name = role.name();
    let is_role = |word: &str| Role::named(word).is_some();
    GROUPS.iter().filter_map(|claim| claims.get(*claim)).any(|claim| match claim {
        Value::Array(groups) => groups.iter().any(|group| group == name),
        Value::String(text) => {
            let inner = match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                Some(inner) => inner,
                None => text,
            };
            inner == name || (inner.split(' ').all(is_role) && inner.split(' ').any(|word| word == name))
        }
        _ => false,
    })
}

/// A claim as the gateway writes it.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) => format!("[{}]", flat_of(value)),
        other => other.to_string(),
    }
}

fn flat_of(value: &Value) -> String {
    let items = value.as_array().into_iter().flatten();
    let texts = items.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
    texts.collect::<Vec<_>>().join(" ")
}

/// Whether a group's own name is in brackets, which the flat form takes off.
fn bracketed(claims: &Map<String, Value>) -> bool {
    let groups = GROUPS.iter().filter_map(|name| claims.get(*name)?.as_array()).flatten();
    groups.filter_map(Value::as_str).any(|group| group.contains(['[', ']'])) || groups_are_no_texts(claims)
}

fn groups_are_no_texts(claims: &Map<String, Value>) -> bool {
    let mut groups = GROUPS.iter().filter_map(|name| claims.get(*name)?.as_array()).flatten();
    groups.any(|group| !group.is_string())
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}
