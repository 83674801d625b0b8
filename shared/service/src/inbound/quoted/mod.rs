//! Whether what a mail marks as quotation stands in what we sent about its ticket, and whether somebody
//! wrote into it.

mod forms;

use std::cell::LazyCell;

use self::forms::Forms;
use super::evidence::part;
use crate::{
    App, Result,
    desk::messages::{self, StoredMessage},
    outgoing::mailing,
    pages,
};
use domain::{
    address::{Mailbox, WrittenAddress},
    message::{Message, Visibility},
    parameter::Parameters,
    system::is_system,
    ticket::Ticket,
};
use mail::{
    inbound::{InboundMail, may_be_ours},
    reply::{Passage, Sent, Vocabulary, quotes},
};
use storage::{Item, Query, Range, Source, keys};

/// How many of the last messages are looked at.
const RECENT: usize = 50;
/// Of how many of them the mail is made once more.
const MADE: usize = 8;

/// What of a quotation is its author's.
pub(super) struct Own {
    /// One flag for each unproven passage: whether it quotes neither a mail of ours, nor the ticket, nor
    /// one of its last messages.
    pub(super) passages: Vec<bool>,
    /// Whether words stand within a mail of ours, or below it, that we did not send.
    pub(super) within: bool,
    /// The reply, if words stand in front of our name in the line over the quotation.
    pub(super) before_name: Option<String>,
}

/// What of the quotation in this mail is its author's.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn own(
    app: &App,
    parameters: &Parameters,
    ticket: &Ticket,
    mail: &InboundMail,
) -> Result<Own> {
    let reply = &mail.reply;
    let senders = messages::senders(app, parameters);
    // As whose the mail that is answered was shown: ours, or of somebody who takes part.
    let desks = [
        mailing::sender_of(&app.settings, parameters, &ticket.contract),
        mailing::sender(&app.settings, parameters),
    ];
    let people = ticket.participants().map(|one| one.name);
    let names: Vec<&str> = desks
        .iter()
        .flatten()
        .map(|desk| desk.name.as_str())
        .chain(people)
        .collect();
    // A block of headers says who wrote what is below it, and so does an attribution. One of somebody
    // who takes part is of a mail beside ours.
    let sent = |passage: &Passage| match passage.from.as_ref().map(WrittenAddress::parsed) {
        Some(Ok(from)) => {
            is_system(from, messages::ours(app, &senders)).is_some()
                || passage.attributed && part(ticket, parameters, from).is_some()
        }
        Some(Err(_)) => passage.attributed,
        None => names.iter().any(|name| holds_name(&passage.head, name)),
    };
    let texts = [&ticket.description, &ticket.response, &ticket.observation];
    let unproven = reply.unproven.iter();
    let passages: Vec<&Passage> = unproven.flat_map(|unproven| &unproven.passages).collect();
    let of_author = |passage: &&Passage| {
        !sent(passage) && !texts.iter().any(|text| quotes(&passage.quoted, text))
    };
    let mut own = Own {
        passages: passages.iter().map(of_author).collect(),
        within: false,
        before_name: reply.with_words_before(&names),
    };
    // What shows all of itself has lost nothing.
    let quotation = match !reply.nothing_new && reply.text == reply.full {
        true => &[],
        false => reply.quotation.as_slice(),
    };
    if !own.passages.contains(&true) && quotation.is_empty() {
        return Ok(own);
    }
    let source = Source::Partition(keys::ticket_partition(&ticket.id));
    let query = Query::of(source, RECENT)
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .descending();
    let recent = pages::items(app, query).await?;
    let recent = recent.iter().map(Item::decode);
    let recent: Vec<StoredMessage> = recent.collect::<std::result::Result<_, _>>()?;
    for StoredMessage { message, .. } in &recent {
        for (own, passage) in own.passages.iter_mut().zip(&passages) {
            *own = *own && !quotes(&passage.quoted, &message.text);
        }
    }
    let Some(sender) = mail.sender().filter(|_| !reply.quotation.is_empty()) else {
        return Ok(own);
    };
    let messages = recent.iter().map(|stored| &stored.message);
    let sent_to: Vec<&Message> = messages.filter(|message| went(message, sender)).collect();
    // A mail program marks what it answers. Where nothing is left to compare it with, that is ours.
    let answers_ours = mail.in_reply_to.iter().any(|id| may_be_ours(id));
    if sent_to.is_empty() && answers_ours {
        for (own, passage) in own.passages.iter_mut().zip(&passages) {
            *own = *own && !passage.answered;
        }
    }
    // What its author may have cut down to a few words, and answered below them.
    let cut = passages
        .iter()
        .find(|passage| passage.headed && sent(passage));
    let cut = cut.filter(|_| !quotation.is_empty());
    // The mails are made again where one of them may be quoted: that is one read more.
    let vocabulary = LazyCell::new(|| Vocabulary::of(&reply.quotation));
    let (mut quoted, others): (Vec<&Message>, Vec<&Message>) = sent_to
        .iter()
        .partition(|message| vocabulary.may_hold(&message.text));
    quoted.truncate(MADE);
    // Of these half may be quoted; of the others, a part.
    let half = quoted.len();
    if cut.is_some() {
        let parts = others.into_iter();
        quoted.extend(parts.filter(|message| vocabulary.may_hold_part(&message.text)));
    }
    quoted.truncate(MADE);
    // What stands in every mail is known from any of them.
    let beside = answers_ours && cut.is_some_and(|cut| !cut.answered);
    if quoted.is_empty() && beside {
        quoted.extend(sent_to.first());
    }
    if quoted.is_empty() {
        return Ok(own);
    }
    let forms = Forms::read(app, parameters, ticket, sender).await?;
    let mut all = Vec::new();
    for (at, message) in quoted.iter().enumerate() {
        let sent = forms.sent(message);
        if at < half {
            for (own, passage) in own.passages.iter_mut().zip(&passages) {
                *own = *own && !sent.iter().any(|sent| sent.holds(&passage.quoted));
            }
            let added = |mail: &String| sent.iter().any(|sent| sent.is_added_to(mail));
            own.within = own.within || quotation.iter().any(added);
        }
        all.extend(sent);
    }
    if let Some(cut) = cut.filter(|_| !all.is_empty())
        && quoted.iter().all(|message| forms.are_of(message))
    {
        all.extend(texts.iter().map(|text| Sent::of("", "", text)));
        let known = || {
            let messages = recent.iter().map(|stored| &stored.message.text);
            messages.chain(texts).any(|text| quotes(&cut.quoted, text))
        };
        own.within = own.within
            || Sent::is_added_to_part(&all, &cut.quoted)
            || beside && Sent::is_answer_beside(&all, &cut.quoted) && !known();
    }
    Ok(own)
}

/// Whether this name stands in a line over a quotation, and not within another: Ana is not Mariana.
fn holds_name(head: &str, name: &str) -> bool {
    let (head, name) = (head.to_lowercase(), name.trim().to_lowercase());
    let stands_alone = |at: usize| {
        let before = head[..at].chars().next_back();
        let after = head[at + name.len()..].chars().next();
        let mut beside = before.into_iter().chain(after);
        !beside.any(char::is_alphanumeric)
    };
    !name.is_empty() && head.match_indices(&name).any(|(at, _)| stands_alone(at))
}

/// Whether a message can have gone to somebody: nobody is sent what they wrote, nor a note.
fn went(message: &Message, to: &Mailbox) -> bool {
    let author = message.author.email.as_ref();
    message.visibility == Visibility::Public && author.is_none_or(|one| one != to.address.key())
}
