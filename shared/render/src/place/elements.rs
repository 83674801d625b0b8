//! The open elements around a hole, as far as they decide what markup a value may bring.

use super::Markup;

/// What a tag name means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    A,
    P,
    Heading,
    /// `table`, `tbody`, `tr` …: text directly inside is moved elsewhere by the parser.
    TablePart,
    /// `td`, `th`, `caption`: a scope of its own.
    Cell,
    /// SVG and MathML: other rules hold inside.
    Foreign,
    /// `style` and `script`, where they are no raw text.
    Code,
    /// A block whose start ends an open paragraph.
    Block,
    /// `html`, `head`, `body`.
    Document,
    /// Elements without content.
    Void,
    Other,
}

impl Tag {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "a" => Self::A,
            "p" => Self::P,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup" | "select" => Self::TablePart,
            "td" | "th" | "caption" => Self::Cell,
            "svg" | "math" => Self::Foreign,
            "style" | "script" => Self::Code,
            "html" | "head" | "body" => Self::Document,
            "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta"
            | "param" | "source" | "track" | "wbr" | "basefont" | "bgsound" | "frame"
            | "keygen" => Self::Void,
            "address" | "article" | "aside" | "blockquote" | "center" | "details" | "dialog"
            | "dir" | "div" | "dl" | "dd" | "dt" | "fieldset" | "figcaption" | "figure"
            | "footer" | "form" | "header" | "hgroup" | "li" | "listing" | "main" | "menu"
            | "nav" | "ol" | "pre" | "search" | "section" | "summary" | "ul" => Self::Block,
            _ => Self::Other,
        }
    }
}

/// Deeper nesting than this gets no markup; no mail that people write comes near.
const DEPTH_LIMIT: usize = 256;

/// A simplified stack of open elements. Where it cannot know, it errs towards less markup.
#[derive(Clone, Debug, Default)]
pub(super) struct Elements {
    open: Vec<(u64, Tag)>,
    overflow: bool,
}

impl Elements {
    pub(super) fn start(&mut self, name: &str, tag: Tag) {
        if matches!(tag, Tag::Void | Tag::Document) {
            return;
        }
        if matches!(tag, Tag::Block | Tag::P | Tag::Heading) {
            self.close_paragraph();
        }
        if self.open.len() >= DEPTH_LIMIT {
            self.overflow = true;
            return;
        }
        self.open.push((hash(name), tag));
    }

    pub(super) fn end(&mut self, name: &str, tag: Tag) {
        let wanted = hash(name);
        let scope = if matches!(tag, Tag::TablePart | Tag::Cell) {
            0
        } else {
            self.scope()
        };
        let found = self.open[scope..]
            .iter()
            .rposition(|(hash, _)| *hash == wanted);
        if let Some(at) = found {
            self.open.truncate(scope + at);
        }
    }

    /// What markup a value may bring here.
    pub(super) fn markup(&self) -> Markup {
        if self.overflow || self.in_foreign() {
            return Markup::None;
        }
        let boundary = self
            .open
            .iter()
            .rfind(|(_, tag)| matches!(tag, Tag::TablePart | Tag::Cell));
        if matches!(boundary, Some((_, Tag::TablePart))) {
            return Markup::None;
        }
        let has = |wanted: Tag| {
            self.open[self.scope()..]
                .iter()
                .any(|(_, tag)| *tag == wanted)
        };
        if self.open.iter().any(|(_, tag)| *tag == Tag::A) {
            Markup::InlineWithoutLinks
        } else if has(Tag::P) || has(Tag::Heading) {
            Markup::Inline
        } else {
            Markup::Blocks
        }
    }

    /// Whether SVG or MathML is open.
    pub(super) fn in_foreign(&self) -> bool {
        self.open.iter().any(|(_, tag)| *tag == Tag::Foreign)
    }

    /// Whether a style or script is open.
    pub(super) fn in_code(&self) -> bool {
        self.open.iter().any(|(_, tag)| *tag == Tag::Code)
    }

    /// Takes another branch's end into account: where they differ, nothing is certain.
    pub(super) fn join(&mut self, other: &Self) {
        self.overflow |= other.overflow || self.open != other.open;
    }

    fn close_paragraph(&mut self) {
        let scope = self.scope();
        if let Some(at) = self.open[scope..]
            .iter()
            .rposition(|(_, tag)| *tag == Tag::P)
        {
            self.open.truncate(scope + at);
        }
    }

    /// First element inside the innermost table cell or table.
    fn scope(&self) -> usize {
        self.open
            .iter()
            .rposition(|(_, tag)| matches!(tag, Tag::Cell | Tag::TablePart))
            .map_or(0, |at| at + 1)
    }
}

/// FNV-1a: names are only compared with each other.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}
