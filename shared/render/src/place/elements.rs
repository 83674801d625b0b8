//! The open elements around a hole, as far as they decide what markup a value may bring.

use html::Kind;

use super::Markup;

/// Deeper nesting than this gets no markup; no mail that people write comes near.
const DEPTH_LIMIT: usize = 256;

/// A simplified stack of open elements. Where it cannot know, it errs towards less markup.
#[derive(Clone, Debug, Default)]
pub(super) struct Elements {
    open: Vec<(u64, Kind)>,
    overflow: bool,
}

impl Elements {
    pub(super) fn start(&mut self, name: &str, tag: Kind) {
        if matches!(tag, Kind::Void | Kind::Document) {
            return;
        }
        if matches!(tag, Kind::Block | Kind::Paragraph | Kind::Heading) {
            self.close_paragraph();
        }
        if self.open.len() >= DEPTH_LIMIT {
            self.overflow = true;
            return;
        }
        self.open.push((hash(name), tag));
    }

    pub(super) fn end(&mut self, name: &str, tag: Kind) {
        let wanted = hash(name);
        let scope = if matches!(tag, Kind::TablePart | Kind::Cell) {
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
            .rfind(|(_, tag)| matches!(tag, Kind::TablePart | Kind::Cell));
        if matches!(boundary, Some((_, Kind::TablePart))) {
            return Markup::None;
        }
        let has = |wanted: Kind| {
            self.open[self.scope()..]
                .iter()
                .any(|(_, tag)| *tag == wanted)
        };
        if self.open.iter().any(|(_, tag)| *tag == Kind::Anchor) {
            Markup::InlineWithoutLinks
        } else if has(Kind::Paragraph) || has(Kind::Heading) {
            Markup::Inline
        } else {
            Markup::Blocks
        }
    }

    /// Whether SVG or MathML is open.
    pub(super) fn in_foreign(&self) -> bool {
        self.open.iter().any(|(_, tag)| *tag == Kind::Foreign)
    }

    /// Whether a style or script is open.
    pub(super) fn in_code(&self) -> bool {
        self.open.iter().any(|(_, tag)| *tag == Kind::Code)
    }

    /// Takes another branch's end into account: where they differ, nothing is certain.
    pub(super) fn join(&mut self, other: &Self) {
        self.overflow |= other.overflow || self.open != other.open;
    }

    fn close_paragraph(&mut self) {
        let scope = self.scope();
        if let Some(at) = self.open[scope..]
            .iter()
            .rposition(|(_, tag)| *tag == Kind::Paragraph)
        {
            self.open.truncate(scope + at);
        }
    }

    /// First element inside the innermost table cell or table.
    fn scope(&self) -> usize {
        self.open
            .iter()
            .rposition(|(_, tag)| matches!(tag, Kind::Cell | Kind::TablePart))
            .map_or(0, |at| at + 1)
    }
}

/// FNV-1a: names are only compared with each other.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}
