//! What stands over a quotation, and which lines below it are the mail that it speaks of.

use std::ops::Range;

use super::{
    attribution,
    headers::{self, Block, Labels},
    languages::{FORWARDED_BY, LANGUAGES},
    lines::{Line, fold, is_visible},
    quotation::is_separator_alone,
    unmarked,
};

/// The first mail of a quotation below a block of headers, and what the block says.
pub(super) struct Headed {
    /// What stands below the block, up to the next older mail.
    pub(super) lines: Range<usize>,
    /// Whether it is an attribution, and no block.
    pub(super) attributed: bool,
    pub(super) block: Block,
}

/// What the head says that stands over a quotation: a block of headers, an attribution with an address
/// where it is marked, or that it was forwarded.
pub(super) fn headed(lines: &[Line<'_>], quotation: Range<usize>) -> Option<Headed> {
    let near = quotation.end.min(quotation.start + HEAD_LINES);
    let head = bare(&lines[quotation.start..near]);
    let labels = Labels::read(&head);
    let first = (0..head.len()).filter(|at| !head[*at].blank).take(3);
    for at in first {
        let begins = || labels.block_at(&head, at) || is_forward(head[at].raw);
        // A sender is enough directly below a line that says that a mail follows.
        let sender = || {
            let next = head[at + 1..].iter().find(|line| !line.blank);
            is_separator_alone(head[at].raw)
                && next.is_some_and(|next| headers::is_label(next.raw))
                && labels.read_block(&head, at).from.is_some()
        };
        if begins() || sender() {
            let block = labels.read_block(&head, at);
            let below = quotation.start + block.end..quotation.end;
            let mut raws = lines[below.clone()].iter().map(|line| unmarked(line.raw));
            let says = raws.any(|raw| raw.chars().any(is_visible));
            return Some(Headed {
                lines: first_mail(lines, if says { below } else { quotation }),
                attributed: false,
                block,
            });
        }
        if let Some(found) = attribution::at(&head[at..]).filter(|_| lines[quotation.start].quoted)
        {
            let at = quotation.start + at;
            let attributed = attributed(lines, at..at + found.lines, quotation.end);
            // One that names no address may stand over a block that does.
            if attributed.is_some() {
                return attributed;
            }
        }
    }
    None
}

/// What an attribution says that names an address, and the mail below it; the quotation goes on to `end`.
pub(super) fn attributed(lines: &[Line<'_>], at: Range<usize>, end: usize) -> Option<Headed> {
    let mut head = String::new();
    for line in &lines[at.clone()] {
        // A long address goes on in the next line.
        if head.rfind('<') <= head.rfind('>') {
            head.push(' ');
        }
        head.push_str(unmarked(line.raw).trim());
    }
    let from = headers::address(&head)?;
    Some(Headed {
        lines: first_mail(lines, at.end..end),
        attributed: true,
        block: Block {
            from: Some(from),
            ..Block::default()
        },
    })
}

/// The first mail of a quotation that goes on in older ones: they are marked deeper, or below a head of
/// their own.
pub(super) fn first_mail(lines: &[Line<'_>], quotation: Range<usize>) -> Range<usize> {
    let bare = bare(&lines[quotation.clone()]);
    let labels = Labels::read(&bare);
    let depth = |at: usize| depth(lines[quotation.start + at].raw);
    let says = |from: usize| (from..bare.len()).find(|at| !bare[*at].blank);
    let mut first = says(0);
    // Who forwards a mail may say nothing over it.
    while let Some(at) = first.filter(|at| labels.block_at(&bare, *at)) {
        first = says(labels.read_block(&bare, at).end);
    }
    let Some(first) = first else {
        return quotation;
    };
    // Most lines with an address are no attribution.
    let ends = |at: usize| {
        let line: Option<&Line<'_>> = bare.get(at);
        line.is_some_and(|line| line.raw.trim_end().ends_with([':', '：', '-']))
    };
    let begins = |at: &usize| {
        depth(*at) > depth(first)
            || labels.block_at(&bare, *at)
            || bare[*at].raw.contains('@')
                && (ends(*at) || ends(at + 1))
                && attribution::at(&bare[*at..]).is_some_and(|found| found.is_sure())
    };
    let end = (first + 1..bare.len()).find(begins);
    let end = end.unwrap_or(bare.len());
    quotation.start..quotation.start + end
}

/// How many marks of quotation a line has.
fn depth(raw: &str) -> usize {
    let marks = &raw[..raw.len() - unmarked(raw).len()];
    marks.matches('>').count()
}

/// Marked lines without their marks.
pub(super) fn bare<'a>(run: &[Line<'a>]) -> Vec<Line<'a>> {
    run.iter()
        .map(|line| Line::of(unmarked(line.raw)))
        .collect()
}

/// Whether a line says that what follows was forwarded.
fn is_forward(raw: &str) -> bool {
    let folded = fold(raw);
    let phrase = folded.trim_matches(|c: char| !c.is_alphabetic());
    let mut separators = LANGUAGES.iter().flat_map(|l| l.separators);
    let forwards = |words: &str| FORWARDED.iter().any(|stem| words.contains(stem));
    separators.any(|words| phrase == *words && forwards(words))
        || FORWARDED_BY.iter().any(|words| phrase.starts_with(words))
}

/// What separators over a forwarded mail hold, and those over an answered one do not.
const FORWARDED: &[&str] = &[
    "encaminhad",
    "reenviad",
    "forward",
    "transf",
    "transmis",
    "réexp",
    "weitergeleit",
    "inoltrat",
    "doorgestuurd",
    "vidarebe",
    "videresen",
    "välitet",
    "przekazan",
    "přeposl",
    "пересыл",
    "пересл",
    "перенаправ",
];

/// Lines of a marked run that are looked at for what stands over a quotation.
pub(super) const HEAD_LINES: usize = 24;
