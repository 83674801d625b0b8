//! What a template's own HTML may not bring into a mail: scripts, event handlers, forms.
//!
//! It is reported when the template is checked and taken out, with nothing else touched, when it
//! is compiled.

use super::Syntax;
use super::entity;
use super::layout::lay_out;
use super::script::{self, Script};

/// Taking something out can join what stood around it into something new; hostile templates nest
/// that on purpose, and no other template needs more than two rounds.
const ROUNDS: usize = 16;

/// Whether an `http-equiv` makes a browser do something. Those that only say what a document is
/// stay; mail tools write them into nearly every template.
pub(super) fn is_directive(value: &str) -> bool {
    let value = entity::decode(value).trim().to_ascii_lowercase();
    !matches!(
        value.as_str(),
        "content-type"
            | "content-language"
            | "content-style-type"
            | "content-script-type"
            | "x-ua-compatible"
            | "imagetoolbar"
            | "cleartype"
            | "msthemecompatible"
    )
}

/// Whether the name of a character set is that of the mail.
pub(super) fn is_utf8(value: &str) -> bool {
    let name = entity::decode(value);
    let name = name.trim().trim_matches(['"', '\'']);
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8")
}

/// Whether the `content` of a `<meta>` names another character set (`text/html; charset=…`).
pub(super) fn names_other_charset(content: &str) -> bool {
    let content = entity::decode(content).to_ascii_lowercase();
    content.split_once("charset").is_some_and(|(_, rest)| {
        let name = rest.trim_start().strip_prefix('=').unwrap_or(rest);
        !is_utf8(name.split([';', ',']).next().unwrap_or_default())
    })
}

/// Whether an XML declaration names another character set; it may begin with `<?xml`.
pub(super) fn declares_other_charset(declaration: &str) -> bool {
    let Some(rest) = declaration.strip_prefix("<?xml") else {
        return false;
    };
    rest.split_once("encoding").is_some_and(|(_, rest)| {
        let name = rest
            .trim_start()
            .strip_prefix('=')
            .unwrap_or(rest)
            .trim_start();
        let quote = name.chars().next().filter(|c| matches!(c, '"' | '\''));
        let name = match quote {
            Some(quote) => name[1..].split(quote).next(),
            None => name.split([' ', '?']).next(),
        };
        !is_utf8(name.unwrap_or_default())
    })
}

/// What is wrong with an element, if it is taken out.
pub(super) fn element(name: &str, directs: bool) -> Option<&'static str> {
    match name {
        "script" => Some("a script"),
        "form" | "input" | "button" | "select" | "option" | "optgroup" | "textarea" | "keygen" => {
            Some("a form")
        }
        "iframe" | "object" | "embed" | "applet" | "frame" | "frameset" | "noembed"
        | "noframes" | "plaintext" | "xmp" => Some("an embedded document"),
        "base" => Some("a base address"),
        "meta" if directs => Some("a directive to the browser"),
        _ => None,
    }
}

/// What is wrong with an attribute, if it is taken out.
pub(super) fn attribute(tag: &str, name: &str, value: &str) -> Option<&'static str> {
    if name.starts_with("on") && name.len() > 2 {
        return Some("an event handler");
    }
    match name {
        "srcdoc" => return Some("an embedded document"),
        "formaction" | "action" if tag != "form" => return Some("a form"),
        _ => {}
    }
    let animated = matches!(
        tag,
        "animate" | "animatemotion" | "animatetransform" | "set"
    ) && matches!(name, "values" | "to" | "from" | "by")
        && entity::decode(value)
            .split(';')
            .any(|value| runs_code(value, name));
    (animated || is_url(name) && runs_code(value, name)).then_some("a script")
}

/// Attributes whose value is a URL.
pub(super) fn is_url(name: &str) -> bool {
    matches!(
        name,
        "href"
            | "src"
            | "action"
            | "formaction"
            | "background"
            | "cite"
            | "poster"
            | "data"
            | "longdesc"
            | "xlink:href"
            | "codebase"
            | "classid"
            | "profile"
            | "manifest"
            | "dynsrc"
            | "lowsrc"
            | "ping"
            | "icon"
            | "usemap"
            | "archive"
    )
}

/// Attributes that hold code or a language of their own, where no value is written.
pub(super) fn takes_no_value(name: &str) -> bool {
    name.is_empty()
        || name.starts_with("on")
        || matches!(
            name,
            "style" | "srcdoc" | "srcset" | "imagesrcset" | "http-equiv"
        )
}

/// Whether a URL runs code. Browsers ignore white space and controls in a scheme, and
/// entities are decoded first.
fn runs_code(value: &str, name: &str) -> bool {
    let decoded = entity::decode(value);
    let scheme: String = decoded
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .take(32)
        .flat_map(char::to_lowercase)
        .collect();
    let picture =
        matches!(name, "src" | "background" | "poster") && scheme.starts_with("data:image/");
    ["javascript:", "vbscript:", "livescript:", "mocha:", "data:"]
        .iter()
        .any(|bad| scheme.starts_with(bad))
        && !picture
}

/// The HTML without what may not be in it; statements of Tera stay.
///
/// None when something new came up every time, or when nothing that can be read was left.
pub(super) fn strip(html: &str, syntax: Syntax) -> Option<String> {
    let mut html = html.to_owned();
    for _ in 0..ROUNDS {
        let script = match syntax {
            Syntax::Keys => Script::literal(&html),
            Syntax::Tera => script::parse(&html).ok()?,
        };
        let found = lay_out(&html, &script);
        if found.unsafe_parts.is_empty() {
            return Some(html);
        }
        let mut kept = String::with_capacity(html.len());
        let mut at = 0;
        // Both are in the order of the text.
        let mut tags = script.tags.iter().peekable();
        for part in found.unsafe_parts {
            if part.range.start < at {
                continue;
            }
            kept.push_str(&html[at..part.range.start]);
            while tags.next_if(|tag| tag.start < part.range.start).is_some() {}
            while let Some(tag) = tags.next_if(|tag| tag.end <= part.range.end) {
                kept.push_str(&html[tag.clone()]);
            }
            at = part.range.end;
            // `$` and `{` that stood apart are not a key.
            if kept.ends_with('$') && html[at..].starts_with(['$', '{']) {
                kept.push(' ');
            }
        }
        kept.push_str(&html[at..]);
        html = kept;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_there_goes_and_the_rest_stays() {
        for (before, after) in [
            ("<p onclick=\"x()\" class=a>t</p>", "<p  class=a>t</p>"),
            ("a<script>if (a < b) {}</script >b", "ab"),
            ("a<SCRIPT src=x>", "a"),
            ("<form action=/x><b>t</b><input name=a></form>", "<b>t</b>"),
            ("<a href=\"java&#115;cript:x\">t</a>", "<a >t</a>"),
            ("<a href=' jav\tascript:x'>t</a>", "<a >t</a>"),
            (
                "<img src=\"data:image/png;base64,AA\">",
                "<img src=\"data:image/png;base64,AA\">",
            ),
            ("<<script></script>script>alert(1)</script>", ""),
            (
                "<!--[if mso]><v:rect onclick=x href=\"${NOTA}\"><![endif]-->",
                "<!--[if mso]><v:rect  href=\"${NOTA}\"><![endif]-->",
            ),
            ("<!-- <script>x</script> -->", "<!-- <script>x</script> -->"),
            (
                "<style>a > b {}</style><title><script></title>",
                "<style>a > b {}</style><title><script></title>",
            ),
            ("<meta http-equiv=refresh content=0>t", "t"),
            ("<meta http-equiv='ref&#114;esh' content=0>t", "t"),
            ("<meta http-equiv=set-cookie content=a>t", "t"),
            (
                "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"><meta charset=utf-8>t",
                "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"><meta charset=utf-8>t",
            ),
            (
                "<meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\">t",
                "<meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\">t",
            ),
            (
                "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-1\">t",
                "t",
            ),
            ("<meta charset=\"windows-1252\">t", "t"),
            (
                "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>t<?xml version=\"1.0\" encoding='utf-8'?>",
                "t<?xml version=\"1.0\" encoding='utf-8'?>",
            ),
            (
                "<meta name=viewport content=\"width=device-width\">t",
                "<meta name=viewport content=\"width=device-width\">t",
            ),
            ("a < b", "a < b"),
            // Whether SVG and MathML have ended there, readers do not agree.
            (
                "<svg><p><style><a id=\"</style><script>alert(1)</script>\">x",
                "<svg><p><a id=\"</style><script>alert(1)</script>\">x",
            ),
            (
                "<math><br><title><a id=\"</title><img src=1 onerror=alert(1)>\">",
                "<math><br><a id=\"</title><img src=1 onerror=alert(1)>\">",
            ),
            (
                "<svg><desc><style>/*<*/</style><i onclick=x>",
                "<svg><desc>/*<*/</style><i >",
            ),
            (
                "<svg><style>.a{fill:red}</style><title>Logo</title></svg>",
                "<svg><style>.a{fill:red}</style><title>Logo</title></svg>",
            ),
            (
                "<svg><![CDATA[x><a id=\"]]></svg><img src=1 onerror=alert(1)>\">",
                "<svg>x><a id=\"]]></svg><img src=1 onerror=alert(1)>\">",
            ),
            (
                "<noscript><a id=\"</noscript><img src=1 onerror=alert(1)>\"></noscript>",
                "<a id=\"</noscript><img src=1 onerror=alert(1)>\">",
            ),
            (
                "<svg><a><animate attributeName=href values=\"#;java&#115;cript:x\"/><set to=javascript:x>",
                "<svg><a><animate attributeName=href /><set >",
            ),
            (
                "$<script></script>${NOTA} $<script></script>{NOTA}",
                "$ ${NOTA} $ {NOTA}",
            ),
        ] {
            assert_eq!(
                strip(before, Syntax::Keys).as_deref(),
                Some(after),
                "{before}"
            );
        }
    }

    #[test]
    fn endless_nesting_is_refused() {
        let mut html = "x".to_owned();
        for _ in 0..ROUNDS + 2 {
            html = format!("<{}<script></script>script>", html);
        }
        // Either it is clean in the end or it is refused; it never comes out unsafe.
        if let Some(clean) = strip(&html, Syntax::Keys) {
            let left = lay_out(&clean, &Script::literal(&clean)).unsafe_parts;
            assert_eq!(left, []);
        }
    }
}
