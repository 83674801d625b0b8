use super::*;

#[test]
fn only_harmless_markup_is_left() {
    for (html, clean) in [
        ("a <b>b</b>", "a <b>b</b>"),
        ("<script>x</script>a<style>b</style>", "a"),
        ("<p onclick=x style='top:0'>a", "<p>a</p>"),
        (
            "<p dir=RTL style='color:red;position:fixed'>a<font color=blue face=x>b</font>",
            "<p dir=\"RTL\" style=\"color:red\">a<font color=\"blue\">b</font></p>",
        ),
        (
            "<table border=1 bgcolor='#fff'><tr><td style='border:1px solid #000'>a</table>",
            "<table border=\"1\" bgcolor=\"#fff\"><tbody><tr><td style=\"border:1px solid #000\">a</td></tr></tbody></table>",
        ),
        (
            "<a href='www.example.com/x'>a</a><a href='/x'>b</a>",
            "<a href=\"https://www.example.com/x\" rel=\"noopener noreferrer\">a</a><a rel=\"noopener noreferrer\">b</a>",
        ),
        ("a<img src='cid:x' alt='b &lt;c&gt;'>", "ab &lt;c&gt;"),
        (
            "<a href=\"javascript:x\">a</a>",
            "<a rel=\"noopener noreferrer\">a</a>",
        ),
        ("<li>a</li>", "<br>a"),
        ("<td>a</td>", "a"),
        ("</div></td>a", "a"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        (
            "<table><tr><td>a</table>",
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
        ),
        ("<!-- a -->b\u{1}", "b"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("${NOTA} {{ x }}", "${NOTA} {{ x }}"),
    ] {
        assert_eq!(RichText::sanitise(html).html(), clean, "{html}");
    }
}

#[test]
fn inside_a_paragraph_blocks_become_lines() {
    let rich = RichText::sanitise(
        "<p>a</p><p>b <a href=\"https://x.example\">c</a></p><ul><li>d</li><li>e</li></ul>",
    );
    assert_eq!(
        rich.within(Markup::Inline),
        Some(
            "a<br>b <a href=\"https://x.example\" rel=\"noopener noreferrer\">c</a><br>• d<br>• e"
        )
    );
    assert_eq!(
        rich.within(Markup::InlineWithoutLinks),
        Some("a<br>b c<br>• d<br>• e")
    );
    assert_eq!(rich.within(Markup::None), None);
}

#[test]
fn lines_numbers_and_colours_stay_inside_a_paragraph() {
    for (html, inline) in [
        (
            "<pre>erro 1\n  linha 2\n\nlinha 3</pre>",
            "erro 1<br>&nbsp;&nbsp;linha 2<br><br>linha 3",
        ),
        ("a<pre>b\nc</pre>d", "a<br>b<br>c<br>d"),
        (
            "<ol start=3><li>a</li><li>b</li></ol>c",
            "3. a<br>4. b<br>c",
        ),
        (
            "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>",
            "1. a<br>&nbsp;&nbsp;&nbsp;• b<br>2. c",
        ),
        (
            "<p>a</p><p style=\"color:red\" dir=rtl>b</p>",
            "a<br><span dir=\"rtl\" style=\"color:red\">b</span>",
        ),
    ] {
        let rich = RichText::sanitise(html);
        assert_eq!(rich.within(Markup::Inline), Some(inline), "{html}");
    }
}

#[test]
fn as_text_it_reads_well() {
    let rich = RichText::sanitise(
        "<p>Ol&aacute;,   <b>Ana</b></p><div>a</div><div>b<br>c</div>\
         <ol start=3><li>d</li><li><a href=\"https://x.example/?a=1&amp;b=2\">e</a></li></ol>\
         <a href=\"  https://y.example \">https://y.example</a><pre>f\n  g</pre>",
    );
    assert_eq!(
        rich.text(),
        "Olá, Ana\n\na\nb\nc\n3. d\n4. e <https://x.example/?a=1&b=2>\nhttps://y.example\nf\n  g"
    );
}

#[test]
fn nesting_that_would_keep_a_parser_busy_is_taken_as_plain_text() {
    for html in [
        "<b>".repeat(100_000),
        "<div><p>".repeat(4_000),
        "<a><table>".repeat(4_000),
        "<".repeat(200_000),
    ] {
        let text = RichText::sanitise(&html).text().to_owned();
        assert!(text.starts_with(&html[..10]), "{}", &text[..10]);
    }
}

#[test]
fn what_was_sanitised_is_the_same_text_when_it_is_sanitised_again() {
    let log =
        |line: &str, times| format!("<div style='white-space:pre'>{}</div>", line.repeat(times));
    for html in [
        log("            linha\n", 5_000),
        log("\t\t\tlinha\n", 8_000),
        format!("<p>{}</p>", "a\u{a0}".repeat(700)).repeat(40),
        "a&nbsp;> ".repeat(10_000),
        "<p>a".repeat(19_000),
        "<p>a".repeat(21_000),
        "a</p>".repeat(19_000),
        "<b>".repeat(20_000) + "x",
        "a<br>".repeat(20_000),
        "a\u{a0}&".repeat(21_000),
        "&".repeat(30_000),
        "<b><p>x</b>".repeat(9_000),
        "<b><i><u><p>x</b>".repeat(5_000),
        "<table><td>x".repeat(400),
        "<li>x".repeat(19_000),
        "\"&'<".repeat(25_000),
    ] {
        let once = RichText::sanitise(&html);
        let twice = RichText::sanitise(once.html());
        assert!(once.text() == twice.text(), "{}", &html[..20]);
        let thrice = RichText::sanitise(twice.html());
        assert!(twice.html() == thrice.html(), "{}", &html[..20]);
    }
}

#[test]
fn lists_keep_the_numbers_that_their_author_sees() {
    for (html, text) in [
        ("<ol><li value=7>a<li>b</ol>", "7. a\n8. b"),
        ("<ol type=a><li>x<li>y</ol>", "a. x\nb. y"),
        ("<ol type=A start=27><li>x</ol>", "AA. x"),
        ("<ol type=i start=4><li>x<li>y</ol>", "iv. x\nv. y"),
        ("<ol type=I start=1999><li>x</ol>", "MCMXCIX. x"),
        (
            "<ol start=3><li>x<ol type=a><li>y</ol></ol>",
            "3. x\n  a. y",
        ),
        ("<ol type=z start=x><li value=y>a</ol>", "1. a"),
    ] {
        let rich = RichText::sanitise(html);
        assert_eq!(rich.text(), text, "{html}");
        let inline = rich.within(Markup::Inline).unwrap_or_default();
        let shown = inline.replace("<br>", "\n").replace("&nbsp;", "");
        assert_eq!(shown, text.replace("\n  ", "\n"), "{html}");
    }
}

#[test]
fn line_ends_that_a_style_keeps_are_kept_everywhere() {
    for style in [
        "white-space: pre-wrap",
        "color:red;WHITE-SPACE:pre",
        "white-space:break-spaces",
    ] {
        let rich = RichText::sanitise(&format!("<p style='{style}'>a\n  b <b>c\nd</b></p>"));
        assert_eq!(rich.text(), "a\nb c\nd", "{style}");
        let inline = rich.within(Markup::Inline).unwrap_or_default();
        assert!(
            inline.contains("a<br>\u{a0}\u{a0}b <b>c<br>d</b>"),
            "{inline}"
        );
        assert!(!rich.html().contains('\n'), "Outlook knows no such style");
    }
    for html in ["<p>a\nb</p>", "<p style='white-space:normal'>a\nb</p>"] {
        assert_eq!(RichText::sanitise(html).text(), "a b", "{html}");
    }
}

#[test]
fn what_no_mail_shows_as_a_block_still_parts_its_text() {
    for block in BLOCKS.split_ascii_whitespace() {
        let rich = RichText::sanitise(&format!("um<{block} style='color:red'>dois</{block}>três"));
        assert_eq!(rich.text(), "um\ndois\ntrês", "{block}");
        assert_eq!(
            rich.html(),
            "um<div style=\"color:red\">dois</div>três",
            "{block}"
        );
        let document = document_text(&format!("um<{block}>dois</{block}>três"));
        assert_eq!(document, "um\ndois\ntrês", "{block}");
    }
}

#[test]
fn a_paragraph_in_an_item_stands_beside_its_mark() {
    for (html, text) in [
        ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n- b"),
        (
            "<p>x</p><ol><li><p>a</p><p>b</p><ul><li><div>c</div></li></ul></li></ol><p>y</p>",
            "x\n\n1. a\nb\n  - c\n\ny",
        ),
        (
            "<ul><li><h2>a</h2>b</li><li></li><li>c</li></ul>",
            "- a\nb\n- \n- c",
        ),
    ] {
        assert_eq!(RichText::sanitise(html).text(), text, "{html}");
    }
}

#[test]
fn as_text_a_quotation_is_marked_line_by_line() {
    for (html, text) in [
        (
            "<p>Ela disse:</p><blockquote><p>um</p><p>dois<br>três</p></blockquote><p>Concordo.</p>",
            "Ela disse:\n\n> um\n>\n> dois\n> três\n\nConcordo.",
        ),
        (
            "<blockquote>a<blockquote>b</blockquote></blockquote>c",
            "> a\n>\n> > b\n\nc",
        ),
        ("<blockquote> </blockquote>c", "c"),
        ("<ul><li>a<blockquote>b</blockquote></li></ul>", "- a\n> b"),
        ("<blockquote>a", "> a"),
    ] {
        assert_eq!(RichText::sanitise(html).text(), text, "{html}");
    }
    // What a template quotes may be a value of several lines.
    assert_eq!(document_text("<blockquote>a</blockquote>"), "a");
}
