//! Who calls: claims as the gateway hands them over, and callers as use cases know them.

use domain::address::AddressKey;
use serde_json::{Value, json};
use service::access::{Caller, Role};

/// Claims of somebody whose subject is their address.
pub(crate) fn person(role: &str, email: &str, groups: &[&str]) -> Value {
    let groups: Vec<_> = std::iter::once(role)
        .chain(groups.iter().copied())
        .collect();
    json!({ "sub": email, "email": email, "name": email.split('@').next(), "groups": groups })
}

pub(crate) fn maria() -> Value {
    person("requester", super::MARIA, &[])
}

pub(crate) fn bia() -> Value {
    person("technician", "bia@example.com", &[])
}

pub(crate) fn admin() -> Value {
    person("admin", "admin@example.com", &[])
}

pub(crate) fn integration() -> Value {
    json!({ "sub": "itsm", "groups": ["integration"] })
}

/// No token at all.
pub(crate) fn nobody() -> Value {
    Value::Null
}

/// A caller with one role; as a technician it is Bia.
pub(crate) fn caller(role: Role) -> Caller {
    let email = (role == Role::Technician).then(|| AddressKey::stored("bia@example.com"));
    Caller {
        sub: "somebody".to_owned(),
        email,
        name: "Bia".to_owned(),
        roles: vec![role],
        groups: Vec::new(),
    }
}
