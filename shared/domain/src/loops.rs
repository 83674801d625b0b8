//! Loops of mail end: machines that answer each other without saying that they are machines.
//!
//! They give themselves away by saying the same again and by speed. Two desks that answer each other
//! get one mail of each through; the next one says the same again, with another number in it at most. In
//! few words the number may be what somebody has to say: there the third mail of the kind ends it.
//! Machines that never repeat themselves end at the limit. People repeat themselves too, in few words
//! and to somebody who wrote by hand: that is why short texts are never a repetition, and why all is
//! forgotten when somebody writes at the desk or in the portal. And whoever writes several mails in a
//! row, while nobody answers, is not a loop at all.

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{reason::MailReason, times::is_ahead};

/// How long the same text of the same sender counts as said already.
const SAME_TEXT: SignedDuration = SignedDuration::from_hours(4);
/// In this time …
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// … a sender answers at most so many times on a ticket by mail, to what nobody wrote by hand.
const MAX_REPLIES: usize = 5;
/// Most mails that are remembered; those in a row take places too.
const REMEMBERED: usize = 12;
/// A text of fewer words ("Sim.", "Ok, obrigada!") may be said again.
const FEWEST_WORDS: usize = 4;
/// From so many words on, texts that differ in their numbers alone (the protocol, the time) are the
/// same. In fewer words the number may be what somebody has to say …
const MACHINE_WORDS: usize = 8;
/// … but not so often …
const MAX_ALIKE: usize = 2;
/// … in this time: mailboxes are looked into every few minutes.
const ALIKE: SignedDuration = SignedDuration::from_hours(1);
/// Bytes of a digest: the texts of some hours are told apart.
const DIGEST: usize = 8;

/// What a sender said by mail on a ticket lately, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReplyHistory(Vec<Remembered>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    at: Timestamp,
    /// Its place among the messages of the ticket.
    place: u64,
    #[serde(flatten)]
    digest: ReplyDigest,
}

/// What a mail says, as a repetition of it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyDigest {
    /// Digest; none of what may be said again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    text: Option<String>,
    /// The same without its numbers, of a short text that has some.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    shape: Option<String>,
}

impl ReplyDigest {
    /// What a mail with this text and files of these names and sizes says, however its text
    /// is broken into lines.
    pub fn of<'a>(text: &str, files: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() < FEWEST_WORDS {
            return Self::default();
        }
        let has_number = |word: &str| word.contains(char::is_numeric);
        let files: Vec<_> = files.into_iter().collect();
        let digest = |numbers: bool| {
            let mut hash = Sha256::new();
            for word in &words {
                hash.update(if numbers || !has_number(word) {
                    word
                } else {
                    "0"
                });
                hash.update(b" ");
            }
            for (name, size) in &files {
                hash.update(name);
                hash.update(size.to_be_bytes());
            }
            HEXLOWER.encode(&hash.finalize()[..DIGEST])
        };
        let short = words.len() < MACHINE_WORDS;
        Self {
            text: Some(digest(short)),
            shape: (short && words.iter().any(|word| has_number(word))).then(|| digest(false)),
        }
    }
}

impl ReplyHistory {
    /// Why one more mail that says this, on a ticket of so many messages, ends a loop, if it does.
    pub fn ends(&self, digest: &ReplyDigest, messages: u64, now: Timestamp) -> Option<MailReason> {
        let answers = self.0.last().is_some_and(|last| last.place < messages);
        if !answers {
            return None;
        }
        let within =
            |one: &Remembered, time| now.duration_since(one.at) <= time && !is_ahead(one.at, now);
        let same = |one: &Remembered| one.digest == *digest && within(one, SAME_TEXT);
        if digest.text.is_some() && self.0.iter().any(same) {
            return Some(MailReason::Repeated);
        }
        let alike = |one: &&Remembered| one.digest.shape == digest.shape && within(one, ALIKE);
        if digest.shape.is_some() && self.0.iter().filter(alike).count() >= MAX_ALIKE {
            return Some(MailReason::Repeated);
        }
        // The first of each row.
        let mut before = None;
        let firsts = self.0.iter().filter(|one| {
            let follows =
                before.is_some_and(|before: u64| before.checked_add(1) == Some(one.place));
            before = Some(one.place);
            !follows && within(one, WINDOW)
        });
        (firsts.count() >= MAX_REPLIES).then_some(MailReason::LoopLimit)
    }

    /// Remembers a mail that became the message of this place.
    pub fn remember(&mut self, digest: ReplyDigest, place: u64, at: Timestamp) {
        self.0.push(Remembered { at, place, digest });
        self.0.drain(..self.0.len().saturating_sub(REMEMBERED));
    }

    /// Whether it says nothing any more about mails from now on.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let counts = |one: &Remembered| {
            now.duration_since(one.at) <= SAME_TEXT.max(WINDOW) && !is_ahead(one.at, now)
        };
        !self.0.iter().any(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn text(text: &str) -> ReplyDigest {
        ReplyDigest::of(text, [])
    }

    #[test]
    fn the_same_words_end_for_some_hours_where_somebody_answered() {
        let mut history = ReplyHistory::default();
        history.remember(text("Seu chamado foi recebido."), 1, at(0));
        for (said, messages, minute, ends) in [
            (
                "Seu chamado\r\n  foi recebido. ",
                2,
                0,
                Some(MailReason::Repeated),
            ),
            (
                "Seu chamado foi recebido.",
                2,
                240,
                Some(MailReason::Repeated),
            ),
            ("Seu chamado foi recebido.", 2, 241, None),
            ("Seu chamado foi recebido.", 1, 0, None),
            ("Seuchamado foi recebido agora.", 2, 1, None),
        ] {
            let found = history.ends(&text(said), messages, at(minute));
            assert_eq!(found, ends, "{said:?}");
        }
        assert!(!history.is_over(at(240)));
        assert!(history.is_over(at(241)));
    }

    #[test]
    fn answers_are_limited_and_mails_in_a_row_are_one() {
        let mut history = ReplyHistory::default();
        for number in 0..100 {
            let digest = text(&format!("Agora é o texto {number}"));
            assert_eq!(history.ends(&digest, number, at(0)), None);
            history.remember(digest, number + 1, at(0));
        }
        // Somebody answers each.
        for number in 0..4 {
            let (digest, messages) = (text("Sim."), 101 + 2 * number);
            assert_eq!(history.ends(&digest, messages, at(0)), None);
            history.remember(digest, messages + 1, at(0));
        }
        assert_eq!(history.ends(&text("Sim."), 108, at(0)), None, "nobody did");
        assert_eq!(
            history.ends(&text("Sim."), 109, at(10)),
            Some(MailReason::LoopLimit)
        );
        assert_eq!(history.ends(&text("Sim."), 109, at(11)), None);
    }

    #[test]
    fn another_number_makes_a_long_text_no_other_and_a_short_one_another() {
        for (first, second, same) in [
            (
                "Recebemos sua mensagem. O número do seu protocolo é INC-1001.",
                "Recebemos sua mensagem. O número do seu protocolo é INC-1002.",
                true,
            ),
            (
                "Your request #1 was received on 2026-11-24 at 10:00:01. Thank you!",
                "Your request #2 was received on 2026-11-24 at 10:00:09. Thank you!",
                true,
            ),
            ("O ramal é o 2231.", "O ramal é o 2232.", false),
        ] {
            assert_eq!(text(first) == text(second), same, "{first}");
        }
    }

    #[test]
    fn a_short_text_with_another_number_each_time_ends_the_third_time() {
        for (said, ends) in [
            (
                "Recebemos sua mensagem. Protocolo",
                Some(MailReason::Repeated),
            ),
            ("Sim, o", None),
        ] {
            let mut history = ReplyHistory::default();
            let of = |number: u64| text(&format!("{said} {}.", 20_261_127_000 + number));
            for number in 0..2 {
                let (place, minute) = (2 * number + 1, at(10 * i64::try_from(number).unwrap()));
                assert_eq!(history.ends(&of(number), place - 1, minute), None, "{said}");
                history.remember(of(number), place, minute);
            }
            assert_eq!(history.ends(&of(2), 4, at(20)), ends, "{said}");
            assert_eq!(history.ends(&of(2), 4, at(71)), None, "{said}");
            assert_eq!(
                history.ends(&of(2), 3, at(20)),
                None,
                "{said}: nobody answered"
            );
        }
    }

    #[test]
    fn people_say_little_twice_and_send_several_files() {
        let photo = |size| ReplyDigest::of("Segue mais uma foto do erro", [("image0.jpeg", size)]);
        for (digest, again) in [
            (text("Sim."), None),
            (text("Ok, muito obrigada!"), None),
            (text(""), None),
            (photo(1), Some(MailReason::Repeated)),
        ] {
            let mut history = ReplyHistory::default();
            history.remember(digest.clone(), 1, at(0));
            assert_eq!(history.ends(&digest, 2, at(0)), again, "{digest:?}");
            assert_eq!(history.ends(&photo(2), 2, at(0)), None);
        }
    }

    #[test]
    fn what_is_remembered_is_bounded_and_comes_back_as_it_was() {
        let mut history = ReplyHistory::default();
        for number in 1..1000 {
            history.remember(text("Uma palavra depois da outra"), number, at(0));
        }
        history.remember(ReplyDigest::default(), 1000, at(1));
        assert_eq!(history.0.len(), REMEMBERED);
        let stored = serde_json::to_value(&history).unwrap();
        assert_eq!(
            serde_json::from_value::<ReplyHistory>(stored).unwrap(),
            history
        );
    }
}
