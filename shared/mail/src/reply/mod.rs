//! The reply in a mail: its text without the quotation and the signature.
//!
//! Hand-written matchers over tables ([`languages`]) in place of regular expressions: nothing to
//! compile when a function starts, and every line is looked at a bounded number of times.

mod apart;
mod attribution;
mod dates;
mod devices;
mod groupwise;
mod head;
mod headers;
mod inline;
mod languages;
mod lines;
mod notes;
mod particles;
mod proof;
mod quotation;
mod remainder;
mod signature;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, ops::Range};

use apart::apart;
pub(crate) use lines::is_visible;
use lines::{Line, is_rule, visible};
pub use proof::{CHANGING, Sent, Vocabulary, quotes};
use quotation::Quotation;

use domain::{address::WrittenAddress, characters::written_text};

/// Longest text that is looked at, in bytes; what is beyond it is left out of both texts. As long
/// as the largest body that the API takes.
pub const MAX_TEXT: usize = 256 * 1024;

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What its author wrote for this mail. Empty only if the mail holds nothing visible.
    pub text: String,
    /// All of it, line ends `\n`.
    pub full: String,
    /// The signature that was taken off.
    pub signature: Option<String>,
    /// Whether a quotation was taken off.
    pub quoted: bool,
    /// Whether there is a quotation, marked as such, and nothing but it and what programs add under
    /// a mail: `text` is then all of it.
    pub nothing_new: bool,
    /// Whether nothing in it was written for this mail: quotation marked as such, and what programs
    /// add under a mail.
    pub by_programs: bool,
    /// What of the quotation may be lines of its author, and the reply if it is.
    pub unproven: Option<Unproven>,
    /// What looks quoted, without marks, each mail by itself: people write between the lines of a mail
    /// of ours and below it. Only compared with what we sent, see [`Sent`].
    pub quotation: Vec<String>,
}

/// What may not be a quotation of ours, though it looks like one: lines with `>` of which nothing says that
/// a program put them there, and what stands below a head: a block of headers, an attribution, or
/// "-----Mensagem original-----". People write all of them, and what they forward is what they want to
/// show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unproven {
    /// Each of them, one below a head the last. What a mail of ours holds of it is quotation.
    pub passages: Vec<Passage>,
    /// The reply by which of the marked passages are its author's, the first of them being the lowest
    /// bit; from one on, as without any it is the reply as it stands.
    texts: Vec<Taken>,
    /// The attribution over the quotation, if words of its author may stand in front of the name.
    named: Option<Named>,
}

/// An attribution in which words of a person may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    /// Its lines, as they stand in the mail.
    lines: String,
    /// The reply with these lines.
    text: String,
}

/// Lines of a reply that look quoted, with what they say of the mail that they quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Its lines, without their marks.
    pub quoted: String,
    /// The address that it gives as the sender of what it quotes.
    pub from: Option<WrittenAddress>,
    /// The subject that it gives.
    pub subject: Option<String>,
    /// The line that says that a mail follows, where it gives no address.
    pub head: String,
    /// Whether it stands below a block of headers, or below an attribution with an address.
    pub headed: bool,
    /// Whether that is an attribution: "Em …, Ana <ana@example.com> escreveu:".
    pub attributed: bool,
    /// Whether it stands below an attribution and all of it is marked, as mail programs mark what is answered.
    pub answered: bool,
    /// Whether the date in that block is written out as mail programs do.
    dated_by_program: bool,
}

impl Reply {
    /// Takes what stands below a block of headers for the mail that was answered, if the block names no
    /// address, and a date as programs write it or the subject of the answer.
    pub(crate) fn take_answered(&mut self, subject: &str) {
        let Some(unproven) = &mut self.unproven else {
            return;
        };
        let answered = |passage: &mut Passage| {
            let of_block = passage.subject.as_deref();
            let same = |of_block: &str| bare_subject(of_block) == bare_subject(subject);
            passage.headed
                && passage.from.is_none()
                && of_block.is_some_and(|of_block| passage.dated_by_program || same(of_block))
        };
        unproven.passages.pop_if(answered);
        if unproven.passages.is_empty() && unproven.named.is_none() {
            self.unproven = None;
        }
    }

    /// What it says if its author wrote in front of the name in the line over the quotation; `names` are of
    /// those whose mail it may quote. Where none of them stands in that line, all of it may be an answer.
    pub fn with_words_before(&self, names: &[&str]) -> Option<String> {
        let named = self.unproven.as_ref()?.named.as_ref()?;
        let line = named.lines.replace('\n', " ");
        let answered = !self.nothing_new && self.text != self.full;
        let own = attribution::words_of_author(&line, names, answered)?;
        Some(match own == line {
            true => named.text.clone(),
            false => named.text.replacen(&named.lines, own, 1),
        })
    }

    /// What it says if these of its unproven passages are its author's; one flag a passage. What stands
    /// below a head is shown with all of the mail.
    pub fn if_own(&self, own: &[bool]) -> &str {
        let Some(unproven) = &self.unproven else {
            return &self.text;
        };
        let flags = unproven.passages.iter().zip(own).enumerate();
        let of_author = flags.filter(|(_, (_, own))| **own);
        let mut choice: usize = 0;
        for (at, (passage, _)) in of_author {
            if passage.headed {
                return &self.full;
            }
            choice |= 1 << at;
        }
        match choice.checked_sub(1).and_then(|at| unproven.texts.get(at)) {
            Some(Taken::All) => &self.full,
            Some(Taken::Part(text)) => text,
            None => &self.text,
        }
    }
}

/// A subject without "RES:" and its like in front.
fn bare_subject(subject: &str) -> String {
    let mut bare = subject.trim();
    while let Some((prefix, rest)) = bare.split_once(':')
        && prefix.chars().count() <= LONGEST_PREFIX
        && prefix.chars().all(char::is_alphabetic)
    {
        bare = rest.trim_start();
    }
    bare.to_lowercase()
}

/// Longest "RES", "Antw", "Odp" in front of the colon of a subject, in characters.
const LONGEST_PREFIX: usize = 5;

impl Unproven {
    /// Every text that may become the reply. The passages alone are only compared with what we sent.
    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let named = self.named.iter_mut();
        let named = named.flat_map(|named| [&mut named.lines, &mut named.text]);
        let texts = self.texts.iter_mut().filter_map(|taken| match taken {
            Taken::Part(text) => Some(text),
            Taken::All => None,
        });
        texts.chain(named)
    }
}

/// What of a text is the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Taken {
    All,
    Part(String),
}

/// Most passages that are told apart; further ones go with the last.
const MAX_PASSAGES: usize = 4;

/// What a client's HTML says of the lines of a text.
#[derive(Default)]
pub(crate) struct Marks {
    /// Lines that are a signature, counted from 0.
    pub(crate) signatures: Vec<Range<usize>>,
    /// Whether all below some line is marked as quotation, as it stands below a client's cut or was
    /// forwarded: an answer may be in it.
    pub(crate) cut: bool,
}

/// Takes the reply out of a mail's plain text.
///
/// Quotations and signatures go, answers between quotations stay. So does a signature if no more than a
/// greeting would be left. The whole text is the reply, so that nobody's answer comes out empty, if a
/// single mark is left, or less than 5 % of what is not quotation (where there is one, nor surely
/// signature), or nothing but a signature over a quotation in which the answer may stand, or a note that
/// the answers stand in the quotation. Takes time linear in the text.
pub fn extract(text: &str) -> Reply {
    let mut full = clean(text);
    limit(&mut full, text.len() > MAX_TEXT);
    extract_marked(full, &Marks::default())
}

/// The same of a text that is clean already, with what its client marked.
pub(crate) fn extract_marked(full: String, marks: &Marks) -> Reply {
    let lines = lines::split(&full);
    let signed = covered(&marks.signatures, lines.len());
    let (lines, mut signed) = apart(&lines, &signed);
    let quotation = quotation::mark(&lines);
    signature::release_sentences(&lines, &mut signed);
    let text = Text {
        full: &full,
        unmarked: quotation.unmarked || marks.cut || quotation::forwards(&lines),
        lines,
        signed,
    };
    let found = text.reply(&quotation.lines, None);
    let unproven = text.unproven(&quotation, &found);
    let mails = quotation::mails(&text.lines, &quotation.lines);
    Reply {
        text: match found.taken {
            Taken::All => full.clone(),
            Taken::Part(text) => text,
        },
        full,
        signature: found.signature,
        quoted: found.quoted,
        nothing_new: found.nothing_new,
        by_programs: found.by_programs,
        unproven,
        quotation: mails,
    }
}

/// Whether a text ends with an attribution that only a program writes.
pub(crate) fn ends_with_attribution(text: &str) -> bool {
    let lines = lines::split(text.trim_end());
    let first = lines.len().saturating_sub(attribution::MAX_LINES);
    (first..lines.len()).any(|at| {
        let found = attribution::at(&lines[at..]);
        found.is_some_and(|found| found.is_sure() && at + found.lines == lines.len())
            || groupwise::attribution(&lines[at..]) == Some(lines.len() - at)
    })
}

/// A text with what is known of its lines.
struct Text<'a> {
    full: &'a str,
    lines: Vec<Line<'a>>,
    /// One flag a line: whether its client says that it is a signature.
    signed: Vec<bool>,
    /// Whether an answer may stand in the quotation.
    unmarked: bool,
}

/// The reply in a text: see [`Reply`].
struct Found {
    taken: Taken,
    signature: Option<String>,
    quoted: bool,
    nothing_new: bool,
    by_programs: bool,
}

impl Found {
    /// All of it.
    const ALL: Self = Self {
        taken: Taken::All,
        signature: None,
        quoted: false,
        nothing_new: false,
        by_programs: false,
    };
}

impl Text<'_> {
    /// The reply if these lines are quotation, but for those of an attribution that stay.
    fn reply(&self, quotation: &[bool], named: Option<&Range<usize>>) -> Found {
        let lines = &self.lines;
        let own = |marked: bool| -> Vec<&Line<'_>> {
            (0..lines.len())
                .filter(|&at| !quotation[at] && self.signed[at] == marked)
                .map(|at| &lines[at])
                .collect()
        };
        let quoted = quotation.contains(&true);
        let (written, marked) = (own(false), own(true));
        let nothing_written =
            signature::says_nothing(&written, false) && signature::says_nothing(&marked, true);
        if named.is_none()
            && (nothing_written || signature::is_all(&written) && (self.unmarked || !quoted))
        {
            return Found {
                nothing_new: quoted && nothing_written && !self.unmarked,
                by_programs: nothing_written && !self.unmarked,
                ..Found::ALL
            };
        }

        let mut kept = Vec::new();
        let mut signatures = Vec::new();
        // What was taken off though it may be no signature, in visible characters: without a
        // quotation all of it, for then to show all shows no more than the signature.
        let mut doubtful = 0;
        let mut at = 0;
        while at < lines.len() {
            let same = |q: &&bool| **q == quotation[at];
            let end = at + quotation[at..].iter().take_while(same).count();
            if !quotation[at] {
                let part = |marked: bool| -> Vec<&Line<'_>> {
                    (at..end)
                        .filter(|&at| self.signed[at] == marked)
                        .map(|at| &lines[at])
                        .collect()
                };
                let stretch = part(false);
                let cut = signature::start(&stretch, !kept.is_empty()).unwrap_or(stretch.len());
                let (own, signature) = signature::sift(&stretch, cut);
                for (signature, marked) in [(signature, false), (part(true), true)] {
                    doubtful += match quoted {
                        true => signature::doubtful(&signature, marked),
                        false => signature.iter().map(|line| visible(line.raw)).sum(),
                    };
                    push_block(&mut signatures, &signature, false);
                }
                push_block(&mut kept, &own, end < lines.len());
            } else if let Some(named) = named.filter(|named| (at..end).contains(&named.start)) {
                let lines: Vec<&Line<'_>> = lines[named.clone()].iter().collect();
                push_block(&mut kept, &lines, false);
            }
            at = end;
        }

        let reply = kept.join("\n\n").trim_start().to_owned();
        let empty = remainder::is_empty(&reply);
        // What was answered stands in the signature then, where some clients let people write.
        let greets = inline::only_greets(&reply) && !reply.lines().any(signature::is_answer);
        let signed = || signatures.iter().flat_map(|block| block.lines());
        if (empty || greets)
            && !(quoted && self.unmarked)
            && signed().any(|raw| !signature::is_by_program(raw))
        {
            return Found {
                taken: self.part(self.unquoted(quotation)),
                quoted,
                ..Found::ALL
            };
        }
        if empty
            || remainder::is_too_little(&reply, doubtful)
            || quoted && inline::points_below(&reply)
            || quoted && self.unmarked && inline::only_greets(&reply)
        {
            return Found::ALL;
        }
        Found {
            taken: self.part(reply),
            signature: (!signatures.is_empty()).then(|| signatures.join("\n\n")),
            quoted,
            ..Found::ALL
        }
    }

    /// A text that is all of this one, or part of it.
    fn part(&self, text: String) -> Taken {
        match text == self.full {
            true => Taken::All,
            false => Taken::Part(text),
        }
    }

    /// All that is not quotation.
    fn unquoted(&self, quotation: &[bool]) -> String {
        let mut blocks = Vec::new();
        let mut at = 0;
        for flags in quotation.chunk_by(|a, b| a == b) {
            let end = at + flags.len();
            if !flags[0] {
                let stretch: Vec<&Line<'_>> = self.lines[at..end].iter().collect();
                push_block(&mut blocks, &stretch, end < self.lines.len());
            }
            at = end;
        }
        blocks.join("\n\n")
    }

    /// What may be lines of the author though they are marked, and the reply if they are.
    fn unproven(&self, quotation: &Quotation, found: &Found) -> Option<Unproven> {
        let mut passages = Vec::new();
        // The lines of each that is marked.
        let mut lines: Vec<Vec<Range<usize>>> = Vec::new();
        let own_most = MAX_PASSAGES - usize::from(quotation.headed.is_some());
        for doubtful in &quotation.unproven {
            let range = &doubtful.lines;
            let (head, below) = self.lines[range.clone()].split_at(doubtful.head);
            let bare = |lines: &[Line<'_>]| -> String {
                let bare = lines
                    .iter()
                    .map(|line| unmarked(line.raw).to_owned() + "\n");
                bare.collect()
            };
            let quoted = bare(below);
            match passages.last_mut() {
                Some(Passage { quoted: last, .. }) if lines.len() == own_most => {
                    last.push_str(&quoted);
                    lines[own_most - 1].push(range.clone());
                }
                _ => {
                    lines.push(vec![range.clone()]);
                    passages.push(Passage {
                        quoted,
                        from: None,
                        subject: None,
                        head: bare(head),
                        headed: false,
                        attributed: false,
                        answered: false,
                        dated_by_program: false,
                    });
                }
            }
        }
        if let Some(head) = &quotation.headed {
            let below = &self.lines[head.lines.clone()];
            passages.push(Passage {
                quoted: below
                    .iter()
                    .map(|line| unmarked(line.raw).to_owned() + "\n")
                    .collect(),
                from: head.block.from.clone(),
                subject: head.block.subject.clone(),
                head: String::new(),
                headed: true,
                attributed: head.attributed,
                answered: head.attributed && below.iter().all(|line| line.quoted || line.blank),
                dated_by_program: head.block.dated_by_program,
            });
        }
        let named = quotation
            .named
            .as_ref()
            .filter(|_| found.taken != Taken::All || found.nothing_new);
        let named = named.map(|at| {
            let lines: Vec<&str> = self.lines[at.clone()]
                .iter()
                .map(|line| line.raw.trim_end())
                .collect();
            let text = match self.reply(&quotation.lines, Some(at)).taken {
                Taken::Part(text) => text,
                Taken::All => self.full.to_owned(),
            };
            Named {
                lines: lines.join("\n"),
                text,
            }
        });
        if passages.is_empty() && named.is_none() {
            return None;
        }
        let taken = |choice: usize| {
            let own = |at: usize| choice >> at & 1 == 1;
            let mut rest = quotation.lines.clone();
            for (_, ranges) in lines.iter().enumerate().filter(|(at, _)| own(*at)) {
                for range in ranges {
                    rest[range.clone()].fill(false);
                }
            }
            self.reply(&rest, None).taken
        };
        let texts: Vec<Taken> = (1..1 << lines.len()).map(taken).collect();
        let differs = found.nothing_new
            || named.is_some()
            || texts.iter().any(|taken| *taken != found.taken)
            || quotation.headed.is_some() && found.taken != Taken::All;
        differs.then_some(Unproven {
            passages,
            texts,
            named,
        })
    }
}

/// A line without the marks of quotation.
fn unmarked(raw: &str) -> &str {
    raw.trim_start_matches(['>', ' ', '\u{a0}', '\t'])
}

/// One flag a line: whether one of the ranges covers it.
fn covered(ranges: &[Range<usize>], lines: usize) -> Vec<bool> {
    // How many ranges begin at a line, less how many end there.
    let mut steps = vec![0_i64; lines + 1];
    for range in ranges {
        steps[range.start.min(lines)] += 1;
        steps[range.end.min(lines)] -= 1;
    }
    let mut open = 0;
    steps[..lines]
        .iter()
        .map(|step| {
            open += step;
            open > 0
        })
        .collect()
}

/// Adds a stretch of lines as one block, without blank lines around it; `before_quotation`, without
/// the rule that a client draws over the quotation.
fn push_block(blocks: &mut Vec<String>, mut stretch: &[&Line<'_>], before_quotation: bool) {
    while let [first, rest @ ..] = stretch
        && first.blank
    {
        stretch = rest;
    }
    while let [rest @ .., last] = stretch
        && (last.blank || before_quotation && is_rule(last.raw))
    {
        stretch = rest;
    }
    if stretch.is_empty() {
        return;
    }
    let text: Vec<&str> = stretch.iter().map(|l| l.raw.trim_end()).collect();
    blocks.push(text.join("\n"));
}

/// What stands at the end of a text that was cut.
const CUT: &str = "\n[…]";

/// Longest end of a text that is left out so that no word is cut, in bytes.
const LONGEST_WORD: usize = 100;

/// A text of at most so many bytes, cut between words. One that is not whole says so.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(most.saturating_sub(CUT.len()));
    let from = text.floor_char_boundary(end.saturating_sub(LONGEST_WORD));
    let space = text[from..end].rfind(char::is_whitespace);
    let end = space.map_or(end, |space| from + space);
    Cow::Owned(text[..end].trim_end().to_owned() + CUT)
}

/// The same by characters.
pub fn shortened_to_chars(text: &str, most: usize) -> Cow<'_, str> {
    if text.chars().nth(most).is_none() {
        return Cow::Borrowed(text);
    }
    let room = most.saturating_sub(CUT.chars().count());
    let end = text
        .char_indices()
        .nth(room)
        .map_or(text.len(), |(at, _)| at);
    shortened(text, end + CUT.len())
}

/// Cuts a text to [`MAX_TEXT`]; `cut`: something is missing already. A text that is not whole says so.
pub(crate) fn limit(text: &mut String, cut: bool) {
    if cut || text.len() > MAX_TEXT {
        text.truncate(text.floor_char_boundary(MAX_TEXT - CUT.len()));
        text.truncate(text.trim_end().len());
        text.push_str(CUT);
    }
    text.truncate(text.trim_end().len());
}

/// As it was written, up to a limit; `-- ` keeps its space.
pub(crate) fn clean(text: &str) -> String {
    written_text(&text[..text.floor_char_boundary(MAX_TEXT)])
}
