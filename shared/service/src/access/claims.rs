//! From the claims of a verified token to roles and support groups.

use domain::characters::is_blank;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Role;

/// The claims that name groups; both are read.
const GROUPS: [&str; 2] = ["groups", "cognito:groups"];

/// How this installation reads claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRules {
    /// The group whose members have a role: `REQUESTER_GROUP`, `TECHNICIAN_GROUP`, `ADMIN_GROUP`,
    /// `INTEGRATION_GROUP`; the role's own name when absent.
    pub groups: [(Role, String); 4],
    /// `REQUIRE_VERIFIED_EMAIL`: an address counts only with `email_verified: true`.
    pub verified_email_only: bool,
}

impl Default for ClaimRules {
    fn default() -> Self {
        Self {
            groups: Role::ALL.map(|role| (role, role.name().to_owned())),
            verified_email_only: false,
        }
    }
}

impl ClaimRules {
    /// The group whose members have this role.
    pub fn group_of(&self, role: Role) -> &str {
        let found = self.groups.iter().find(|(one, _)| *one == role);
        found.map_or(role.name(), |(_, group)| group)
    }

    /// The roles that members of a group have. The name is compared whole, and its case counts.
    pub(super) fn roles_of(&self, group: &str) -> impl Iterator<Item = Role> {
        let roles = self.groups.iter().filter(move |(_, name)| name == group);
        roles.map(|(role, _)| *role)
    }

    fn is_role(&self, group: &str) -> bool {
        self.roles_of(group).next().is_some()
    }

    /// Every group that the claims name.
    pub(super) fn group_names(&self, claims: &Map<String, Value>) -> Vec<String> {
        let claims = GROUPS.iter().filter_map(|name| claims.get(*name));
        let mut names: Vec<String> = claims.flat_map(|claim| self.names(claim)).collect();
        names.retain(|name| !is_blank(name));
        names
    }

    fn names(&self, claim: &Value) -> Vec<String> {
        match claim {
            Value::Array(names) => {
                let names = names.iter().filter_map(Value::as_str);
                names.map(str::to_owned).collect()
            }
            Value::String(text) => self.flat_names(text),
            _ => Vec::new(),
        }
    }

    /// The groups of a claim that is one string. API Gateway writes an array so, with a space between
    /// its elements (`[admin technician]`), and a name may hold spaces and commas itself: the groups
    /// *N1* and *admin* look like one group *N1 admin*. So a text of several words counts as one
    /// name, or as several where each of them is the group of a role; otherwise it names nothing.
    fn flat_names(&self, text: &str) -> Vec<String> {
        let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        let inner = inner.unwrap_or(text);
        let words: Vec<&str> = inner.split(' ').collect();
        if words.len() == 1 || self.is_role(inner) {
            return vec![inner.to_owned()];
        }
        match words.iter().all(|word| self.is_role(word)) {
            true => words.into_iter().map(str::to_owned).collect(),
            false => Vec::new(),
        }
    }
}

/// The claims of a token that are compared and taken. A claim that stands twice is an error.
#[derive(Deserialize)]
struct Payload {
    sub: Option<Value>,
    iss: Option<Value>,
    jti: Option<Value>,
    email: Option<Value>,
    groups: Option<Value>,
    #[serde(rename = "cognito:groups")]
    cognito_groups: Option<Value>,
}

/// The claims that API Gateway verified, with the groups as the token itself lists them: the gateway
/// hands arrays over as one string, in which two groups cannot be told from one whose
/// name has a space.
///
/// The signature is not checked again: the gateway verified this very token before it called, and
/// what it read of it must agree with what is read here. A text that is not a JWT changes nothing
/// (the gateway took the token from somewhere else); the string forms are read then.
///
/// # Errors
/// Why the token is not the one that was verified: it disagrees with the gateway's claims, or holds a
/// claim twice, of which the gateway may have read the other one.
pub fn with_groups_of(
    mut claims: Map<String, Value>,
    token: &str,
) -> Result<Map<String, Value>, &'static str> {
    let Some(payload) = payload(token) else {
        return Ok(claims);
    };
    let payload: Payload =
        serde_json::from_slice(&payload).map_err(|_| "a claim of the token stands twice")?;
    let texts = [
        ("sub", &payload.sub),
        ("iss", &payload.iss),
        ("jti", &payload.jti),
        ("email", &payload.email),
    ];
    for (name, value) in texts {
        if value.as_ref().map(text) != claims.get(name).map(text) {
            return Err("the token differs from the claims that were verified");
        }
    }
    for (name, value) in GROUPS
        .into_iter()
        .zip([payload.groups, payload.cognito_groups])
    {
        match value {
            Some(value) => drop(claims.insert(name.to_owned(), value)),
            None => drop(claims.remove(name)),
        }
    }
    Ok(claims)
}

/// A claim as the gateway hands it over: a text as it is, everything else as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What a token says that nobody verified: enough to refuse something, never to allow it.
pub fn unverified_claims(token: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&payload(token)?).ok()
}

/// The payload of a JWT: a JSON object between two dots.
fn payload(token: &str) -> Option<Vec<u8>> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let bytes = data_encoding::BASE64URL_NOPAD
        .decode(payload.as_bytes())
        .ok()?;
    let is_object = serde_json::from_slice::<Map<String, Value>>(&bytes).is_ok();
    is_object.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::access::Caller;

    fn caller(claims: Value) -> Caller {
        let claims = claims.as_object().expect("an object");
        Caller::from_claims(claims, &ClaimRules::default()).expect("a caller")
    }

    fn token(payload: &str) -> String {
        let encoded = data_encoding::BASE64URL_NOPAD.encode(payload.as_bytes());
        format!("e30.{encoded}.c2ln")
    }

    #[test]
    fn only_whole_group_names_give_roles() {
        use Role::{Admin, Technician};
        for (groups, roles) in [
            (json!(["admin", "N1"]), &[Admin][..]),
            (json!("[admin technician]"), &[Admin, Technician]),
            (json!("admin technician"), &[Admin, Technician]),
            (json!("[admin]"), &[Admin]),
            (json!("admin"), &[Admin]),
            (json!("[Service Desk Admin]"), &[]),
            (json!("[Service Desk admin]"), &[]),
            (json!("[N1 admin]"), &[]),
            (json!("[admin N1]"), &[]),
            (json!("[[admin]]"), &[]),
            (json!("[[admin technician]]"), &[]),
            (json!("[x,admin]"), &[]),
            (json!("admin,technician"), &[]),
            (json!("[\"admin\"]"), &[]),
            (json!("Domain Users,Local Admin"), &[]),
            (json!("Domain Users,admin"), &[]),
            (json!("[admin  technician]"), &[]),
            (json!(" admin"), &[]),
            (json!("admin\u{a0}technician"), &[]),
            (json!("Admin"), &[]),
            (
                json!(["ADMIN", "Admin", " admin", "admin ", "[admin]"]),
                &[],
            ),
            (json!(["Service Desk admin", "x,admin", "N1 admin"]), &[]),
            (json!([["admin"], { "admin": true }, null, 1]), &[]),
            (json!({ "admin": true }), &[]),
            (json!(""), &[]),
            (json!("[]"), &[]),
            (json!([""]), &[]),
        ] {
            for claim in ["groups", "cognito:groups"] {
                let caller = caller(json!({ "sub": "1", claim: groups }));
                assert_eq!(caller.roles, roles, "{claim}: {groups}");
                assert!(!caller.groups.contains(&String::new()), "{groups}");
            }
        }
    }

    #[test]
    fn support_groups_are_read_where_they_can_be_told_apart() {
        for (groups, expected) in [
            (
                json!(["technician", "Rede e Infra", "N1"]),
                &["rede_e_infra", "n1"][..],
            ),
            (json!("[N1]"), &["n1"]),
            (json!("[technician N1]"), &[]),
            (json!(["", " "]), &[]),
        ] {
            let caller = caller(json!({ "sub": "1", "groups": groups }));
            assert_eq!(caller.groups, expected, "{groups}");
        }
    }

    #[test]
    fn the_groups_of_roles_have_the_names_that_were_set() {
        let mut rules = ClaimRules::default();
        rules.groups[2].1 = "Service Desk Admins".to_owned();
        for (groups, roles) in [
            (json!(["Service Desk Admins"]), &[Role::Admin][..]),
            (json!("[Service Desk Admins]"), &[Role::Admin]),
            (json!("[Service Desk Admins technician]"), &[]),
            (json!(["admin", "service desk admins"]), &[]),
        ] {
            let claims = json!({ "sub": "1", "groups": groups });
            let claims = claims.as_object().expect("an object");
            let caller = Caller::from_claims(claims, &rules).expect("a caller");
            assert_eq!(caller.roles, roles, "{groups}");
        }
    }

    #[test]
    fn the_arrays_of_the_token_stand_in_for_flat_claims() {
        let flat = json!({ "sub": "7", "iss": "https://issuer.example",
            "groups": "[N1 admin]", "cognito:groups": "[admin]" });
        let flat = flat.as_object().expect("an object");
        let payload = r#"{"sub":"7","iss":"https://issuer.example","exp":1,"groups":["N1 admin"]}"#;
        let claims = with_groups_of(flat.clone(), &token(payload)).expect("claims");
        assert_eq!(claims["groups"], json!(["N1 admin"]));
        assert!(!claims.contains_key("cognito:groups"));
        assert_eq!(claims["sub"], "7");
        for other in [
            "",
            "x",
            "a.b",
            "a.b.c",
            "e30.e30",
            "e30.W10.x",
            "a.b.c,d.e.f",
        ] {
            assert_eq!(
                with_groups_of(flat.clone(), other).as_ref(),
                Ok(flat),
                "{other}"
            );
        }
    }

    #[test]
    fn another_token_than_the_verified_one_is_refused() {
        let verified = json!({ "sub": "7", "iss": "i", "email": "a@example.com" });
        let verified = verified.as_object().expect("an object");
        for payload in [
            r#"{"sub":"8","iss":"i","email":"a@example.com","groups":["admin"]}"#,
            r#"{"sub":"7","iss":"j","email":"a@example.com","groups":["admin"]}"#,
            r#"{"sub":"7","iss":"i","email":"b@example.com","groups":["admin"]}"#,
            r#"{"sub":"7","iss":"i","groups":["admin"]}"#,
            r#"{"sub":"7","iss":"i","email":"a@example.com","jti":"1"}"#,
            r#"{"sub":["7"],"iss":"i","email":"a@example.com"}"#,
            r#"{"sub":"7","iss":"i","email":"a@example.com","groups":[],"groups":["admin"]}"#,
            r#"{"sub":"8","sub":"7","iss":"i","email":"a@example.com"}"#,
        ] {
            let claims = with_groups_of(verified.clone(), &token(payload));
            assert!(claims.is_err(), "{payload}");
        }
    }

    proptest! {
        /// A flat claim gives a role only when every word of it is the group of a role.
        #[test]
        fn no_word_among_others_gives_a_role(text in "[\\[\\]]{0,2}(([a-zA-Z0-9]{1,6}|admin|technician)[ ,]{1,2}){1,4}[\\[\\]]{0,2}") {
            let caller = caller(json!({ "sub": "1", "groups": text }));
            let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(&text);
            let known = |word: &str| Role::ALL.iter().any(|role| role.name() == word);
            prop_assert_eq!(!caller.roles.is_empty(), inner.split(' ').all(known));
        }
    }
}
