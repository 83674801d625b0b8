//! Who the caller is, and what they may do now: a portal shows nothing that would be refused.

use serde::Serialize;
use utoipa::ToSchema;

use crate::json::MAX_BODY;
use crate::{
    App, Code, Result,
    access::{Caller, Role},
    desk::{
        attachments::{self, Limits},
        messages::MAX_MESSAGE,
        preferences::MyPreferences,
    },
    entity::{self, Entity as _},
};
use domain::{
    catalog::Language,
    parameter::{self as numbers, Parameters},
    reason::Reason,
};

/// Everything that a screen asks about its caller, in one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    /// Name as it is shown.
    pub name: String,
    /// Address; none when the token has none or says that it is not verified.
    pub email: Option<String>,
    /// Roles from their token that this system knows.
    pub roles: Vec<Role>,
    /// Support groups, as they are compared.
    pub groups: Vec<String>,
    /// What they wish, see `/me/preferences`.
    pub preferences: MyPreferences,
    /// What they may do.
    pub can: Can,
    /// Limits of what they write.
    pub limits: WritingLimits,
    /// Whether mail leaves now, and if not, why.
    pub sending: Sending,
    /// Whether a mail may be answered by mail.
    pub replies_by_mail: bool,
    /// Addresses, or `@domain`, that test mails may go to; administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_recipients: Option<Vec<String>>,
}

/// What the caller may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Can {
    /// Whether their messages are taken now.
    pub write: bool,
    /// Why they may not: the code that a message would be refused with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_reason: Option<&'static str>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_reason_text: Option<&'static str>,
    /// Whether they may write messages that requesters never see.
    pub internal: bool,
    /// Whether their messages may bring files.
    pub attach: bool,
}

/// Limits of what people write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WritingLimits {
    /// Longest message, in characters.
    pub message_chars: usize,
    /// Largest body of a request, in bytes.
    pub body_bytes: usize,
    /// Largest file, in bytes (parameter 278).
    pub attachment_bytes: u64,
    /// Most files of a message.
    pub attachments: usize,
    /// Extensions that are refused, in lower case without a dot (parameter 318).
    pub refused_extensions: Vec<String>,
}

/// Whether the mails of messages leave now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sending {
    /// Messages are stored, and their mails wait.
    pub stopped: bool,
    /// Code of what stops them; none while they leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<&'static str>,
}

/// Who the caller is.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn read(app: &App, caller: &Caller, language: Language) -> Result<Me> {
    let wishes = caller.email.as_ref().map(entity::Preferences);
    let wanted = (entity::Parameters.or_default(), wishes);
    let (parameters, wishes) = app.read(wanted).await?;
    let wishes = wishes.flatten().map(|wishes| wishes.value);
    let limits = Limits::of(&parameters);
    let refused = refusal(caller, &parameters);
    let stopped = parameters.is_on(numbers::KILL_SWITCH);
    let reason = stopped.then_some(Reason::KillSwitch);
    Ok(Me {
        name: caller.name.clone(),
        email: caller.email.clone().map(String::from),
        roles: caller.roles.clone(),
        groups: caller.groups.clone(),
        preferences: wishes.unwrap_or_default().into(),
        can: Can {
            write: refused.is_none(),
            write_reason: refused.map(Code::as_str),
            write_reason_text: refused.map(|code| code.title().get(language)),
            internal: refused.is_none() && caller.is(Role::Technician),
            attach: refused.is_none() && attachments::can_upload(app),
        },
        limits: WritingLimits {
            message_chars: MAX_MESSAGE,
            body_bytes: MAX_BODY,
            attachment_bytes: limits.largest(),
            attachments: attachments::MAX_FILES,
            refused_extensions: limits.refused().to_vec(),
        },
        sending: Sending {
            stopped,
            reason: reason.map(Reason::code),
            reason_text: reason.map(|reason| reason.words().get(language)),
        },
        replies_by_mail: app.settings.reply_domain.is_some(),
        test_recipients: caller.is(Role::Admin).then(|| {
            let known = app.settings.test_recipients.iter();
            known.map(ToString::to_string).collect()
        }),
    })
}

/// What a message of theirs would be refused with.
fn refusal(caller: &Caller, parameters: &Parameters) -> Option<Code> {
    let desk = caller.is(Role::Technician) || caller.is(Role::Integration);
    if !desk && !caller.is(Role::Requester) {
        Some(Code::Forbidden)
    } else if !parameters.is_on(numbers::MESSAGE_EXCHANGE) {
        Some(Code::MessagesOff)
    } else if !desk && !parameters.is_on(numbers::PORTAL_MESSAGES) {
        Some(Code::PortalWritingOff)
    } else {
        None
    }
}
