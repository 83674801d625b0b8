//! Reply tokens: the local part `reply+{token}` of the `Reply-To` of one mail.
//!
//! A token is a key id (one character) and base32 of
//!
//! | bytes | what |
//! |---|---|
//! | 3 | form (1 bit), the recipient's audience (3 bits, see [`ReplyAudience`]), and expiry in hours since 1970 (20 bits, rounded up) |
//! | 6 | keyed mark of the recipient |
//! | 1–14 | the ticket: its id (form 0), or the reference under which it is stored (form 1, 14 bytes) |
//! | 10 | seal: HMAC-SHA-256 over key id and all of the above, 80 bits |
//! | 2 | mark of the seal, see [`super`] |
//!
//! 35 bytes at most are 56 characters, and `reply+` with the key id makes 63 of the 64 that a local
//! part may have. Ticket ids go up to 64 characters: those of more than 14 are stored beside the
//! delivery under their reference ([`reference`], a plain hash: rotation of keys does not lose it).

use data_encoding::BASE32_NOPAD_NOCASE;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use domain::address::{Address, AddressError};

use super::{Keyring, RECIPIENT, TicketId, TokenError, Use, open, recipient_mark, seal, ticket_id};

/// What stands before the token in a local part.
pub const PREFIX: &str = "reply+";
/// Most bytes of a ticket id within a token, and the length of a reference.
pub const MAX_INLINE: usize = 14;
const SEAL: usize = 10;
const PURPOSE: (Use, Use) = (Use::Reply, Use::ReplySeal);
const HOUR: i64 = 3600;
const INLINE: u32 = 0;
const STORED: u32 = 1;

/// Where the recipient of a mail stood when it was sent: what they answer belongs there, also when
/// they have left the ticket since and when their mail program names no mail that it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplyAudience {
    /// On the requester's side.
    #[default]
    Requester = 0,
    /// At the desk, about a public message.
    Desk = 1,
    /// At the desk, about an internal message.
    DeskInternal = 2,
}

impl ReplyAudience {
    const ALL: [Self; 3] = [Self::Requester, Self::Desk, Self::DeskInternal];
}

/// A token that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyToken {
    /// The token, lower case.
    pub token: String,
    /// Set for a long ticket id: the caller stores the ticket under this reference, before the
    /// mail leaves and at least until the token expires.
    pub reference: Option<String>,
}

impl ReplyToken {
    /// The whole reply address.
    ///
    /// # Errors
    /// [`AddressError`] when the domain is not valid.
    pub fn address(&self, domain: &str) -> Result<Address, AddressError> {
        Address::parse(&format!("{PREFIX}{}@{domain}", self.token))
    }
}

/// Which ticket a token is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketRef {
    /// A ticket whose id fits into the token.
    Id(TicketId),
    /// The one stored under this reference.
    Reference(String),
}

/// What a genuine token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyClaims {
    /// The ticket that an answer belongs on.
    pub ticket: TicketRef,
    /// When it stops to be accepted.
    pub expires: Timestamp,
    /// Where its recipient stood.
    pub audience: ReplyAudience,
    key: char,
    recipient: [u8; RECIPIENT],
}

/// The reference under which a ticket with a long id is stored: 28 hexadecimal digits.
pub fn reference(ticket: &TicketId) -> String {
    data_encoding::HEXLOWER.encode(&reference_bytes(ticket))
}

fn reference_bytes(ticket: &TicketId) -> [u8; MAX_INLINE] {
    let digest = Sha256::new_with_prefix(b"mensageria ticket 1 ")
        .chain_update(ticket.as_str())
        .finalize();
    let mut bytes = [0; MAX_INLINE];
    bytes.copy_from_slice(&digest[..MAX_INLINE]);
    bytes
}

/// The token in an address of our reply domain, as it was written; `None` for other addresses.
pub fn in_address<'a>(address: &'a Address, reply_domain: &str) -> Option<&'a str> {
    let local = address.local();
    let prefix = local.get(..PREFIX.len())?;
    let ours = address.domain().eq_ignore_ascii_case(reply_domain);
    (ours && prefix.eq_ignore_ascii_case(PREFIX)).then(|| &local[PREFIX.len()..])
}

impl Keyring {
    /// Makes the token with which `recipient`, who stands there, may answer on `ticket` until `expires`.
    pub fn reply_token(
        &self,
        ticket: &TicketId,
        recipient: &Address,
        expires: Timestamp,
        audience: ReplyAudience,
    ) -> ReplyToken {
        let key = self.signing();
        let inline = ticket.as_str().len() <= MAX_INLINE;
        let (form, bytes) = if inline {
            (INLINE, ticket.as_str().as_bytes().to_vec())
        } else {
            (STORED, reference_bytes(ticket).to_vec())
        };
        let hours = expires.as_second().max(0).div_euclid(HOUR)
            + i64::from(expires.as_second().rem_euclid(HOUR) > 0);
        let hours = u32::try_from(hours).unwrap_or(u32::MAX).min(0xf_ffff);
        let mut payload = vec![key.id as u8];
        payload
            .extend_from_slice(&((audience as u32) << 21 | form << 20 | hours).to_be_bytes()[1..]);
        payload.extend_from_slice(&recipient_mark(key, recipient.key()));
        payload.extend_from_slice(&bytes);
        let sealed = seal(key, PURPOSE, payload, SEAL);
        let text = BASE32_NOPAD_NOCASE
            .encode(&sealed[1..])
            .to_ascii_lowercase();
        ReplyToken {
            token: format!("{}{text}", key.id),
            reference: (!inline).then(|| reference(ticket)),
        }
    }

    /// Reads a token, in any case.
    ///
    /// # Errors
    /// [`TokenError`]; an expired one still tells what it said.
    pub fn verify_reply(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<ReplyClaims, TokenError<ReplyClaims>> {
        let mut chars = token.chars();
        let id = chars
            .next()
            .ok_or(TokenError::Malformed)?
            .to_ascii_lowercase();
        let decoded = BASE32_NOPAD_NOCASE
            .decode(chars.as_str().as_bytes())
            .map_err(|_| TokenError::Malformed)?;
        let ticket_length = decoded
            .len()
            .checked_sub(3 + RECIPIENT + SEAL + super::MARK);
        if !ticket_length.is_some_and(|length| (1..=MAX_INLINE).contains(&length)) {
            return Err(TokenError::Malformed);
        }
        let key = self.live(id).ok_or(TokenError::Foreign)?;
        let mut sealed = vec![id as u8];
        sealed.extend_from_slice(&decoded);
        let payload = open(key, PURPOSE, &sealed, SEAL)?;
        let claims = read(id, &payload[1..]).ok_or(TokenError::Malformed)?;
        if now > claims.expires {
            return Err(TokenError::Expired(claims));
        }
        Ok(claims)
    }

    /// Whether the token was made for this address.
    pub fn is_recipient(&self, claims: &ReplyClaims, address: &Address) -> bool {
        self.live(claims.key)
            .is_some_and(|key| recipient_mark(key, address.key()) == claims.recipient)
    }
}

/// The fields of a payload whose seal was intact: only a newer version of ours can make it fail.
fn read(key: char, payload: &[u8]) -> Option<ReplyClaims> {
    let (head, rest) = payload.split_first_chunk::<3>()?;
    let (recipient, ticket) = rest.split_first_chunk::<RECIPIENT>()?;
    let head = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let ticket = match (head >> 20) & 1 {
        INLINE => TicketRef::Id(ticket_id(ticket)?),
        _ => TicketRef::Reference(data_encoding::HEXLOWER.encode(ticket)),
    };
    let audience = ReplyAudience::ALL
        .into_iter()
        .find(|audience| *audience as u32 == head >> 21)?;
    let expires = Timestamp::UNIX_EPOCH
        .checked_add(SignedDuration::from_hours(i64::from(head & 0xf_ffff)))
        .ok()?;
    Some(ReplyClaims {
        ticket,
        expires,
        audience,
        key,
        recipient: *recipient,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::token::ring;

    fn id(text: &str) -> TicketId {
        text.parse().unwrap()
    }
    fn maria() -> Address {
        "maria@example.com".parse().unwrap()
    }
    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }
    const NOW: &str = "2026-01-01T10:00:00Z";
    const LATER: &str = "2026-04-01T10:20:00Z";

    #[test]
    fn a_token_says_what_it_was_made_for() {
        let token =
            ring("a").reply_token(&id("4211"), &maria(), at(LATER), ReplyAudience::Requester);
        assert_eq!(token.reference, None);
        assert_eq!(token.token.len(), 1 + 40);
        let claims = ring("a").verify_reply(&token.token, at(NOW)).unwrap();
        assert_eq!(claims.ticket, TicketRef::Id(id("4211")));
        assert_eq!(claims.expires, at("2026-04-01T11:00:00Z"));
        assert!(ring("a").is_recipient(&claims, &"MARIA@Example.com".parse().unwrap()));
        assert!(!ring("a").is_recipient(&claims, &"bia@example.com".parse().unwrap()));
    }

    #[test]
    fn the_longest_local_part_fits() {
        for ticket in ["INC-2024-00001", &"x".repeat(64)] {
            let token =
                ring("a").reply_token(&id(ticket), &maria(), at(LATER), ReplyAudience::Requester);
            let address = token.address("reply.example.com").unwrap();
            assert_eq!(address.local().len(), 63);
            let upper: Address = address.as_str().to_uppercase().parse().unwrap();
            let found = in_address(&upper, "reply.example.com").unwrap();
            assert!(ring("a").verify_reply(found, at(NOW)).is_ok());
        }
    }

    #[test]
    fn a_long_ticket_is_found_by_its_reference() {
        let ticket = id(&"a".repeat(15));
        let token = ring("a").reply_token(&ticket, &maria(), at(LATER), ReplyAudience::Requester);
        assert_eq!(token.reference, Some(reference(&ticket)));
        let claims = ring("a").verify_reply(&token.token, at(NOW)).unwrap();
        assert_eq!(claims.ticket, TicketRef::Reference(reference(&ticket)));
    }

    #[test]
    fn an_old_key_verifies_until_it_is_dropped() {
        let token = ring("a")
            .reply_token(&id("1"), &maria(), at(LATER), ReplyAudience::Requester)
            .token;
        assert!(ring("ba").verify_reply(&token, at(NOW)).is_ok());
        assert_eq!(
            ring("b").verify_reply(&token, at(NOW)),
            Err(TokenError::Foreign)
        );
        assert!(
            ring("ba")
                .reply_token(&id("1"), &maria(), at(LATER), ReplyAudience::Requester)
                .token
                .starts_with('b')
        );
    }

    #[test]
    fn each_fault_has_its_name() {
        let ring = ring("a");
        let token = ring
            .reply_token(&id("4211"), &maria(), at(LATER), ReplyAudience::Requester)
            .token;
        let other = ring
            .reply_token(&id("9999"), &maria(), at(LATER), ReplyAudience::Requester)
            .token;
        // The seal and its mark are the last 12 bytes; 13 bytes of payload are 20.8 characters.
        let bytes = |token: &str| BASE32_NOPAD_NOCASE.decode(&token.as_bytes()[1..]).unwrap();
        let text = |bytes: &[u8]| format!("a{}", BASE32_NOPAD_NOCASE.encode(bytes));
        let pasted = text(&[&bytes(&other)[..13], &bytes(&token)[13..]].concat());
        let made_up = text(&[&bytes(&token)[..13], &[7; 12][..]].concat());
        for (input, code) in [
            ("", "TOKEN_MALFORMED"),
            ("a", "TOKEN_MALFORMED"),
            ("reply", "TOKEN_MALFORMED"),
            ("aé", "TOKEN_MALFORMED"),
            (&token[..20], "TOKEN_MALFORMED"),
            (&token[..token.len() - 1], "TOKEN_FORGED"),
            (&format!("{token}a"), "TOKEN_MALFORMED"),
            (&format!("z{}", &token[1..]), "TOKEN_FOREIGN"),
            (&pasted, "TOKEN_ALTERED"),
            (&made_up, "TOKEN_FORGED"),
        ] {
            let error = ring.verify_reply(input, at(NOW)).unwrap_err();
            assert_eq!(error.reason().code(), code, "{input}");
        }
        let late = ring.verify_reply(&token, at("2026-04-01T11:00:01Z"));
        let Err(TokenError::Expired(claims)) = late else {
            panic!("{late:?}");
        };
        assert_eq!(claims.ticket, TicketRef::Id(id("4211")));
    }

    #[test]
    fn other_addresses_hold_no_token() {
        for other in [
            "maria@r.com",
            "reply@r.com",
            "replyabc@r.com",
            "reply+x@other.com",
        ] {
            assert_eq!(
                in_address(&other.parse().unwrap(), "r.com"),
                None,
                "{other}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_changed_token_passes(place in 0usize..41, with in "[a-z2-7]") {
            let token = ring("a").reply_token(&id("4211"), &maria(), at(LATER), ReplyAudience::Requester).token;
            let mut changed = token.clone();
            changed.replace_range(place..=place, &with);
            if changed != token {
                prop_assert!(ring("a").verify_reply(&changed, at(NOW)).is_err());
            }
        }
        #[test]
        fn no_text_panics_or_passes(text in "\\PC{0,80}|[a-z2-7]{0,64}") {
            prop_assert!(ring("a").verify_reply(&text, at(NOW)).is_err());
        }
        #[test]
        fn every_ticket_and_audience_comes_back(ticket in "[A-Za-z0-9._-]{1,64}", audience in prop::sample::select(&ReplyAudience::ALL)) {
            let ticket = id(&ticket);
            let token = ring("a").reply_token(&ticket, &maria(), at(LATER), audience);
            let expected = match &token.reference {
                None => TicketRef::Id(ticket.clone()),
                Some(reference) => TicketRef::Reference(reference.clone()),
            };
            prop_assert_eq!(token.reference.is_some(), ticket.as_str().len() > MAX_INLINE);
            let claims = ring("a").verify_reply(&token.token, at(NOW)).unwrap();
            prop_assert_eq!((claims.ticket, claims.audience), (expected, audience));
        }
    }
}
