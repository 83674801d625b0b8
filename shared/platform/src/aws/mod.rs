//! SDK configuration of the process, made to start fast in Lambda.
//!
//! Credentials and region come from the environment, which Lambda fills; profiles, instances and
//! the like are asked only where the environment has none and the feature `aws-chain` is on. TLS
//! trusts the roots compiled in, read once and only for endpoints that speak TLS: looking for the
//! system's root certificates took longer than everything else at the start. Retries are the
//! callers': a second attempt inside the SDK cannot be told from a first one.
//!
//! Read from the environment, as every SDK does: `AWS_REGION` (`AWS_DEFAULT_REGION`),
//! `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL`,
//! `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL_SESV2`, `AWS_ENDPOINT_URL_S3`, `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`,
//! `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`, `AWS_CA_BUNDLE`.

mod lazy;
mod trust;

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{
    Builder as HttpBuilder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_types::{
    SdkConfig,
    region::Region,
    sdk_config::{RetryConfig, SharedHttpClient, TimeoutConfig},
};

pub use self::lazy::Lazy;
use self::trust::{Endpoints, Trust};

/// How long a connection may take to open, TLS included.
const CONNECT: Duration = Duration::from_secs(2);
/// How long one attempt of a DynamoDB call may take. Answers come within milliseconds; a lost one
/// is asked for again, up to five times, which fits into the 15 s of a function.
#[cfg(feature = "dynamodb")]
const DYNAMODB_ATTEMPT: Duration = Duration::from_secs(2);
/// How long `SendEmail` may take. Giving up early leaves a mail whose outcome is unknown.
#[cfg(feature = "ses")]
const SES_ATTEMPT: Duration = Duration::from_secs(20);
/// How long one attempt of an S3 call may take: 40 MB go over even a slow link.
#[cfg(feature = "s3")]
const S3_ATTEMPT: Duration = Duration::from_secs(30);

/// How long an idle connection is kept. One that the other side closed in the meantime would take the
/// next request with it, and for `SendEmail` nobody could tell whether it arrived: the schedule's rhythm
/// of a minute must not meet it. A burst of mails keeps its connections all the same.
#[cfg(feature = "ses")]
const SES_IDLE: Duration = Duration::from_secs(5);
/// S3 closes idle connections after some 20 seconds.
#[cfg(feature = "s3")]
const S3_IDLE: Duration = Duration::from_secs(15);
/// The default of the client; a DynamoDB call that got no answer is asked for again.
#[cfg(any(feature = "dynamodb", feature = "aws-chain"))]
const IDLE: Duration = Duration::from_secs(90);

/// Where variables are read.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Why there is no SDK configuration.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// Neither `AWS_REGION` nor `AWS_DEFAULT_REGION`.
    #[error("no AWS region: set AWS_REGION")]
    NoRegion,
    /// No credentials where this program looks for them.
    #[error("no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")]
    NoCredentials,
    /// An endpoint that is not a URL.
    #[error("{variable} is not an http or https URL")]
    Endpoint {
        /// The variable it came from.
        variable: &'static str,
    },
    /// The file that `AWS_CA_BUNDLE` names.
    #[error("AWS_CA_BUNDLE {path}: {reason}")]
    Bundle {
        /// Path as the variable has it.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// What the clients are made from.
#[derive(Clone, Debug)]
pub struct Aws {
    sdk: SdkConfig,
    #[cfg(feature = "dynamodb")]
    dynamodb: Option<String>,
    #[cfg(feature = "ses")]
    ses: Option<String>,
    #[cfg(feature = "s3")]
    s3: Option<String>,
    trust: Trust,
}

impl Aws {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// When something is missing or cannot be right; no service is called yet.
    pub async fn load() -> Result<Self, AwsError> {
        let environment = |name: &str| std::env::var(name).ok();
        match Self::from_environment(&environment) {
            #[cfg(feature = "aws-chain")]
            Err(AwsError::NoRegion | AwsError::NoCredentials) => {
                Self::from_chain(&environment).await
            }
            outcome => outcome,
        }
    }

    /// What an environment says, without asking anything else.
    ///
    /// # Errors
    /// When something is missing or cannot be right.
    pub fn from_environment(environment: &Environment<'_>) -> Result<Self, AwsError> {
        let value = |name| value(environment, name);
        let region = value("AWS_REGION")
            .or_else(|| value("AWS_DEFAULT_REGION"))
            .ok_or(AwsError::NoRegion)?;
        let (Some(id), Some(secret)) = (value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"))
        else {
            return Err(AwsError::NoCredentials);
        };
        let token = value("AWS_SESSION_TOKEN");
        let credentials = Credentials::new(id, secret, token, None, "environment");
        let yes = |name| value(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let sdk = SdkConfig::builder()
            .region(Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .use_fips(yes("AWS_USE_FIPS_ENDPOINT"))
            .use_dual_stack(yes("AWS_USE_DUALSTACK_ENDPOINT"))
            .build();
        Self::over(sdk, environment)
    }

    #[cfg(feature = "aws-chain")]
    async fn from_chain(environment: &Environment<'_>) -> Result<Self, AwsError> {
        // The chain has services of its own to ask (STS, instances), most of them over TLS.
        let client = http_client(Trust::read(environment)?.store(Endpoints::Any), IDLE);
        let sdk = aws_config::defaults(aws_config::BehaviorVersion::v2026_01_12())
            .http_client(client)
            .load()
            .await;
        if sdk.region().is_none() {
            return Err(AwsError::NoRegion);
        }
        Self::over(sdk, environment)
    }

    fn over(sdk: SdkConfig, environment: &Environment<'_>) -> Result<Self, AwsError> {
        let ignored = value(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let endpoint = |own: &'static str| {
            let found = [own, "AWS_ENDPOINT_URL"]
                .into_iter()
                .find_map(|variable| Some((variable, value(environment, variable)?)));
            match found {
                _ if ignored => Ok(None),
                None => Ok(None),
                Some((_, url)) if url.starts_with("http://") || url.starts_with("https://") => {
                    Ok(Some(url))
                }
                Some((variable, _)) => Err(AwsError::Endpoint { variable }),
            }
        };
        Ok(Self {
            #[cfg(feature = "dynamodb")]
            dynamodb: endpoint("AWS_ENDPOINT_URL_DYNAMODB")?,
            #[cfg(feature = "ses")]
            ses: endpoint("AWS_ENDPOINT_URL_SESV2")?,
            #[cfg(feature = "s3")]
            s3: endpoint("AWS_ENDPOINT_URL_S3")?,
            trust: Trust::read(environment)?,
            sdk,
        })
    }

    /// One of the clients, made at its first use: `aws.lazy(Aws::ses)`.
    pub fn lazy<C>(&self, client: impl FnOnce(&Self) -> C + Send + 'static) -> Lazy<C> {
        let aws = self.clone();
        Lazy::new(move || client(&aws))
    }

    /// A DynamoDB client that tries once; `storage::dynamodb` tries again where it may.
    #[cfg(feature = "dynamodb")]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        use aws_sdk_dynamodb::config::{BehaviorVersion, Builder};
        let endpoint = self.dynamodb.as_deref();
        let mut config = Builder::from(&self.sdk)
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(self.http_client(endpoint, IDLE))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(DYNAMODB_ATTEMPT));
        if endpoint.is_some() {
            config.set_endpoint_url(self.dynamodb.clone());
        }
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// An SES client that tries once: `SendEmail` has no idempotency token, and a second attempt
    /// may be a second mail.
    #[cfg(feature = "ses")]
    pub fn ses(&self) -> aws_sdk_sesv2::Client {
        use aws_sdk_sesv2::config::{BehaviorVersion, Builder};
        let endpoint = self.ses.as_deref();
        let mut config = Builder::from(&self.sdk)
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(self.http_client(endpoint, SES_IDLE))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(SES_ATTEMPT));
        if endpoint.is_some() {
            config.set_endpoint_url(self.ses.clone());
        }
        aws_sdk_sesv2::Client::from_conf(config.build())
    }

    /// An S3 client that tries once; `storage::files::s3` tries again.
    #[cfg(feature = "s3")]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        self.s3_within(S3_ATTEMPT)
    }

    /// The same with so much time for an attempt.
    #[cfg(feature = "s3")]
    pub fn s3_within(&self, attempt: Duration) -> aws_sdk_s3::Client {
        use aws_sdk_s3::config::{BehaviorVersion, Builder};
        let endpoint = self.s3.as_deref();
        let mut config = Builder::from(&self.sdk)
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(self.http_client(endpoint, S3_IDLE))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(attempt));
        if endpoint.is_some() {
            // Endpoints of one's own have no name for each bucket.
            config.set_endpoint_url(self.s3.clone());
            config = config.force_path_style(true);
        }
        aws_sdk_s3::Client::from_conf(config.build())
    }

    #[cfg(any(feature = "dynamodb", feature = "ses", feature = "s3"))]
    fn http_client(&self, endpoint: Option<&str>, idle: Duration) -> SharedHttpClient {
        let in_china = || {
            self.sdk
                .region()
                .is_some_and(|r| r.as_ref().starts_with("cn-"))
        };
        let trust = match endpoint {
            Some(url) if url.starts_with("http://") => TrustStore::empty(),
            None if !in_china() => self.trust.store(Endpoints::Aws),
            _ => self.trust.store(Endpoints::Any),
        };
        http_client(trust, idle)
    }
}

fn http_client(trust: TrustStore, idle: Duration) -> SharedHttpClient {
    let tls = TlsContext::builder().with_trust_store(trust).build();
    HttpBuilder::new()
        .pool_idle_timeout(idle)
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls.expect("a trust store is all it has"))
        .build_https()
}

fn timeouts(attempt: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(attempt)
        .operation_attempt_timeout(attempt)
        .build()
}

fn value(environment: &Environment<'_>, name: &str) -> Option<String> {
    environment(name).filter(|value| !value.is_empty())
}

#[cfg(all(test, feature = "dynamodb", feature = "ses"))]
mod tests;
