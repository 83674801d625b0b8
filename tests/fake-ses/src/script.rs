//! What a send meets.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// What becomes of one `SendEmail`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Behaviour {
    /// What SES would do: checked, then accepted or refused.
    #[default]
    Accept,
    /// Accepted after a while.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Refused with this error.
    Error {
        /// HTTP status.
        status: u16,
        /// Error code, for example `MessageRejected`.
        code: String,
        /// Message beside the code, as SES words it.
        #[serde(default)]
        message: String,
    },
    /// Refused as too fast.
    Throttle,
    /// The connection is closed when the headers are read; nothing is kept.
    DropEarly,
    /// The connection is closed when the request is read; nothing is kept.
    Drop,
    /// Accepted; the connection is closed without an answer.
    AcceptThenDrop,
    /// Accepted; the connection is reset without an answer.
    AcceptThenReset,
    /// Accepted; the connection is closed within the answer.
    AcceptThenHalf,
    /// Accepted; there is never an answer, and the connection stays open.
    AcceptThenStall,
    /// Accepted; the answer is a failure of the server.
    AcceptThenFail {
        /// HTTP status, 500 or more.
        status: u16,
    },
    /// Accepted; the answer is 200 and no result of SES, as a proxy might give it.
    AcceptThenGarbage,
    /// Nothing is kept; there is never an answer, and the connection stays open.
    Stall,
}

impl Behaviour {
    /// An error of SES.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::Error {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }
}

/// One part of a mix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chance {
    /// How many of a thousand sends meet it.
    pub per_mille: u16,
    /// What happens to those sends.
    #[serde(flatten)]
    pub behaviour: Behaviour,
}

/// What sends meet: first `next`, one each; then by chance what `mix` says; else `then`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// For the next sends, one each.
    pub next: VecDeque<Behaviour>,
    /// By chance, of a thousand; what is left is `then`.
    pub mix: Vec<Chance>,
    /// What every send meets that neither `next` nor `mix` is for.
    pub then: Behaviour,
    /// Start of the chances: the same seed and the same number of sends, the same chances.
    pub seed: u64,
    #[serde(skip)]
    chances: Option<fastrand::Rng>,
}

impl Script {
    /// What the next send meets.
    pub fn take(&mut self) -> Behaviour {
        if let Some(next) = self.next.pop_front() {
            return next;
        }
        let seed = self.seed;
        let chances = self
            .chances
            .get_or_insert_with(|| fastrand::Rng::with_seed(seed));
        let mut drawn = chances.u16(0..1000);
        for chance in &self.mix {
            match drawn.checked_sub(chance.per_mille) {
                None => return chance.behaviour.clone(),
                Some(rest) => drawn = rest,
            }
        }
        self.then.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_and_run_in_order() {
        let mut script: Script = serde_json::from_str(
            r#"{"next": [{"do": "throttle"}, {"do": "error", "status": 400, "code": "MessageRejected"}],
                "then": {"do": "delay", "ms": 5}}"#,
        )
        .unwrap();
        assert_eq!(script.take(), Behaviour::Throttle);
        assert_eq!(script.take(), Behaviour::error(400, "MessageRejected", ""));
        assert_eq!(script.take(), Behaviour::Delay { ms: 5 });
        assert_eq!(script.take(), Behaviour::Delay { ms: 5 });
    }

    #[test]
    fn a_mix_keeps_its_shares_and_its_seed() {
        let script: Script = serde_json::from_str(
            r#"{"mix": [{"per_mille": 100, "do": "drop"}, {"per_mille": 300, "do": "throttle"}], "seed": 7}"#,
        )
        .unwrap();
        let run = || {
            let mut script = script.clone();
            (0..10_000).map(|_| script.take()).collect::<Vec<_>>()
        };
        let count = |which| run().iter().filter(|one| **one == which).count();
        assert!((800..1200).contains(&count(Behaviour::Drop)));
        assert!((2700..3300).contains(&count(Behaviour::Throttle)));
        assert_eq!(run(), run());
    }
}
