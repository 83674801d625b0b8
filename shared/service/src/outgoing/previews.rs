//! What a template makes of a ticket: the mail byte for byte, without sending it. Only the links of
//! `{TOKEN(…)}` are not those of the mail: they lead to the ticket, and decide nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Code, Error, Finding, Noun, Result,
    access::{Caller, Role, View},
    admin::{
        parameters,
        templates::{self, Draft, Strictness},
    },
    api::{DiagnosticView, TemplateFields},
    desk::{
        messages, preferences,
        tickets::{self, TicketRecord},
    },
    entity::{self, Entity as _},
    outgoing::{
        attachments,
        mailing::{self, Mail, MailError},
        thread::ThreadPosition,
    },
    pages, texts,
};
use domain::{
    catalog::{Language, Phrase, keys as catalogue},
    delivery::{Capacity, Delivery, Recipient},
    diagnostic::{Diagnostic, Severity},
    id::{TemplateId, TicketId},
    message::{Author, Channel, Message, Side},
    parameter::Parameters,
    template::Content,
    ticket::Ticket,
};
use mail::token::Keyring;
use render::{Mode, RenderError, RichText, Value, compile, sample_values};

/// Whom a preview is addressed to when the caller has no address.
const NOBODY: &str = "preview@example.com";

/// What is to be shown.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = PreviewRequest)]
pub struct Request {
    /// A stored template, or
    #[serde(default)]
    pub template_id: Option<u64>,
    /// one that is not stored.
    #[serde(default)]
    pub draft: Option<TemplateFields>,
    /// A ticket and its last public message, or
    #[serde(default)]
    pub ticket_id: Option<String>,
    /// the sample values of the catalogue.
    #[serde(default)]
    pub sample: bool,
    /// Another message of the ticket.
    #[serde(default)]
    pub message_id: Option<Uuid>,
    /// A delivery of that message: the preview is then the very mail of its next attempt, but for the
    /// links of `{TOKEN(…)}`, which lead to the ticket. For administrators, since the recipient's
    /// reply address is in it.
    #[serde(default)]
    pub delivery_id: Option<Uuid>,
    /// Language, a BCP 47 tag; the recipient's when absent.
    #[serde(default)]
    pub locale: Option<String>,
}

/// A mail that was not sent. Its links of `{TOKEN(…)}` lead to the ticket and decide nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preview {
    /// Subject as it stands in the mail.
    pub subject: String,
    /// HTML body as it stands in the mail.
    pub html: String,
    /// Text body as it stands in the mail.
    pub text: String,
    /// The whole mail in MIME, headers included.
    pub mime: String,
    /// SHA-256 of the mail, 64 hexadecimal digits.
    pub sha256: String,
    /// Length of the mail in bytes.
    pub size: usize,
    /// Findings of the template.
    pub diagnostics: Vec<DiagnosticView>,
}

/// For whom and about what a preview is.
pub(crate) struct Scene {
    pub(crate) ticket: Ticket,
    message: Message,
    pub(crate) to: Recipient,
    pub(crate) delivery: (Uuid, u32),
    thread_position: ThreadPosition,
    sample: bool,
}

/// Makes the mail as the sender would, addressed to the caller, with its findings in their language.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::Invalid`], [`Code::TemplateNotFound`],
/// [`Code::TemplateInvalid`], storage.
pub async fn preview(
    app: &App,
    caller: &Caller,
    request: &Request,
    language: Language,
) -> Result<Preview> {
    caller.require(&[Role::Admin, Role::Technician])?;
    if request.ticket_id.is_none() || request.delivery_id.is_some() {
        caller.require(&[Role::Admin])?;
    }
    acceptable(app, request)?;
    let mut scene = match &request.ticket_id {
        Some(id) => of_ticket(app, caller, &tickets::id(id)?, request).await?,
        None => sample(app, caller),
    };
    if request.locale.is_some() {
        scene.to.locale.clone_from(&request.locale);
    }
    let (content, found) = content(app, request).await?;
    let parameters = parameters::load(app).await?;
    let keys = app.settings.reply_token_keys.as_ref();
    let keys = keys.filter(|_| !scene.sample);
    let mail = make(app, &parameters, keys, &scene, &content).await?;
    let preview = Preview {
        subject: mail.composed.subject,
        html: mail.rendered.html,
        text: mail.rendered.text,
        mime: String::from_utf8_lossy(&mail.composed.raw).into_owned(),
        sha256: mail.composed.sha256,
        size: mail.composed.size,
        diagnostics: found
            .into_iter()
            .map(|one| one.in_language(language).into())
            .collect(),
    };
    if !pages::fits_an_answer(&preview) {
        return Err(Error::new(
            Code::TemplateInvalid,
            too_large_to_show(preview.size),
        ));
    }
    Ok(preview)
}

/// Why a mail is not shown that could be sent.
pub(crate) fn too_large_to_show(bytes: usize) -> Phrase {
    texts::previews::TOO_LARGE_TO_SHOW.with("bytes", bytes)
}

/// The mail of a scene.
pub(crate) async fn make(
    app: &App,
    parameters: &Parameters,
    keys: Option<&Keyring>,
    scene: &Scene,
    content: &Content,
) -> Result<Mail> {
    let contract = &scene.ticket.contract;
    let sender = mailing::sender_of(&app.settings, parameters, contract).ok_or_else(|| {
        Error::new(
            Code::Invalid,
            texts::previews::THERE_IS_NO_SENDER_YET.phrase(),
        )
    })?;
    let attachments = attachments::load(app, parameters, &scene.message).await;
    let wanted = mailing::locale(&app.settings, &scene.to);
    let locale = content.tag_sent(wanted, &app.settings.default_locale);
    let input = mailing::MailInput {
        settings: &app.settings,
        parameters,
        keys,
        link_keys: None,
        sender: &sender,
        ticket: &scene.ticket,
        message: &scene.message,
        to: &scene.to,
        delivery: scene.delivery,
        date: app.now(),
        thread_position: &scene.thread_position,
        attachments: &attachments,
        locale,
    };
    let source = content.in_locale(wanted);
    let compiled = compile(&source, Mode::Lenient).map_err(|found| {
        let errors = found.iter().filter(|one| one.severity == Severity::Error);
        let errors = errors.map(|finding| Finding::of_template(finding, None));
        Error::new(
            Code::TemplateInvalid,
            texts::previews::THE_TEMPLATE_HAS_ERRORS_SEE_ERRORS.phrase(),
        )
        .with_errors(errors.collect())
    })?;
    let values = if scene.sample {
        let mut values = sample_values(Language::of(locale));
        // What is set is shown, also where the ticket is made up.
        if let Some(signature) = parameters.signature_of(contract) {
            let signature = Value::Lines(signature.to_owned());
            values.insert("ASSINATURA".to_owned(), signature);
        }
        values
    } else {
        input.values()
    };
    input.mail_with(&compiled, &values).map_err(|error| {
        let found = match &error {
            MailError::Render(_) => input.failure(&source, &values),
            MailError::Recipient(_) | MailError::Compose(_) => None,
        };
        let found = found.iter().map(|one| Finding::of_template(one, None));
        refused(error).with_errors(found.collect())
    })
}

fn acceptable(app: &App, request: &Request) -> Result<()> {
    let mut findings = app.findings();
    if request.template_id.is_some() == request.draft.is_some() {
        findings.add(
            "INVALID",
            "template_id",
            texts::previews::EITHER_TEMPLATE_ID_OR_DRAFT.phrase(),
        );
    }
    if request.ticket_id.is_some() == request.sample {
        findings.add(
            "INVALID",
            "ticket_id",
            texts::previews::EITHER_TICKET_ID_OR_SAMPLE.phrase(),
        );
    }
    if request.message_id.is_some() && request.ticket_id.is_none() {
        findings.add(
            "INVALID",
            "message_id",
            texts::previews::NEEDS_TICKET_ID.phrase(),
        );
    }
    if request.delivery_id.is_some() && request.message_id.is_none() {
        findings.add(
            "INVALID",
            "delivery_id",
            texts::previews::NEEDS_TICKET_ID_AND_MESSAGE_ID.phrase(),
        );
    }
    findings.finish(Code::Invalid)
}

/// What the template says, with its findings.
async fn content(app: &App, request: &Request) -> Result<(Content, Vec<Diagnostic>)> {
    match (&request.draft, request.template_id) {
        (Some(draft), _) => {
            let draft = Draft::from(draft.clone());
            templates::acceptable_locales(&draft)?;
            let found = templates::diagnose(&draft, Strictness::Strict);
            let found = found.into_iter().map(|(_, finding)| finding);
            Ok((draft.into(), found.collect()))
        }
        (None, Some(id)) => {
            let stored = match TemplateId::new(id) {
                Some(id) => templates::published(app, id).await?,
                None => None,
            };
            let mut stored = stored.ok_or_else(|| {
                let detail = texts::previews::THERE_IS_NO_TEMPLATE.with("id", id);
                Error::new(Code::TemplateNotFound, detail)
            })?;
            let found = std::mem::take(&mut stored.warnings);
            Ok((stored.into(), found))
        }
        (None, None) => Err(Error::not_found(Noun::Template)),
    }
}

pub(crate) async fn of_ticket(
    app: &App,
    caller: &Caller,
    id: &TicketId,
    request: &Request,
) -> Result<Scene> {
    let (record, view) = tickets::visible(caller, app.read(entity::Ticket(id)).await?)?;
    if view != View::Desk {
        return Err(tickets::not_found());
    }
    let message = match request.message_id {
        Some(message) => messages::read(app, caller, id, message).await?.0,
        None => messages::recent_public(app, id)
            .await?
            .pop()
            .unwrap_or_else(|| sample_message(app, caller, id)),
    };
    let delivery = match request.delivery_id {
        None => None,
        Some(wanted) => Some(delivery(app, id, message.id, wanted).await?),
    };
    let (to, delivery) = match delivery {
        Some(delivery) => (delivery.to, (delivery.id, delivery.attempts + 1)),
        None => (to(caller), (Uuid::nil(), 1)),
    };
    let address = to.key();
    let thread = entity::Thread(id, &address).or_default();
    let wishes = entity::Preferences(&address).or_default();
    let (thread, wishes) = app.read((thread, wishes)).await?;
    let to = wishes.applied_to(&to);
    Ok(Scene {
        thread_position: ThreadPosition {
            earlier: thread.ids,
            last_mail: record.last_mail,
        },
        ticket: record.ticket,
        message,
        to,
        delivery,
        sample: false,
    })
}

/// The mail that a message which is not stored would make for somebody. It has no reply address: that
/// is the recipient's alone.
pub(crate) async fn of_message(
    app: &App,
    parameters: &Parameters,
    record: &TicketRecord,
    message: Message,
    to: &Recipient,
) -> Result<Mail> {
    let number = parameters.template_of(&message, to);
    let template = match number {
        Some(id) => templates::published(app, id).await?,
        None => None,
    };
    let template = template.ok_or_else(|| {
        Error::new(
            Code::TemplateNotFound,
            texts::previews::NO_TEMPLATE_IS_CHOSEN_FOR_MESSAGES.phrase(),
        )
    })?;
    let scene = Scene {
        ticket: record.ticket.clone(),
        message,
        to: preferences::applied(app, to).await?,
        delivery: (Uuid::nil(), 1),
        thread_position: ThreadPosition::default(),
        sample: false,
    };
    make(app, parameters, None, &scene, &template.into()).await
}

async fn delivery(app: &App, ticket: &TicketId, message: Uuid, wanted: Uuid) -> Result<Delivery> {
    let all = messages::deliveries_of(app, ticket, message).await?;
    all.into_iter()
        .find(|delivery| delivery.id == wanted)
        .ok_or_else(|| Error::not_found(Noun::Delivery))
}

/// The sample values of the catalogue, for the caller.
pub(crate) fn sample(app: &App, caller: &Caller) -> Scene {
    let language = Language::of(&app.settings.default_locale);
    let id = catalogue::find("IDSOLICITACAOSERVICO")
        .and_then(|key| key.sample.get(language).parse().ok())
        .unwrap_or(TicketId::from_static("2041"));
    Scene {
        message: sample_message(app, caller, &id),
        ticket: Ticket::new(id),
        to: to(caller),
        delivery: (Uuid::nil(), 1),
        thread_position: ThreadPosition::default(),
        sample: true,
    }
}

fn sample_message(app: &App, caller: &Caller, ticket: &TicketId) -> Message {
    let language = Language::of(&app.settings.default_locale);
    let sample = catalogue::find("COMMENTTEXT").map(|key| key.sample.get(language));
    let rich = RichText::sanitise(sample.unwrap_or_default());
    let author = Author {
        name: caller.name.clone(),
        email: None,
        role: Side::Technician,
    };
    Message {
        text: rich.text().to_owned(),
        html: Some(rich.html().to_owned()),
        ..Message::new(Uuid::nil(), ticket, author, Channel::Desk, app.now())
    }
}

/// The caller: nobody gets another person's reply address to see.
fn to(caller: &Caller) -> Recipient {
    Recipient {
        name: caller.name.clone(),
        address: match &caller.email {
            Some(email) => email.clone().into(),
            None => NOBODY.into(),
        },
        capacity: Capacity::Requester,
        locale: None,
        time_zone: None,
    }
}

fn refused(error: MailError) -> Error {
    let code = match &error {
        MailError::Render(_) => Code::TemplateInvalid,
        MailError::Recipient(_) | MailError::Compose(_) => Code::Invalid,
    };
    let detail = match error {
        MailError::Render(RenderError::Limit(limit)) => {
            texts::previews::THE_TEMPLATE_GOES_BEYOND_A_LIMIT.with_phrase("limit", limit)
        }
        MailError::Render(RenderError::Tera(part)) => {
            texts::previews::AN_EXPRESSION_FAILS.with("part", part.name())
        }
        MailError::Recipient(error) => error.words().phrase(),
        MailError::Compose(error) => error.reason().words().phrase(),
    };
    Error::new(code, detail)
}
