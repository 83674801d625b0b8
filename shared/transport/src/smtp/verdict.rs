//! What follows from a server's refusal: whether it is about this mail, about us, or passes.
//!
//! Servers say "we do not take this from you" with the codes that they also use for a recipient who
//! does not exist. A mail that fails for the first is lost for nothing: it would leave as soon as the
//! account is right. So what the code and the step leave open, the words tell.

use super::{AFTER_HELD, AFTER_TEMPORARY, connection::Step, reply::Reply};
use crate::{Outcome, Scope};
use domain::{mask::mask_within, reason::Reason};
use mail::header::one_line;

/// Codes that only ever speak of an account: RFC 4954, 6, and RFC 5248.
const ACCOUNT: [u16; 4] = [530, 534, 535, 538];

/// Words by which servers refuse the client or the sender in a later step, in lower case. Many check
/// only when they know the recipient (Postfix: `smtpd_delay_reject`), or when they have the text.
const ABOUT_US: [&str; 22] = [
    "relay",
    // qmail: "that domain isn't in my list of allowed rcpthosts".
    "rcpthosts",
    "not a gateway",
    "authentication required",
    "authentication is required",
    "requires authentication",
    "must authenticate",
    "must be authenticated",
    "not authenticated",
    "authenticate first",
    "authentication unsuccessful",
    "log in first",
    "must issue a starttls",
    "sender address rejected",
    "sender rejected",
    "sender not allowed",
    "not owned by",
    "not allowed to send",
    "send as",
    "sendasdenied",
    "client host rejected",
    "helo command rejected",
];

/// Enhanced codes (RFC 3463; 5.7.54 and after are Exchange's) that speak of the client or the sender.
const ABOUT_US_CODES: [&str; 10] = [
    "5.1.7", "5.1.8", "5.7.3", "5.7.8", "5.7.9", "5.7.54", "5.7.57", "5.7.60", "5.7.64", "5.7.68",
];

/// The outcome of a refusal in a step.
pub(super) fn refused(step: Step, reply: &Reply, from: &str) -> Outcome {
    let reason = words(reply, from);
    if !reply.is_permanent() {
        // A code that does not belong here is no more than a server that is confused.
        return Outcome::Retry {
            after: AFTER_TEMPORARY,
            counts: true,
            reason,
        };
    }
    let held = |code, scope| Outcome::Held {
        code,
        after: AFTER_HELD,
        scope,
        reason: reason.clone(),
    };
    let too_large = reply.code == 552 && (step == Step::Mail || enhanced(reply) == Some("5.3.4"));
    match step {
        _ if too_large => Outcome::Refused {
            code: Reason::MailTooLarge,
            reason,
        },
        Step::StartTls => held(Reason::SmtpTls, Scope::Account),
        // Before a recipient is named, a refusal is of us: all mail has one sender.
        Step::Greeting | Step::Auth | Step::Mail => held(Reason::SmtpAuth, Scope::Account),
        _ if ACCOUNT.contains(&reply.code) => held(Reason::SmtpAuth, Scope::Account),
        // The server may take mail for others, so the others try for themselves.
        _ if is_about_us(reply) => held(Reason::SmtpAuth, Scope::Mail),
        _ => Outcome::Refused {
            code: Reason::Rejected,
            reason,
        },
    }
}

fn is_about_us(reply: &Reply) -> bool {
    let text = reply.text().to_lowercase();
    ABOUT_US.iter().any(|words| text.contains(words))
        || enhanced(reply).is_some_and(|code| ABOUT_US_CODES.contains(&code))
}

/// The enhanced code with which the text begins (RFC 2034).
fn enhanced(reply: &Reply) -> Option<&str> {
    let first = reply.lines.last()?.split_whitespace().next()?;
    let is_code = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = first.split('.');
    (parts.clone().count() == 3 && parts.clone().all(is_code)).then_some(first)
}

/// The server's words on one line of at most 300 characters, addresses masked.
fn words(reply: &Reply, from: &str) -> String {
    let line = one_line(&format!("{} {}", reply.code, reply.text()));
    mask_within(line.trim_end(), &[from])
        .chars()
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(step: Step, code: u16, text: &str) -> String {
        let lines = vec![text.to_owned()];
        match refused(step, &Reply { code, lines }, "desk@example.com") {
            Outcome::Retry { counts: true, .. } => "retry".to_owned(),
            Outcome::Held { code, scope, .. } => format!("{} {scope:?}", code.code()),
            Outcome::Refused { code, .. } => code.code().to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn refusals_of_us_hold_and_refusals_of_the_mail_fail() {
        use Step as S;
        for (step, code, text, expected) in [
            (
                S::Greeting,
                554,
                "5.3.2 no service here",
                "SMTP_AUTH Account",
            ),
            (S::Greeting, 421, "4.7.0 too many connections", "retry"),
            (S::StartTls, 502, "5.5.1 not now", "SMTP_TLS Account"),
            (S::StartTls, 454, "4.7.0 TLS not available", "retry"),
            (S::Auth, 535, "5.7.8 bad credentials", "SMTP_AUTH Account"),
            (
                S::Auth,
                534,
                "5.7.9 application password required",
                "SMTP_AUTH Account",
            ),
            (
                S::Auth,
                454,
                "4.7.0 temporary authentication failure",
                "retry",
            ),
            (
                S::Mail,
                530,
                "5.7.0 Authentication required",
                "SMTP_AUTH Account",
            ),
            (
                S::Mail,
                530,
                "5.7.0 Must issue a STARTTLS command first",
                "SMTP_AUTH Account",
            ),
            (
                S::Mail,
                553,
                "5.7.1 sender not owned by user",
                "SMTP_AUTH Account",
            ),
            (
                S::Mail,
                550,
                "5.7.60 Client does not have permissions to send as this sender",
                "SMTP_AUTH Account",
            ),
            (
                S::Mail,
                552,
                "5.3.4 message size exceeds limit",
                "MAIL_TOO_LARGE",
            ),
            (S::Mail, 451, "4.3.0 try later", "retry"),
            (S::Recipient, 530, "5.7.0 sign in", "SMTP_AUTH Account"),
            (S::Recipient, 535, "who are you", "SMTP_AUTH Account"),
            (
                S::Recipient,
                554,
                "5.7.1 <maria@example.com>: Relay access denied",
                "SMTP_AUTH Mail",
            ),
            (S::Recipient, 554, "relay denied", "SMTP_AUTH Mail"),
            (
                S::Recipient,
                550,
                "5.7.1 Unable to relay for maria@example.com",
                "SMTP_AUTH Mail",
            ),
            (
                S::Recipient,
                550,
                "relaying denied. Proper authentication required.",
                "SMTP_AUTH Mail",
            ),
            (S::Recipient, 551, "we do not relay", "SMTP_AUTH Mail"),
            (
                S::Recipient,
                553,
                "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
                "SMTP_AUTH Mail",
            ),
            (
                S::Recipient,
                553,
                "5.7.1 <desk@example.com>: Sender address rejected: not owned by user x",
                "SMTP_AUTH Mail",
            ),
            (
                S::Recipient,
                554,
                "5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied",
                "SMTP_AUTH Mail",
            ),
            (
                S::Recipient,
                550,
                "5.7.57 Client was not signed in",
                "SMTP_AUTH Mail",
            ),
            (
                S::Recipient,
                550,
                "5.1.1 <nobody@example.com>: user unknown",
                "REJECTED",
            ),
            (S::Recipient, 550, "no such user", "REJECTED"),
            (
                S::Recipient,
                554,
                "5.7.1 <maria@example.com>: Recipient address rejected: Access denied",
                "REJECTED",
            ),
            (
                S::Recipient,
                553,
                "5.1.3 mailbox name not allowed",
                "REJECTED",
            ),
            (S::Recipient, 552, "5.2.2 mailbox full", "REJECTED"),
            (S::Recipient, 450, "4.2.0 greylisted", "retry"),
            (S::Data, 554, "5.5.1 no valid recipients", "REJECTED"),
            (S::Data, 250, "what?", "retry"),
            (S::Text, 554, "5.7.1 rejected as spam", "REJECTED"),
            (
                S::Text,
                554,
                "5.2.252 SendAsDenied; desk@example.com",
                "SMTP_AUTH Mail",
            ),
            (
                S::Text,
                530,
                "5.7.0 Authentication required",
                "SMTP_AUTH Account",
            ),
            (S::Text, 552, "5.3.4 message too big", "MAIL_TOO_LARGE"),
            (S::Text, 452, "4.3.1 insufficient storage", "retry"),
        ] {
            assert_eq!(judged(step, code, text), expected, "{step:?} {code} {text}");
        }
    }

    #[test]
    fn words_are_one_line_without_addresses() {
        let reply = Reply {
            code: 550,
            lines: vec![
                "5.1.1 <maria@example.com>\u{7}".to_owned(),
                "no\tuser".to_owned(),
            ],
        };
        let words = words(&reply, "desk@example.com");
        assert!(!words.contains("maria@"), "{words}");
        assert!(!words.contains(char::is_control), "{words}");
    }
}
