//! Why a mail of ours did not go, or not yet.

use super::reasons;

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

reasons! {
    /// Why a delivery is in its state.
    Reason, reasons {
        /// Parameter 297 is on.
        KillSwitch = KILL_SWITCH;
        /// Neither parameter 10 nor `MAIL_FROM`.
        SenderNotSet = SENDER_NOT_SET;
        /// No template parameter for this direction.
        TemplateNotSet = TEMPLATE_NOT_SET;
        /// The parameter names a template that does not exist.
        TemplateMissing = TEMPLATE_MISSING;
        /// The template is inactive.
        TemplateInactive = TEMPLATE_INACTIVE;
        /// The template has errors, or could not be filled with this ticket.
        TemplateInvalid = TEMPLATE_INVALID;
        /// The address is on the suppression list.
        Suppressed = SUPPRESSED;
        /// The recipient's data was erased.
        Erased = ERASED;
        /// The recipient wants no automatic mail.
        AutomaticUnwanted = AUTOMATIC_UNWANTED;
        /// Too many mails to one recipient on one ticket.
        LoopLimit = LOOP_LIMIT;
        /// An automatic mail soon after another one.
        Coalesced = COALESCED;
        /// Too much of what left bounced or was complained about.
        ReputationAtRisk = REPUTATION_AT_RISK;
        /// The provider's daily quota is used up.
        OverQuota = OVER_QUOTA;
        /// The provider does not know the identity that sends (or, in the sandbox, that receives).
        SenderNotVerified = SENDER_NOT_VERIFIED;
        /// The configuration set does not exist.
        ConfigurationSetMissing = CONFIGURATION_SET_MISSING;
        /// The provider does not let us send: permissions or credentials.
        NotAuthorized = NOT_AUTHORIZED;
        /// The SMTP server offers no TLS, or shows a certificate that nobody vouches for.
        SmtpTls = SMTP_TLS;
        /// The SMTP server does not take mail from our account: user, password, sender, or the right to
        /// send to other domains.
        SmtpAuth = SMTP_AUTH;
        /// The provider answered "too fast".
        Throttled = THROTTLED;
        /// Too little of the lease was left for a call, so none was made.
        LeaseTooShort = SENDER_SLEPT;
        /// The provider could not be reached; nothing was sent.
        NotReached = NOT_REACHED;
        /// The account may not send at all.
        SendingStopped = SENDING_STOPPED;
        /// The mail before it to the same person on the same ticket has not left.
        EarlierMailWaits = EARLIER_MAIL_WAITS;
        /// The provider's rate has no place for it yet.
        RateReached = RATE_REACHED;
        /// An internal message must not reach the requester's side.
        InternalMessage = INTERNAL_MESSAGE;
        /// So many mails to one recipient on one ticket wait for their window that no more may.
        TooManyWaiting = TOO_MANY_WAITING;
        /// The message or its ticket is gone.
        MessageMissing = MESSAGE_MISSING;
        /// Mail cannot be sent to the address.
        AddressInvalid = ADDRESS_INVALID;
        /// The mail is larger than the provider takes.
        MailTooLarge = MAIL_TOO_LARGE;
        /// The mail could not be made: a fault on our side.
        MailNotMade = MAIL_NOT_MADE;
        /// The provider refused this mail.
        Rejected = REJECTED;
        /// The provider could not read the request.
        BadRequest = BAD_REQUEST;
        /// A limit on resources of the account.
        LimitExceeded = LIMIT_EXCEEDED;
        /// Tried for two days.
        RetriesExhausted = RETRIES_EXHAUSTED;
        /// The call's outcome could not be seen.
        NoAnswer = NO_ANSWER;
        /// The recipient's server refuses this address for good.
        Bounced = BOUNCED;
        /// The server did not take the mail, for a reason that may pass.
        BouncedForNow = BOUNCED_FOR_NOW;
        /// A bounce of which the provider cannot tell how final it is.
        BounceUndetermined = BOUNCE_UNDETERMINED;
        /// The recipient called it spam.
        Complained = COMPLAINED;
        /// The provider took it and refused it then, for example for a virus.
        RefusedLater = REFUSED_LATER;
        /// The provider is still trying.
        Delayed = DELAYED;
        /// The sender ended between its lease and its record.
        SenderLost = SENDER_LOST;
    }
}

impl Reason {
    /// State that it leads to.
    pub fn effect(self) -> Effect {
        match self {
            Self::Throttled
            | Self::LeaseTooShort
            | Self::NotReached
            | Self::SendingStopped
            | Self::EarlierMailWaits
            | Self::RateReached => Effect::Waits,
            Self::KillSwitch
            | Self::SenderNotSet
            | Self::TemplateNotSet
            | Self::TemplateMissing
            | Self::TemplateInactive
            | Self::TemplateInvalid
            | Self::Suppressed
            | Self::LoopLimit
            | Self::Coalesced
            | Self::ReputationAtRisk
            | Self::OverQuota
            | Self::SenderNotVerified
            | Self::ConfigurationSetMissing
            | Self::NotAuthorized
            | Self::SmtpTls
            | Self::SmtpAuth
            | Self::LimitExceeded => Effect::Holds,
            Self::Erased
            | Self::AutomaticUnwanted
            | Self::InternalMessage
            | Self::TooManyWaiting
            | Self::MessageMissing
            | Self::AddressInvalid
            | Self::MailTooLarge
            | Self::MailNotMade
            | Self::Rejected
            | Self::BadRequest
            | Self::RetriesExhausted => Effect::Fails,
            Self::NoAnswer | Self::SenderLost => Effect::Unseen,
            Self::Bounced
            | Self::BouncedForNow
            | Self::BounceUndetermined
            | Self::Complained
            | Self::RefusedLater
            | Self::Delayed => Effect::Ended,
        }
    }

    /// Whether what is held for it leaves at a moment of its own, for which nobody can do anything.
    pub fn ends_by_itself(self) -> bool {
        matches!(self, Self::LoopLimit | Self::Coalesced)
    }

    /// Whether it holds all mail alike, and not that to one address.
    pub fn holds_all_alike(self) -> bool {
        self.effect() == Effect::Holds && self != Self::Suppressed && !self.ends_by_itself()
    }

    /// Whether nobody waits for what failed for it: its recipient was erased, or wants no automatic mail.
    pub fn is_unwanted(self) -> bool {
        matches!(self, Self::Erased | Self::AutomaticUnwanted)
    }

    /// Whether what is in its state for it may need somebody: it does not go on by itself, and somebody
    /// waits for it.
    pub fn may_need_somebody(self) -> bool {
        self.effect() != Effect::Waits && !self.ends_by_itself() && !self.is_unwanted()
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
    use super::*;

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
}
