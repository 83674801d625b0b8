//! Settings from the environment: one typed struct, read once, the same names in Lambda and locally.

use std::{cell::RefCell, collections::BTreeSet};

use crate::{
    access::{ClaimRules, Role},
    texts,
};
use domain::{
    address::{Mailbox, WrittenAddress, normalise_domain},
    catalog::Texts,
    delivery::EVENT_LATE,
    reputation::ReputationLimits,
    storm::StormLimits,
};
use mail::token::{Keyring, KeyringError, TokenKey};
use transport::MailTransport;

/// Time after an automatic mail within which those that follow become one.
const COALESCE: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// Mails that a process sends at once.
const CONNECTIONS: usize = 16;

/// A setting that is a password or holds one. Debug shows that it is there, and nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Everything that a process is told by its environment, checked when it starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `TABLE_NAME`: the DynamoDB table.
    pub table_name: String,
    /// `MAIL_TRANSPORT`: `ses`, `smtp` or `outbox`.
    pub mail_transport: MailTransport,
    /// `MAIL_FROM`: sender when parameter 10 is not set.
    pub mail_from: Option<Mailbox>,
    /// `MAIL_IDENTITY`: the identity that SES sends as, an address or a domain; only asked about.
    pub mail_identity: Option<String>,
    /// `REPLY_DOMAIN`: domain of reply addresses; none, no reply by mail.
    pub reply_domain: Option<String>,
    /// `FURTHER_IDENTITIES`: domains and addresses, verified in SES, that contracts may send as.
    pub further_identities: Vec<String>,
    /// `FURTHER_REPLY_DOMAINS`: reply domains that contracts may have in place of `REPLY_DOMAIN`.
    pub further_reply_domains: Vec<String>,
    /// `CONFIGURATION_SET`: SES configuration set; without one no event carries tags.
    pub configuration_set: Option<String>,
    /// `SMTP_URL`: `smtps://user:password@host:465` or `smtp://…?tls=required`.
    pub smtp_url: Option<Secret>,
    /// `MAIL_CONNECTIONS`: mails that a process sends at once, 1 to 100; 16 when absent. Over SMTP
    /// each has a connection of its own.
    pub connections: usize,
    /// `REPLY_TOKEN_KEYS`: `a:base64,b:base64`; the first signs, all verify.
    pub reply_token_keys: Option<Keyring>,
    /// `FILES_BUCKET`: the bucket of raw mails and of the files that came with them.
    pub files_bucket: Option<String>,
    /// `API_URL`: where this API is reached, for links to files in mails.
    pub api_url: Option<String>,
    /// `CONSOLE_URL`: where the console is, below which `/app/` and signed links are: links of mails
    /// lead there when parameter 33 names no other place.
    pub console_url: Option<String>,
    /// Region of the process: Lambda sets `AWS_REGION`. It stands in the ids of mails that SES took.
    pub region: Option<String>,
    /// `TEST_RECIPIENTS`: addresses (or `@domain`) that test mails may go to, comma-separated.
    pub test_recipients: Vec<WrittenAddress>,
    /// `STORM_LIMITS`: most mails to one recipient on one ticket within so many
    /// minutes, `10/10,15/30,25/60` when absent.
    pub storm_limits: StormLimits,
    /// `COALESCE_MINUTES`: within this time after an automatic mail further ones to the same
    /// recipient on the same ticket become one mail; 5 when absent, 0 sends each.
    pub coalesce: jiff::SignedDuration,
    /// `RESEND_UNKNOWN_MINUTES`: what ended unknown, and no event confirmed for so many minutes, is sent
    /// again once, 15 at least, 1440 at most; 0 or absent, only when somebody asks for it.
    pub resend_unknown_after: Option<jiff::SignedDuration>,
    /// `RETENTION_DAYS`: how long a message is kept with its deliveries and files; none, for good.
    pub retention: Option<jiff::SignedDuration>,
    /// `REPUTATION_LIMITS`: per cent of permanent bounces and of complaints from which on automatic
    /// mails wait, `4/0.08` when absent.
    pub reputation_limits: ReputationLimits,
    /// `STACK_NAME`: the stack whose metrics this process writes to standard output;
    /// none, it writes none.
    pub stack_name: Option<String>,
    /// `REQUESTER_GROUP`, `TECHNICIAN_GROUP`, `ADMIN_GROUP`, `INTEGRATION_GROUP`,
    /// `REQUIRE_VERIFIED_EMAIL`: how the claims of a token are read.
    pub claims: ClaimRules,
    /// `DEFAULT_LOCALE`, `pt-BR` when absent.
    pub default_locale: String,
    /// `DEFAULT_TIME_ZONE`, `America/Sao_Paulo` when absent.
    pub default_time_zone: String,
}

/// A setting that cannot be used. Logs get it in English.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {}", reason.en)]
pub struct SettingsError {
    /// Name of the variable.
    pub name: &'static str,
    /// What is wrong and what to do; never the value, which may be a secret.
    pub reason: Texts,
}

impl Settings {
    /// Names of all variables that are read.
    pub fn names() -> BTreeSet<String> {
        let names = RefCell::new(BTreeSet::new());
        // Without any of them every default is asked for.
        let read = Self::read(|name| {
            names.borrow_mut().insert(name.to_owned());
            None
        });
        debug_assert!(read.is_ok(), "nothing has to be set: {read:?}");
        names.into_inner()
    }

    /// Reads the environment of this process.
    ///
    /// # Errors
    /// [`SettingsError`] names the first variable that cannot be used.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Every domain of reply addresses, that of all mail first.
    pub fn reply_domains(&self) -> impl Iterator<Item = &str> {
        let own = self.reply_domain.iter();
        own.chain(&self.further_reply_domains).map(String::as_str)
    }

    /// Whether mails can be answered: there is a domain for reply addresses, and a key that signs them.
    pub fn takes_replies(&self) -> bool {
        self.reply_domain.is_some() && self.reply_token_keys.is_some()
    }

    /// Reads variables by name; an empty one counts as absent.
    ///
    /// # Errors
    /// [`SettingsError`] names the first variable that cannot be used.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let variables = Variables(variable);
        let get = |name: &str| variables.get(name);
        let (mail_transport, smtp_url) = variables.transport()?;
        Ok(Self {
            table_name: get("TABLE_NAME").unwrap_or_else(|| "mensageria".to_owned()),
            mail_transport,
            mail_from: variables.parsed("MAIL_FROM", texts::settings::NOT_AN_ADDRESS, |text| {
                Mailbox::parse(text).ok()
            })?,
            mail_identity: get("MAIL_IDENTITY").map(|name| name.to_lowercase()),
            reply_domain: variables.parsed(
                "REPLY_DOMAIN",
                texts::settings::NOT_A_DOMAIN,
                |text| normalise_domain(text).ok(),
            )?,
            further_identities: list(get("FURTHER_IDENTITIES")),
            further_reply_domains: list(get("FURTHER_REPLY_DOMAINS"))
                .iter()
                .map(|domain| normalise_domain(domain))
                .collect::<Result<_, _>>()
                .map_err(|_| SettingsError {
                    name: "FURTHER_REPLY_DOMAINS",
                    reason: texts::settings::ONE_IS_NOT_A_DOMAIN,
                })?,
            configuration_set: get("CONFIGURATION_SET"),
            smtp_url,
            connections: variables
                .parsed("MAIL_CONNECTIONS", texts::settings::CONNECTIONS, |text| {
                    text.parse()
                        .ok()
                        .filter(|number| (1..=100).contains(number))
                })?
                .unwrap_or(CONNECTIONS),
            reply_token_keys: get("REPLY_TOKEN_KEYS")
                .map(|keys| token_keys(&keys))
                .transpose()?,
            files_bucket: get("FILES_BUCKET"),
            api_url: variables.url("API_URL")?,
            console_url: variables.url("CONSOLE_URL")?,
            region: get("AWS_REGION"),
            test_recipients: list(get("TEST_RECIPIENTS"))
                .into_iter()
                .map(Into::into)
                .collect(),
            storm_limits: variables
                .parsed(
                    "STORM_LIMITS",
                    texts::settings::STORM_LIMITS,
                    StormLimits::parse,
                )?
                .unwrap_or_default(),
            coalesce: variables
                .parsed(
                    "COALESCE_MINUTES",
                    texts::settings::COALESCE_MINUTES,
                    minutes,
                )?
                .unwrap_or(COALESCE),
            resend_unknown_after: variables
                .parsed(
                    "RESEND_UNKNOWN_MINUTES",
                    texts::settings::RESEND_UNKNOWN_MINUTES,
                    resend_after,
                )?
                .flatten(),
            retention: variables
                .parsed("RETENTION_DAYS", texts::settings::RETENTION_DAYS, retention)?
                .flatten(),
            reputation_limits: variables
                .parsed(
                    "REPUTATION_LIMITS",
                    texts::settings::REPUTATION_LIMITS,
                    ReputationLimits::parse,
                )?
                .unwrap_or_default(),
            stack_name: get("STACK_NAME"),
            claims: claim_rules(get)?,
            default_locale: get("DEFAULT_LOCALE").unwrap_or_else(|| "pt-BR".to_owned()),
            default_time_zone: variables
                .parsed(
                    "DEFAULT_TIME_ZONE",
                    texts::settings::NOT_A_TIME_ZONE,
                    |text| {
                        jiff::tz::TimeZone::get(text)
                            .is_ok()
                            .then(|| text.to_owned())
                    },
                )?
                .unwrap_or_else(|| "America/Sao_Paulo".to_owned()),
        })
    }

    /// Until when what was written at this time is kept; none, for good.
    pub(crate) fn kept_until(&self, written: jiff::Timestamp) -> Option<jiff::Timestamp> {
        written.checked_add(self.retention?).ok()
    }
}

/// Variables by name, as one place after another reads them.
struct Variables<V>(V);

impl<V: Fn(&str) -> Option<String>> Variables<V> {
    /// The trimmed value; an empty one counts as absent.
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// What `parse` makes of a value that is set; `reason` is said where it makes nothing of it.
    fn parsed<T>(
        &self,
        name: &'static str,
        reason: Texts,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, SettingsError> {
        let parsed = self.get(name).map(|text| parse(&text));
        parsed
            .map(|value| value.ok_or(SettingsError { name, reason }))
            .transpose()
    }

    /// How mail leaves, and the account where that is SMTP.
    fn transport(&self) -> Result<(MailTransport, Option<Secret>), SettingsError> {
        let transport = self
            .parsed(
                "MAIL_TRANSPORT",
                texts::settings::MAIL_TRANSPORT,
                |text| match text {
                    "ses" => Some(MailTransport::Ses),
                    "smtp" => Some(MailTransport::Smtp),
                    "outbox" => Some(MailTransport::Outbox),
                    _ => None,
                },
            )?
            .unwrap_or(MailTransport::Outbox);
        let smtp_url = self.get("SMTP_URL").map(Secret::from);
        if transport == MailTransport::Smtp && smtp_url.is_none() {
            return Err(SettingsError {
                name: "SMTP_URL",
                reason: texts::settings::SMTP_URL_NEEDED,
            });
        }
        Ok((transport, smtp_url))
    }

    /// A URL without its last slash.
    fn url(&self, name: &'static str) -> Result<Option<String>, SettingsError> {
        self.parsed(name, texts::settings::NOT_A_URL, |text| {
            let is_url = text.starts_with("https://") || text.starts_with("http://");
            is_url.then(|| text.trim_end_matches('/').to_owned())
        })
    }
}

/// No sooner than an event may still come; `0` is never.
fn resend_after(text: &str) -> Option<Option<jiff::SignedDuration>> {
    if text == "0" {
        return Some(None);
    }
    Some(Some(minutes(text)?.max(EVENT_LATE)))
}

fn claim_rules(get: impl Fn(&str) -> Option<String>) -> Result<ClaimRules, SettingsError> {
    let name = |role| match role {
        Role::Requester => "REQUESTER_GROUP",
        Role::Technician => "TECHNICIAN_GROUP",
        Role::Admin => "ADMIN_GROUP",
        Role::Integration => "INTEGRATION_GROUP",
    };
    let group = |role: Role| get(name(role)).unwrap_or_else(|| role.name().to_owned());
    Ok(ClaimRules {
        groups: Role::ALL.map(|role| (role, group(role))),
        verified_email_only: match get("REQUIRE_VERIFIED_EMAIL").as_deref() {
            Some("true") => true,
            Some("false") | None => false,
            Some(_) => {
                return Err(SettingsError {
                    name: "REQUIRE_VERIFIED_EMAIL",
                    reason: texts::settings::TRUE_OR_FALSE,
                });
            }
        },
    })
}

/// No fewer days than a mail may be tried again, or an address be suppressed.
fn retention(text: &str) -> Option<Option<jiff::SignedDuration>> {
    match text.parse().ok()? {
        0 => Some(None),
        days @ 30..=36_500 => Some(Some(jiff::SignedDuration::from_hours(24 * days))),
        _ => None,
    }
}

/// Minutes of up to a day.
fn minutes(text: &str) -> Option<jiff::SignedDuration> {
    let minutes: u16 = text.parse().ok().filter(|minutes| *minutes <= 1440)?;
    Some(jiff::SignedDuration::from_mins(i64::from(minutes)))
}

fn list(value: Option<String>) -> Vec<String> {
    let parts = value.iter().flat_map(|text| text.split(','));
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads `a:base64,b:base64`: the name and the bytes of each key.
fn token_keys(text: &str) -> Result<Keyring, SettingsError> {
    let wrong = |reason| SettingsError {
        name: "REPLY_TOKEN_KEYS",
        reason,
    };
    let key = |part: &str| {
        let (id, secret) = part.trim().split_once(':').unwrap_or_default();
        let id = id.parse();
        let id = id.map_err(|_| wrong(texts::settings::KEY_FORM))?;
        let secret = data_encoding::BASE64.decode(secret.as_bytes());
        let secret = secret.map_err(|_| wrong(texts::settings::KEY_NOT_BASE64))?;
        Ok(TokenKey { id, secret })
    };
    let keys: Vec<TokenKey> = text.split(',').map(key).collect::<Result<_, _>>()?;
    Keyring::new(&keys).map_err(|error| {
        wrong(match error {
            KeyringError::Empty => texts::settings::NO_KEY,
            KeyringError::Id(_) => texts::settings::KEY_ID,
            KeyringError::Twice(_) => texts::settings::KEY_TWICE,
            KeyringError::Short(_) => texts::settings::KEY_SHORT,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::read(|name| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_is_the_local_runner() {
        let settings = read(&[("MAIL_FROM", " ")]).expect("settings");
        assert_eq!(settings.mail_transport, MailTransport::Outbox);
        assert_eq!(
            (settings.mail_from, settings.default_locale.as_str()),
            (None, "pt-BR")
        );
    }

    #[test]
    fn every_mistake_is_named_and_no_value_shown() {
        let secret = "a:c2hvcnQ=";
        for (name, value) in [
            ("MAIL_TRANSPORT", "pigeon"),
            ("MAIL_TRANSPORT", "smtp"),
            ("MAIL_FROM", "nobody"),
            ("REPLY_DOMAIN", "no domain"),
            ("API_URL", "api.example.com"),
            ("CONSOLE_URL", "console.example.com"),
            ("DEFAULT_TIME_ZONE", "Mars/Base"),
            ("STORM_LIMITS", "many"),
            ("RESEND_UNKNOWN_MINUTES", "1441"),
            ("RESEND_UNKNOWN_MINUTES", "x"),
            ("RETENTION_DAYS", "29"),
            ("RETENTION_DAYS", "-1"),
            ("RETENTION_DAYS", "36501"),
            ("RETENTION_DAYS", "a year"),
            ("COALESCE_MINUTES", "1441"),
            ("REPUTATION_LIMITS", "4"),
            ("COALESCE_MINUTES", "-5"),
            ("MAIL_CONNECTIONS", "0"),
            ("MAIL_CONNECTIONS", "101"),
            ("REQUIRE_VERIFIED_EMAIL", "yes"),
            ("REPLY_TOKEN_KEYS", secret),
            (
                "REPLY_TOKEN_KEYS",
                "a:AAAAAAAAAAAAAAAAAAAAAA==,A:AAAAAAAAAAAAAAAAAAAAAA==",
            ),
        ] {
            let error = read(&[(name, value)]).expect_err(value);
            let named = if value == "smtp" { "SMTP_URL" } else { name };
            assert_eq!(error.name, named);
            assert!(!error.to_string().contains("c2hvcnQ"), "the value is shown");
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let settings = read(&[
            ("MAIL_TRANSPORT", "smtp"),
            ("SMTP_URL", "smtps://desk:hunter2@mail.example.com"),
            ("REPLY_TOKEN_KEYS", "a:AQEBAQEBAQEBAQEBAQEBAQ=="),
        ])
        .expect("settings");
        for shown in [format!("{settings:?}"), format!("{settings:#?}")] {
            for secret in ["hunter2", "desk:", "AQEB", "[1, 1", "1,\n"] {
                assert!(!shown.contains(secret), "{secret}: {shown}");
            }
        }
        let url = settings.smtp_url.expect("a URL");
        assert!(url.expose().contains("hunter2"));
    }

    #[test]
    fn the_group_of_a_role_is_set_by_its_variable() {
        let settings = read(&[
            ("ADMIN_GROUP", "Service Desk Admins"),
            ("TECHNICIAN_GROUP", " "),
        ]);
        let claims = settings.expect("settings").claims;
        assert_eq!(claims.group_of(Role::Admin), "Service Desk Admins");
        assert_eq!(claims.group_of(Role::Technician), "technician");
    }

    #[test]
    fn proof_of_an_address_is_asked_when_it_is_set() {
        for (value, asked) in [("true", true), ("false", false)] {
            let settings = read(&[("REQUIRE_VERIFIED_EMAIL", value)]);
            assert_eq!(settings.expect(value).claims.verified_email_only, asked);
        }
        assert!(!read(&[]).expect("settings").claims.verified_email_only);
        let connections = read(&[("MAIL_CONNECTIONS", "7")]).expect("settings");
        assert_eq!(connections.connections.to_string(), "7");
    }

    #[test]
    fn two_keys_are_read_in_order() {
        let keys = "b:AAAAAAAAAAAAAAAAAAAAAA==,a:AQEBAQEBAQEBAQEBAQEBAQ==";
        let settings = read(&[("REPLY_TOKEN_KEYS", keys)]).expect("settings");
        let keys = settings.reply_token_keys.as_ref().expect("keys");
        assert_eq!(keys.ids().collect::<String>(), "ba");
        assert!(
            !format!("{settings:?}").contains("[1, 1"),
            "a secret is shown"
        );
    }
}
