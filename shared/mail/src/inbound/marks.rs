//! How mail programs mark quotations and signatures in HTML, as data.

/// What an element says about its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The element is quotation.
    Quotation,
    /// From here on everything is quotation.
    CutsHere,
    /// The element is the sender's signature.
    Signature,
    /// Gmail's line over a quotation or a forwarded mail.
    GmailLine,
    /// Gmail's box around that line and the quotation; answers may stand between.
    GmailBox,
}

/// An attribute that marks: its name, the text, and whether the whole word must match.
struct Rule {
    attribute: Attribute,
    text: &'static str,
    mark: Mark,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attribute {
    /// One class of `class`, compared whole.
    Class,
    /// A class that holds the text: clients put prefixes in front (`ydp1a2byahoo_quoted`).
    ClassHolds,
    /// `id`, compared whole but for the `x_` that Outlook puts in front of a quoted one.
    Id,
    /// `id` that begins with the text.
    IdBegins,
    /// `style` that holds the text, spaces left out.
    StyleHolds,
    /// `name` or `data-marker`, compared whole.
    Name,
}

const fn rule(attribute: Attribute, text: &'static str, mark: Mark) -> Rule {
    Rule {
        attribute,
        text,
        mark,
    }
}

/// The marks of the clients. Texts are in lower case.
const RULES: &[Rule] = &[
    // Gmail, and clients that imitate it.
    rule(Attribute::Class, "gmail_attr", Mark::GmailLine),
    rule(Attribute::Class, "gmail_quote", Mark::GmailBox),
    rule(Attribute::Class, "gmail_quote_container", Mark::GmailBox),
    rule(Attribute::Class, "gmail_signature", Mark::Signature),
    rule(Attribute::Class, "gmail_signature_prefix", Mark::Signature),
    // Outlook on the web, on telephones and the new one on Windows.
    rule(Attribute::Id, "divrplyfwdmsg", Mark::CutsHere),
    rule(Attribute::Id, "appendonsend", Mark::CutsHere),
    rule(
        Attribute::Id,
        "mail-editor-reference-message-container",
        Mark::CutsHere,
    ),
    rule(
        Attribute::Id,
        "ms-outlook-mobile-reference-message",
        Mark::CutsHere,
    ),
    rule(
        Attribute::Class,
        "ms-outlook-mobile-reference-message",
        Mark::CutsHere,
    ),
    rule(
        Attribute::IdBegins,
        "ms-outlook-mobile-signature",
        Mark::Signature,
    ),
    rule(Attribute::Id, "signature", Mark::Signature),
    // Outlook on Windows and Mac: the line over the block of headers.
    rule(
        Attribute::StyleHolds,
        "border-top:solid#e1e1e1",
        Mark::CutsHere,
    ),
    rule(
        Attribute::StyleHolds,
        "border-top:solid#b5c4df",
        Mark::CutsHere,
    ),
    // Apple.
    rule(Attribute::IdBegins, "applemailsignature", Mark::Signature),
    // Thunderbird.
    rule(Attribute::Class, "moz-cite-prefix", Mark::Quotation),
    rule(Attribute::Class, "moz-forward-container", Mark::CutsHere),
    rule(Attribute::Class, "moz-signature", Mark::Signature),
    // Yahoo.
    rule(Attribute::ClassHolds, "yahoo_quoted", Mark::Quotation),
    rule(Attribute::ClassHolds, "yahoo-quoted-begin", Mark::Quotation),
    rule(Attribute::Id, "ymail_android_signature", Mark::Signature),
    rule(Attribute::ClassHolds, "yahoo-signature", Mark::Signature),
    // Zoho.
    rule(Attribute::Class, "zmail_extra", Mark::Quotation),
    rule(Attribute::Class, "zmail_extra_hr", Mark::Quotation),
    rule(Attribute::Id, "zmail-signature", Mark::Signature),
    // Samsung.
    rule(Attribute::Id, "composer_signature", Mark::Signature),
    // Proton.
    rule(Attribute::Class, "protonmail_quote", Mark::Quotation),
    rule(
        Attribute::ClassHolds,
        "protonmail_signature_block",
        Mark::Signature,
    ),
    // Roundcube.
    rule(Attribute::Id, "reply-intro", Mark::Quotation),
    rule(Attribute::Id, "forwardbody1", Mark::CutsHere),
    // Zimbra: above the quotation and below it.
    rule(Attribute::Name, "__sig_pre__", Mark::Signature),
    rule(Attribute::Name, "__sig_post__", Mark::Signature),
    // Spark.
    rule(Attribute::Name, "messagesignaturesection", Mark::Signature),
];

/// The attributes of an element that can mark it, in lower case.
#[derive(Default)]
pub(super) struct Attributes {
    pub(super) class: String,
    pub(super) id: String,
    pub(super) style: String,
    /// `name` or `data-marker`.
    pub(super) name: String,
    /// `type` or `cite`, for `blockquote`.
    pub(super) cites: bool,
}

/// What an element of this name and these attributes says about its content.
pub(super) fn mark(name: &str, attributes: &Attributes) -> Option<Mark> {
    let style: String = attributes.style.split_whitespace().collect();
    if name == "blockquote" {
        // A blockquote without any mark is how Gmail indents.
        let quotes = attributes.cites
            || ["quote", "cite", "iosymail"]
                .iter()
                .any(|word| attributes.class.contains(word))
            || style.contains("border-left:") && !style.contains("border-left:none");
        return quotes.then_some(Mark::Quotation);
    }
    let id = attributes.id.strip_prefix("x_").unwrap_or(&attributes.id);
    RULES
        .iter()
        .find(|rule| match rule.attribute {
            Attribute::Class => attributes
                .class
                .split_whitespace()
                .any(|class| class == rule.text),
            Attribute::ClassHolds => attributes.class.contains(rule.text),
            Attribute::Id => id == rule.text,
            Attribute::IdBegins => id.starts_with(rule.text),
            Attribute::StyleHolds => holds_border(&style, rule.text),
            Attribute::Name => attributes.name == rule.text,
        })
        .map(|rule| rule.mark)
}

/// Whether an element is the quotation where an attribution stands directly over it: programs that mark
/// none write a bare `blockquote`, and GroupWise a cell with a line on its left.
pub(super) fn may_quote(name: &str, style: &str) -> bool {
    name == "blockquote" || matches!(name, "table" | "td") && style.contains("border-left")
}

/// Outlook writes `border-top:solid #E1E1E1 1.0pt`; Word's own paragraphs may be bordered too, but
/// not in this colour.
fn holds_border(style: &str, text: &str) -> bool {
    style.contains("border:none;") && style.contains(text)
}
