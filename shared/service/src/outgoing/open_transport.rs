//! The one place where the settings become a transport.

use crate::settings::Settings;
#[cfg(feature = "smtp")]
use transport::smtp::{Patience, Smtp};
use transport::{MailTransport, SharedTransport};

/// A transport that is made when the settings ask for it.
type Maker<'a> = &'a dyn Fn() -> SharedTransport;

/// The transports that a process can make.
#[derive(Clone, Copy)]
pub struct Makers<'a> {
    /// Makes the transport over SES; none: this process has no SDK.
    pub ses: Option<Maker<'a>>,
    /// How long an SMTP server may take.
    #[cfg(feature = "smtp")]
    pub smtp: Patience,
    /// The outbox of this machine.
    pub outbox: Option<Maker<'a>>,
}

/// Why there is no transport.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// One that this process does not have.
    #[error("MAIL_TRANSPORT={found} is not for this process; it takes {takes}")]
    Elsewhere {
        /// What the settings say; nothing set is `outbox`.
        found: &'static str,
        /// The values that it would take, separated by commas.
        takes: &'static str,
    },
    /// `SMTP_URL` cannot be read.
    #[cfg(feature = "smtp")]
    #[error(transparent)]
    Smtp(#[from] transport::smtp::SmtpUrlError),
}

/// The transport that the settings name.
///
/// # Errors
/// [`OpenError`].
pub fn open(settings: &Settings, makers: Makers<'_>) -> Result<SharedTransport, OpenError> {
    let (found, maker) = match settings.mail_transport {
        MailTransport::Ses => ("ses", makers.ses),
        MailTransport::Outbox => ("outbox", makers.outbox),
        MailTransport::Smtp => {
            #[cfg(feature = "smtp")]
            if let Some(url) = &settings.smtp_url {
                return Ok(std::sync::Arc::new(Smtp::from_url(
                    url.expose(),
                    makers.smtp,
                )?));
            }
            ("smtp", None)
        }
    };
    let takes = match (makers.ses.is_some(), makers.outbox.is_some()) {
        (true, _) => "ses, smtp",
        (false, true) => "outbox, smtp",
        (false, false) => "smtp",
    };
    maker
        .map(|make| make())
        .ok_or(OpenError::Elsewhere { found, takes })
}
