//! Who sees a ticket, and what of it.

use super::{ReadMark, TicketRecord, TicketView};
use crate::{
    Code, Error, Noun, Result,
    access::{Caller, Role, View},
    entity::Loaded,
    texts,
};
use domain::{
    mask::{mask, mask_within},
    ticket::{Person, Ticket},
};
use render::RichText;

/// The record of a ticket that the caller may see, and how.
///
/// # Errors
/// [`Code::NotFound`], the same for "not there" and "not yours".
pub(crate) fn visible(
    caller: &Caller,
    ticket: Option<Loaded<TicketRecord>>,
) -> Result<(TicketRecord, View)> {
    caller.require(&[Role::Requester, Role::Technician, Role::Admin])?;
    let record = ticket.ok_or_else(not_found)?.value;
    let seen = caller.sees(&record.ticket).ok_or_else(not_found)?;
    Ok((record, seen))
}

/// The record of a ticket, for those who work on it.
///
/// # Errors
/// [`Code::NotFound`] as [`visible`]; [`Code::Forbidden`] for other roles, and for those who
/// see the requester's side.
pub(crate) fn visible_to_desk(
    caller: &Caller,
    ticket: Option<Loaded<TicketRecord>>,
) -> Result<TicketRecord> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let (record, view) = visible(caller, ticket)?;
    match view {
        View::Desk => Ok(record),
        View::Requester => Err(Error::new(
            Code::Forbidden,
            texts::visible::THIS_IS_FOR_THE_TECHNICIANS.phrase(),
        )),
    }
}

pub(crate) fn not_found() -> Error {
    Error::not_found(Noun::Ticket)
}

/// A ticket as the caller sees it, who has read so far; its HTML is safe to show.
pub(crate) fn view(
    record: &TicketRecord,
    mark: ReadMark,
    seen: View,
    caller: &Caller,
) -> TicketView {
    let mut shown = unsanitised(record, mark, seen, caller);
    let description = RichText::sanitise(&shown.ticket.description);
    for text in [
        &mut shown.ticket.description,
        &mut shown.ticket.response,
        &mut shown.ticket.observation,
    ] {
        // What holds no element is safe as it is, and plain text stays plain.
        if text.contains('<') {
            *text = RichText::sanitise(text).html().to_owned();
        }
    }
    description.html().clone_into(&mut shown.description_html);
    description.text().clone_into(&mut shown.description_text);
    shown
}

/// The same for who shows none of its HTML: a list would sanitise what it leaves out.
pub(super) fn unsanitised(
    record: &TicketRecord,
    mark: ReadMark,
    seen: View,
    caller: &Caller,
) -> TicketView {
    let messages = match seen {
        View::Desk => record.messages,
        View::Requester => record.public_messages,
    };
    let mut ticket = record.ticket.clone();
    if seen == View::Requester {
        hide_others(&mut ticket, caller);
    }
    TicketView {
        ticket: ticket.into(),
        description_html: String::new(),
        description_text: String::new(),
        activity_at: record.activity(seen),
        messages,
        unread: mark.unread(record, seen),
        blocked: Vec::new(),
    }
}

/// Leaves of a ticket what somebody on the requester's side may know: of themselves everything, of
/// others no telephone and no address. How to reach the contact and the site's own keys are for the
/// requester, not for those who follow.
fn hide_others(ticket: &mut Ticket, caller: &Caller) {
    let is_me = |person: &Person| caller.is_at(&person.email);
    let is_requester = is_me(&ticket.requester);
    if !is_requester {
        ticket.extra.clear();
    }
    if !is_requester || !is_me(ticket.contact()) {
        ticket.contact_details.clear();
    }
    let people = std::iter::once(&mut ticket.requester)
        .chain(&mut ticket.contact)
        .chain(&mut ticket.followers)
        .chain(&mut ticket.responsible)
        .chain(&mut ticket.owner);
    for person in people {
        if !is_me(person) {
            person.name = mask_within(&person.name, &[]);
            if !person.email.is_empty() {
                person.email = mask(person.email.as_str()).into();
            }
            person.phone.clear();
        }
    }
    for group in [
        &mut ticket.group,
        &mut ticket.level1_group,
        &mut ticket.executor_group,
    ]
    .into_iter()
    .flatten()
    {
        group.addresses.clear();
    }
}
