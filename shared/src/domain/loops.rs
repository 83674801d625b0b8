//! Loops of mail end: machines that answer each other without saying that they are machines.
//!
//! They give themselves away by saying the same again and by speed. Two desks that answer each other
//! get one mail of each through; the next one says the same again, with another number in it at most.
//! Machines that never repeat themselves end at the limit. People repeat themselves too, in few words
//! and to somebody who wrote by hand: that is why short texts are never a repetition, and why all is
//! forgotten when somebody writes at the desk or in the portal.

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long the same text of the same sender counts as said already.
const SAME_TEXT: SignedDuration = SignedDuration::from_hours(4);
/// In this time …
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// … a sender writes at most so many messages on a ticket by mail.
const MOST: usize = 5;
/// Most mails that are remembered; people may let in more than [`MOST`].
const REMEMBERED: usize = 12;
/// A text of fewer words ("Sim.", "Ok, obrigada!") may be said again.
const FEWEST_WORDS: usize = 4;
/// From so many words on, texts that differ in their numbers alone (the protocol, the time) are the
/// same. In fewer words the number is what somebody has to say.
const MACHINE_WORDS: usize = 8;
/// Bytes of a digest: the texts of some hours are told apart.
const DIGEST: usize = 8;

/// What a sender said by mail on a ticket lately, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Heard(Vec<Said>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    at: Timestamp,
    #[serde(flatten)]
    saying: Saying,
}

/// What a mail says, as a repetition of it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    /// Digest; none of what may be said again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    text: Option<String>,
}

impl Saying {
    /// What a mail with this text and files of these names and sizes says, however its text is broken
    /// into lines.
    pub fn of<'a>(text: &str, files: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() < FEWEST_WORDS {
            return Self::default();
        }
        let mut hash = Sha256::new();
        for word in &words {
            let number = words.len() >= MACHINE_WORDS && word.contains(|c: char| c.is_numeric());
            hash.update(if number { "0" } else { word });
            hash.update(b" ");
        }
        for (name, size) in files {
            hash.update(name);
            hash.update(size.to_be_bytes());
        }
        Self {
            text: Some(HEXLOWER.encode(&hash.finalize()[..DIGEST])),
        }
    }
}

impl Heard {
    /// Why one more mail that says this ends a loop, if it does.
    pub fn ends(&self, saying: &Saying, now: Timestamp) -> Option<&'static str> {
        let within = |one: &Said, time| now.duration_since(one.at) <= time;
        let same = |one: &Said| one.saying == *saying && within(one, SAME_TEXT);
        if saying.text.is_some() && self.0.iter().any(same) {
            return Some("REPEATED");
        }
        let recent = self.0.iter().filter(|one| within(one, WINDOW)).count();
        (recent >= MOST).then_some("LOOP_LIMIT")
    }

    /// Remembers a mail that became a message.
    pub fn hear(&mut self, saying: Saying, at: Timestamp) {
        self.0.push(Said { at, saying });
        self.0.drain(..self.0.len().saturating_sub(REMEMBERED));
    }

    /// Whether it says nothing any more about mails from now on.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let counts = |one: &Said| now.duration_since(one.at) <= SAME_TEXT.max(WINDOW);
        !self.0.iter().any(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn text(text: &str) -> Saying {
        Saying::of(text, [])
    }

    #[test]
    fn the_same_words_end_for_some_hours() {
        let mut heard = Heard::default();
        heard.hear(text("Seu chamado foi recebido."), at(0));
        for (said, minute, ends) in [
            ("Seu chamado\r\n  foi recebido. ", 0, Some("REPEATED")),
            ("Seu chamado foi recebido.", 240, Some("REPEATED")),
            ("Seu chamado foi recebido.", 241, None),
            ("Seuchamado foi recebido agora.", 1, None),
        ] {
            assert_eq!(heard.ends(&text(said), at(minute)), ends, "{said:?}");
        }
        assert!(!heard.is_over(at(240)));
        assert!(heard.is_over(at(241)));
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
    fn people_say_little_twice_and_send_several_files() {
        let mut heard = Heard::default();
        let photo = |size| Saying::of("Segue mais uma foto do erro", [("image0.jpeg", size)]);
        for saying in [
            text("Sim."),
            text("Ok, muito obrigada!"),
            text(""),
            photo(1),
        ] {
            assert_eq!(heard.ends(&saying, at(0)), None);
            heard.hear(saying.clone(), at(0));
            if saying.text.is_none() {
                assert_eq!(heard.ends(&saying, at(0)), None);
            }
        }
        assert_eq!(heard.ends(&photo(2), at(0)), None);
        assert_eq!(heard.ends(&photo(1), at(0)), Some("REPEATED"));
        heard.hear(photo(2), at(0));
        assert_eq!(heard.ends(&text("Sim."), at(10)), Some("LOOP_LIMIT"));
        assert_eq!(heard.ends(&text("Sim."), at(11)), None);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_comes_back_as_it_was() {
        let mut heard = Heard::default();
        for number in 0..1000 {
            let long = "Uma palavra depois da outra ".repeat(number % 7 + 1);
            heard.hear(text(&long), at(0));
        }
        heard.hear(Saying::default(), at(1));
        assert_eq!(heard.0.len(), REMEMBERED);
        let stored = serde_json::to_value(&heard).unwrap();
        assert_eq!(serde_json::from_value::<Heard>(stored).unwrap(), heard);
    }
}
