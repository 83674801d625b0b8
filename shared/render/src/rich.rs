//! Rich text from tickets and messages: sanitised once, then written as the place asks.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use ammonia::{Builder, UrlRelative};
use html::Element;

use flatten::Quotations;

mod flatten;
mod inline;
mod markup;
mod style;

use super::place::Markup;
use super::{entity, escape};

/// Elements that go with what is in them. Not all that have raw text (`html::Element`) do: of `xmp`, for
/// one, the text is what somebody wrote, and stays without its element.
const GONE_WHOLE: [&str; 4] = ["script", "style", "title", "textarea"];

/// Elements that stay; what is inside others stays, they go.
const TAGS: &str = "a abbr b blockquote br caption center code col colgroup dd del div dl dt em h1 h2 \
    font h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table \
    tbody td tfoot th thead tr tt u ul var";

/// Blocks that a mail does not show as what they are. They are read, so that what they part stays apart;
/// [`markup::contain`] makes a `div` of each.
const BLOCKS: &str = "address article aside details dialog dir fieldset figcaption figure footer form \
    header hgroup legend listing main menu nav optgroup option search section summary";

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = plain_builder();
    style::allow(&mut builder);
    builder
        .url_schemes(["http", "https", "mailto", "tel"].into_iter().collect())
        .url_relative(UrlRelative::Custom(Box::new(without_scheme)));
    builder
});

/// An address as people write it, without a scheme; other relative addresses lead nowhere in a mail.
fn without_scheme(url: &str) -> Option<Cow<'_, str>> {
    let head = url.trim_start().get(..4)?;
    let web = head.eq_ignore_ascii_case("www.");
    web.then(|| Cow::Owned(format!("https://{}", url.trim())))
}

/// For reading a document, not for showing it: addresses stay whatever they are.
static READER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = plain_builder();
    builder
        .url_schemes(["http", "https", "mailto", "tel"].into_iter().collect())
        .url_relative(UrlRelative::PassThrough);
    builder
});

/// Makes both, which the first text would have to wait for.
pub(super) fn warm() {
    LazyLock::force(&SANITISER);
    LazyLock::force(&READER);
}

fn plain_builder() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(
            [TAGS, BLOCKS]
                .iter()
                .flat_map(|names| names.split_ascii_whitespace())
                .collect(),
        )
        .clean_content_tags(GONE_WHOLE.into_iter().collect())
        .tag_attributes(
            [
                ("a", vec!["href"]),
                ("img", vec!["src", "alt", "width", "height"]),
                ("ol", vec!["start", "type"]),
                ("li", vec!["value"]),
                ("td", vec!["colspan", "rowspan", "align"]),
                ("th", vec!["colspan", "rowspan", "align"]),
            ]
            .into_iter()
            .map(|(tag, names)| (tag, names.into_iter().collect()))
            .collect(),
        )
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true);
    builder
}

/// More of anything that parsers take their time over than this, or more elements open at once, is
/// nothing that a person wrote: that time grows with its square, so beyond it a text is taken as plain
/// text. What a sanitised text may hold any number of is not counted.
const LIMIT: usize = 20_000;
const NO_BREAK: char = '\u{a0}';
const DEPTH_LIMIT: usize = 500;

/// The references that sanitised texts are written with.
const PLAIN_REFERENCES: [&str; 6] = ["lt;", "gt;", "amp;", "quot;", "#39;", "nbsp;"];

/// Whether a parser is done with it in a moment.
fn is_reasonable(html: &str) -> bool {
    let odd = html.match_indices('&').filter(|(at, _)| {
        let name = &html[at + 1..];
        !PLAIN_REFERENCES.iter().any(|plain| name.starts_with(plain))
    });
    // The writer looks from each no-break space to the end of its text.
    let spaces = |text: &str| text.matches(NO_BREAK).count() + text.matches("&nbsp;").count();
    if odd.count() > LIMIT || html.split('<').any(|text| spaces(text) > LIMIT) {
        return false;
    }
    let (mut starts, mut ends) = (0, 0);
    let mut open: usize = 0;
    let mut deepest = 0;
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let (end, rest) = match rest.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let length = rest
            .bytes()
            .take_while(u8::is_ascii_alphanumeric)
            .take(16)
            .count();
        let element = Element::of(&rest[..length].to_ascii_lowercase());
        if end {
            ends += 1;
        } else if !element.is_void() {
            starts += 1;
        }
        match (end, length == 0 || element.ends_itself()) {
            (_, true) => {}
            (true, false) => open = open.saturating_sub(1),
            (false, false) => {
                open += 1;
                deepest = deepest.max(open);
            }
        }
    }
    starts.max(ends) <= LIMIT && deepest <= DEPTH_LIMIT
}

/// A whole HTML document as plain text.
pub(super) fn document_text(html: &str) -> String {
    if !is_reasonable(html) {
        return escape::clean(html).into_owned();
    }
    let clean = READER.clean(&entity::repair(html)).to_string();
    // A reference may stand for a control character too.
    flatten::flatten(&escape::clean(&clean), Quotations::Plain)
}

/// Sanitised rich text. Making one sanitises; cloning is cheap.
#[derive(Clone)]
pub struct RichText(Arc<Forms>);

struct Forms {
    blocks: String,
    inline: OnceLock<String>,
    without_links: OnceLock<String>,
    text: OnceLock<String>,
}

impl RichText {
    /// Sanitises HTML with an allow-list: no script, style, form, event handler or odd URL is
    /// left, every element is closed, and none can end an element around the value.
    pub fn sanitise(html: &str) -> Self {
        if !is_reasonable(html) {
            return Self::as_plain(html);
        }
        let cleaned = escape::clean(html);
        let clean = SANITISER.clean(&entity::repair(&cleaned)).to_string();
        let contained = markup::contain(&escape::clean(&clean));
        // What is stored is sanitised once more when a mail is made of it, and is then no other text.
        if !is_reasonable(&contained) {
            return Self::as_plain(html);
        }
        Self::new(contained)
    }

    fn as_plain(text: &str) -> Self {
        Self::new(escape::lines(&text.replace(NO_BREAK, " ")))
    }

    fn new(blocks: String) -> Self {
        Self(Arc::new(Forms {
            blocks,
            inline: OnceLock::new(),
            without_links: OnceLock::new(),
            text: OnceLock::new(),
        }))
    }

    /// The sanitised HTML, with its blocks and links.
    pub fn html(&self) -> &str {
        &self.0.blocks
    }

    /// The same as plain text: lists with hyphens, links with their address, quotations with `>`.
    pub fn text(&self) -> &str {
        let text = || flatten::flatten(&self.0.blocks, Quotations::Marked);
        self.0.text.get_or_init(text)
    }

    /// As much of the markup as the elements around the value bear; nothing for none.
    pub(super) fn within(&self, markup: Markup) -> Option<&str> {
        match markup {
            Markup::Blocks => Some(self.html()),
            Markup::Inline => Some(
                self.0
                    .inline
                    .get_or_init(|| inline::inline(&self.0.blocks, true)),
            ),
            Markup::InlineWithoutLinks => Some(
                self.0
                    .without_links
                    .get_or_init(|| inline::inline(&self.0.blocks, false)),
            ),
            Markup::None => None,
        }
    }
}

impl PartialEq for RichText {
    fn eq(&self, other: &Self) -> bool {
        self.html() == other.html()
    }
}

impl Eq for RichText {}

impl fmt::Debug for RichText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RichText").field(&self.html()).finish()
    }
}

#[cfg(test)]
mod tests;
