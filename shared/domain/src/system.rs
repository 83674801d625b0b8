//! Addresses that no person reads: mail to them is skipped, and the reason is kept.

use super::address::Address;

/// The addresses of this installation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ours<'a> {
    /// Senders that we use or used.
    pub senders: &'a [Address],
    /// Domain of our reply addresses, in lower-case punycode.
    pub reply_domain: Option<&'a str>,
    /// Further ones, of single contracts.
    pub further_reply_domains: &'a [String],
}

/// Which kind of system address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemAddress {
    /// A sender of ours: mail to it would come back to us.
    OwnSender,
    /// Within our reply domain.
    OwnReplyDomain,
    /// `no-reply` in one of the forms in use.
    NoReply,
    /// A mail server's own address (RFC 5321, 4.5.1; RFC 2142).
    MailServer,
}

impl SystemAddress {
    /// Every kind, in the order of the enum.
    pub const ALL: [Self; 4] = [
        Self::OwnSender,
        Self::OwnReplyDomain,
        Self::NoReply,
        Self::MailServer,
    ];

    /// Stable code, kept with the skipped recipient.
    pub fn code(self) -> &'static str {
        match self {
            Self::OwnSender => "SYSTEM_OWN_SENDER",
            Self::OwnReplyDomain => "SYSTEM_OWN_REPLY_DOMAIN",
            Self::NoReply => "SYSTEM_NO_REPLY",
            Self::MailServer => "SYSTEM_MAIL_SERVER",
        }
    }
}

/// Words of "no reply" in English, Portuguese, Spanish and German, as the words of a local part.
const NO_REPLY: [&[&str]; 11] = [
    &["noreply"],
    &["no", "reply"],
    &["donotreply"],
    &["do", "not", "reply"],
    &["dontreply"],
    &["naoresponda"],
    &["nao", "responda"],
    &["naoresponder"],
    &["nao", "responder"],
    &["noresponder"],
    &["no", "responder"],
];
/// Local parts of mail servers, separators left out.
const MAIL_SERVER: [&str; 3] = ["mailerdaemon", "maildaemon", "postmaster"];

/// Whether `address` is one that no person reads, and which kind.
pub fn is_system(address: &Address, ours: Ours<'_>) -> Option<SystemAddress> {
    if ours.senders.contains(address) {
        return Some(SystemAddress::OwnSender);
    }
    let further = ours.further_reply_domains.iter().map(String::as_str);
    let mut reply_domains = ours.reply_domain.into_iter().chain(further);
    if reply_domains.any(|own| address.domain().eq_ignore_ascii_case(own)) {
        return Some(SystemAddress::OwnReplyDomain);
    }
    let local = address.local().to_ascii_lowercase();
    let words: Vec<&str> = local.split(['-', '_', '.', '+']).collect();
    if NO_REPLY
        .iter()
        .any(|form| words.windows(form.len()).any(|run| run == *form))
    {
        return Some(SystemAddress::NoReply);
    }
    let before_tag = local.split('+').next().unwrap_or_default();
    let joined: String = before_tag.chars().filter(|c| !"-_.".contains(*c)).collect();
    MAIL_SERVER
        .contains(&joined.as_str())
        .then_some(SystemAddress::MailServer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_people_from_systems() {
        use SystemAddress as S;
        let senders = ["desk@example.com".parse().unwrap()];
        let ours = Ours {
            senders: &senders,
            reply_domain: Some("reply.example.com"),
            further_reply_domains: &["reply.example.org".to_owned()],
        };
        for (input, expected) in [
            ("Desk@Example.com", Some(S::OwnSender)),
            ("reply+abc@reply.example.com", Some(S::OwnReplyDomain)),
            ("anyone@REPLY.example.com", Some(S::OwnReplyDomain)),
            ("anyone@reply.Example.org", Some(S::OwnReplyDomain)),
            ("no-reply@x.com", Some(S::NoReply)),
            ("NoReply@x.com", Some(S::NoReply)),
            ("no_reply+tag@x.com", Some(S::NoReply)),
            ("accounts-noreply@x.com", Some(S::NoReply)),
            ("do.not.reply@x.com", Some(S::NoReply)),
            ("nao-responda@x.com.br", Some(S::NoReply)),
            ("naoresponder@x.com.br", Some(S::NoReply)),
            ("no-responder@x.es", Some(S::NoReply)),
            ("mailer-daemon@x.com", Some(S::MailServer)),
            ("MAILER_DAEMON@x.com", Some(S::MailServer)),
            ("postmaster@x.com", Some(S::MailServer)),
            ("maria@example.com", None),
            ("reply@x.com", None),
            ("nora.eply@x.com", None),
            ("norepl@x.com", None),
            ("noreplyton@x.com", None),
            ("bounce@simulator.amazonses.com", None),
            ("maria@other-reply.example.com", None),
        ] {
            assert_eq!(
                is_system(&input.parse().unwrap(), ours),
                expected,
                "{input}"
            );
        }
    }

    #[test]
    fn codes_are_distinct() {
        let codes: std::collections::BTreeSet<_> =
            SystemAddress::ALL.map(SystemAddress::code).into();
        assert_eq!(codes.len(), SystemAddress::ALL.len());
    }
}
