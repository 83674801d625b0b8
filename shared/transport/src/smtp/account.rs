//! `SMTP_URL`: server, security and account.

use std::{fmt, net::IpAddr, sync::Arc};

use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use url::{Host, Url};

/// What is wrong with an `SMTP_URL`. No variant quotes it: it holds a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// Not a URL with a host.
    #[error("SMTP_URL is not a URL with a host")]
    Url,
    /// A scheme other than `smtp` and `smtps`.
    #[error("SMTP_URL must start with smtp:// or smtps://")]
    Scheme,
    /// A `tls` other than `required` and `none`, or a parameter that is not known.
    #[error("SMTP_URL knows only ?tls=required, ?tls=none and ?ca=FILE")]
    Parameter,
    /// No TLS to another machine.
    #[error("SMTP_URL may ask for tls=none only on this machine")]
    Plain,
    /// A user without a password, or the other way round, or neither in UTF-8.
    #[error("SMTP_URL must have both a user and a password, or none, percent-encoded")]
    Credentials,
    /// The file of `ca` cannot be read or holds no certificate.
    #[error("SMTP_URL: the file of ?ca= holds no certificate in PEM")]
    Certificate,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: are the system's root certificates there?")]
    Tls,
}

impl SmtpUrlError {
    /// The code of this error, the same in every language.
    pub fn code(self) -> &'static str {
        match self {
            Self::Url => "SMTP_URL_INVALID",
            Self::Scheme => "SMTP_URL_SCHEME",
            Self::Parameter => "SMTP_URL_PARAMETER",
            Self::Plain => "SMTP_URL_PLAIN",
            Self::Credentials => "SMTP_URL_CREDENTIALS",
            Self::Certificate => "SMTP_URL_CERTIFICATE",
            Self::Tls => "SMTP_URL_TLS",
        }
    }
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS, or no mail.
    StartTls,
    /// None: this machine only.
    None,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

/// Without any of it.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

#[derive(Clone)]
pub(super) struct Account {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<Credentials>,
    /// What TLS needs, read once: roots are many. None when there is no TLS.
    pub(super) tls: Option<Arc<ClientConfig>>,
}

/// Leaves out the credentials: debug output ends in logs.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

impl Account {
    pub(super) fn parse(url: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(url.trim()).map_err(|_| SmtpUrlError::Url)?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(SmtpUrlError::Url)?;
        let (mut tls, mut ca) = (None, None);
        for (name, value) in url.query_pairs() {
            match (name.as_ref(), value.as_ref()) {
                ("tls", "required" | "none") if tls.is_none() => tls = Some(value.into_owned()),
                ("ca", _) if ca.is_none() => ca = Some(value.into_owned()),
                _ => return Err(SmtpUrlError::Parameter),
            }
        }
        let local = is_local(host);
        let (security, port) = match (url.scheme(), tls.as_deref()) {
            ("smtps", None | Some("required")) => (Security::Implicit, 465),
            ("smtp", Some("required")) => (Security::StartTls, 587),
            ("smtp", Some("none")) if local => (Security::None, 25),
            ("smtp", None) if local => (Security::None, 25),
            ("smtp", None) => (Security::StartTls, 587),
            ("smtp" | "smtps", _) => return Err(SmtpUrlError::Plain),
            _ => return Err(SmtpUrlError::Scheme),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self {
            tls: if security == Security::None {
                None
            } else {
                Some(tls_parameters(ca.as_deref())?)
            },
            host,
            port: url.port().unwrap_or(port),
            security,
            credentials: credentials(&url)?,
        })
    }
}

/// The system's roots (or those of `SSL_CERT_FILE`) and the file's, TLS 1.2 or newer.
fn tls_parameters(ca: Option<&str>) -> Result<Arc<ClientConfig>, SmtpUrlError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca {
        let own = CertificateDer::pem_file_iter(path).map_err(|_| SmtpUrlError::Certificate)?;
        let own: Result<Vec<_>, _> = own.collect();
        let own = own.map_err(|_| SmtpUrlError::Certificate)?;
        let (added, ignored) = roots.add_parsable_certificates(own);
        // A file without any is not what its owner meant.
        if added == 0 || ignored > 0 {
            return Err(SmtpUrlError::Certificate);
        }
    }
    if roots.is_empty() {
        return Err(SmtpUrlError::Tls);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| SmtpUrlError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpUrlError> {
    let decode = |text: &str| {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
        decoded
            .map(|text| text.into_owned())
            .map_err(|_| SmtpUrlError::Credentials)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", _) | (_, None | Some("")) => Err(SmtpUrlError::Credentials),
        (user, Some(password)) => Ok(Some(Credentials {
            user: decode(user)?,
            password: decode(password)?,
        })),
    }
}

/// Whether the host is this machine. `smtp` is not a special scheme, so its hosts arrive unparsed.
fn is_local(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Ok(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Ok(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_accounts() {
        use Security as S;
        for (url, host, port, security, account) in [
            (
                "smtps://u:p@mail.example.com",
                "mail.example.com",
                465,
                S::Implicit,
                true,
            ),
            (
                "smtps://mail.example.com:1465?tls=required",
                "mail.example.com",
                1465,
                S::Implicit,
                false,
            ),
            (
                "smtp://u%40x:p%2F@mail.example.com",
                "mail.example.com",
                587,
                S::StartTls,
                true,
            ),
            (
                "smtp://mail.example.com:25?tls=required",
                "mail.example.com",
                25,
                S::StartTls,
                false,
            ),
            ("smtp://localhost:1025", "localhost", 1025, S::None, false),
            (
                "smtp://127.0.0.1:1025?tls=none",
                "127.0.0.1",
                1025,
                S::None,
                false,
            ),
            ("smtp://[::1]:1025", "::1", 1025, S::None, false),
            (
                "smtp://localhost:1025?tls=required",
                "localhost",
                1025,
                S::StartTls,
                false,
            ),
        ] {
            let read = Account::parse(url).unwrap();
            assert_eq!(
                (read.host.as_str(), read.port, read.security),
                (host, port, security),
                "{url}"
            );
            assert_eq!(read.credentials.is_some(), account, "{url}");
        }
        let decoded = Account::parse("smtp://u%40x:p%2F@h.com")
            .unwrap()
            .credentials;
        let credentials = Credentials {
            user: "u@x".into(),
            password: "p/".into(),
        };
        assert_eq!(decoded, Some(credentials));
    }

    #[test]
    fn refuses_the_rest_without_quoting_it() {
        use SmtpUrlError as E;
        for (url, error) in [
            ("", E::Url),
            ("mail.example.com", E::Url),
            ("smtp://", E::Url),
            ("smtp://h:99999", E::Url),
            ("http://u:secret@h.com", E::Scheme),
            ("smtp://u:secret@h.com?tls=none", E::Plain),
            ("smtps://u:secret@localhost?tls=none", E::Plain),
            ("smtp://localhost.example.com?tls=none", E::Plain),
            ("smtp://u:secret@h.com?tls=opportunistic", E::Parameter),
            ("smtp://u:secret@h.com?timeout=5", E::Parameter),
            ("smtps://h.com?ca=/no/such/secret.pem", E::Certificate),
            ("smtps://h.com?ca=Cargo.toml", E::Certificate),
            ("smtps://h.com?ca=a&ca=b", E::Parameter),
            ("smtp://secret@h.com", E::Credentials),
            ("smtp://:secret@h.com", E::Credentials),
            ("smtp://u:@h.com", E::Credentials),
            ("smtp://u%ff:secret@h.com", E::Credentials),
        ] {
            let found = Account::parse(url).unwrap_err();
            assert_eq!(found, error, "{url}");
            assert!(!found.to_string().contains("secret"));
        }
        let debug = format!("{:?}", Account::parse("smtp://u:secret@h.com").unwrap());
        assert!(!debug.contains("secret"), "{debug}");
    }
}
