//! `{TOKEN(screen, ${IDSOLICITACAOSERVICO}, ACTION, minutes)}`: a signed, expiring link to the
//! ticket. Here only its syntax; signing belongs to whoever renders.

use domain::catalog::{Phrase, keys};

use crate::texts;

/// Longest life of a token in minutes. CITSmart silently used 120 above it; we refuse at save.
pub const LONGEST_TOKEN_MINUTES: u32 = 35_791;
/// What CITSmart made of a life that was too long; kept for imported templates.
const LEGACY_MINUTES: u32 = 120;

/// What a token link asks for; nothing happens before the person confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Look at the ticket.
    View,
    /// Approve what the ticket asks for.
    Approve,
    /// Reject what the ticket asks for.
    Reject,
}

impl Action {
    /// The word in a template.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "VIEW",
            Self::Approve => "APPROVE",
            Self::Reject => "REJECT",
        }
    }
}

/// A token link as a template asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenSpec {
    /// Screen of the legacy system, kept for the record.
    pub screen: String,
    /// What the link asks for.
    pub action: Action,
    /// How long the link can be used, in minutes from the sending of the mail.
    pub minutes: u32,
}

impl TokenSpec {
    /// The token as it is written in a template.
    pub(super) fn written(&self) -> String {
        format!(
            "{{TOKEN({}, ${{IDSOLICITACAOSERVICO}}, {}, {})}}",
            self.screen,
            self.action.as_str(),
            self.minutes
        )
    }
}

/// What is wrong with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenProblem {
    Shape,
    Screen,
    Ticket,
    Action,
    Minutes { legacy: Box<TokenSpec> },
    Encoded { meant: Box<TokenSpec> },
}

impl TokenProblem {
    /// What it is, for people.
    pub(super) fn phrase(&self) -> Phrase {
        match self {
            Self::Shape => texts::token::SHAPE.phrase(),
            Self::Screen => texts::token::SCREEN.phrase(),
            Self::Ticket => texts::token::TICKET.phrase(),
            Self::Action => texts::token::ACTION.phrase(),
            Self::Minutes { .. } => texts::token::MINUTES
                .phrase()
                .with("max", LONGEST_TOKEN_MINUTES),
            Self::Encoded { .. } => texts::token::ENCODED.phrase(),
        }
    }

    /// What was meant without doubt.
    pub(super) fn meant(&self) -> Option<&TokenSpec> {
        match self {
            Self::Encoded { meant } => Some(meant),
            _ => None,
        }
    }

    /// What the legacy system made of it, where it made something, or what was meant without doubt.
    pub(super) fn legacy(&self) -> Option<&TokenSpec> {
        match self {
            Self::Minutes { legacy: spec } | Self::Encoded { meant: spec } => Some(spec),
            _ => None,
        }
    }
}

/// Reads what stands between the parentheses.
pub(super) fn parse(arguments: &str) -> Result<TokenSpec, TokenProblem> {
    let mut fields = arguments.split(',').map(str::trim);
    let (Some(screen), Some(ticket), Some(action), Some(minutes), None) = (
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
    ) else {
        return Err(TokenProblem::Shape);
    };
    let word = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if screen.is_empty() || screen.len() > 64 || !screen.chars().all(word) {
        return Err(TokenProblem::Screen);
    }
    let names_ticket = ticket
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .and_then(keys::find)
        .is_some_and(|key| key.name == "IDSOLICITACAOSERVICO");
    if !names_ticket {
        return Err(TokenProblem::Ticket);
    }
    let action = [Action::View, Action::Approve, Action::Reject]
        .into_iter()
        .find(|known| known.as_str() == action)
        .ok_or(TokenProblem::Action)?;
    let spec = |minutes| TokenSpec {
        screen: screen.to_owned(),
        action,
        minutes,
    };
    let digits = minutes.bytes().all(|b| b.is_ascii_digit());
    match minutes.parse::<u32>() {
        Ok(minutes) if digits && (1..=LONGEST_TOKEN_MINUTES).contains(&minutes) => {
            Ok(spec(minutes))
        }
        _ => Err(TokenProblem::Minutes {
            legacy: Box::new(spec(LEGACY_MINUTES)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_screen_ticket_action_and_life() {
        let spec = parse("serviceRequestIncident, ${IDSOLICITACAOSERVICO}, APPROVE, 50").unwrap();
        assert_eq!(spec.action, Action::Approve);
        assert_eq!(spec.minutes, 50);
        assert!(
            parse("s,${IDSERVICEREQUEST},VIEW,35791").is_ok(),
            "aliases name the ticket too"
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for (arguments, problem) in [
            ("", TokenProblem::Shape),
            ("a, b, c", TokenProblem::Shape),
            (
                "a b, ${IDSOLICITACAOSERVICO}, VIEW, 5",
                TokenProblem::Screen,
            ),
            ("a, ${NOMECONTATO}, VIEW, 5", TokenProblem::Ticket),
            (
                "a, ${IDSOLICITACAOSERVICO}, DELETE, 5",
                TokenProblem::Action,
            ),
            ("a, ${IDSOLICITACAOSERVICO}, view, 5", TokenProblem::Action),
        ] {
            assert_eq!(parse(arguments), Err(problem), "{arguments}");
        }
        for minutes in ["0", "-1", "+5", "35792", "99999999999", "soon", ""] {
            let problem =
                parse(&format!("a, ${{IDSOLICITACAOSERVICO}}, VIEW, {minutes}")).unwrap_err();
            assert_eq!(
                problem.legacy().map(|spec| spec.minutes),
                Some(120),
                "{minutes}"
            );
        }
    }
}
