//! File tokens: the link under which one file of one message may be taken for a while.
//!
//! Its fields: expiry in seconds since 1970 (8 bytes), message (16), number of the file (2); where it
//! was made for somebody on the ticket a zero and the keyed mark of their address (6); the ticket
//! (1–64, none of which begins with a zero byte). Nothing in it tells a name or an address: links end
//! in logs.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    AddressKey, Keyring, RECIPIENT, TicketId, TokenError, Use, recipient_mark, ticket_id,
    url::UrlClaims,
};

/// Says that the mark of a holder follows.
const HELD: u8 = 0;

/// For whom a link to a file was made: an address, told by its keyed mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    key: char,
    mark: [u8; RECIPIENT],
}

/// What a genuine link to a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileClaims {
    /// The ticket of the message.
    pub ticket: TicketId,
    /// The message that has the file.
    pub message: Uuid,
    /// Which of its files, from 0.
    pub number: u16,
    /// For whom it was made. Nobody: for a caller whose right their own token gave, so it lasts for
    /// minutes, or by an earlier release.
    pub holder: Option<Holder>,
    /// When it stops to be accepted.
    pub expires: Timestamp,
}

impl Keyring {
    /// Whoever has this address, as the holder of links that are made now.
    pub fn holder(&self, address: &AddressKey) -> Holder {
        let key = self.signing();
        Holder {
            key: key.id,
            mark: recipient_mark(key, address),
        }
    }

    /// Whether this is the address of a holder.
    pub fn is_holder(&self, holder: Holder, address: &AddressKey) -> bool {
        self.live(holder.key)
            .is_some_and(|key| recipient_mark(key, address) == holder.mark)
    }

    /// Makes the token of a link to a file.
    pub fn file_token(&self, claims: &FileClaims) -> String {
        self.url_token(claims)
    }

    /// Reads the token of a link to a file.
    ///
    /// # Errors
    /// [`TokenError`]; an expired one still tells what it said.
    pub fn verify_file(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<FileClaims, TokenError<FileClaims>> {
        self.verify_url(token, now)
    }
}

impl UrlClaims for FileClaims {
    const PURPOSE: (Use, Use) = (Use::File, Use::FileSeal);

    fn expires(&self) -> Timestamp {
        self.expires
    }

    fn write(&self, payload: &mut Vec<u8>) {
        payload.extend_from_slice(&self.expires.as_second().to_be_bytes());
        payload.extend_from_slice(self.message.as_bytes());
        payload.extend_from_slice(&self.number.to_be_bytes());
        if let Some(holder) = self.holder {
            payload.push(HELD);
            payload.extend_from_slice(&holder.mark);
        }
        payload.extend_from_slice(self.ticket.as_str().as_bytes());
    }

    fn read(key: char, fields: &[u8]) -> Option<Self> {
        let (expires, rest) = fields.split_first_chunk::<8>()?;
        let (message, rest) = rest.split_first_chunk::<16>()?;
        let (number, rest) = rest.split_first_chunk::<2>()?;
        let (holder, ticket) = match rest {
            [HELD, rest @ ..] => {
                let (mark, ticket) = rest.split_first_chunk::<RECIPIENT>()?;
                (Some(Holder { key, mark: *mark }), ticket)
            }
            ticket => (None, ticket),
        };
        Some(Self {
            ticket: ticket_id(ticket)?,
            message: Uuid::from_bytes(*message),
            number: u16::from_be_bytes(*number),
            holder,
            expires: Timestamp::from_second(i64::from_be_bytes(*expires)).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{
        super::{reply::ReplyAudience, url::MAX_TOKEN},
        *,
    };
    use crate::token::ring;

    #[test]
    fn a_link_says_what_it_was_made_for_until_it_ends() {
        let claims = FileClaims {
            ticket: "x".repeat(64).parse().unwrap(),
            message: Uuid::now_v7(),
            number: 3,
            holder: Some(ring("a").holder(&"maria@example.com".parse().unwrap())),
            expires: Timestamp::from_second(1_700_000_000).unwrap(),
        };
        let token = ring("a").file_token(&claims);
        assert!(token.len() <= MAX_TOKEN, "{}", token.len());
        assert_eq!(
            ring("a").verify_file(&token, claims.expires).as_ref(),
            Ok(&claims)
        );
        let late = claims.expires + SignedDuration::from_secs(1);
        assert_eq!(
            ring("a").verify_file(&token, late),
            Err(TokenError::Expired(claims.clone()))
        );
        assert_eq!(
            ring("b").verify_file(&token, claims.expires),
            Err(TokenError::Foreign)
        );
        // The last character may hold bits that no byte has: whatever is changed, nothing passes.
        for at in 1..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(
                ring("a").verify_file(&other, claims.expires).is_err(),
                "{at}"
            );
        }
    }

    #[test]
    fn mails_that_left_keep_their_links() {
        let claims = FileClaims {
            ticket: TicketId::from_static("4711"),
            message: Uuid::from_bytes([7; 16]),
            number: 3,
            holder: None,
            expires: Timestamp::from_second(1000).unwrap(),
        };
        let token = "aAQAAAAAAAAPoBwcHBwcHBwcHBwcHBwcHBwADNDcxMeJfryvuynswGh_RKT4vg7E7pw";
        assert_eq!(ring("a").file_token(&claims), token);
    }

    #[test]
    fn a_holder_is_known_by_every_key_that_made_links() {
        let (maria, rui) = ("Maria@example.com", "rui@example.com");
        let (maria, rui) = (maria.parse().unwrap(), rui.parse().unwrap());
        let holder = ring("b").holder(&maria);
        let both = ring("ab");
        assert!(both.is_holder(holder, &maria) && !both.is_holder(holder, &rui));
        assert!(!ring("a").is_holder(holder, &maria));
    }

    #[test]
    fn no_other_token_passes_for_a_link_to_a_file() {
        let maria = "maria@example.com".parse().unwrap();
        let later = Timestamp::from_second(4_000_000_000).unwrap();
        let reply = ring("a")
            .reply_token(
                &TicketId::from_static("4211"),
                &maria,
                later,
                ReplyAudience::Requester,
            )
            .token;
        assert!(
            ring("a")
                .verify_file(&reply, Timestamp::UNIX_EPOCH)
                .is_err()
        );
    }
}
