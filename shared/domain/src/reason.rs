//! Why a mail did not go, or not yet: every reason with a stable code and words for people.

use crate::{catalog::Texts, texts};

/// In which state a delivery is for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It stays queued and is tried again.
    Waits,
    /// It is held until the obstacle is gone.
    Holds,
    /// It will not be sent.
    Fails,
    /// Nobody saw whether it was sent.
    Unseen,
    /// It was sent, and came to this end.
    Ended,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:ident, $effect:ident;)*) => {
        /// A reason with a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $variant,)* }

        impl Reason {
            /// All of them.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)*];
            /// Stable code.
            pub fn code(self) -> &'static str { match self { $(Reason::$variant => stringify!($code),)* } }
            /// State that it leads to.
            pub fn effect(self) -> Effect { match self { $(Reason::$variant => Effect::$effect,)* } }
            /// What it means and what to do, for people.
            pub fn words(self) -> Texts { match self { $(Reason::$variant => texts::reasons::$code,)* } }
        }
    };
}

reasons! {
    /// Parameter 297 is on.
    KillSwitch = KILL_SWITCH, Holds;
    /// Neither parameter 10 nor `MAIL_FROM`.
    SenderNotSet = SENDER_NOT_SET, Holds;
    /// No template parameter for this direction.
    TemplateNotSet = TEMPLATE_NOT_SET, Holds;
    /// The parameter names a template that does not exist.
    TemplateMissing = TEMPLATE_MISSING, Holds;
    /// The template is inactive.
    TemplateInactive = TEMPLATE_INACTIVE, Holds;
    /// The template has errors, or could not be filled with this ticket.
    TemplateInvalid = TEMPLATE_INVALID, Holds;
    /// The address is on the suppression list.
    Suppressed = SUPPRESSED, Holds;
    /// The recipient's data was erased.
    Erased = ERASED, Fails;
    /// The recipient wants no automatic mail.
    AutomaticUnwanted = AUTOMATIC_UNWANTED, Fails;
    /// Too many mails to one recipient on one ticket.
    LoopLimit = LOOP_LIMIT, Holds;
    /// An automatic mail soon after another one.
    Coalesced = COALESCED, Holds;
    /// Too much of what left bounced or was complained about.
    ReputationAtRisk = REPUTATION_AT_RISK, Holds;
    /// The provider's daily quota is used up.
    OverQuota = OVER_QUOTA, Holds;
    /// The provider does not know the identity that sends (or, in the sandbox, that receives).
    SenderNotVerified = SENDER_NOT_VERIFIED, Holds;
    /// The configuration set does not exist.
    ConfigurationSetMissing = CONFIGURATION_SET_MISSING, Holds;
    /// The provider does not let us send: permissions or credentials.
    NotAuthorized = NOT_AUTHORIZED, Holds;
    /// The SMTP server offers no TLS, or shows a certificate that nobody vouches for.
    SmtpTls = SMTP_TLS, Holds;
    /// The SMTP server does not take mail from our account: user, password, sender, or the right to
    /// send to other domains.
    SmtpAuth = SMTP_AUTH, Holds;
    /// The provider answered "too fast".
    Throttled = THROTTLED, Waits;
    /// The sender's process slept after its claim, until a call might have outlived the claim.
    LeaseTooShort = SENDER_SLEPT, Waits;
    /// The provider could not be reached; nothing was sent.
    NotReached = NOT_REACHED, Waits;
    /// The account may not send at all.
    SendingStopped = SENDING_STOPPED, Waits;
    /// The mail before it to the same person on the same ticket has not left.
    EarlierMailWaits = EARLIER_MAIL_WAITS, Waits;
    /// The provider's rate has no place for it yet.
    RateReached = RATE_REACHED, Waits;
    /// An internal message must not reach the requester's side.
    InternalMessage = INTERNAL_MESSAGE, Fails;
    /// So many mails to one recipient on one ticket wait for their window that no more may.
    TooManyWaiting = TOO_MANY_WAITING, Fails;
    /// The message or its ticket is gone.
    MessageMissing = MESSAGE_MISSING, Fails;
    /// Mail cannot be sent to the address.
    AddressInvalid = ADDRESS_INVALID, Fails;
    /// The mail is larger than the provider takes.
    MailTooLarge = MAIL_TOO_LARGE, Fails;
    /// The mail could not be made: a fault on our side.
    MailNotMade = MAIL_NOT_MADE, Fails;
    /// The provider refused this mail.
    Rejected = REJECTED, Fails;
    /// The provider could not read the request.
    BadRequest = BAD_REQUEST, Fails;
    /// A limit on resources of the account.
    LimitExceeded = LIMIT_EXCEEDED, Holds;
    /// Tried for two days.
    RetriesExhausted = RETRIES_EXHAUSTED, Fails;
    /// The call's outcome could not be seen.
    NoAnswer = NO_ANSWER, Unseen;
    /// A permanent bounce.
    Bounced = BOUNCED, Ended;
    /// A transient bounce.
    BouncedForNow = BOUNCED_FOR_NOW, Ended;
    /// A bounce of which the provider cannot tell how final it is.
    BounceUndetermined = BOUNCE_UNDETERMINED, Ended;
    /// The recipient called it spam.
    Complained = COMPLAINED, Ended;
    /// The provider took it and refused it then, for example for a virus.
    RefusedLater = REFUSED_LATER, Ended;
    /// The provider is still trying.
    Delayed = DELAYED, Ended;
    /// The sender ended between its claim and its record.
    SenderLost = SENDER_LOST, Unseen;
}

impl Reason {
    /// The reason with this code.
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.code() == code)
    }

    /// Whether what is held for it leaves at a moment of its own, for which nobody can do anything.
    pub fn ends_by_itself(self) -> bool {
        matches!(self, Self::LoopLimit | Self::Coalesced)
    }

    /// Whether what is held for it waits for those who look after the system: the provider or the
    /// configuration is in the way. The rest was chosen, is about one address or ends by itself; the
    /// storm rules and the reputation have alarms of their own.
    pub fn is_fault(self) -> bool {
        let chosen = [
            Self::KillSwitch,
            Self::Suppressed,
            Self::LoopLimit,
            Self::Coalesced,
            Self::ReputationAtRisk,
        ];
        self.effect() == Effect::Holds && !chosen.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::Language;

    #[test]
    fn what_provider_and_configuration_hold_is_a_fault_and_what_rules_hold_is_none() {
        let faults = Reason::ALL.iter().filter(|reason| reason.is_fault());
        assert_eq!(
            Vec::from_iter(faults.map(|reason| reason.code())),
            [
                "SENDER_NOT_SET",
                "TEMPLATE_NOT_SET",
                "TEMPLATE_MISSING",
                "TEMPLATE_INACTIVE",
                "TEMPLATE_INVALID",
                "OVER_QUOTA",
                "SENDER_NOT_VERIFIED",
                "CONFIGURATION_SET_MISSING",
                "NOT_AUTHORIZED",
                "SMTP_TLS",
                "SMTP_AUTH",
                "LIMIT_EXCEEDED",
            ]
        );
    }

    #[test]
    fn every_reason_has_its_own_code_and_words_in_every_language() {
        let codes: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        let mut words = BTreeSet::new();
        for reason in Reason::ALL {
            assert_eq!(Reason::find(reason.code()), Some(*reason));
            assert!(
                reason
                    .code()
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'_')
            );
            for language in Language::ALL {
                let text = reason.words().get(language);
                assert!(text.ends_with('.'), "{text}");
                assert!(words.insert(text), "twice: {text}");
            }
        }
    }
}
