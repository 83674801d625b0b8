//! Who mail is from, by the contract of its ticket. Stored with the parameters, which everything that
//! makes a mail reads anyway.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    characters::{folded, is_format},
    parameter::Parameters,
};

/// Name of the identity of every contract that has none of its own, and of what its own leaves open.
pub const EVERY_CONTRACT: &str = "*";

/// What an identity says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityState {
    /// Sender, maybe with a name: `Name <address>`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// Domain of the reply addresses of its mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reply_domain: Option<String>,
    /// Value of the key `ASSINATURA`: plain text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signature: Option<String>,
}

/// Who mail about the tickets of a contract is from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The contract as it was written.
    pub contract: String,
    /// The sender and signature in force; none of them once it is removed.
    #[serde(flatten)]
    pub state: IdentityState,
    /// Mark of the last change.
    pub etag: String,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// Who changed it: the `sub` of their token.
    pub updated_by: String,
    /// Name from their token, kept because directories forget people.
    #[serde(default)]
    pub updated_by_name: String,
}

/// A contract's name as it is compared: without case and without characters that nobody sees, however it
/// is spaced and its accents are written.
pub fn contract_key(contract: &str) -> String {
    let seen: String = contract.chars().filter(|c| !is_format(*c)).collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    folded(&words.join(" "))
}

impl Parameters {
    /// What the identity of a contract says, else that of every contract.
    fn identified<'a>(
        &'a self,
        contract: &str,
        say: impl Fn(&'a Identity) -> Option<&'a String>,
    ) -> Option<&'a str> {
        let own = self.identities.get(&contract_key(contract));
        let every = self.identities.get(EVERY_CONTRACT);
        let said = own.and_then(&say).or_else(|| every.and_then(&say));
        said.map(String::as_str)
    }

    /// Sender of mail about a contract's tickets, where an identity says one.
    pub fn from_of(&self, contract: &str) -> Option<&str> {
        self.identified(contract, |identity| identity.state.from.as_ref())
    }

    /// Domain of the reply addresses of mail about a contract's tickets, where an identity says one.
    pub fn reply_domain_of(&self, contract: &str) -> Option<&str> {
        self.identified(contract, |identity| identity.state.reply_domain.as_ref())
    }

    /// Signature of mail about a contract's tickets.
    pub fn signature_of(&self, contract: &str) -> Option<&str> {
        self.identified(contract, |identity| identity.state.signature.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_has_what_its_identity_says_and_else_what_holds_for_all() {
        let identity = |from: Option<&str>, signature: Option<&str>| Identity {
            state: IdentityState {
                from: from.map(str::to_owned),
                signature: signature.map(str::to_owned),
                ..IdentityState::default()
            },
            ..Identity::default()
        };
        let mut parameters = Parameters::default();
        assert_eq!(parameters.from_of("ACME"), None);
        let every = identity(Some("desk@example.com"), Some("Central"));
        parameters.identities.insert("*".to_owned(), every);
        let own = identity(Some("acme@example.com"), None);
        parameters
            .identities
            .insert(contract_key(" Acme  Ltda "), own);
        for contract in ["ACME Ltda", "acme\tltda"] {
            assert_eq!(parameters.from_of(contract), Some("acme@example.com"));
            assert_eq!(parameters.signature_of(contract), Some("Central"));
        }
        assert_eq!(contract_key("Ac\u{327}A\u{303}o"), "a\u{e7}\u{e3}o");
        assert_eq!(contract_key("Con\u{ad}trato \u{200b}X"), "contrato x");
        for contract in ["", "other", "acme"] {
            assert_eq!(parameters.from_of(contract), Some("desk@example.com"));
        }
    }
}
