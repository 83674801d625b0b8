//! Addresses out of headers. What is not an address that we could ever have written to is left out.

use mail_parser::{Addr, HeaderValue};

use super::mime::Headers;
use crate::header::one_line;
use domain::address::{Address, Mailbox};

/// Most addresses that are read of one kind of header.
const MAX_ADDRESSES: usize = 500;
/// Longest raw header value in which addresses are looked for, in bytes.
const MAX_RAW: usize = 8 * 1024;

/// Names and addresses of all fields of this name.
pub(super) fn mailboxes(headers: &Headers, name: &str) -> Vec<Mailbox> {
    headers
        .all(name)
        .filter_map(HeaderValue::as_address)
        .flat_map(mail_parser::Address::iter)
        .take(MAX_ADDRESSES)
        .filter_map(mailbox)
        .collect()
}

/// Whom `From` names; nobody if one of them is not an address of ours to read: who wrote the mail would
/// be a guess. "Sol, Ana <ana@example.com>" without quotes is a name with a comma.
pub(super) fn authors(headers: &Headers) -> Vec<Mailbox> {
    let all = || headers.all("From").filter_map(HeaderValue::as_address);
    let named = all()
        .flat_map(mail_parser::Address::iter)
        .take(MAX_ADDRESSES)
        .filter(|one| !is_name(one))
        .count();
    let mut authors = mailboxes(headers, "From");
    if authors.len() != named || headers.all("From").any(|v| v.as_address().is_none()) {
        return Vec::new();
    }
    // Some programs write the same one twice.
    if let [first, others @ ..] = authors.as_slice()
        && others
            .iter()
            .all(|other| other.address.key() == first.address.key())
    {
        authors.truncate(1);
    }
    authors
}

/// Whether a piece of a list is the front of a name, in which a comma stands.
fn is_name(addr: &Addr<'_>) -> bool {
    let name = addr.name.as_deref().unwrap_or_default();
    addr.address.is_none() && !name.contains(['@', '<'])
}

pub(super) fn addresses(headers: &Headers, name: &str) -> Vec<Address> {
    mailboxes(headers, name)
        .into_iter()
        .map(|mailbox| mailbox.address)
        .collect()
}

fn mailbox(addr: &Addr<'_>) -> Option<Mailbox> {
    let address = Address::parse(addr.address.as_deref()?).ok()?;
    let name = addr.name.as_deref().unwrap_or_default();
    Some(Mailbox::new(one_line(name), address))
}

/// Addresses of fields that `mail-parser` hands over raw.
pub(super) fn raw_addresses(headers: &Headers, name: &str) -> Vec<Address> {
    headers
        .all(name)
        .filter_map(HeaderValue::as_text)
        .take(MAX_ADDRESSES)
        .flat_map(|text| {
            text[..text.floor_char_boundary(MAX_RAW)]
                .split([',', ';', ' ', '\t', '\r', '\n'])
                .filter_map(|word| Address::parse(word.trim_matches(['<', '>', '"'])).ok())
                .collect::<Vec<_>>()
        })
        .take(MAX_ADDRESSES)
        .collect()
}

/// "for x@y" in the newest `Received`: SES names the recipient of the envelope there.
pub(super) fn received_for(headers: &Headers) -> Option<Address> {
    let received = headers.text("Received")?;
    let received = &received[..received.floor_char_boundary(MAX_RAW)];
    let mut words = received.split_ascii_whitespace();
    words.find(|word| word.eq_ignore_ascii_case("for"))?;
    let word = words.next()?;
    Address::parse(word.trim_matches(['<', '>', ';'])).ok()
}
