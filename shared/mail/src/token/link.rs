//! Link tokens: what one link of one mail may do (`{TOKEN(screen, ${ID}, VIEW, minutes)}`).
//!
//! Its fields: action (1 byte), expiry in seconds since 1970 (8), nonce (8), keyed mark of the
//! recipient (6), the ticket (1–64). A link has room, so the ticket is always within; no address is,
//! since links end in logs.

use jiff::Timestamp;

use super::{
    Keyring, RECIPIENT, TicketId, TokenError, Use, recipient_mark, ticket_id, url::UrlClaims,
};
use domain::address::Address;

/// What a link offers. A GET never acts: it shows a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show the ticket, without any decision.
    View,
    /// Approve what the ticket asks for.
    Approve,
    /// Reject what the ticket asks for.
    Reject,
}

impl Action {
    /// All of them, by the name that templates use.
    pub const ALL: [(&'static str, Self); 3] = [
        ("VIEW", Self::View),
        ("APPROVE", Self::Approve),
        ("REJECT", Self::Reject),
    ];

    /// The action of this name, upper case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, action)| *action)
    }

    fn code(self) -> u8 {
        match self {
            Self::View => b'V',
            Self::Approve => b'A',
            Self::Reject => b'R',
        }
    }
}

/// What a genuine link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkClaims {
    /// The ticket that the mail was about.
    pub ticket: TicketId,
    /// What a confirmation would do.
    pub action: Action,
    /// When it stops to be accepted.
    pub expires: Timestamp,
    /// Tells the links of this mail from those of every other one: an action is taken once a nonce.
    pub nonce: [u8; 8],
    key: char,
    recipient: [u8; RECIPIENT],
}

impl Keyring {
    /// Makes the token of a link for `recipient`. The nonce is the caller's: the links of one mail have
    /// the same one.
    pub fn link_token(
        &self,
        ticket: &TicketId,
        recipient: &Address,
        action: Action,
        expires: Timestamp,
        nonce: [u8; 8],
    ) -> String {
        let key = self.signing();
        self.url_token(&LinkClaims {
            ticket: ticket.clone(),
            action,
            expires,
            nonce,
            key: key.id,
            recipient: recipient_mark(key, recipient.key()),
        })
    }

    /// Reads the token of a link.
    ///
    /// # Errors
    /// [`TokenError`]; an expired one still tells what it said.
    pub fn verify_link(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<LinkClaims, TokenError<LinkClaims>> {
        self.verify_url(token, now)
    }

    /// Whether the link was made for this address.
    pub fn is_link_recipient(&self, claims: &LinkClaims, address: &Address) -> bool {
        self.live(claims.key)
            .is_some_and(|key| recipient_mark(key, address.key()) == claims.recipient)
    }
}

impl UrlClaims for LinkClaims {
    const PURPOSE: (Use, Use) = (Use::Link, Use::LinkSeal);

    fn expires(&self) -> Timestamp {
        self.expires
    }

    fn write(&self, payload: &mut Vec<u8>) {
        payload.push(self.action.code());
        payload.extend_from_slice(&self.expires.as_second().to_be_bytes());
        payload.extend_from_slice(&self.nonce);
        payload.extend_from_slice(&self.recipient);
        payload.extend_from_slice(self.ticket.as_str().as_bytes());
    }

    fn read(key: char, fields: &[u8]) -> Option<Self> {
        let (&[action], rest) = fields.split_first_chunk::<1>()?;
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let (nonce, rest) = rest.split_first_chunk::<8>()?;
        let (recipient, ticket) = rest.split_first_chunk::<RECIPIENT>()?;
        let (_, action) = Action::ALL
            .into_iter()
            .find(|(_, known)| known.code() == action)?;
        Some(Self {
            ticket: ticket_id(ticket)?,
            action,
            expires: Timestamp::from_second(i64::from_be_bytes(*expires)).ok()?,
            nonce: *nonce,
            key,
            recipient: *recipient,
        })
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use proptest::prelude::*;

    use super::{
        super::{reply::ReplyAudience, url::MAX_TOKEN},
        *,
    };
    use crate::token::ring;

    fn maria() -> Address {
        "maria@example.com".parse().unwrap()
    }
    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_link_says_what_it_was_made_for() {
        for (name, action) in Action::ALL {
            assert_eq!(Action::parse(name), Some(action));
            let ticket: TicketId = "x".repeat(64).parse().unwrap();
            let token = ring("a").link_token(&ticket, &maria(), action, at(1000), [9; 8]);
            assert!(token.len() <= MAX_TOKEN);
            let claims = ring("a").verify_link(&token, at(1000)).unwrap();
            assert_eq!((&claims.ticket, claims.action), (&ticket, action));
            assert_eq!((claims.expires, claims.nonce), (at(1000), [9; 8]));
            assert!(ring("a").is_link_recipient(&claims, &maria()));
            assert!(!ring("a").is_link_recipient(&claims, &"x@y.com".parse().unwrap()));
            let late = ring("a").verify_link(&token, at(1001));
            assert_eq!(late, Err(TokenError::Expired(claims)));
            assert_eq!(
                ring("b").verify_link(&token, at(1000)),
                Err(TokenError::Foreign)
            );
        }
        assert_eq!(Action::parse("view"), None);
    }

    #[test]
    fn mails_that_left_keep_their_links() {
        let token = "aAUEAAAAAAAAD6AkJCQkJCQkJfTb5fPcBNDcxMZFwSzwhSjBJt2OhRk2YDRcDug";
        let made = ring("a").link_token(
            &TicketId::from_static("4711"),
            &maria(),
            Action::Approve,
            at(1000),
            [9; 8],
        );
        assert_eq!(made, token);
    }

    #[test]
    fn a_view_is_no_approval() {
        let token = ring("a").link_token(
            &TicketId::from_static("1"),
            &maria(),
            Action::View,
            at(1000),
            [0; 8],
        );
        let mut bytes = BASE64URL_NOPAD.decode(&token.as_bytes()[1..]).unwrap();
        bytes[1] = b'A';
        let changed = format!("a{}", BASE64URL_NOPAD.encode(&bytes));
        assert_eq!(
            ring("a").verify_link(&changed, at(0)),
            Err(TokenError::Altered)
        );
    }

    #[test]
    fn a_reply_token_is_no_link() {
        let reply = ring("a")
            .reply_token(
                &TicketId::from_static("12345678901234"),
                &maria(),
                at(1_000_000),
                ReplyAudience::Requester,
            )
            .token;
        let bytes = data_encoding::BASE32_NOPAD_NOCASE
            .decode(&reply.as_bytes()[1..])
            .unwrap();
        let as_link = format!("a{}", BASE64URL_NOPAD.encode(&bytes));
        assert_eq!(
            ring("a").verify_link(&as_link, at(0)),
            Err(TokenError::Forged)
        );
    }

    proptest! {
        #[test]
        fn no_text_panics_or_passes(text in "\\PC{0,80}|a[A-Za-z0-9_-]{0,220}") {
            prop_assert!(ring("a").verify_link(&text, at(0)).is_err());
        }
    }
}
