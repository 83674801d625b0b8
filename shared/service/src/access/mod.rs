//! Who asks, and what they may see.

mod claims;
mod names;

use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::texts;

pub use self::claims::{ClaimRules, unverified_claims, with_groups_of};
pub(crate) use self::names::{clean_name, same_name, shown_name};
use crate::{Code, Error, Result};
use domain::{
    address::{AddressKey, WrittenAddress},
    characters::folded,
    delivery::Actor,
    message::Side,
    ticket::Ticket,
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
    /// Every role, in the order of the enum.
    pub const ALL: [Self; 4] = [
        Self::Requester,
        Self::Technician,
        Self::Admin,
        Self::Integration,
    ];

    /// Its name, which is that of its group unless the settings say another.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Technician => "technician",
            Self::Admin => "admin",
            Self::Integration => "integration",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Who asks, from the claims of a verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Subject of the token.
    pub sub: String,
    /// Their address; none when the token has none or says that it is not verified.
    pub email: Option<AddressKey>,
    /// Name as it is shown: cleaned, and the masked address or the subject when the token has none.
    pub name: String,
    /// Roles among the groups of the token.
    pub roles: Vec<Role>,
    /// The other groups: support groups, normalised by [`group_name`].
    pub groups: Vec<String>,
}

impl Caller {
    /// The caller as who asked for something.
    pub(crate) fn actor(&self) -> Actor<'_> {
        Actor {
            sub: &self.sub,
            name: &self.name,
        }
    }

    /// Reads the claims of a token that somebody verified already; `groups` and `cognito:groups` are
    /// joined. Booleans may be strings, as API Gateway hands them over.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`] when there is no `sub`.
    pub fn from_claims(
        claims: &serde_json::Map<String, Value>,
        rules: &ClaimRules,
    ) -> Result<Self> {
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
                texts::access::THE_TOKEN_HAS_NO_SUBJECT.phrase(),
            ));
        };
        let verified = match claims.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(verified)) => verified.eq_ignore_ascii_case("true"),
            Some(_) => false,
            None => !rules.verified_email_only,
        };
        let email = text("email").filter(|_| verified);
        let email: Option<AddressKey> = email.and_then(|email| email.parse().ok());
        // A system has no name and no address: its subject says who it is.
        let own = match &email {
            None => sub,
            Some(_) => "",
        };
        let known_by = email.as_ref().map_or(sub, AddressKey::as_str);
        let name = shown_name(text("name"), own, known_by);
        let mut roles = Vec::new();
        let mut groups = Vec::new();
        for group in rules.group_names(claims) {
            let given = roles.len();
            roles.extend(rules.roles_of(&group));
            if roles.len() == given {
                groups.push(group_name(&group));
            }
        }
        groups.retain(|group| !group.is_empty());
        Ok(Self {
            sub: sub.to_owned(),
            email,
            name,
            roles,
            groups,
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
            Some(email) => email.to_string(),
            None => format!("sub:{}", key_part(&self.sub)),
        }
    }

    /// Who it is, for logs: a digest of the subject, which some issuers make of an address or a name.
    pub fn log_id(&self) -> String {
        log_id(&self.sub)
    }

    /// Demands one of these roles.
    ///
    /// # Errors
    /// [`Code::Forbidden`], naming the roles.
    pub fn require(&self, roles: &[Role]) -> Result<()> {
        if roles.iter().any(|role| self.is(*role)) {
            return Ok(());
        }
        let wanted: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        Err(Error::new(
            Code::Forbidden,
            texts::access::THIS_NEEDS_THE_ROLE.with("roles", wanted.join(" / ")),
        ))
    }

    /// How they may see a ticket; `None` when they may not.
    pub fn sees(&self, ticket: &Ticket) -> Option<View> {
        if self.is(Role::Admin) || (self.is(Role::Technician) && self.works_on(ticket)) {
            return Some(View::Desk);
        }
        if self.is(Role::Requester) && self.takes_part(ticket, Side::Requester) {
            return Some(View::Requester);
        }
        None
    }

    fn works_on(&self, ticket: &Ticket) -> bool {
        let group = ticket.assigned_group();
        // No group has an empty name, so a ticket's group without one has no members by it.
        group.is_some_and(|group| self.groups.contains(&group_name(&group.name)))
            || self.takes_part(ticket, Side::Technician)
    }

    fn takes_part(&self, ticket: &Ticket, side: Side) -> bool {
        let mut all = ticket.assigned();
        all.any(|one| one.side() == side && self.is_at(&one.address))
    }

    /// Whether this is their address.
    pub(crate) fn is_at(&self, address: &WrittenAddress) -> bool {
        self.email.is_some() && self.email.as_ref() == address.key()
    }
}

/// What of a ticket a caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Public messages, masked addresses.
    Requester,
    /// All of it: internal messages, whole addresses, deliveries.
    Desk,
}

/// What stands in a log for somebody: the first 12 hexadecimal digits of SHA-256.
pub(crate) fn log_id(subject: &str) -> String {
    let digest = Sha256::digest(subject.as_bytes());
    HEXLOWER.encode(&digest[..6])
}

/// A group's name as it is compared: composed, lower case, white space as `_` (a group of a Cognito
/// pool has no spaces). It may stand in a key whatever was written as the name.
pub fn group_name(name: &str) -> String {
    let words = name.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    key_part(&folded(&words.join("_")))
}

/// Longest text of others that stands in a key as it is, in bytes. With a time, a ticket's id and
/// the text once more in the key of the row, it fits in a sort value of the index
/// ([`storage::limits::MAX_SORT_BYTES`]).
const MAX_KEY_PART: usize = 768;

/// A text that anybody may have written, as a part of a key: without control characters, which no key
/// holds, and by its digest where it is too long for one.
fn key_part(text: &str) -> String {
    if text.len() <= MAX_KEY_PART && !text.contains(char::is_control) {
        return text.to_owned();
    }
    let begin: String = text.chars().filter(|c| !c.is_control()).take(64).collect();
    let digest = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    format!("{begin}~{digest}")
}

#[cfg(test)]
mod tests {
    use domain::id::TicketId;
    use serde_json::json;

    use super::*;

    fn caller(claims: Value) -> Caller {
        let claims = claims.as_object().expect("an object");
        Caller::from_claims(claims, &ClaimRules::default()).expect("a caller")
    }

    #[test]
    fn an_unverified_address_is_no_address() {
        for verified in [json!(false), json!("false")] {
            let caller =
                caller(json!({ "sub": "1", "email": "a@example.com", "email_verified": verified }));
            assert_eq!(caller.email, None);
        }
        assert_eq!(
            caller(json!({ "sub": "1", "email": " A@Example.com " })).email,
            "a@example.com".parse().ok()
        );
    }

    #[test]
    fn where_proof_is_asked_only_a_verified_address_counts() {
        let rules = ClaimRules {
            verified_email_only: true,
            ..ClaimRules::default()
        };
        for (verified, counts) in [
            (json!(true), true),
            (json!("true"), true),
            (Value::Null, false),
            (json!("yes"), false),
            (json!(1), false),
            (json!(false), false),
        ] {
            let mut claims = json!({ "sub": "1", "email": "a@example.com" });
            if !verified.is_null() {
                claims["email_verified"] = verified.clone();
            }
            let claims = claims.as_object().expect("an object");
            let caller = Caller::from_claims(claims, &rules).expect("a caller");
            assert_eq!(caller.email.is_some(), counts, "{verified}");
        }
    }

    #[test]
    fn nobody_is_without_a_name_that_one_can_see() {
        for (claims, name) in [
            (json!({ "sub": "\u{202e}" }), "***"),
            (json!({ "sub": "\u{200b}\u{2066}", "name": "\r\n" }), "***"),
            (json!({ "sub": "portal\u{202e}" }), "portal"),
            (
                json!({ "sub": "1", "name": "\u{feff}", "email": "a@example.com" }),
                "a***@example.com",
            ),
            (
                json!({ "sub": "a@example.com", "name": "\u{200b}" }),
                "a***@example.com",
            ),
        ] {
            assert_eq!(caller(claims.clone()).name, name, "{claims}");
        }
    }

    /// Whatever a token or the ITSM system calls a group, or the caller: it may stand in a key.
    #[test]
    fn any_name_of_a_group_or_subject_may_stand_in_a_key() {
        let key = |part: &str| {
            let row = storage::keys::membership(
                &storage::keys::group(part),
                &TicketId::from_static("4711"),
            );
            let sort = storage::keys::by_time(jiff::Timestamp::MAX, &"9".repeat(64));
            let item = storage::Item::new(row, "membership", &json!({})).expect("an item");
            let write = storage::Write::put(item.indexed(part, sort));
            storage::limits::check_commit(&[write])
        };
        let long = "n".repeat(3000);
        let wide = "\u{1f600}".repeat(255);
        let growing = "\u{130}".repeat(255);
        for name in [
            "Suporte\u{1}N1",
            "a\0b",
            "\u{7f}x",
            "x\u{85}",
            &long,
            &wide,
            &growing,
        ] {
            let name = group_name(name);
            key(&name).unwrap_or_else(|error| panic!("{name:?}: {error}"));
            let caller = caller(json!({ "sub": name, "groups": [name] }));
            key(&caller.reader()).expect("a reader");
            assert_eq!(caller.groups, [name]);
        }
        assert_ne!(group_name(&long), group_name(&format!("{long}n")));
        assert_eq!(group_name(" Suporte\u{1} N1\n"), "suporte_n1");
        let subject = |sub: &str| caller(json!({ "sub": sub })).reader();
        assert_ne!(subject("a\u{1}b"), subject("a\u{2}b"));
        assert!(key(&subject("a\u{1}b")).is_ok() && key(&subject(&long)).is_ok());
    }

    /// A name of nothing that is seen is not a group, on neither side.
    #[test]
    fn a_group_without_a_name_has_no_members() {
        let nameless = caller(json!({ "sub": "1", "groups": ["technician", "\u{1}", " \u{7f} "] }));
        assert!(nameless.groups.is_empty());
        let mut ticket = Ticket::new(TicketId::from_static("4711"));
        ticket.group = Some(domain::ticket::Group {
            name: "\u{2}".to_owned(),
            ..Default::default()
        });
        assert_eq!(nameless.sees(&ticket), None);
    }

    #[test]
    fn a_token_without_subject_is_refused() {
        let claims = json!({ "email": "a@example.com" });
        let claims = claims.as_object().expect("an object");
        let error = Caller::from_claims(claims, &ClaimRules::default()).expect_err("refused");
        assert_eq!(error.code, Code::Unauthenticated);
    }
}
