//! A transport for what sends nothing.

use std::time::Duration;

use async_trait::async_trait;
use transport::{Outcome, OutgoingMail, Transport};

/// Refuses every mail.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: &OutgoingMail) -> Outcome {
        Outcome::Stop {
            reason: "nothing is sent from here".to_owned(),
        }
    }

    fn longest_call(&self) -> Duration {
        Duration::ZERO
    }
}
