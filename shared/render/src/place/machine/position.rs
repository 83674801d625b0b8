//! Where the tokenizer is.

use super::super::Unsafe;
use super::super::elements::Elements;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Data,
    TagOpen,
    EndTagOpen,
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Value(Option<u8>),
    AfterValue,
    MarkupDeclaration,
    Bogus,
    Comment,
    /// Text that only the element's own end tag ends; how much of it has matched.
    Raw(usize),
}

/// Progress towards the end of a comment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CommentEnd {
    pub(super) dashes: usize,
    pub(super) bang: bool,
    start: bool,
}

impl CommentEnd {
    pub(super) fn begin() -> Self {
        Self {
            start: true,
            ..Self::default()
        }
    }

    /// Takes a byte and says whether the comment ends with it.
    pub(super) fn step(&mut self, byte: u8) -> bool {
        match byte {
            b'>' if self.bang || self.dashes >= 2 || self.start => return true,
            b'-' => {
                self.dashes = if self.bang { 1 } else { self.dashes + 1 };
                self.bang = false;
                self.start = self.start && self.dashes < 2;
            }
            b'!' if self.dashes >= 2 => {
                self.bang = true;
                self.dashes = 0;
            }
            _ => *self = Self::default(),
        }
        false
    }
}

/// The tag being read.
#[derive(Clone, Debug, Default)]
pub(super) struct TagInProgress {
    pub(super) start: usize,
    pub(super) end: bool,
    pub(super) name: String,
    pub(super) attribute: String,
    pub(super) attribute_start: usize,
    /// What of the value is literal, without white space before it.
    pub(super) value: String,
    pub(super) value_has_hole: bool,
    pub(super) attributes: Vec<Unsafe>,
    /// A `<meta>` that tells the browser what to do.
    pub(super) directs: bool,
    /// A `<meta>` that names another character set than the mail has.
    pub(super) other_charset: bool,
}

impl TagInProgress {
    pub(super) fn push_value(&mut self, byte: u8) {
        let c = char::from(byte);
        if !self.value.is_empty() || !c.is_whitespace() {
            self.value.push(c);
        }
    }
}

/// Where the tokenizer is: all that what follows depends on.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    pub(super) state: State,
    pub(super) tag: TagInProgress,
    pub(super) comment: CommentEnd,
    pub(super) comment_head: String,
    pub(super) elements: Elements,
    /// The conditional comment we are in, and the elements outside it.
    pub(super) conditional: Option<(CommentEnd, Elements)>,
    /// Name of the element whose raw text we are in, and where its unsafe part started.
    pub(super) raw: String,
    pub(super) raw_unsafe: Option<(usize, &'static str)>,
    /// Whether the body has begun: something that is not white space came.
    pub(super) begun: bool,
}

impl Position {
    /// Whether what follows is read the same way from both.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let state = |position: &Self| match position.state {
            State::AfterValue => State::BeforeName,
            state => state,
        };
        let tag = match state(self) {
            State::Data | State::Comment | State::Bogus | State::Raw(_) => true,
            State::Value(_) | State::BeforeValue => {
                self.tag.name == other.tag.name && self.tag.attribute == other.tag.attribute
            }
            _ => self.tag.name == other.tag.name && self.tag.end == other.tag.end,
        };
        let raw = !matches!(self.state, State::Raw(_)) || self.raw == other.raw;
        state(self) == state(other)
            && tag
            && raw
            && self.conditional.is_some() == other.conditional.is_some()
    }
}
