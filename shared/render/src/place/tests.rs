use super::*;
use crate::{layout::lay_out, script::Script};

fn place_of(html: &str) -> Vec<Place> {
    lay_out(html, &Script::literal(html)).holes
}

#[test]
fn a_key_is_written_as_its_place_asks() {
    use Markup::{Blocks, Inline, InlineWithoutLinks};
    for (html, place) in [
        ("${X}", Place::Body(Blocks)),
        ("<div>a ${X}</div>", Place::Body(Blocks)),
        ("<p>${X}</p>", Place::Body(Inline)),
        ("<p>a<div>${X}", Place::Body(Blocks)),
        ("<p>a</p>${X}", Place::Body(Blocks)),
        ("<h1>${X}</h1>", Place::Body(Inline)),
        ("<a href=x>${X}</a>", Place::Body(InlineWithoutLinks)),
        ("<table>${X}</table>", Place::Body(Markup::None)),
        (
            "<p><table><tr><td>${X}</td></tr></table>",
            Place::Body(Blocks),
        ),
        ("<svg><text>${X}</text></svg>", Place::Body(Markup::None)),
        ("<title>${X}</title>", Place::Plain),
        ("<b title=\"${X}\">", Place::Attribute),
        ("<b title='${X}'>", Place::Attribute),
        ("<b title=a${X}>", Place::Unquoted),
        ("<b title=${X} class=a>", Place::Quoting),
        ("<a href=\"${X}\">", Place::Url),
        ("<a href=\" ${X}\">", Place::Url),
        ("<a href=${X}>", Place::QuotingUrl),
        ("<a href=${X}/a>", Place::Nowhere),
        ("<a href=\"https://x/?q=${X}\">", Place::UrlPart),
        ("<a href=\"mailto:${X}\">", Place::Mailbox),
        ("<td style=\"color:${X}\">", Place::Nowhere),
        ("<td onclick=\"${X}\">", Place::Nowhere),
        ("<td ${X}>", Place::Nowhere),
        ("<${X}>", Place::Nowhere),
        ("</${X}>", Place::Nowhere),
        ("<!-- ${X} -->", Place::Nowhere),
        ("<!${X}>", Place::Nowhere),
        ("<style>${X}</style>", Place::Nowhere),
        ("<script>${X}</script>", Place::Nowhere),
        ("<svg><style>${X}</style></svg>", Place::Nowhere),
        ("<title></tit${X}", Place::Nowhere),
        (
            "<!--[if mso]>${X}<![endif]-->",
            Place::Comment(Inside::Text),
        ),
        (
            "<!--[if mso]><a href=\"${X}\"><![endif]-->",
            Place::Comment(Inside::Url),
        ),
        ("<!--[if mso]>-${X}<![endif]-->", Place::Nowhere),
        ("<!--[if mso]>a<![endif]-->${X}", Place::Body(Blocks)),
        (
            "<!--[if !mso]><!-->${X}<!--<![endif]-->",
            Place::Body(Blocks),
        ),
        ("<!-->${X}", Place::Body(Blocks)),
        ("<!--->${X}", Place::Body(Blocks)),
        ("<!--!>${X}", Place::Nowhere),
        ("<!--a--!>${X}", Place::Body(Blocks)),
        ("a < b ${X}", Place::Body(Blocks)),
        ("<style>a</style >${X}", Place::Body(Blocks)),
        ("${X}<html><body>a", Place::Nowhere),
        (
            "<html><head></head><body>${X}</body></html>",
            Place::Body(Blocks),
        ),
        ("a ${X}<html><body>a", Place::Body(Blocks)),
    ] {
        assert_eq!(place_of(html), [place], "{html}");
    }
}

#[test]
fn several_keys_in_one_value_do_not_open_it() {
    assert_eq!(
        place_of("<a href=\"${X}${Y}\">"),
        [Place::Url, Place::UrlPart]
    );
    assert_eq!(
        place_of("<b title=${X}${Y} class=a>"),
        [Place::Nowhere, Place::Quoting]
    );
}
