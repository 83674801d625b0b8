//! From the value as a person writes it to the value as it is stored.

use thiserror::Error;

use super::{Parameter, ParameterRefusal, ParameterType};
use crate::{
    address::{Address, AddressError, Mailbox, normalise_domain},
    catalog::{language::Texts, phrase::Phrase},
    characters::is_one_line,
    id::TemplateId,
    texts,
};

/// Most characters of a text parameter.
const TEXT_LIMIT: usize = 255;
/// Most addresses in one parameter.
const ADDRESS_LIMIT: usize = 50;
/// Largest attachment that may be allowed: what SES takes in one message.
const LARGEST_ATTACHMENT: u64 = 40 * 1024 * 1024;

/// Why a value cannot be stored. Messages never repeat the value: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParameterError {
    /// It is empty; deleting the parameter brings the default back.
    #[error("parameter {number} needs a value; DELETE the parameter to go back to the default")]
    Empty {
        /// Number of the parameter that was to be set.
        number: u16,
    },
    /// It does not fit the type.
    #[error("parameter {number} takes {}", expected.en)]
    Invalid {
        /// Number of the parameter that was to be set.
        number: u16,
        /// What a value of its type looks like, for people.
        expected: Texts,
        /// What is wrong with an address in it, where that is what does not fit.
        address: Option<AddressError>,
    },
    /// It is part of the SMTP account, which lives elsewhere.
    #[error(
        "parameter {number} is part of the SMTP account, which is not stored here: set \
         MAIL_TRANSPORT and SMTP_URL in the stack's settings and keep the password in the secret \
         that SMTP_URL comes from"
    )]
    SmtpAccount {
        /// Number of the parameter that was to be set.
        number: u16,
    },
    /// It is a password.
    #[error(
        "parameter {number} is a password and is never accepted as a parameter: keep it in the \
         stack's secret (SMTP_URL for the mail account)"
    )]
    Password {
        /// Number of the parameter that was to be set.
        number: u16,
    },
}

impl ParameterError {
    /// What is wrong and what to do, for people.
    pub fn phrase(&self) -> Phrase {
        let (words, number) = match self {
            Self::Empty { number } => (texts::validate::PARAMETER_NEEDS_A_VALUE.phrase(), number),
            Self::Invalid {
                number, expected, ..
            } => (
                texts::validate::PARAMETER_TAKES.with_phrase("expected", *expected),
                number,
            ),
            Self::SmtpAccount { number } => (
                texts::validate::PARAMETER_IS_PART_OF_THE_SMTP_ACCOUNT.phrase(),
                number,
            ),
            Self::Password { number } => (
                texts::validate::PARAMETER_IS_A_PASSWORD_AND_IS_NEVER.phrase(),
                number,
            ),
        };
        words.with("number", number)
    }
}

pub(super) fn normalise(parameter: &Parameter, value: &str) -> Result<String, ParameterError> {
    let number = parameter.number;
    match parameter.refusal {
        Some(ParameterRefusal::Smtp) => return Err(ParameterError::SmtpAccount { number }),
        Some(ParameterRefusal::Password) => return Err(ParameterError::Password { number }),
        None => {}
    }
    let value = value.trim();
    if value.is_empty() {
        return Err(ParameterError::Empty { number });
    }
    let (normalised, expected) = match parameter.kind {
        ParameterType::Template => (
            template(value).ok_or(None),
            texts::validate::THE_NUMBER_OF_AN_E_MAIL_TEMPLATE,
        ),
        ParameterType::Flag => (flag(value).ok_or(None), texts::validate::S_OR_N),
        ParameterType::Email => (
            mailbox(value),
            texts::validate::ONE_E_MAIL_ADDRESS_OR_A_NAME,
        ),
        ParameterType::Emails => (
            addresses(value),
            texts::validate::UP_TO_50_E_MAIL_ADDRESSES_SEPARATED,
        ),
        ParameterType::Url => (
            base_url(value).ok_or(None),
            texts::validate::AN_HTTPS_URL_WITHOUT_QUERY_AND_FRAGMENT,
        ),
        ParameterType::Domain => (
            normalise_domain(value.trim_start_matches('@')).map_err(|_| None),
            texts::validate::A_DOMAIN_NAME,
        ),
        ParameterType::Text => (
            text(value).ok_or(None),
            texts::validate::ONE_LINE_OF_255_CHARACTERS,
        ),
        ParameterType::Number => (size(value).ok_or(None), texts::validate::NUMBER_OF_BYTES),
        ParameterType::Extensions => (
            extensions(value).ok_or(None),
            texts::validate::FILE_EXTENSIONS_SEPARATED,
        ),
        ParameterType::Refused => (Err(None), texts::validate::NOTHING),
    };
    normalised.map_err(|address| ParameterError::Invalid {
        number,
        expected,
        address,
    })
}

fn template(value: &str) -> Option<String> {
    let id: TemplateId = value.parse().ok()?;
    Some(id.to_string())
}

fn flag(value: &str) -> Option<String> {
    let yes = ["s", "sim", "sí", "si", "y", "yes", "true", "1"];
    let no = ["n", "não", "nao", "no", "false", "0"];
    let value = value.to_lowercase();
    if yes.contains(&value.as_str()) {
        Some("S".to_owned())
    } else if no.contains(&value.as_str()) {
        Some("N".to_owned())
    } else {
        None
    }
}

/// An address, or a name with the address in angle brackets, as [`Mailbox::parse`] reads it again.
fn mailbox(value: &str) -> Result<String, Option<AddressError>> {
    let Mailbox { name, address } = Mailbox::parse(value)?;
    let name = text(name.trim()).ok_or(None)?;
    if name.contains(['<', '>', '"', '\\']) {
        return Err(None);
    }
    Ok(match name.as_str() {
        "" => address.to_string(),
        // What has a meaning of its own between addresses is quoted (RFC 5322, 3.2.4).
        plain if !plain.contains(['(', ')', '[', ']', ':', ';', '@', ',', '.']) => {
            format!("{plain} <{address}>")
        }
        special => format!("\"{special}\" <{address}>"),
    })
}

fn addresses(value: &str) -> Result<String, Option<AddressError>> {
    let mut found: Vec<Address> = Vec::new();
    for part in value.split([';', ',', '\n']).map(str::trim) {
        if part.is_empty() {
            continue;
        }
        let address = Address::parse(part)?;
        if !found.contains(&address) {
            found.push(address);
        }
    }
    if found.is_empty() || found.len() > ADDRESS_LIMIT {
        return Err(None);
    }
    let found: Vec<&str> = found.iter().map(Address::as_str).collect();
    Ok(found.join("; "))
}

fn base_url(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let unsafe_sign = |c: char| "\"'<>\\^`{|}@?#".contains(c);
    // The host may be written in any script; it is stored as the name that DNS knows.
    if value.len() > TEXT_LIMIT
        || value.contains(unsafe_sign)
        || !path.chars().all(|c| c.is_ascii_graphic())
    {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
        None => (authority, None),
    };
    // Without TLS only this machine itself: that is how the local runner is reached.
    let local = matches!(host, "localhost" | "127.0.0.1");
    let scheme = scheme.to_ascii_lowercase();
    if !(scheme == "https" || scheme == "http" && local) || host.is_empty() {
        return None;
    }
    let host = host_name(host)?;
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    Some(
        format!("{scheme}://{host}{port}/{path}")
            .trim_end_matches('/')
            .to_owned(),
    )
}

/// A host of the web, which may also be one label or an IPv4 address.
fn host_name(value: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(value).ok()?;
    (!ascii.is_empty() && ascii.len() <= 253).then_some(ascii)
}

fn text(value: &str) -> Option<String> {
    let fits = value.chars().count() <= TEXT_LIMIT && is_one_line(value);
    fits.then(|| value.to_owned())
}

fn size(value: &str) -> Option<String> {
    let bytes = value.parse::<u64>().ok()?;
    (1..=LARGEST_ATTACHMENT)
        .contains(&bytes)
        .then(|| bytes.to_string())
}

fn extensions(value: &str) -> Option<String> {
    let mut normalised: Vec<String> = Vec::new();
    for part in value.split([';', ',', ' ']) {
        let extension = part
            .trim()
            .trim_start_matches(['*', '.'])
            .to_ascii_lowercase();
        if extension.is_empty() {
            continue;
        }
        if extension.len() > 16 || !extension.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        if !normalised.contains(&extension) {
            normalised.push(extension);
        }
    }
    (!normalised.is_empty() && normalised.len() <= 200).then(|| normalised.join(";"))
}

#[cfg(test)]
mod tests {
    use super::{super::find, *};

    #[test]
    fn values_are_stored_in_one_spelling() {
        for (number, written, stored) in [
            (417, " 007 ", "7"),
            (297, "sim", "S"),
            (297, "Y", "S"),
            (297, "FALSE", "N"),
            (297, "não", "N"),
            (10, "desk@Exämple.com", "desk@xn--exmple-cua.com"),
            (
                10,
                " Central de Serviços  <desk@Exämple.com> ",
                "Central de Serviços <desk@xn--exmple-cua.com>",
            ),
            (10, "<desk@example.com>", "desk@example.com"),
            (
                10,
                "\"Desk, Inc.\" <desk@example.com>",
                "\"Desk, Inc.\" <desk@example.com>",
            ),
            (
                10,
                "N1. Desk <desk@example.com>",
                "\"N1. Desk\" <desk@example.com>",
            ),
            (
                33,
                "https://portal.müller.example.com/chamados",
                "https://portal.xn--mller-kva.example.com/chamados",
            ),
            (
                9,
                "a@example.com, b@example.com;A@example.com",
                "a@example.com; b@example.com",
            ),
            (
                33,
                "HTTPS://Portal.Example.com/citsmart/",
                "https://portal.example.com/citsmart",
            ),
            (33, "http://127.0.0.1:8417", "http://127.0.0.1:8417"),
            (33, "https://portal:8443/app", "https://portal:8443/app"),
            (33, "https://10.0.0.1", "https://10.0.0.1"),
            (36, "@Example.com", "example.com"),
            (262, "Portal", "Portal"),
            (278, "1048576", "1048576"),
            (318, "*.EXE; .bat,exe", "exe;bat"),
        ] {
            let parameter = find(number).unwrap();
            assert_eq!(
                parameter.validate_and_normalise(written).as_deref(),
                Ok(stored),
                "{number} {written}"
            );
            assert_eq!(
                parameter.validate_and_normalise(stored).as_deref(),
                Ok(stored),
                "{number}: a stored value stays as it is"
            );
        }
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        for (number, written) in [
            (417, "0"),
            (417, "-1"),
            (417, "+1"),
            (417, "abc"),
            (417, "99999999999999999999"),
            (297, "talvez"),
            (297, ""),
            (10, "not an address"),
            (10, "a@b@c"),
            (10, "a@example.com\nBcc: x@example.com"),
            (10, "\"a b\"@example.com"),
            (10, "Desk <desk@example.com"),
            (10, "Desk <desk@example.com> x"),
            (10, "a@example.com <b@example.com>, c@example.com"),
            (10, "Desk\nBcc: x@example.com <desk@example.com>"),
            (10, "<x> <desk@example.com>"),
            (33, "https://portal.example.com/caminho é"),
            (33, "https://pórtal example.com"),
            (9, ";"),
            (33, "http://portal.example.com"),
            (33, "https://"),
            (33, "https://user@portal.example.com"),
            (33, "https://portal.example.com/?a=1"),
            (33, "javascript:alert(1)"),
            (36, "exa mple"),
            (262, "a\r\nb"),
            (278, "0"),
            (278, "10 MB"),
            (318, "../x"),
        ] {
            let error = find(number)
                .unwrap()
                .validate_and_normalise(written)
                .unwrap_err();
            assert!(
                matches!(
                    error,
                    ParameterError::Invalid { .. } | ParameterError::Empty { .. }
                ),
                "{number} {written}: {error:?}"
            );
        }
    }

    /// What a value of a type that holds addresses is made of: `{}` stands for the address.
    fn with_address(kind: ParameterType) -> &'static [&'static str] {
        match kind {
            ParameterType::Email => &["{}", "Desk <{}>", "\"Desk, Inc.\" <{}>", "<{}>"],
            ParameterType::Emails => &["{}", "a@example.com; {}", "{}, a@example.com"],
            _ => &[],
        }
    }

    #[test]
    fn every_parameter_with_an_address_takes_those_that_mail_can_go_to_and_no_other() {
        let local = "a".repeat(65);
        let long = format!("{}@{}com", "a".repeat(64), "abcdefgh.".repeat(21));
        let samples = [
            "desk@example.com",
            "Desk.One+x@Exämple.com",
            "dev@localhost",
            "desk@localserver",
            "desk@exemplo",
            "desk@10.0.0.1",
            "desk@[10.0.0.1]",
            "desk@example.com.",
            "desk@exam_ple.com",
            "desk@-example.com",
            "desk@example..com",
            "d..esk@example.com",
            ".desk@example.com",
            "\"desk\"@example.com",
            "serviço@example.com",
            "de sk@example.com",
            "desk@",
            "@example.com",
            "desk",
            &format!("{local}@example.com"),
            &long,
        ];
        let mut tried = 0;
        for parameter in super::super::PARAMETERS {
            for form in with_address(parameter.kind) {
                for address in samples {
                    tried += 1;
                    let value = form.replace("{}", address);
                    let stored = parameter.validate_and_normalise(&value);
                    let label = format!("{}: {value}", parameter.number);
                    match (Address::parse(address), stored) {
                        (Ok(address), Ok(stored)) => {
                            assert!(stored.contains(address.as_str()), "{label}: {stored}");
                            for one in stored.split("; ") {
                                assert!(Mailbox::parse(one).is_ok(), "{label}: {one}");
                            }
                        }
                        (
                            Err(wrong),
                            Err(ParameterError::Invalid {
                                address: Some(said),
                                ..
                            }),
                        ) => {
                            assert_eq!(said, wrong, "{label}");
                        }
                        (address, stored) => panic!("{label}: {address:?}, {stored:?}"),
                    }
                }
            }
            if parameter.kind == ParameterType::Domain {
                for address in samples {
                    let Some((local, domain)) = address.rsplit_once('@') else {
                        continue;
                    };
                    if local.is_empty() || domain.is_empty() {
                        continue;
                    }
                    tried += 1;
                    assert_eq!(
                        parameter.validate_and_normalise(domain).ok(),
                        normalise_domain(domain).ok(),
                        "{}: {domain}",
                        parameter.number
                    );
                }
            }
        }
        assert!(tried > 100, "{tried}");
    }

    #[test]
    fn the_smtp_account_has_the_names_of_the_original() {
        for (number, word) in [
            (11, "authentication"),
            (12, "user"),
            (14, "server"),
            (25, "password"),
            (199, "tls"),
            (269, "port"),
        ] {
            let name = find(number).unwrap().names.en.to_lowercase();
            assert!(name.contains(word), "{number}: {name}");
        }
    }

    #[test]
    fn the_smtp_account_and_passwords_are_refused_with_the_way_out() {
        for number in [11, 12, 14, 199, 269] {
            let error = find(number)
                .unwrap()
                .validate_and_normalise("secret")
                .unwrap_err();
            assert!(
                matches!(error, ParameterError::SmtpAccount { .. }),
                "{number}"
            );
            assert!(error.to_string().contains("SMTP_URL"), "{number}");
            assert!(!error.to_string().contains("\"secret\""), "{number}");
        }
        for number in [13, 25] {
            let error = find(number)
                .unwrap()
                .validate_and_normalise("hunter2")
                .unwrap_err();
            assert!(matches!(error, ParameterError::Password { .. }), "{number}");
            assert!(error.to_string().contains("password"), "{number}");
            assert!(!error.to_string().contains("hunter2"), "{number}");
        }
    }

    #[test]
    fn every_default_is_a_valid_value() {
        for parameter in super::super::PARAMETERS {
            if let Some(default) = parameter.default {
                assert_eq!(
                    parameter.validate_and_normalise(default).as_deref(),
                    Ok(default),
                    "{}",
                    parameter.number
                );
            }
        }
    }
}
