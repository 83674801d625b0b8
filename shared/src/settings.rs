//! Settings from the environment: one typed struct, read once, the same names in Lambda and locally.

/// Where mail goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTransport {
    /// Amazon SES v2.
    Ses,
    /// An SMTP server (`SMTP_URL`).
    Smtp,
    /// Files on this machine.
    Outbox,
}

/// A key that signs reply tokens and links. Debug shows its id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenKey {
    /// One character that names the key in a token.
    pub id: char,
    /// At least 16 bytes.
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// All settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `TABLE_NAME`: the DynamoDB table.
    pub table_name: String,
    /// `MAIL_TRANSPORT`: `ses`, `smtp` or `outbox`.
    pub mail_transport: MailTransport,
    /// `MAIL_FROM`: sender when parameter 10 is not set.
    pub mail_from: Option<String>,
    /// `REPLY_DOMAIN`: domain of reply addresses; none, no reply by mail.
    pub reply_domain: Option<String>,
    /// `CONFIGURATION_SET`: SES configuration set; without one no event carries tags.
    pub configuration_set: Option<String>,
    /// `SMTP_URL`: `smtps://user:password@host:465` or `smtp://…?tls=required`.
    pub smtp_url: Option<String>,
    /// `REPLY_TOKEN_KEYS`: `a:base64,b:base64`; the first signs, all verify.
    pub reply_token_keys: Vec<TokenKey>,
    /// `TEST_RECIPIENTS`: addresses (or `@domain`) that test mails may go to, comma-separated.
    pub test_recipients: Vec<String>,
    /// `DEFAULT_LOCALE`, `pt-BR` when absent.
    pub default_locale: String,
    /// `DEFAULT_TIME_ZONE`, `America/Sao_Paulo` when absent.
    pub default_time_zone: String,
}
