//! Where in the HTML a key stands, and so how its value must be written.
//!
//! A tokenizer after WHATWG HTML 13.2.5, as far as places and unsafe constructs need it. Keys are
//! holes in the literal text. A hole where no value may stand is transparent: the literal text
//! around it joins, exactly as it does in the rendered mail. Every other hole is written so that
//! its value cannot leave its place, so what follows never depends on a value.

use std::ops::Range;

mod elements;
mod machine;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    /// Text of an element, with as much markup as the elements around it bear.
    Body(Markup),
    /// Text inside an Outlook conditional comment: no markup, no hyphen that could end it.
    Comment(Inside),
    /// Text of a `<title>` or `<textarea>`: escaped, no markup.
    Plain,
    /// Attribute value in quotes.
    Attribute,
    /// Attribute value without quotes.
    Unquoted,
    /// The whole of an attribute value without quotes: quotes are put around it.
    Quoting,
    /// Start of a URL in quotes: only http and https.
    Url,
    /// The whole of a URL without quotes.
    QuotingUrl,
    /// Inside a URL: percent-encoded.
    UrlPart,
    /// Inside a `mailto:` URL: the same, but for the sign in the middle of an address.
    Mailbox,
    /// In a text, a URL after what it links: in angle brackets, nothing when there is none.
    Address,
    /// Where a value could do harm (script, style, comments, tags): nothing is written.
    Nowhere,
    /// Title and text body: no HTML at all.
    Text,
}

/// What markup the elements around a value bear without changing their own structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Markup {
    /// Anything, lists and tables too.
    Blocks,
    /// No blocks: inside a paragraph or heading a block would end it.
    Inline,
    /// As `Inline` and no links: a link inside a link would end it.
    InlineWithoutLinks,
    /// None: directly inside a table, a select, SVG or MathML.
    None,
}

/// What kind of place it is inside a conditional comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Inside {
    Text,
    Attribute,
    Url,
    UrlPart,
}

/// Something that is taken out of a template's HTML when it is rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsafe {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// What it is, for people.
    pub(super) what: &'static str,
    /// Whether it goes without a word: it is not a fault, and nobody misses it.
    pub(super) quiet: bool,
}

impl Place {
    /// Every place, so that one can be named by its number.
    pub(super) const ALL: [Self; 19] = [
        Self::Body(Markup::Blocks),
        Self::Body(Markup::Inline),
        Self::Body(Markup::InlineWithoutLinks),
        Self::Body(Markup::None),
        Self::Comment(Inside::Text),
        Self::Comment(Inside::Attribute),
        Self::Comment(Inside::Url),
        Self::Comment(Inside::UrlPart),
        Self::Plain,
        Self::Attribute,
        Self::Unquoted,
        Self::Quoting,
        Self::Url,
        Self::QuotingUrl,
        Self::UrlPart,
        Self::Mailbox,
        Self::Address,
        Self::Nowhere,
        Self::Text,
    ];

    pub(super) fn number(self) -> usize {
        Self::ALL
            .iter()
            .position(|place| *place == self)
            .unwrap_or_default()
    }
}

/// What stands right after a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follower {
    Byte(u8),
    /// Another hole, or something that depends on a value.
    Hole,
    End,
}

/// What the tokenizer found out.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The place of each hole, in order.
    pub(super) holes: Vec<Place>,
    /// What has to go, in order; ranges do not overlap.
    pub(super) unsafe_parts: Vec<Unsafe>,
    /// Statements of a template in Tera whose branches leave the HTML in different places.
    pub(super) uneven: Vec<Range<usize>>,
}

pub(super) use machine::Machine;

#[cfg(test)]
mod tests;
