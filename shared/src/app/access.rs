//! Who asks, and what they may see.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Code, Error, Result};
use crate::{
    catalog::phrase,
    {domain::ticket::Ticket, mail::address::Address},
};

/// A role from the caller's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CallerRole)]
pub enum Role {
    /// Sees and writes on their own tickets.
    Requester,
    /// Works on the tickets assigned to them or to their groups.
    Technician,
    /// Configures the system and sees every ticket.
    Admin,
    /// The ITSM system: puts snapshots, posts messages for others.
    Integration,
}

impl Role {
    fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "requester" => Self::Requester,
            "technician" => Self::Technician,
            "admin" => Self::Admin,
            "integration" => Self::Integration,
            _ => return None,
        })
    }
}

/// Who asks, from the claims of a verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Subject of the token.
    pub sub: String,
    /// Normalised address; none when the token has none or says that it is not verified.
    pub email: Option<String>,
    /// Name as it is shown; the address or the subject when the token has none.
    pub name: String,
    /// Roles among the groups of the token.
    pub roles: Vec<Role>,
    /// The other groups: support groups, normalised by [`group_name`].
    pub groups: Vec<String>,
}

impl Caller {
    /// Reads the claims of a token that somebody verified already.
    ///
    /// API Gateway hands arrays over as one string such as `[admin technician]`, and booleans as
    /// strings; both forms are read. `groups` and `cognito:groups` are joined.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`] when there is no `sub`.
    pub fn from_claims(claims: &serde_json::Map<String, Value>) -> Result<Self> {
        let text = |name: &str| {
            claims
                .get(name)
                .and_then(Value::as_str)
                .map(str::trim)
                .filter(|t| !t.is_empty())
        };
        let Some(sub) = text("sub") else {
            return Err(Error::new(
                Code::Unauthenticated,
                phrase(
                    "O token não tem sujeito (claim sub).",
                    "The token has no subject (claim sub).",
                    "El token no tiene sujeto (claim sub).",
                ),
            ));
        };
        let unverified = match claims.get("email_verified") {
            Some(Value::Bool(verified)) => !verified,
            Some(Value::String(verified)) => verified.eq_ignore_ascii_case("false"),
            _ => false,
        };
        let email = text("email").filter(|_| !unverified).and_then(address_key);
        let names: Vec<String> = ["groups", "cognito:groups"]
            .iter()
            .filter_map(|n| claims.get(*n))
            .flat_map(names)
            .collect();
        let name = text("name")
            .map(str::to_owned)
            .or_else(|| email.clone())
            .unwrap_or_else(|| sub.to_owned());
        Ok(Self {
            sub: sub.to_owned(),
            email,
            name,
            roles: names.iter().filter_map(|n| Role::parse(n)).collect(),
            groups: names
                .iter()
                .filter(|n| Role::parse(n).is_none())
                .map(|n| group_name(n))
                .collect(),
        })
    }

    /// Whether the caller has this role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether they may read what only the desk reads: internal messages, delivery results.
    pub fn is_desk(&self) -> bool {
        self.is(Role::Technician) || self.is(Role::Admin)
    }

    /// By what their read marks are kept: their address, or their subject when they have none.
    pub fn reader(&self) -> String {
        match &self.email {
            Some(email) => email.clone(),
            None => format!("sub:{}", self.sub),
        }
    }

    /// Demands one of these roles.
    ///
    /// # Errors
    /// [`Code::Forbidden`], naming the roles.
    pub fn require(&self, roles: &[Role]) -> Result<()> {
        if roles.iter().any(|role| self.is(*role)) {
            return Ok(());
        }
        let wanted: Vec<String> = roles
            .iter()
            .map(|role| format!("{role:?}").to_lowercase())
            .collect();
        Err(Error::new(
            Code::Forbidden,
            phrase(
                "Isto exige o papel {roles}.",
                "This needs the role {roles}.",
                "Esto exige el rol {roles}.",
            )
            .with("roles", wanted.join(" / ")),
        ))
    }

    /// How they may see a ticket; `None` when they may not.
    pub fn sees(&self, ticket: &Ticket) -> Option<View> {
        if self.is(Role::Admin) || (self.is(Role::Technician) && self.works_on(ticket)) {
            return Some(View::Desk);
        }
        if self.is(Role::Requester) && self.follows(ticket) {
            return Some(View::Requester);
        }
        None
    }

    fn works_on(&self, ticket: &Ticket) -> bool {
        let mine = |address: &str| self.is_me(address);
        let group = ticket.assigned_group();
        ticket
            .responsible
            .as_ref()
            .is_some_and(|person| mine(&person.email))
            || group.is_some_and(|g| {
                self.groups.contains(&group_name(&g.name)) || g.addresses.iter().any(|a| mine(a))
            })
    }

    fn follows(&self, ticket: &Ticket) -> bool {
        self.is_me(&ticket.requester.email)
            || ticket
                .followers
                .iter()
                .any(|person| self.is_me(&person.email))
    }

    fn is_me(&self, address: &str) -> bool {
        match (&self.email, address_key(address)) {
            (Some(mine), Some(theirs)) => *mine == theirs,
            _ => false,
        }
    }
}

/// What of a ticket a caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Public messages, masked addresses.
    Requester,
    /// Everything.
    Desk,
}

/// An address as people are compared by it; `None` when it is none.
pub fn address_key(address: &str) -> Option<String> {
    Address::parse(address)
        .ok()
        .map(|address| address.key().to_owned())
}

/// A group's name as it is compared: lower case, white space as `_` (a group of a Cognito pool has
/// no spaces).
pub fn group_name(name: &str) -> String {
    name.split_whitespace()
        .collect::<Vec<_>>()
        .join("_")
        .to_lowercase()
}

fn names(claim: &Value) -> Vec<String> {
    match claim {
        Value::Array(values) => values
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Value::String(text) => match serde_json::from_str::<Vec<String>>(text) {
            Ok(names) => names,
            Err(_) => text
                .trim()
                .trim_start_matches('[')
                .trim_end_matches(']')
                .split(|c: char| c == ',' || c.is_whitespace())
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn caller(claims: Value) -> Caller {
        Caller::from_claims(claims.as_object().expect("an object")).expect("a caller")
    }

    #[test]
    fn groups_are_read_in_every_form() {
        for groups in [
            json!(["admin", "N1"]),
            json!("[admin N1]"),
            json!("admin,N1"),
            json!("[\"admin\",\"N1\"]"),
        ] {
            let caller = caller(json!({ "sub": "1", "cognito:groups": groups }));
            assert_eq!(caller.roles, [Role::Admin]);
            assert_eq!(caller.groups, ["n1"]);
        }
    }

    #[test]
    fn an_unverified_address_is_no_address() {
        for verified in [json!(false), json!("false")] {
            let caller =
                caller(json!({ "sub": "1", "email": "a@example.com", "email_verified": verified }));
            assert_eq!(caller.email, None);
        }
        assert_eq!(
            caller(json!({ "sub": "1", "email": " A@Example.com " }))
                .email
                .as_deref(),
            Some("a@example.com")
        );
    }

    #[test]
    fn a_token_without_subject_is_refused() {
        let claims = json!({ "email": "a@example.com" });
        let error =
            Caller::from_claims(claims.as_object().expect("an object")).expect_err("refused");
        assert_eq!(error.code, Code::Unauthenticated);
    }
}
