//! Loops of mail end: machines that answer each other without saying that they are machines.
//!
//! They give themselves away by speed and by saying the same again. Two desks that answer each other
//! get one mail of each through; the next one is the same text again. Those that count up (a new
//! number in every answer) end at the limit.

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long the same text of the same sender counts as said already.
const SAME_TEXT: SignedDuration = SignedDuration::from_mins(15);
/// In this time …
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// … a sender writes at most so many messages on a ticket by mail.
const MOST: usize = 5;
/// Most mails that are remembered; people may let in more than [`MOST`].
const REMEMBERED: usize = 12;
/// Bytes of a text's digest: two texts of a quarter of an hour are told apart.
const DIGEST: usize = 8;

/// What a sender said by mail on a ticket lately, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Heard(Vec<Said>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    at: Timestamp,
    /// Digest of the text; none of a mail of files alone, of which people send several.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    text: Option<String>,
}

impl Heard {
    /// Why one more mail with this text ends a loop, if it does.
    pub fn ends(&self, text: &str, now: Timestamp) -> Option<&'static str> {
        let text = digest(text);
        let said = |one: &&Said| one.text == text && now.duration_since(one.at) <= SAME_TEXT;
        if text.is_some() && self.0.iter().any(|one| said(&one)) {
            return Some("REPEATED");
        }
        let recent = |one: &&Said| now.duration_since(one.at) <= WINDOW;
        (self.0.iter().filter(recent).count() >= MOST).then_some("LOOP_LIMIT")
    }

    /// Remembers a mail that became a message.
    pub fn hear(&mut self, text: &str, at: Timestamp) {
        let text = digest(text);
        self.0.push(Said { at, text });
        self.0.drain(..self.0.len().saturating_sub(REMEMBERED));
    }

    /// Whether it says nothing any more about mails from now on.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let counts = |one: &Said| now.duration_since(one.at) <= SAME_TEXT.max(WINDOW);
        !self.0.iter().any(counts)
    }
}

/// What a text says, however it is broken into lines.
fn digest(text: &str) -> Option<String> {
    let mut hash = Sha256::new();
    let mut words = text.split_whitespace().peekable();
    words.peek()?;
    for word in words {
        hash.update(word);
        hash.update(b" ");
    }
    Some(HEXLOWER.encode(&hash.finalize()[..DIGEST]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    #[test]
    fn the_same_words_end_for_a_quarter_of_an_hour() {
        let mut heard = Heard::default();
        heard.hear("Seu chamado foi recebido.", at(0));
        for (text, minute, ends) in [
            ("Seu chamado\r\n  foi recebido. ", 0, Some("REPEATED")),
            ("Seu chamado foi recebido.", 15, Some("REPEATED")),
            ("Seu chamado foi recebido.", 16, None),
            ("Seuchamado foi recebido.", 1, None),
            ("", 1, None),
        ] {
            assert_eq!(heard.ends(text, at(minute)), ends, "{text:?} at {minute}");
        }
        assert!(!heard.is_over(at(15)));
        assert!(heard.is_over(at(16)));
    }

    #[test]
    fn files_alone_are_no_repetition_but_count() {
        let mut heard = Heard::default();
        for _ in 0..5 {
            assert_eq!(heard.ends(" \n", at(0)), None);
            heard.hear(" \n", at(0));
        }
        assert_eq!(heard.ends("", at(10)), Some("LOOP_LIMIT"));
        assert_eq!(heard.ends("", at(11)), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut heard = Heard::default();
        for number in 0..1000 {
            heard.hear(&number.to_string(), at(0));
        }
        assert_eq!(heard.0.len(), REMEMBERED);
        assert_eq!(heard.ends("999", at(1)), Some("REPEATED"));
    }
}
