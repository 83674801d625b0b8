//! An address with a name beside it.

use super::{Address, AddressError};

/// A name and an address, as a header shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// Display name; empty when there is none. Any text: what writes headers makes it harmless.
    pub name: String,
    /// Where the mail goes: what is compared, never the name beside it.
    pub address: Address,
}

impl Mailbox {
    /// A mailbox of these two.
    pub fn new(name: impl Into<String>, address: Address) -> Self {
        Self {
            name: name.into(),
            address,
        }
    }

    /// Reads `maria@example.com` or `Maria <maria@example.com>`: what people type into a setting.
    ///
    /// # Errors
    /// Those of [`Address::parse`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        match text
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
        {
            Some((name, address)) => {
                let name = name.trim();
                let quoted = name
                    .strip_prefix('"')
                    .and_then(|rest| rest.strip_suffix('"'));
                let name =
                    quoted.map_or_else(|| name.to_owned(), |inner| inner.replace("\\\"", "\""));
                Ok(Self::new(name, Address::parse(address)?))
            }
            None => Ok(Self::new("", Address::parse(text)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_mailboxes() {
        for (input, name, address) in [
            ("desk@example.com", "", "desk@example.com"),
            (
                "Central de Serviços <desk@example.com>",
                "Central de Serviços",
                "desk@example.com",
            ),
            (
                "\"Desk, \\\"one\\\"\" <desk@example.com>",
                "Desk, \"one\"",
                "desk@example.com",
            ),
            ("<desk@example.com>", "", "desk@example.com"),
        ] {
            let mailbox = Mailbox::parse(input).unwrap();
            assert_eq!(
                (mailbox.name.as_str(), mailbox.address.as_str()),
                (name, address)
            );
        }
        assert!(Mailbox::parse("Desk <desk>").is_err());
    }
}
