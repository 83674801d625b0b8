//! From a ticket, a message and a template to one mail: what is previewed and what is sent.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    outgoing::attachments::{self, Attachments},
    outgoing::thread::ThreadPosition,
    settings::Settings,
};
use domain::{
    address::{Address, AddressError, Mailbox},
    delivery::Recipient,
    diagnostic::Diagnostic,
    message::{Message, Visibility},
    parameter::{self, Parameters},
    source::{Rendered, Source},
    ticket::Ticket,
};
use mail::{
    compose::{self, ComposeError, Composed, Envelope},
    thread::{Thread, header_id},
    token::{Keyring, link, reply::ReplyAudience},
};
use render::{
    Action, Compiled, RenderContext, RenderError, TokenSpec, Values, ValuesContext, values,
};

/// How long a recipient may answer by mail.
const REPLY_LIFE: SignedDuration = SignedDuration::from_hours(180 * 24);

/// What a mail is made from.
#[derive(Clone, Copy, Debug)]
pub struct MailInput<'a> {
    /// Settings of this process.
    pub settings: &'a Settings,
    /// The parameters as they are now, not as they were when the message was posted.
    pub parameters: &'a Parameters,
    /// Keys that sign reply tokens and links to files, when there are any.
    pub keys: Option<&'a Keyring>,
    /// Keys that sign the links of `{TOKEN(…)}`. A preview has none: whoever reads it is not the person
    /// whose decision the link would take, and its links lead to the ticket.
    pub link_keys: Option<&'a Keyring>,
    /// Whom the mail is from, see [`sender`].
    pub sender: &'a Mailbox,
    /// The ticket as it is now.
    pub ticket: &'a Ticket,
    /// The message, which never changes.
    pub message: &'a Message,
    /// Whom it goes to.
    pub to: &'a Recipient,
    /// Delivery and attempt, for the mail's id.
    pub delivery: (Uuid, u32),
    /// Date of the mail.
    pub date: Timestamp,
    /// Place in the thread of mails to the recipient.
    pub thread_position: &'a ThreadPosition,
    /// Files of the message that travel with it.
    pub attachments: &'a Attachments,
    /// Tag of the language in which the template's variant is written, see
    /// [`Content::tag_sent`](domain::template::Content::tag_sent).
    pub locale: &'a str,
}

/// A mail, ready to go.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Envelope sender: where bounces go.
    pub from: Address,
    /// Envelope recipient, always one.
    pub to: Address,
    /// The mail's `Message-ID`, `<…@…>`.
    pub header_id: String,
    /// What the template made of the ticket and the message.
    pub rendered: Rendered,
    /// The MIME message, byte for byte what is sent.
    pub composed: Composed,
    /// The reference that a reply token uses for a ticket with a long id: it must be stored
    /// before the mail leaves.
    pub reference: Option<String>,
}

/// Why no mail could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The recipient's address cannot stand in a header.
    #[error("the recipient's address cannot be used: {0}")]
    Recipient(AddressError),
    /// The template could not be filled.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The mail could not be put together.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

/// The sender of mail about a contract's tickets: that of its identity, else that of all mail. An
/// address alone keeps the name of the desk.
pub fn sender_of(settings: &Settings, parameters: &Parameters, contract: &str) -> Option<Mailbox> {
    let desk = sender(settings, parameters);
    let own = parameters.from_of(contract);
    let Some(mut own) = own.and_then(|from| Mailbox::parse(from).ok()) else {
        return desk;
    };
    if own.name.trim().is_empty() {
        own.name = desk.map(|desk| desk.name).unwrap_or_default();
    }
    Some(own)
}

/// The sender of all mail: parameter 10, else `MAIL_FROM`; `None` when neither is an address. Who
/// sets parameter 10 to an address alone keeps the name that `MAIL_FROM` gives the desk.
pub fn sender(settings: &Settings, parameters: &Parameters) -> Option<Mailbox> {
    let fallback = settings.mail_from.as_ref();
    let own = parameters.value(parameter::SENDER);
    let Some(mut sender) = own.and_then(|text| Mailbox::parse(text).ok()) else {
        return fallback.cloned();
    };
    if sender.name.trim().is_empty() {
        sender.name = fallback.map_or_else(String::new, |desk| desk.name.clone());
    }
    Some(sender)
}

/// The language in which a recipient wants mail.
pub fn locale<'a>(settings: &'a Settings, to: &'a Recipient) -> &'a str {
    to.locale.as_deref().unwrap_or(&settings.default_locale)
}

/// Base of links to tickets: parameter 33, else the addresses of the console.
fn ticket_links(settings: &Settings, parameters: &Parameters) -> Option<String> {
    let own = parameters.value(parameter::LINK_BASE).map(str::to_owned);
    let console = || {
        settings
            .console_url
            .as_ref()
            .map(|url| format!("{url}/app"))
    };
    own.or_else(console)
}

/// Base of signed links, which this system answers itself: parameter 33, else where the console is.
fn signed_links<'a>(settings: &'a Settings, parameters: &'a Parameters) -> Option<&'a str> {
    let own = parameters.value(parameter::LINK_BASE);
    own.or(settings.console_url.as_deref())
}

impl MailInput<'_> {
    /// Makes the mail. The same input and template make the same bytes.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn mail(&self, template: &Compiled) -> Result<Mail, MailError> {
        self.mail_with(template, &self.values())
    }

    /// What the keys stand for in this mail.
    pub fn values(&self) -> Values {
        values(self.ticket, self.message, &self.context())
    }

    /// Where a template fails on these values, for people who may see them all.
    pub fn failure(&self, template: &Source, values: &Values) -> Option<Diagnostic> {
        let context = self.context();
        let rendering = RenderContext {
            locale: context.locale,
            time_zone: context.time_zone,
            link_maker: None,
        };
        render::failure(template, values, &rendering)
    }

    /// The same with values of the caller's choice: the catalogue's samples.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn mail_with(&self, template: &Compiled, values: &Values) -> Result<Mail, MailError> {
        let to = self.to.address.parsed().map_err(MailError::Recipient)?;
        let domain = self
            .settings
            .reply_domain
            .as_deref()
            .unwrap_or(self.sender.address.domain());
        let context = self.context();
        let make = |spec: &TokenSpec| self.link(spec, to).unwrap_or_default();
        let rendering = RenderContext {
            locale: context.locale,
            time_zone: context.time_zone.clone(),
            link_maker: self.signs_links().then_some(&make),
        };
        let mut rendered = template.render(values, &rendering)?;
        let attachments = attachments::show(&mut rendered, self.message, self.attachments, domain);
        attachments::mention(
            &mut rendered,
            self.settings,
            self.keys,
            to,
            self.message,
            self.attachments,
            context.locale.language,
            self.date,
        );
        let (reply_to, reference) = self.reply_to(to);
        let (delivery, attempt) = self.delivery;
        let envelope = Envelope {
            from: self.from(),
            to: Mailbox::new(self.to.name.clone(), to.clone()),
            reply_to,
            date: self.date,
            header_id: header_id(delivery, attempt, domain),
            thread: Thread {
                ticket: self.ticket.id.clone(),
                domain: domain.to_owned(),
                earlier: self.thread_position.earlier.clone(),
                in_reply_to: self.thread_position.last_mail.clone(),
            },
            attachments,
        };
        let composed = compose::compose(&envelope, &rendered)?;
        let from = self.sender.address.clone();
        Ok(Mail {
            from,
            to: to.clone(),
            header_id: envelope.header_id,
            rendered,
            composed,
            reference,
        })
    }

    fn context(&self) -> ValuesContext {
        let zone = self
            .to
            .time_zone
            .as_deref()
            .unwrap_or(&self.settings.default_time_zone);
        let link_base = ticket_links(self.settings, self.parameters);
        let replies = self.settings.takes_replies();
        ValuesContext::new(self.locale, zone, link_base.as_deref())
            .answered(replies)
            .signed(self.parameters.signature_of(&self.ticket.contract))
    }

    /// The sender under its own name, or under the author's when it has none.
    fn from(&self) -> Mailbox {
        let own = self.sender.name.trim();
        let name = if own.is_empty() {
            self.message.author.name.as_str()
        } else {
            own
        };
        Mailbox::new(name, self.sender.address.clone())
    }

    fn signs_links(&self) -> bool {
        self.link_keys.is_some() && signed_links(self.settings, self.parameters).is_some()
    }

    /// The signed link that a `{TOKEN(…)}` asks for. The links of one mail share a nonce: what they
    /// offer is decided once, and a mail that is sent again does not offer it anew.
    fn link(&self, spec: &TokenSpec, to: &Address) -> Option<String> {
        let base = signed_links(self.settings, self.parameters)?;
        let digest = Sha256::new_with_prefix(b"mensageria link nonce 1 ")
            .chain_update(self.delivery.0)
            .finalize();
        let nonce = *digest.first_chunk()?;
        let action = match spec.action {
            Action::View => link::Action::View,
            Action::Approve => link::Action::Approve,
            Action::Reject => link::Action::Reject,
        };
        let expires = self.date + SignedDuration::from_mins(i64::from(spec.minutes));
        let token = self
            .link_keys?
            .link_token(&self.ticket.id, to, action, expires, nonce);
        Some(format!("{}/links/{token}", base.trim_end_matches('/')))
    }

    /// The domain of reply addresses: that of the contract's identity, while mail to it comes in here.
    fn reply_domain(&self) -> Option<&str> {
        let wanted = self.parameters.reply_domain_of(&self.ticket.contract);
        let mut known = self.settings.reply_domains();
        let own = wanted.and_then(|wanted| known.find(|domain| *domain == wanted));
        own.or(self.settings.reply_domain.as_deref())
    }

    fn reply_to(&self, to: &Address) -> (Option<Address>, Option<String>) {
        let (Some(domain), Some(keys)) = (self.reply_domain(), self.keys) else {
            return (None, None);
        };
        let audience = match (
            self.to.capacity.is_requester_side(),
            self.message.visibility,
        ) {
            (true, _) => ReplyAudience::Requester,
            (false, Visibility::Public) => ReplyAudience::Desk,
            (false, Visibility::Internal) => ReplyAudience::DeskInternal,
        };
        let token = keys.reply_token(&self.ticket.id, to, self.date + REPLY_LIFE, audience);
        (token.address(domain).ok(), token.reference)
    }
}
