//! HTML to text, with quotations as `>` lines and signatures marked.
//!
//! A stream of tokens (`html5ever`'s tokenizer) and a short stack, no tree: a tree builder can be
//! made to copy unclosed elements until the memory is full. Nothing of the HTML is shown to
//! anybody, so there is nothing to sanitise: what comes out is plain text.
//!
//! `render` writes HTML as text as well, and shares how blocks and lists become lines; but it reads
//! what our own sanitiser wrote, to be read by people, while this reads what strangers wrote, to find
//! out which lines of it are quotation and signature.

mod tables;

use std::{cell::RefCell, ops::Range};

use html::{Element, Owed, item_mark};
use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};

use self::tables::Tables;
use super::{
    marks::{Attributes, Mark, mark, may_quote},
    pictures,
    tags::{is_raw, with_few_attributes},
};
use crate::reply::{Marks, is_visible};

/// Longest HTML that is read, in bytes, pictures left out.
const MAX_HTML: usize = 4 * 1024 * 1024;
/// Longest text that is written, in bytes.
const MAX_OUT: usize = crate::reply::MAX_TEXT;
/// Deepest stack of open elements; what is deeper counts as text of the deepest.
const MAX_STACK: usize = 256;
/// How far up an end tag looks for its start.
const MAX_UNWIND: usize = 64;
/// Most `>` in front of a line.
const MAX_QUOTES: usize = 9;
/// Most of the text, in bytes, that is looked at for the line over a quotation.
const LONGEST_ATTRIBUTION: usize = 1000;
/// Longest link that is written behind its text.
const MAX_LINK: usize = 300;

/// Whether links of a scheme lead a person somewhere.
pub(super) fn leads(scheme: &str) -> bool {
    ["http", "https", "mailto", "tel", "file", "ftp"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}

/// What became of an HTML body.
pub(super) struct Converted {
    /// The text: quotations carry `> `.
    pub(super) text: String,
    /// Lines that a client marked as signature, and where it cut.
    pub(super) marks: Marks,
    /// Numbers of the pictures that its author put into it: see [`pictures`].
    pub(super) pictures: Vec<usize>,
    /// Whether something was too long, and left out.
    pub(super) cut: bool,
}

pub(super) fn to_text(html: &str) -> Converted {
    let queue = BufferQueue::default();
    let read = &html[..html.floor_char_boundary(MAX_HTML)];
    queue.push_back(StrTendril::from_slice(&with_few_attributes(read)));
    let tokenizer = Tokenizer::new(
        Sink(RefCell::new(Writer::default())),
        TokenizerOpts::default(),
    );
    // It stops early only for a sink that asks it to run scripts: this one never does.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    let mut converted = tokenizer.sink.0.into_inner().finish();
    converted.cut |= html.len() > MAX_HTML;
    converted
}

struct Sink(RefCell<Writer>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut writer = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => writer.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return writer.start(&tag),
            Token::TagToken(tag) => writer.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

struct Open {
    name: Box<str>,
    /// Line ends around it.
    lines: usize,
    mark: Option<Mark>,
    /// Whether it made the lines within quotation.
    quotes: bool,
    /// Whether its text is not shown.
    hidden: bool,
    /// First line of a signature.
    signature_from: Option<usize>,
    /// Where its text begins, for a link and for Gmail's line.
    from: usize,
    link: Option<String>,
    /// Next number of an ordered list.
    number: Option<u32>,
    /// What white space is around it.
    white_space: WhiteSpace,
}

/// What white space means, by the style or the name of an element.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum WhiteSpace {
    /// A run of it is a space.
    #[default]
    Runs,
    /// Line ends are line ends, other runs a space.
    Lines,
    /// It is what it is.
    Stays,
}

impl WhiteSpace {
    /// What a style in lower case says of it.
    fn styled(style: &str) -> Option<Self> {
        let mut properties = style.split(';').filter_map(|one| one.split_once(':'));
        let (_, value) = properties.rfind(|(name, _)| name.trim() == "white-space")?;
        match value.split(['!', ' ']).find(|word| !word.is_empty())? {
            "pre" | "pre-wrap" | "break-spaces" => Some(Self::Stays),
            "pre-line" => Some(Self::Lines),
            "normal" | "nowrap" => Some(Self::Runs),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Lines finished in `out`.
    line: usize,
    owed: Owed,
    /// Something to put in front of the next text: a list mark.
    lead: String,
    tables: Tables,
    quotes: usize,
    /// `quotes` of the last line with text.
    last_quotes: usize,
    hidden: usize,
    white_space: WhiteSpace,
    signatures: usize,
    stack: Vec<Open>,
    found: Vec<Range<usize>>,
    /// Everything that follows is quotation.
    cut: bool,
    /// Something that follows was forwarded.
    forwarded: bool,
    /// A no-break space stands where a line begins: a blank line, if nothing follows.
    blank: bool,
    /// Something was written that is not quotation.
    own: bool,
    /// Numbers of pictures that are neither quotation nor signature.
    pictures: Vec<usize>,
    /// Text was left out.
    full: bool,
}

impl Writer {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if !stands_in_head(name) {
            self.leave_head();
        }
        match name {
            "br" => {
                if !self.tables.is_fresh(self.out.len()) {
                    self.owed.lines = (self.owed.lines + 1).min(3);
                    self.owed.space = false;
                }
                return TokenSinkResult::Continue;
            }
            "img" => self.image(tag),
            "input" => self.field(tag),
            "hr" => self.block(1),
            "table" => self.tables.leave_row(self.out.len()),
            _ => {}
        }
        // An address in its brackets, which a program took over from plain text.
        if name.contains('@') {
            self.text(&format!("<{name}>"));
            return TokenSinkResult::Continue;
        }
        if Element::of(name).is_void() {
            return TokenSinkResult::Continue;
        }
        if closes_paragraph(name) && self.stack.last().is_some_and(|top| &*top.name == "p") {
            self.end("p");
        }
        if matches!(name, "li" | "td" | "th" | "tr" | "option")
            && self.stack.last().is_some_and(|top| &*top.name == name)
        {
            self.end(name);
        }
        let lines = if is_word_paragraph(tag) || matches!(name, "textarea" | "select") {
            1
        } else {
            Element::of(name).lines_around()
        };
        self.block(lines);
        match name {
            "li" => self.item(tag),
            "tr" => self.tables.row(self.out.len(), &mut self.owed),
            "td" | "th" => {
                self.tables.cell(tag, self.out.len(), &mut self.owed);
                self.blank = false;
            }
            _ => {}
        }
        if self.stack.len() < MAX_STACK {
            self.push(name, tag, lines);
        }
        if is_raw(name) {
            // Scripts, too, for nothing runs them; and nobody sees the references in a title.
            let shown = !Element::of(name).is_hidden();
            let kind = if shown {
                RawKind::Rcdata
            } else {
                RawKind::Rawtext
            };
            TokenSinkResult::RawData(kind)
        } else {
            TokenSinkResult::Continue
        }
    }

    fn push(&mut self, name: &str, tag: &Tag, lines: usize) {
        let mut attributes = Attributes::default();
        let mut link = None;
        let mut number = (name == "ol").then_some(1);
        for attribute in &tag.attrs {
            let value: &str = &attribute.value;
            match &*attribute.name.local {
                "class" => attributes.class = value.to_lowercase(),
                "id" => attributes.id = value.to_lowercase(),
                "style" => attributes.style = value.to_lowercase(),
                "name" | "data-marker" => attributes.name = value.to_lowercase(),
                "type" => attributes.cites |= value.eq_ignore_ascii_case("cite"),
                "cite" => attributes.cites = true,
                "href" if name == "a" => link = Some(value.trim().to_owned()),
                "start" if name == "ol" => number = value.trim().parse().ok().or(number),
                _ => {}
            }
        }
        let mut mark = mark(name, &attributes);
        if mark.is_none() && may_quote(name, &attributes.style) && self.is_attributed() {
            mark = Some(Mark::Quotation);
        }
        let hidden = Element::of(name).is_hidden()
            || hides(&attributes.style)
            || name == "option" && self.is_not_chosen(tag);
        let quotes = matches!(mark, Some(Mark::Quotation | Mark::GmailLine));
        if mark.is_some() {
            self.tables.leave_row(self.out.len());
            self.block(1);
        }
        if mark == Some(Mark::CutsHere) && !self.cut && self.own {
            self.cut = true;
            self.quotes += 1;
        }
        self.quotes += usize::from(quotes);
        self.hidden += usize::from(hidden);
        let outer = self.white_space;
        if matches!(name, "pre" | "textarea") {
            self.white_space = WhiteSpace::Stays;
        }
        if let Some(styled) = WhiteSpace::styled(&attributes.style) {
            self.white_space = styled;
        }
        if name == "table" {
            self.tables.begin(self.out.len(), self.owed);
        }
        let signature = mark == Some(Mark::Signature) && self.signatures == 0;
        self.signatures += usize::from(signature);
        self.stack.push(Open {
            name: name.into(),
            lines,
            mark,
            quotes,
            hidden,
            signature_from: signature.then_some(self.next_line()),
            from: self.out.len(),
            link,
            number,
            white_space: outer,
        });
    }

    /// Whether what was written last is the line over a quotation.
    fn is_attributed(&self) -> bool {
        let from = self.out.len().saturating_sub(LONGEST_ATTRIBUTION);
        let near = &self.out[self.out.ceil_char_boundary(from)..];
        let closed = near.trim_end().ends_with([':', '：', '-']);
        self.quotes == 0 && closed && crate::reply::ends_with_attribution(near)
    }

    fn end(&mut self, name: &str) {
        if name == "p" && self.stack.last().is_none_or(|top| &*top.name != "p") {
            self.block(2);
        }
        let open = self.stack.iter().rev().take(MAX_UNWIND);
        let Some(up) = open.into_iter().position(|element| &*element.name == name) else {
            return;
        };
        // A stray end tag within a cell does not close the table around it.
        let inside = &self.stack[self.stack.len() - up..];
        if !matches!(name, "table" | "td" | "th" | "tr" | "body" | "html")
            && inside
                .iter()
                .any(|element| matches!(&*element.name, "td" | "th" | "table"))
        {
            return;
        }
        for _ in 0..=up {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(open) = self.stack.pop() else {
            return;
        };
        if let Some(link) = &open.link {
            self.link(link, open.from);
        }
        self.hidden -= usize::from(open.hidden);
        self.white_space = open.white_space;
        self.quotes -= usize::from(open.quotes);
        self.block(open.lines);
        match &*open.name {
            "td" | "th" => self.tables.end_cell(),
            "table" => self.tables.end(self.out.len()),
            _ => {}
        }
        if open.mark.is_some() {
            self.tables.leave_row(self.out.len());
            self.block(1);
        }
        if let Some(first) = open.signature_from {
            self.signatures -= 1;
            self.found.push(first..self.line + 1);
        }
        if open.mark == Some(Mark::GmailLine) {
            // A forwarded mail follows without a blockquote: the rest of the box is quotation.
            let line = self.out[open.from..].trim_start_matches(['>', ' ', '\n']);
            let forwarded = line.starts_with("--");
            self.forwarded |= forwarded;
            if forwarded
                && let Some(outer) = self
                    .stack
                    .iter_mut()
                    .rev()
                    .find(|element| element.mark == Some(Mark::GmailBox) && !element.quotes)
            {
                outer.quotes = true;
                self.quotes += 1;
            }
        }
    }

    /// Ends a head whose end tag is missing, as HTML allows.
    fn leave_head(&mut self) {
        let mut open = self.stack.iter().rev().map(|element| &*element.name);
        let inner = open.next();
        if inner == Some("head") || inner == Some("noscript") && open.next() == Some("head") {
            self.end("head");
        }
    }

    /// At least so many line ends before the next text.
    fn block(&mut self, lines: usize) {
        if lines > 0 && !self.tables.is_fresh(self.out.len()) {
            if self.blank && !self.out.is_empty() {
                self.owed.lines = (self.owed.lines + 1).min(2);
            }
            self.blank = false;
            self.owed.block(lines);
        }
    }

    fn item(&mut self, tag: &Tag) {
        let value = tag.attrs.iter().find(|a| &*a.name.local == "value");
        let value = value.and_then(|value| value.value.trim().parse().ok());
        let depth = self
            .stack
            .iter()
            .filter(|element| matches!(&*element.name, "ul" | "ol"))
            .count();
        let list = self
            .stack
            .iter_mut()
            .rev()
            .find(|element| matches!(&*element.name, "ul" | "ol"));
        let mut number = list.and_then(|list| list.number.as_mut());
        if let (Some(number), Some(value)) = (number.as_deref_mut(), value) {
            *number = value;
        }
        self.lead = item_mark(depth, number.as_deref());
        if let Some(number) = number {
            *number = number.saturating_add(1);
        }
    }

    /// Whether an option of a list to choose from is not the one that is shown.
    fn is_not_chosen(&self, tag: &Tag) -> bool {
        let near = self.stack.iter().rev().take(MAX_UNWIND);
        let within = near.into_iter().any(|element| &*element.name == "select");
        within && !tag.attrs.iter().any(|a| &*a.name.local == "selected")
    }

    /// What somebody wrote into a field of a form.
    fn field(&mut self, tag: &Tag) {
        let value = |name: &str| tag.attrs.iter().find(|a| &*a.name.local == name);
        let kind = value("type").map_or("", |kind| &*kind.value);
        let written = [
            "", "text", "email", "tel", "number", "url", "date", "search",
        ];
        if let Some(value) = value("value")
            && written
                .iter()
                .any(|written| kind.eq_ignore_ascii_case(written))
        {
            self.text(&value.value);
        }
    }

    /// Emoji that clients send as pictures have themselves as alternative text.
    fn image(&mut self, tag: &Tag) {
        let source = tag.attrs.iter().find(|a| &*a.name.local == "src");
        if self.quotes == 0 && self.hidden == 0 && self.signatures == 0 {
            self.pictures
                .extend(source.and_then(|source| pictures::number(&source.value)));
        }
        let alt = tag.attrs.iter().find(|a| &*a.name.local == "alt");
        if let Some(alt) = alt {
            let short = alt.value.chars().count() <= 4;
            if short && !alt.value.chars().any(|c| c.is_ascii() || c.is_control()) {
                self.text(&alt.value);
            }
        }
    }

    fn link(&mut self, link: &str, from: usize) {
        let Some((scheme, rest)) = link.split_once(':') else {
            return;
        };
        let bare = rest.trim_matches('/');
        let shown = self.out.get(from..).unwrap_or_default();
        // Of an address or a number its text says that it is one.
        let says = shown.contains(bare)
            || scheme.eq_ignore_ascii_case("mailto") && shown.contains('@')
            || scheme.eq_ignore_ascii_case("tel") && shown.contains(|c: char| c.is_ascii_digit());
        let fits =
            link.len() <= MAX_LINK && !link.contains(|c: char| c.is_whitespace() || c.is_control());
        if leads(scheme)
            && fits
            && !bare.is_empty()
            && self.quotes == 0
            && !shown.trim().is_empty()
            && !says
        {
            self.text(&format!(" <{link}>"));
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden > 0 && text.chars().any(is_visible) {
            self.leave_head();
        }
        if self.hidden > 0 {
            return;
        }
        if self.out.len() >= MAX_OUT {
            self.full |= text.chars().any(|c| !c.is_whitespace());
            return;
        }
        let separates = |c: char| c.is_whitespace() || c.is_control();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let word = rest.find(separates).unwrap_or(rest.len());
            let (taken, behind) = rest.split_at(word.max(c.len_utf8()));
            rest = behind;
            if word > 0 {
                self.put(taken);
                continue;
            }
            self.blank |= c == '\u{a0}' && self.owed.lines > 0;
            let stays = self.white_space == WhiteSpace::Stays;
            let c = if c == '\u{a0}' && !stays { ' ' } else { c };
            if self.white_space != WhiteSpace::Runs && c == '\n' {
                self.owed.lines = (self.owed.lines + 1).min(3);
            } else if c.is_whitespace() && (!stays || c != ' ' && c != '\t') {
                self.owed.space = self.owed.lines == 0 && !self.out.is_empty();
            } else if !c.is_control() || c == '\t' {
                self.put(taken);
            }
        }
    }

    /// A word, or white space that stays.
    fn put(&mut self, word: &str) {
        self.own |= self.quotes == 0 && !word.trim_start().is_empty();
        self.blank = false;
        if self.out.is_empty() {
            self.open_line();
        } else if self.owed.lines > 0 {
            if self.owed.lines > 1 {
                self.tables.break_row(self.out.len());
            }
            for at in 0..self.owed.lines {
                if at > 0 {
                    self.quote_marks(self.quotes.min(self.last_quotes));
                    let end = self.out.trim_end_matches(' ').len();
                    self.out.truncate(end);
                }
                self.out.push('\n');
                self.line += 1;
            }
            self.open_line();
        } else {
            if self.owed.space && !self.tables.has_tabs() {
                self.out.push(' ');
            }
            self.lead();
        }
        self.owed = Owed::default();
        self.out.push_str(word);
    }

    fn open_line(&mut self) {
        self.quote_marks(self.quotes);
        self.last_quotes = self.quotes;
        self.lead();
    }

    fn lead(&mut self) {
        let tabs = self.tables.take_tabs();
        self.out.extend(std::iter::repeat_n('\t', tabs));
        self.out.push_str(&self.lead);
        self.lead.clear();
    }

    fn quote_marks(&mut self, depth: usize) {
        if depth > 0 {
            self.out
                .extend(std::iter::repeat_n('>', depth.min(MAX_QUOTES)));
            self.out.push(' ');
        }
    }

    /// Line on which the next text comes to stand.
    fn next_line(&self) -> usize {
        if self.out.is_empty() {
            0
        } else {
            self.line + self.owed.lines
        }
    }

    fn finish(mut self) -> Converted {
        while !self.stack.is_empty() {
            self.pop();
        }
        Converted {
            text: self.out,
            marks: Marks {
                signatures: self.found,
                cut: self.cut || self.forwarded,
            },
            pictures: self.pictures,
            cut: self.full,
        }
    }
}

/// Word and Outlook write every line as a paragraph without a margin.
fn is_word_paragraph(tag: &Tag) -> bool {
    let class = tag.attrs.iter().find(|a| &*a.name.local == "class");
    &*tag.name == "p" && class.is_some_and(|class| class.value.starts_with("Mso"))
}

/// Whether an element does not end an open head: metadata, and what Office writes there in XML.
fn stands_in_head(name: &str) -> bool {
    Element::of(name).is_metadata()
        || matches!(name, "head" | "template" | "xml")
        || name.contains(':')
}

/// Elements that end an open paragraph.
fn closes_paragraph(name: &str) -> bool {
    Element::of(name).lines_around() > 0
}

/// Whether a style hides its element: preheaders, and what a sender hides from the reader.
fn hides(style: &str) -> bool {
    let style: String = style.split_whitespace().collect();
    style.contains("display:none")
        || style.contains("visibility:hidden")
        || style.contains("mso-hide:all")
}
