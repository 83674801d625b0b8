//! What the console has to know before anybody has signed in, and what its pages may connect to.

use std::{cell::RefCell, collections::BTreeSet};

use serde::Serialize;
use url::Url;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable that has to be there.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// A variable that has to be the address of a web site.
    #[error("{name} is not an https address: {value}")]
    NotAnAddress {
        /// Name of the variable.
        name: &'static str,
        /// The value that it has.
        value: String,
    },
}

/// How people sign in.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Login {
    /// On one machine: by a button a person of the demo, or with a token.
    Local,
    /// By OpenID Connect: authorization code with PKCE.
    Oidc {
        /// The identity provider's address, whose discovery document names the rest.
        issuer: String,
        /// The public client that this console is there.
        client_id: String,
        /// What is asked for, separated by spaces.
        scopes: String,
    },
}

/// `config.json`: public, without a secret.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Config {
    /// Version of the code.
    pub version: &'static str,
    /// How people sign in.
    pub login: Login,
    /// Language for people whose browser prefers none that there is.
    pub locale: String,
    /// Time zone for people whose browser tells none.
    pub time_zone: String,
    /// Whether the routes of the local outbox are there.
    pub outbox: bool,
    /// Origins beside this one that the pages may call.
    #[serde(skip)]
    pub connect: Vec<String>,
    /// Whether browsers may be told to come by https only.
    #[serde(skip)]
    pub https_only: bool,
}

impl Config {
    /// The console of the local runner.
    pub fn local(locale: &str, time_zone: &str, outbox: bool) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            login: Login::Local,
            locale: locale.to_owned(),
            time_zone: time_zone.to_owned(),
            outbox,
            connect: Vec::new(),
            https_only: false,
        }
    }

    /// Names of all variables that are read.
    pub fn names() -> BTreeSet<String> {
        let names = RefCell::new(BTreeSet::new());
        let read = Self::from_variables(|name| {
            names.borrow_mut().insert(name.to_owned());
            Some("https://example.com".to_owned())
        });
        debug_assert!(read.is_ok(), "an address suits each: {read:?}");
        names.into_inner()
    }

    /// From variables: `LOGIN_ISSUER` and `LOGIN_CLIENT_ID`; where they are not the usual ones
    /// `LOGIN_SCOPES` (`openid email profile`), `LOGIN_DOMAIN` (the host of the token endpoint where
    /// that is not the issuer's), `UPLOAD_ORIGIN` (where files are uploaded
    /// to), `DEFAULT_LOCALE` and `DEFAULT_TIME_ZONE`.
    ///
    /// # Errors
    /// A variable that is missing or is not an address.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let given = |name| variable(name).filter(|value| !value.trim().is_empty());
        let required = |name| given(name).ok_or(ConfigError::Missing(name));
        let or = |name, usual: &str| given(name).unwrap_or_else(|| usual.to_owned());
        let issuer = required("LOGIN_ISSUER")?;
        let mut connect = vec![origin("LOGIN_ISSUER", &issuer)?];
        for name in ["LOGIN_DOMAIN", "UPLOAD_ORIGIN"] {
            if let Some(value) = given(name) {
                let address = match value.contains("://") {
                    true => value,
                    false => format!("https://{value}"),
                };
                let origin = origin(name, &address)?;
                if !connect.contains(&origin) {
                    connect.push(origin);
                }
            }
        }
        Ok(Self {
            version: env!("CARGO_PKG_VERSION"),
            login: Login::Oidc {
                issuer,
                client_id: required("LOGIN_CLIENT_ID")?,
                scopes: or("LOGIN_SCOPES", "openid email profile"),
            },
            locale: or("DEFAULT_LOCALE", "pt-BR"),
            time_zone: or("DEFAULT_TIME_ZONE", "America/Sao_Paulo"),
            outbox: false,
            connect,
            https_only: true,
        })
    }
}

/// The origin of an address: what comes into a header is written by us, never copied.
fn origin(name: &'static str, value: &str) -> Result<String, ConfigError> {
    let bad = || ConfigError::NotAnAddress {
        name,
        value: value.to_owned(),
    };
    let url = Url::parse(value).map_err(|_| bad())?;
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(url.origin().ascii_serialization()),
        _ => Err(bad()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_variables(|name| {
            let found = variables.iter().find(|variable| variable.0 == name)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn the_pages_may_call_the_provider_its_token_endpoint_and_the_place_of_uploads() {
        let config = read(&[
            ("LOGIN_ISSUER", "https://idp.example.com/pool"),
            ("LOGIN_CLIENT_ID", "abc"),
            ("LOGIN_DOMAIN", "login.example.com"),
            ("UPLOAD_ORIGIN", "https://files.example.com:8443/some/path"),
        ])
        .unwrap();
        assert_eq!(
            config.connect,
            [
                "https://idp.example.com",
                "https://login.example.com",
                "https://files.example.com:8443"
            ]
        );
        assert_eq!(config.locale, "pt-BR");
    }

    #[test]
    fn one_origin_stands_once() {
        let config = read(&[
            ("LOGIN_ISSUER", "https://idp.example.com/a"),
            ("LOGIN_CLIENT_ID", "abc"),
            ("LOGIN_DOMAIN", "idp.example.com"),
        ]);
        assert_eq!(config.unwrap().connect, ["https://idp.example.com"]);
    }

    #[test]
    fn settings_that_cannot_be_used_are_named() {
        let error = read(&[("LOGIN_CLIENT_ID", "abc")]).unwrap_err().to_string();
        assert_eq!(error, "LOGIN_ISSUER is not set");
        for bad in [
            "http://idp.example.com",
            "idp.example.com",
            "https://; script-src *",
        ] {
            let error = read(&[("LOGIN_ISSUER", bad), ("LOGIN_CLIENT_ID", "abc")]);
            assert!(
                error.unwrap_err().to_string().contains("LOGIN_ISSUER"),
                "{bad}"
            );
        }
        let empty = read(&[
            ("LOGIN_ISSUER", "https://idp.example.com"),
            ("LOGIN_CLIENT_ID", " "),
        ]);
        assert_eq!(empty.unwrap_err().to_string(), "LOGIN_CLIENT_ID is not set");
    }
}
