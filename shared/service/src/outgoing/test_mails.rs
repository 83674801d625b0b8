//! Send a template to somebody of the allow-list, or to oneself, to see how it arrives.
//!
//! A test mail is made of the sample values, or of a ticket that the caller may read, and it carries
//! no reply token: whoever gets it can answer nothing and open nothing with it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Code, Error, Findings, Noun, Result,
    access::{Caller, Role},
    admin::templates::{self, Draft},
    api::TemplateFields,
    desk::tickets,
    entity::{self, Entity as _},
    idempotency::{self, Once, Replayable},
    outgoing::{mailing::Mail, previews},
    texts,
};
use domain::{
    address::{Address, AddressKey, normalise_domain},
    catalog::Phrase,
    id::TemplateId,
    parameter,
    reason::Reason,
    template::Content,
};
use storage::{Expect, StorageError, Write};
use transport::{Outcome, OutgoingMail, SharedTransport};

/// What stands before the subject of a test mail.
pub const PREFIX: &str = "[TESTE] ";
/// Kind of a test mail, for its tag: its events are known by it.
pub(crate) const KIND: &str = "test";

/// Whom a test mail goes to.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = TestMailRequest)]
pub struct Request {
    /// The caller's own address, or one that `TEST_RECIPIENTS` names, itself or by its domain; the
    /// caller's own when absent.
    #[serde(default)]
    pub to: Option<String>,
    /// Language, a BCP 47 tag; the default one when absent.
    #[serde(default)]
    pub locale: Option<String>,
    /// The template as it is being written, in place of the one that is stored.
    #[serde(default)]
    pub draft: Option<TemplateFields>,
    /// A ticket and its last public message, in place of the sample values.
    #[serde(default)]
    pub ticket_id: Option<String>,
}

/// What became of a test mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestStatus {
    /// The mail service has it.
    Accepted,
    /// It did not leave: `code` and `reason` say why.
    NotSent,
    /// Nobody saw whether it left.
    Unknown,
}

/// What became of a test mail, told when the provider has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestMail {
    /// What became of it.
    pub status: TestStatus,
    /// Why it did not leave, a stable code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Subject as it stands in the mail.
    pub subject: String,
    /// SHA-256 of the mail, 64 hexadecimal digits.
    pub sha256: String,
    /// Length of the mail in bytes.
    pub size: usize,
}

/// Sends test mails. Cheap to clone.
#[derive(Clone)]
pub struct TestMails {
    app: App,
    transport: SharedTransport,
}

impl TestMails {
    /// Test mails over the transport that real ones use.
    pub fn new(app: App, transport: SharedTransport) -> Self {
        Self { app, transport }
    }

    /// The use cases that they belong to.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Sends a draft, or the published version of a template, active or not, to the caller or to an
    /// address of the allow-list. With an idempotency key it leaves once at most,
    /// whatever happens in between.
    ///
    /// # Errors
    /// [`Code::Forbidden`], [`Code::NotFound`], [`Code::RecipientNotAllowed`], [`Code::Invalid`],
    /// [`Code::StateConflict`] under the kill switch and to a suppressed address,
    /// [`Code::TemplateInvalid`], [`Code::IdempotencyInProgress`], storage.
    pub async fn send(
        &self,
        caller: &Caller,
        template: Option<TemplateId>,
        request: &Request,
        once: Option<&Once>,
    ) -> Result<Replayable<TestMail>> {
        caller.require(&[Role::Admin])?;
        let to = self.allowed(caller, request.to.as_deref())?;
        let (parameters, suppression, answered) = self
            .app
            .read((
                entity::Parameters.or_default(),
                entity::Suppression(to.key()),
                once.map(Once::entity),
            ))
            .await?;
        if let Some(earlier) = idempotency::earlier(once, answered)? {
            return Ok(earlier);
        }
        if parameters.is_on(parameter::KILL_SWITCH) {
            return Err(Error::new(
                Code::StateConflict,
                texts::test_mails::PARAMETER_297_HOLDS_ALL_MAIL.phrase(),
            ));
        }
        if suppression.is_some_and(|one| one.value.is_active(self.app.now())) {
            return Err(Error::new(
                Code::StateConflict,
                texts::test_mails::THE_ADDRESS_IS_SUPPRESSED.phrase(),
            ));
        }
        let content = self.content(caller, template, request).await?;
        let mut scene = match &request.ticket_id {
            Some(ticket) => {
                let whole = previews::Request::default();
                previews::of_ticket(&self.app, caller, &tickets::id(ticket)?, &whole).await?
            }
            None => previews::sample(&self.app, caller),
        };
        scene.to.name.clear();
        scene.to.address = to.clone().into();
        scene.to.locale.clone_from(&request.locale);
        scene.delivery = (Uuid::now_v7(), 1);
        let mail = previews::make(&self.app, &parameters, None, &scene, &marked(content)).await?;
        if let Some(once) = once {
            self.reserve(once, &mail).await?;
        }
        let outgoing = OutgoingMail {
            from: mail.from.clone(),
            to: mail.to.clone(),
            raw: mail.composed.raw.clone(),
            delivery_id: scene.delivery.0,
            attempt: scene.delivery.1,
            ticket_id: scene.ticket.id,
            message_id: Uuid::nil(),
            kind: KIND,
        };
        let sent = result(&mail, self.transport.send(&outgoing).await);
        let template_id = template.map(TemplateId::number);
        tracing::info!(template_id, status = ?sent.status, code = sent.code, "test mail");
        if let Some(once) = once {
            self.keep(once, &sent).await;
        }
        Ok(Replayable::Fresh(sent))
    }

    /// The draft, else the stored template. One that does not exist has nothing to be tested.
    async fn content(
        &self,
        caller: &Caller,
        id: Option<TemplateId>,
        request: &Request,
    ) -> Result<Content> {
        let stored = match id {
            Some(id) => Some(templates::read(&self.app, caller, id).await?.template),
            None => None,
        };
        match (&request.draft, stored) {
            (Some(draft), _) => {
                let draft = Draft::from(draft.clone());
                templates::sendable(&draft)?;
                Ok(draft.into())
            }
            (None, Some(stored)) => Ok(stored.into()),
            (None, None) => {
                let mut findings = Findings::default();
                let message = texts::test_mails::THE_TEMPLATE_TO_BE_TESTED.phrase();
                findings.add("INVALID", "draft", message);
                Err(findings
                    .finish(Code::Invalid)
                    .err()
                    .unwrap_or_else(|| Error::not_found(Noun::Template)))
            }
        }
    }

    /// The address, when it is the caller's own or the allow-list names it or its domain.
    fn allowed(&self, caller: &Caller, to: Option<&str>) -> Result<Address> {
        let refused = |detail: Phrase| Error::new(Code::RecipientNotAllowed, detail);
        let own = caller.email.as_ref();
        let to = to
            .or(own.map(AddressKey::as_str))
            .ok_or_else(|| refused(texts::test_mails::SAY_WHOM_TO.phrase()))?;
        let to = Address::parse(to).map_err(|error| {
            let detail = texts::test_mails::NO_MAIL_GOES_THERE.phrase();
            refused(detail.with_phrase("error", error.words()))
        })?;
        if own == Some(to.key()) {
            return Ok(to);
        }
        let allowed = &self.app.settings.test_recipients;
        let named = allowed
            .iter()
            .any(|entry| match entry.as_str().strip_prefix('@') {
                Some(domain) => normalise_domain(domain).is_ok_and(|domain| domain == to.domain()),
                None => entry.address() == Some(&to),
            });
        if named {
            return Ok(to);
        }
        Err(refused(if allowed.is_empty() {
            texts::test_mails::TO_YOUR_OWN_ADDRESS_ALONE.phrase()
        } else {
            texts::test_mails::NOT_IN_TEST_RECIPIENTS.phrase()
        }))
    }

    /// Takes the key before the mail leaves: whoever comes second, or after a crash, sends nothing.
    async fn reserve(&self, once: &Once, mail: &Mail) -> Result<()> {
        let unseen = result(
            mail,
            Outcome::Unknown {
                reason: "the request did not end".to_owned(),
            },
        );
        match self
            .app
            .store
            .commit(vec![once.record(&self.app, &unseen)?])
            .await
        {
            Ok(()) => Ok(()),
            Err(StorageError::Conflict { .. }) => Err(idempotency::in_progress()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts what became of the mail in the place of what was reserved. When that fails, a repeated
    /// request answers `unknown`, and still sends nothing.
    async fn keep(&self, once: &Once, sent: &TestMail) {
        let kept = match once.record(&self.app, sent) {
            Ok(Write { action, .. }) => {
                let write = Write {
                    action,
                    expect: Expect::Anything,
                };
                let done = self.app.store.commit(vec![write]).await;
                done.map_err(Error::from)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            tracing::warn!(
                cause = error.cause(),
                "the result of a test mail was not kept"
            );
        }
    }
}

/// The template with the mark of a test before its subject, in every language.
fn marked(mut content: Content) -> Content {
    let titles = content
        .locales
        .values_mut()
        .map(|variant| &mut variant.title);
    for title in titles.chain([&mut content.source.title]) {
        title.insert_str(0, PREFIX);
    }
    content
}

fn result(mail: &Mail, outcome: Outcome) -> TestMail {
    let (status, code, reason) = match outcome {
        Outcome::Accepted { .. } => (TestStatus::Accepted, None, None),
        Outcome::Retry { counts, reason, .. } => {
            let code = if counts {
                Reason::NotReached
            } else {
                Reason::Throttled
            };
            (TestStatus::NotSent, Some(code.code()), Some(reason))
        }
        Outcome::Held { code, reason, .. } | Outcome::Refused { code, reason } => {
            (TestStatus::NotSent, Some(code.code()), Some(reason))
        }
        Outcome::Stop { reason } => {
            let code = Reason::SendingStopped.code();
            (TestStatus::NotSent, Some(code), Some(reason))
        }
        Outcome::Unknown { reason } => (
            TestStatus::Unknown,
            Some(Reason::NoAnswer.code()),
            Some(reason),
        ),
    };
    TestMail {
        status,
        code: code.map(str::to_owned),
        reason,
        subject: mail.composed.subject.clone(),
        sha256: mail.composed.sha256.clone(),
        size: mail.composed.size,
    }
}
