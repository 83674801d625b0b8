//! Which mails are let in: what SES found, what machines wrote, who may write, and loops, in this
//! order.

use jiff::Timestamp;

use super::{
    MailStatus,
    evidence::{Grant, Leads, Standing},
};
use crate::{App, desk::messages};
use domain::{address::Address, loops::ReplyDigest, parameter::Parameters, reason::MailReason};
use mail::{
    inbound::{
        Domains, InboundMail, Verdict, Verdicts, not_conversation, says_so_in_its_subject_alone,
    },
    token::Keyring,
};

/// On this machine nobody checks who sends.
pub(super) const PROVEN: Verdicts = Verdicts {
    spam: Verdict::Pass,
    virus: Verdict::Pass,
    spf: Verdict::Pass,
    dkim: Verdict::Pass,
    dmarc: Verdict::Pass,
};

/// What follows from all that is known of a mail.
pub(super) enum Judged {
    /// It becomes a message.
    Granted(Box<Grant>),
    /// It does not become a message by itself.
    Refused(Disposition),
}

/// Where a mail goes that does not become a message, and for which reason.
pub(super) type Disposition = (MailStatus, MailReason);

/// What mails are judged by: the same for every mail of a process.
pub(super) struct Judge<'a> {
    app: &'a App,
    keys: Option<&'a Keyring>,
    senders: Vec<Address>,
    domain: String,
}

impl<'a> Judge<'a> {
    /// By the settings and parameters in force.
    pub(super) fn new(app: &'a App, parameters: &'a Parameters) -> Self {
        let senders = messages::senders(app, parameters);
        let own = app.settings.reply_domain.clone();
        let domain = own.or_else(|| senders.first().map(|sender| sender.domain().to_owned()));
        Self {
            app,
            keys: app.settings.reply_token_keys.as_ref(),
            senders,
            domain: domain.unwrap_or_default(),
        }
    }

    /// What leads from a mail to its ticket.
    pub(super) fn leads(&self, mail: &InboundMail, envelope: &[Address]) -> Leads {
        let domains = Domains {
            reply: &self.domain,
            further: &self.app.settings.further_reply_domains,
            anchor: &self.domain,
        };
        Leads::of(self.keys, domains, self.app.now(), mail, envelope)
    }

    /// Why a mail is not let in whoever writes it, if it is not.
    pub(super) fn refuse(&self, mail: &InboundMail, verdicts: Verdicts) -> Option<Disposition> {
        let quarantine = |reason| Some((MailStatus::Quarantined, reason));
        if verdicts.virus == Verdict::Fail {
            return quarantine(MailReason::Virus);
        }
        if verdicts.spam == Verdict::Fail {
            return quarantine(MailReason::Spam);
        }
        match not_conversation(mail, messages::ours(self.app, &self.senders)) {
            // What nothing proves to be quotation may be what its author says: see `quoted`.
            Some(MailReason::NothingNew) if mail.reply.unproven.is_some() => {}
            // People see it: a mail program may have marked what somebody wrote.
            Some(reason @ MailReason::NothingNew) => return quarantine(reason),
            // People write such subjects, too.
            Some(reason @ (MailReason::OutOfOffice | MailReason::ReadReceipt))
                if says_so_in_its_subject_alone(mail) =>
            {
                return quarantine(reason);
            }
            Some(reason) => return Some((MailStatus::Ignored, reason)),
            None => {}
        }
        let unchecked = verdicts.virus != Verdict::Pass && !mail.attachments.is_empty();
        unchecked.then_some((MailStatus::Quarantined, MailReason::VirusNotChecked))
    }
}

/// Whether a mail of this sender is let in.
pub(super) fn judge(
    mail: &InboundMail,
    reply_digest: &ReplyDigest,
    verdicts: Verdicts,
    standing: Standing,
    now: Timestamp,
) -> Judged {
    let quarantine = |reason| Judged::Refused((MailStatus::Quarantined, reason));
    let grant = match standing {
        Standing::Granted(grant) => grant,
        Standing::Refused { reason, .. } => return quarantine(reason),
    };
    match verdicts.dmarc {
        Verdict::Pass => {}
        Verdict::Fail => return quarantine(MailReason::DmarcFailed),
        _ => return quarantine(MailReason::DmarcNotProven),
    }
    let Some(sender) = mail.sender() else {
        return quarantine(MailReason::SenderUnclear);
    };
    let record = &grant.context.record;
    let history = record.reply_history.get(sender.address.key());
    match history.and_then(|history| history.ends(reply_digest, record.messages, now)) {
        None => Judged::Granted(grant),
        // Nothing says that a machine wrote it: people see it.
        Some(reason) => quarantine(reason),
    }
}
