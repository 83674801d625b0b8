//! The results that SES would send about the mails of one machine, so that a bounce can be seen
//! without an account: mail to `bounce@simulator.amazonses.com` and its kin ends as it would there,
//! every other mail is reported as delivered.
//!
//! What became of a delivery follows from its record ([`results`]), so that no kill loses it. A test
//! mail has no record: [`Simulator`] tells of it when it was sent.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

use super::{Capabilities, Outcome, OutgoingMail, SharedTransport, Trace, Transport, Unsuppressed};
use domain::account::Account;
use mail::ses_event::build::{SentMail, event, simulated};

/// Name of the configuration set in simulated events.
const CONFIGURATION_SET: &str = "local";
/// Kind of the mails that belong to no delivery.
const TEST: &str = "test";

/// A transport whose accepted test mails have results.
pub struct Simulator {
    inner: SharedTransport,
    events: UnboundedSender<Value>,
}

impl Simulator {
    /// Sends through `inner`; each event of SES goes into `events`, in the order of SES. When nobody
    /// listens any more, mails are sent all the same.
    pub fn new(inner: SharedTransport, events: UnboundedSender<Value>) -> Self {
        Self { inner, events }
    }
}

#[async_trait]
impl Transport for Simulator {
    async fn send(&self, mail: &OutgoingMail) -> Outcome {
        let outcome = self.inner.send(mail).await;
        if let Outcome::Accepted { id } = &outcome
            && mail.kind == TEST
        {
            for event in results(mail, id, Timestamp::now()) {
                // The listener is gone only when the process ends.
                let _ = self.events.send(event);
            }
        }
        outcome
    }

    fn longest_call(&self) -> Duration {
        self.inner.longest_call()
    }

    fn capabilities(&self) -> Capabilities {
        // Here the simulator itself tells what became of each mail.
        Capabilities {
            confirms: true,
            ..self.inner.capabilities()
        }
    }

    fn end(&self) {
        self.inner.end();
    }

    fn warm(&self) {
        self.inner.warm();
    }

    async fn trace(&self, delivery_id: Uuid, attempt: u32) -> Trace {
        self.inner.trace(delivery_id, attempt).await
    }

    async fn unsuppress(&self, address: &str) -> Result<Unsuppressed, String> {
        self.inner.unsuppress(address).await
    }

    async fn account(&self, identity: Option<&str>) -> Option<Account> {
        self.inner.account(identity).await
    }
}

/// The events about a mail that was accepted under this id, in the order of SES.
pub fn results(mail: &OutgoingMail, id: &str, at: Timestamp) -> Vec<Value> {
    let sent = SentMail {
        provider_id: id.to_owned(),
        from: mail.from.to_string(),
        to: mail.to.to_string(),
        tags: super::tags(mail)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        configuration_set: CONFIGURATION_SET.to_owned(),
        at,
    };
    simulated(mail.to.as_str(), at)
        .iter()
        .map(|happening| event(&sent, happening, at))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use domain::address::Address;
    use mail::ses_event::{Happening, parse};

    struct Always(Outcome);
    #[async_trait]
    impl Transport for Always {
        async fn send(&self, _: &OutgoingMail) -> Outcome {
            self.0.clone()
        }
        fn longest_call(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn mail(to: &str) -> OutgoingMail {
        OutgoingMail {
            from: Address::parse("desk@example.com").unwrap(),
            to: Address::parse(to).unwrap(),
            raw: vec![],
            delivery_id: Uuid::now_v7(),
            attempt: 1,
            ticket_id: "INC.1".parse().unwrap(),
            message_id: Uuid::nil(),
            kind: TEST,
        }
    }

    #[tokio::test]
    async fn an_accepted_mail_has_results() {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let accepted = Outcome::Accepted { id: "7".into() };
        let simulator = Simulator::new(Arc::new(Always(accepted.clone())), sender);
        let mail = mail("bounce@simulator.amazonses.com");
        assert_eq!(simulator.send(&mail).await, accepted);
        let send = parse(&receiver.recv().await.unwrap()).unwrap().unwrap();
        assert_eq!(
            (send.happening, send.provider_id.as_str()),
            (Happening::Send, "7")
        );
        assert_eq!(send.delivery_id, Some(mail.delivery_id));
        assert_eq!(send.ticket_id, Some("INC.1".parse().unwrap()));
        let bounce = parse(&receiver.recv().await.unwrap()).unwrap().unwrap();
        assert!(matches!(bounce.happening, Happening::Bounce { .. }));
        assert!(receiver.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_mail_that_was_not_accepted_has_none() {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let stop = Outcome::Stop { reason: "x".into() };
        let simulator = Simulator::new(Arc::new(Always(stop.clone())), sender);
        assert_eq!(simulator.send(&mail("a@example.com")).await, stop);
        assert!(receiver.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_mail_of_a_delivery_has_its_results_from_the_record() {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let accepted = Outcome::Accepted { id: "7".into() };
        let simulator = Simulator::new(Arc::new(Always(accepted.clone())), sender);
        let mail = OutgoingMail {
            kind: "message",
            ..mail("a@example.com")
        };
        assert_eq!(simulator.send(&mail).await, accepted);
        assert!(receiver.try_recv().is_err());
        assert_eq!(results(&mail, "7", Timestamp::now()).len(), 2);
    }

    #[tokio::test]
    async fn nobody_has_to_listen() {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        drop(receiver);
        let accepted = Outcome::Accepted { id: "7".into() };
        let simulator = Simulator::new(Arc::new(Always(accepted.clone())), sender);
        assert_eq!(simulator.send(&mail("a@example.com")).await, accepted);
    }
}
