//! Any text as a token, and tokens of ours that were changed: nothing that we did not make passes,
//! and what we made says what it was made for.

#![no_main]

use arbitrary::Arbitrary;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use domain::{address::Address, id::TicketId};
use mail::token::{Keyring, TokenKey, file::FileClaims, link::Action, reply::{ReplyAudience, TicketRef, reference}};
use uuid::Uuid;

#[derive(Arbitrary, Debug)]
struct Input {
    text: String,
    ticket: String,
    hours: u16,
    action: u8,
    nonce: [u8; 8],
    place: u8,
    with: u8,
}

fuzz_target!(|input: Input| {
    let now = Timestamp::from_second(1_790_000_000).expect("a time");
    // Keys that sign nothing here: the fuzzer learns whole tokens from the comparisons below.
    let unused = ring(0);
    assert!(unused.verify_reply(&input.text, now).is_err());
    assert!(unused.verify_link(&input.text, now).is_err());
    assert!(unused.verify_file(&input.text, now).is_err());
    let ring = ring(1);

    let known = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let ticket: String = input.ticket.chars().filter(known).take(64).collect();
    let Ok(ticket) = ticket.parse::<TicketId>() else {
        return;
    };
    let maria: Address = "maria@example.com".parse().expect("an address");
    let expires = Timestamp::from_second(now.as_second() + i64::from(input.hours) * 3600).expect("a time");

    let reply = ring.reply_token(&ticket, &maria, expires, ReplyAudience::Requester).token;
    let claims = ring.verify_reply(&reply.to_ascii_uppercase(), now).expect("ours");
    let named = match &claims.ticket {
        TicketRef::Id(id) => *id == ticket,
        TicketRef::Reference(stored) => *stored == reference(&ticket),
    };
    assert!(named && ring.is_recipient(&claims, &maria));
    if let Some(changed) = changed(&reply, &input)
        && !changed.eq_ignore_ascii_case(&reply)
    {
        assert!(ring.verify_reply(&changed, now).is_err(), "{changed}");
    }

    let (_, action) = Action::ALL[usize::from(input.action) % Action::ALL.len()];
    let link = ring.link_token(&ticket, &maria, action, expires, input.nonce);
    let claims = ring.verify_link(&link, now).expect("ours");
    assert_eq!((&claims.ticket, claims.action, claims.nonce), (&ticket, action, input.nonce));
    assert_eq!(claims.expires, expires);
    assert!(ring.is_link_recipient(&claims, &maria));
    if let Some(changed) = changed(&link, &input)
        && changed != link
    {
        assert!(ring.verify_link(&changed, now).is_err(), "{changed}");
    }

    let file = FileClaims {
        ticket,
        message: Uuid::from_u64_pair(u64::from_be_bytes(input.nonce), 0),
        number: input.hours,
        holder: None,
        expires,
    };
    let token = ring.file_token(&file);
    assert_eq!(ring.verify_file(&token, now).as_ref(), Ok(&file));
    if let Some(changed) = changed(&token, &input)
        && changed != token
    {
        assert!(ring.verify_file(&changed, now).is_err(), "{changed}");
    }

    // One kind never passes as another.
    for other in [&reply, &token] {
        assert!(ring.verify_link(other, now).is_err());
    }
    for other in [&link, &token] {
        assert!(ring.verify_reply(other, now).is_err());
    }
    for other in [&reply, &link] {
        assert!(ring.verify_file(other, now).is_err());
    }
});

/// A ring of two keys made of this byte.
fn ring(secret: u8) -> Keyring {
    let keys = ['a', 'b'].map(|id| TokenKey { id, secret: vec![id as u8 ^ secret; 32] });
    Keyring::new(&keys).expect("two keys")
}

/// The token with one byte replaced; none when that is not text.
fn changed(token: &str, input: &Input) -> Option<String> {
    let mut bytes = token.as_bytes().to_vec();
    let place = usize::from(input.place) % bytes.len();
    bytes[place] = input.with;
    String::from_utf8(bytes).ok()
}
