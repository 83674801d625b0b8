//! SES v2: one raw mail a call, one call a mail.

mod account;
mod account_list;
pub mod outcomes;

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use aws_sdk_sesv2::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents, http::HttpResponse,
        interceptors::BeforeTransmitInterceptorContextRef, retry::RetryConfig,
        timeout::TimeoutConfig,
    },
    error::{ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
    primitives::Blob,
    types::{Destination, EmailContent, MessageTag, RawMessage},
};

use self::outcomes::Failure;
use super::{Capabilities, Outcome, OutgoingMail, Transport, Unsuppressed, causes};
use crate::MailTransport;
use domain::account::Account;
use platform::aws::Lazy;

/// Longest time of one call, connection included.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest time to a connection: what fails before it was never sent.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends through SES v2.
#[derive(Clone, Debug)]
pub struct Ses {
    client: Lazy<Client>,
    configuration_set: Option<String>,
    connect: Duration,
    call: Duration,
    apart: Duration,
}

impl Ses {
    /// Sends with this client. Without a configuration set no SES event carries our tags, and an
    /// unknown outcome stays unknown.
    pub fn new(client: impl Into<Lazy<Client>>, configuration_set: Option<String>) -> Self {
        Self {
            client: client.into(),
            configuration_set,
            connect: CONNECT_TIMEOUT,
            call: CALL_TIMEOUT,
            apart: account::APART,
        }
    }

    /// The same with other times than [`CONNECT_TIMEOUT`] and [`CALL_TIMEOUT`].
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_timeouts(mut self, connect: Duration, call: Duration) -> Self {
        (self.connect, self.call) = (connect, call);
        self
    }

    /// The same with so much time between two questions about the account.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn asking_every(mut self, apart: Duration) -> Self {
        self.apart = apart;
        self
    }

    fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_timeout(self.call)
            .build()
    }
}

#[async_trait]
impl Transport for Ses {
    async fn send(&self, mail: &OutgoingMail) -> Outcome {
        let dispatched = Dispatched::default();
        // The SDK would try three times, and a time-out may have been an acceptance.
        let once = aws_sdk_sesv2::config::Builder::new()
            .retry_config(RetryConfig::disabled())
            .timeout_config(self.timeouts());
        let request = self
            .client
            .send_email()
            .from_email_address(mail.from.as_str())
            .destination(
                Destination::builder()
                    .to_addresses(mail.to.as_str())
                    .build(),
            )
            .set_content(raw(mail))
            .set_email_tags(message_tags(mail))
            .set_configuration_set_name(self.configuration_set.clone())
            .customize()
            .config_override(once)
            .interceptor(dispatched.clone());
        match request.send().await {
            Ok(sent) => match sent.message_id {
                Some(id) if !id.is_empty() => Outcome::Accepted { id },
                _ => Outcome::Unknown {
                    reason: "SES accepted without an id".to_owned(),
                },
            },
            Err(error) => outcomes::outcome(&failure(&error, &dispatched), mail.from.as_str()),
        }
    }

    /// The operation's own timeout: credentials, connection and answer are all within it.
    fn longest_call(&self) -> Duration {
        self.call
    }

    fn capabilities(&self) -> Capabilities {
        MailTransport::Ses.capabilities()
    }

    async fn unsuppress(&self, address: &str) -> Result<Unsuppressed, String> {
        account_list::remove(&self.client, address).await
    }

    fn warm(&self) {
        self.client.warm();
    }

    async fn account(&self, identity: Option<&str>) -> Option<Account> {
        account::ask(
            &self.client,
            identity,
            self.configuration_set.as_deref(),
            self.apart,
        )
        .await
    }
}

fn raw(mail: &OutgoingMail) -> Option<EmailContent> {
    let raw = RawMessage::builder()
        .data(Blob::new(mail.raw.clone()))
        .build()
        .ok()?;
    Some(EmailContent::builder().raw(raw).build())
}

fn message_tags(mail: &OutgoingMail) -> Option<Vec<MessageTag>> {
    super::tags(mail)
        .into_iter()
        .map(|(name, value)| MessageTag::builder().name(name).value(value).build().ok())
        .collect()
}

/// Notes that the request was handed to the connection: what fails earlier (credentials,
/// endpoint, signature) was never sent.
#[derive(Clone, Debug, Default)]
struct Dispatched(Arc<AtomicBool>);

impl Intercept for Dispatched {
    fn name(&self) -> &'static str {
        "Dispatched"
    }
    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.store(true, Ordering::Release);
        Ok(())
    }
}

/// What the SDK's error says about the one question that matters: was the request written?
fn failure<'a>(
    error: &'a SdkError<SendEmailError, HttpResponse>,
    dispatched: &Dispatched,
) -> Failure<'a> {
    match error {
        SdkError::ServiceError(service) => Failure::Refused {
            status: service.raw().status().as_u16(),
            code: service.err().code().unwrap_or_default(),
            message: service.err().message().unwrap_or_default(),
        },
        SdkError::ResponseError(response) => Failure::Unreadable {
            status: response.raw().status().as_u16(),
        },
        _ if !dispatched.0.load(Ordering::Acquire) || connect_failed(error) => Failure::NotWritten,
        _ => Failure::Unanswered,
    }
}

/// Whether the connection (TCP or TLS) never came about: hyper says so itself, and a broken
/// connection that had been there is never one of these.
fn connect_failed(error: &(dyn Error + 'static)) -> bool {
    causes(error)
        .filter_map(|error| error.downcast_ref::<hyper_util::client::legacy::Error>())
        .any(hyper_util::client::legacy::Error::is_connect)
}
