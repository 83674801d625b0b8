//! The elements of HTML, as one table.

/// What an element is, as far as what may stand in it and what its start ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `a`: links do not stand in links.
    Anchor,
    /// `p`: any block ends it.
    Paragraph,
    /// `h1` to `h6`: the start of one ends another that is open.
    Heading,
    /// `table`, `tbody`, `tr` …: text directly inside is moved elsewhere by the parser.
    TablePart,
    /// `td`, `th`, `caption`: a scope of its own.
    Cell,
    /// SVG and MathML: other rules hold inside.
    Foreign,
    /// `style` and `script`: what is inside is raw text, in which `<` starts nothing.
    Code,
    /// A block whose start ends an open paragraph.
    Block,
    /// `html`, `head`, `body`: the parser makes them itself when they are absent.
    Document,
    /// An element without content.
    Void,
    /// Anything else: phrasing content, and names that HTML does not know.
    Other,
}

/// What an element's content is to the tokenizer, and to who reads the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Markup that is shown.
    Shown,
    /// Markup that is not shown.
    Hidden,
    /// Text in which no element begins (WHATWG HTML 13.2.6.2 and 13.2.6.4), and which is not shown.
    Raw,
    /// The same, but some readers show it.
    ShownRaw,
}

/// An element, by its name in lower case.
#[derive(Clone, Copy)]
pub struct Element {
    kind: Kind,
    content: Content,
    lines: usize,
    ends_itself: bool,
    metadata: bool,
}

impl Element {
    const fn new(kind: Kind) -> Self {
        Self {
            kind,
            content: Content::Shown,
            lines: 0,
            ends_itself: matches!(kind, Kind::Void),
            metadata: false,
        }
    }

    /// With so many line ends before and after it.
    const fn apart(mut self, lines: usize) -> Self {
        self.lines = lines;
        self
    }

    /// Whose end tag may be left out.
    const fn ending_itself(mut self) -> Self {
        self.ends_itself = true;
        self
    }

    const fn with(mut self, content: Content) -> Self {
        self.content = content;
        self
    }

    /// That may stand in a `<head>`.
    const fn metadata(mut self) -> Self {
        self.metadata = true;
        self
    }

    /// The element of this name.
    pub fn of(name: &str) -> Self {
        use Content::{Hidden, Raw, ShownRaw};
        use Kind as K;
        match name {
            "a" => Self::new(K::Anchor),
            "p" => Self::new(K::Paragraph).apart(2).ending_itself(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::new(K::Heading).apart(2),
            "table" => Self::new(K::TablePart).apart(2),
            "tr" => Self::new(K::TablePart).apart(1).ending_itself(),
            "tbody" | "thead" | "tfoot" | "colgroup" => Self::new(K::TablePart),
            "select" => Self::new(K::TablePart),
            "td" | "th" => Self::new(K::Cell).ending_itself(),
            "caption" => Self::new(K::Cell).apart(1),
            "svg" | "math" => Self::new(K::Foreign),
            "style" | "script" => Self::new(K::Code).with(Raw).metadata(),
            "html" | "body" => Self::new(K::Document).apart(1),
            "head" => Self::new(K::Document).with(Hidden),
            "meta" | "link" | "base" => Self::new(K::Void).metadata(),
            "area" | "br" | "col" | "embed" | "hr" | "img" | "input" | "param" | "source"
            | "track" | "wbr" | "basefont" | "bgsound" | "frame" | "keygen" => Self::new(K::Void),
            "blockquote" | "pre" | "ul" | "ol" | "dl" => Self::new(K::Block).apart(2),
            "li" | "dt" | "dd" => Self::new(K::Block).apart(1).ending_itself(),
            "address" | "article" | "aside" | "center" | "details" | "dialog" | "dir" | "div"
            | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "header" | "hgroup"
            | "listing" | "main" | "menu" | "nav" | "search" | "section" | "summary" => {
                Self::new(K::Block).apart(1)
            }
            "title" => Self::new(K::Other).with(Raw).metadata(),
            "noscript" => Self::new(K::Other).metadata(),
            "iframe" | "noframes" => Self::new(K::Other).with(Raw),
            "textarea" | "xmp" | "noembed" | "plaintext" => Self::new(K::Other).with(ShownRaw),
            "template" | "object" => Self::new(K::Other).with(Hidden),
            "option" => Self::new(K::Other).apart(1).ending_itself(),
            "optgroup" | "legend" => Self::new(K::Other).apart(1),
            _ => Self::new(K::Other),
        }
    }

    /// Which of the parser's rules hold for it.
    pub fn kind(self) -> Kind {
        self.kind
    }

    /// Whether it has no content, and so no end.
    pub fn is_void(self) -> bool {
        self.kind == Kind::Void
    }

    /// Whether it closes without an end tag, so that many of them do not stand in each other.
    pub fn ends_itself(self) -> bool {
        self.ends_itself
    }

    /// Whether no element begins in it: its content is text up to its end tag.
    pub fn has_raw_text(self) -> bool {
        matches!(self.content, Content::Raw | Content::ShownRaw)
    }

    /// Whether nobody sees what is in it.
    pub fn is_hidden(self) -> bool {
        matches!(self.content, Content::Hidden | Content::Raw)
    }

    /// Whether it may stand in a `<head>`: it does not start the body.
    pub fn is_metadata(self) -> bool {
        self.metadata
    }

    /// Line ends before and after it where a page is read as text: 2 leave an empty line.
    pub fn lines_around(self) -> usize {
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_html_does_not_know_are_shown_in_the_line() {
        let unknown = Element::of("o:p");
        assert_eq!((unknown.kind(), unknown.lines_around()), (Kind::Other, 0));
        assert!(!unknown.is_hidden() && !unknown.is_void() && !unknown.ends_itself());
    }

    #[test]
    fn what_has_raw_text_is_hidden_and_what_is_void_ends_itself() {
        for name in ["script", "style", "title", "iframe"] {
            assert!(Element::of(name).has_raw_text() && Element::of(name).is_hidden());
        }
        for name in ["textarea", "xmp"] {
            assert!(Element::of(name).has_raw_text() && !Element::of(name).is_hidden());
        }
        for name in ["br", "img", "wbr", "keygen", "link"] {
            assert!(Element::of(name).is_void() && Element::of(name).ends_itself());
        }
    }
}
