//! Colours, borders and the direction of writing: what of the look of a rich text stays.

use std::borrow::Cow;

use ammonia::Builder;

/// Properties that stay. None of them hides, moves or loads anything.
const PROPERTIES: [&str; 19] = [
    "color",
    "background-color",
    "border",
    "border-top",
    "border-right",
    "border-bottom",
    "border-left",
    "border-color",
    "border-style",
    "border-width",
    "border-collapse",
    "direction",
    "font-style",
    "font-weight",
    "text-align",
    "text-decoration",
    "text-decoration-line",
    "vertical-align",
    "white-space",
];
/// Most declarations of one element.
const MAX_DECLARATIONS: usize = 30;
/// Longest value, in bytes.
const LONGEST: usize = 100;

/// Lets a sanitiser keep them.
pub(super) fn allow(builder: &mut Builder<'static>) {
    builder
        .add_generic_attributes(["style", "dir"])
        .add_tag_attributes("table", ["border", "cellpadding", "cellspacing", "bgcolor"])
        .add_tag_attributes("tr", ["bgcolor"])
        .add_tag_attributes("td", ["bgcolor", "valign"])
        .add_tag_attributes("th", ["bgcolor", "valign"])
        .add_tag_attributes("font", ["color"])
        .attribute_filter(|_, name, value| match name {
            "style" => declarations(value).map(Cow::Owned),
            "dir" => matches!(value.to_ascii_lowercase().as_str(), "ltr" | "rtl" | "auto")
                .then_some(value.into()),
            "color" | "bgcolor" | "border" | "cellpadding" | "cellspacing" | "valign" => {
                is_plain(value).then_some(value.into())
            }
            _ => Some(value.into()),
        });
}

/// The declarations that stay, if any.
fn declarations(style: &str) -> Option<String> {
    let kept: Vec<String> = style
        .split(';')
        .take(MAX_DECLARATIONS)
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
        .filter(|(name, value)| PROPERTIES.contains(&name.as_str()) && is_plain(value))
        .map(|(name, value)| format!("{name}:{value}"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(";"))
}

/// Whether a value is words, lengths and colours alone, and no length is out of proportion.
fn is_plain(value: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || " #.,%()/-".contains(c);
    if value.is_empty() || value.len() > LONGEST || !value.chars().all(sign) {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    let colours = |before: &str| {
        ["rgb", "rgba", "hsl", "hsla"]
            .iter()
            .any(|function| before.ends_with(function))
    };
    let functions = lower
        .match_indices('(')
        .all(|(at, _)| colours(&lower[..at]));
    let lengths = lower
        .split([' ', ',', '(', ')', '/'])
        .filter(|word| !word.starts_with('#'))
        .all(|word| {
            let mut whole = word.split(|c: char| !c.is_ascii_digit() && c != '.');
            whole.all(|number| number.split('.').next().unwrap_or_default().len() <= 3)
        });
    functions && lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_borders_stay_and_nothing_else() {
        for (style, kept) in [
            ("color:red", Some("color:red")),
            (
                "COLOR : #ff0000 ; border: 1px solid rgb(0, 0, 0)",
                Some("color:#ff0000;border:1px solid rgb(0, 0, 0)"),
            ),
            ("position:fixed;color:blue", Some("color:blue")),
            ("background-color:url(https://x.example)", None),
            ("background:url(https://x.example)", None),
            ("color:expression(alert(1))", None),
            ("color:red\\9", None),
            ("color:\"red\"", None),
            ("border:99999px solid red", None),
            ("font-size:0;display:none", None),
            ("", None),
        ] {
            assert_eq!(declarations(style).as_deref(), kept, "{style}");
        }
    }
}
