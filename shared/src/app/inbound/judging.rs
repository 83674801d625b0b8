//! Which mails are let in: what SES found, what machines wrote, who may write, and loops, in this
//! order.

use super::{
    MailStatus, Result,
    evidence::{self, Grant, Standing},
    loops,
};
use crate::{
    app::{App, messages},
    domain::parameter::Parameters,
    mail::{
        address::Address,
        inbound::{Domains, InboundMail, Verdict, Verdicts, not_conversation},
        token::Keyring,
    },
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
    In(Box<Grant>),
    /// It does not, for this reason.
    Aside(MailStatus, &'static str),
}

/// What stays the same for every mail of a process.
pub(super) struct Desk<'a> {
    app: &'a App,
    parameters: &'a Parameters,
    keys: Option<Keyring>,
    senders: Vec<Address>,
    domain: String,
}

impl<'a> Desk<'a> {
    /// The desk with its keys, senders and domain.
    pub(super) fn new(app: &'a App, parameters: &'a Parameters) -> Self {
        let senders = messages::senders(app, parameters);
        let own = app.settings.reply_domain.clone();
        let domain = own.or_else(|| senders.first().map(|sender| sender.domain().to_owned()));
        Self {
            app,
            parameters,
            keys: Keyring::new(&app.settings.reply_token_keys).ok(),
            senders,
            domain: domain.unwrap_or_default(),
        }
    }

    /// Who writes, and on which ticket.
    pub(super) async fn weigh(&self, mail: &InboundMail, envelope: &[Address]) -> Result<Standing> {
        let domains = Domains {
            reply: &self.domain,
            anchor: &self.domain,
        };
        let keys = self.keys.as_ref();
        evidence::weigh(self.app, keys, self.parameters, domains, mail, envelope).await
    }

    /// Whether it is let in.
    pub(super) async fn judge(
        &self,
        mail: &InboundMail,
        verdicts: Verdicts,
        standing: Standing,
    ) -> Result<Judged> {
        let quarantine = |reason| Ok(Judged::Aside(MailStatus::Quarantined, reason));
        if verdicts.virus == Verdict::Fail {
            return quarantine("VIRUS");
        }
        if verdicts.spam == Verdict::Fail {
            return quarantine("SPAM");
        }
        if let Some(reason) = not_conversation(mail, messages::ours(self.app, &self.senders)) {
            return Ok(Judged::Aside(MailStatus::Ignored, reason.code()));
        }
        let grant = match standing {
            Standing::Granted(grant) => grant,
            Standing::Refused { reason, .. } => return quarantine(reason),
        };
        match verdicts.dmarc {
            Verdict::Pass => {}
            Verdict::Fail => return quarantine("DMARC_FAILED"),
            _ => return quarantine("DMARC_NOT_PROVEN"),
        }
        let Some(sender) = mail.sender() else {
            return quarantine("SENDER_UNCLEAR");
        };
        match loops::check(self.app, &grant.ticket.id, &sender.address, mail).await? {
            None => Ok(Judged::In(grant)),
            Some(reason) => Ok(Judged::Aside(MailStatus::Ignored, reason)),
        }
    }
}
