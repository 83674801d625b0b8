//! HTML as text, with what clients mark in it.

use super::*;

#[test]
fn what_stands_directly_below_an_attribution_is_quotation_and_ends_where_it_closes() {
    let attributions = [
        "05.06.2025, 14:03, &quot;Central&quot; &lt;desk@example.com&gt;:",
        "On June 5, 2025, Central &lt;desk@example.com&gt; wrote:",
        "Em qui., 5 de jun. de 2025 às 14:03, Central &lt;desk@example.com&gt; escreveu:",
        "&gt;&gt;&gt; On 6/5/2025 at 2:03 PM, in message &lt;1A.2@example.com&gt;, Ana &lt;ana@example.com&gt; wrote:",
    ];
    let cell = "<table><tr><td style='border-left: solid 1px'>Funcionou?</td></tr></table>";
    for attribution in attributions {
        for quoted in ["<blockquote><div>Funcionou?</div></blockquote>", cell] {
            let html = format!(
                "<div>Sim.</div><div>{attribution}</div>{quoted}<div>PS: ramal 9999.</div>"
            );
            let text = html::to_text(&html).text;
            assert!(text.contains("> Funcionou?"), "{text}");
            let reply = crate::reply::extract(&text).text;
            assert_eq!(reply, "Sim.\n\nPS: ramal 9999.", "{text}");
        }
    }
    for own in ["O erro:", "Em 05/06 o técnico escreveu:", ""] {
        let html = format!("<div>{own}</div><blockquote>Falha</blockquote>{cell}");
        assert!(!html::to_text(&html).text.contains('>'), "{html}");
    }
}

#[test]
fn html_becomes_text() {
    for (html, text) in [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        (
            "<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>",
            "a\n\nb",
        ),
        (
            "<ol start=3><li>a<li>b</ol><ul><li>c<ul><li>d</ul></ul>",
            "3. a\n4. b\n\n- c\n\n  - d",
        ),
        (
            "<ol><li value=4>a<li>b<li value=x>c</ol><ul><li value=4>d</ul>",
            "4. a\n5. b\n6. c\n\n- d",
        ),
        (
            "Fale com Ana <ana@Example.com> ou <mailto:bia@example.com>.",
            "Fale com Ana <ana@example.com> ou <mailto:bia@example.com>.",
        ),
        ("<pre>a\n  b</pre>c", "a\n  b\n\nc"),
        ("  a \n\t b&nbsp;&lt;c&gt; ", "a b <c>"),
        (
            "<a href='https://x.example/y'>aqui</a>",
            "aqui <https://x.example/y>",
        ),
        ("<a href='https://x.example/'>x.example</a>", "x.example"),
        (
            "Fale com <a href='mailto:ana@example.com'>a Ana</a> ou <a href='mailto:bia@example.com'>Bia@example.com</a>",
            "Fale com a Ana <mailto:ana@example.com> ou Bia@example.com",
        ),
        (
            "<a href='tel:+551155550000'>aqui</a>, <a href='tel:+551155550000'>(11) 5555-0000</a>",
            "aqui <tel:+551155550000>, (11) 5555-0000",
        ),
        (
            "<a href='file://srv/pasta'>aqui</a> <a href='FTP://srv/a'>ali</a> <a href='HTTPS://x.example'>lá</a>",
            "aqui <file://srv/pasta> ali <FTP://srv/a> lá <HTTPS://x.example>",
        ),
        (
            "<a href='javascript:x'>aqui</a> <a href='#fim'>fim</a>",
            "aqui fim",
        ),
        (
            "<div style='color: red; White-Space: pre-wrap'>a\n  b\n\nc</div>d\ne",
            "a\n  b\n\nc\nd e",
        ),
        (
            "<span style='white-space:pre-line'>a\n  b <i style='white-space:normal'>c\nd</i></span>",
            "a\nb c d",
        ),
        (
            "<body style='line-break:after-white-space'>a\nb</body>",
            "a b",
        ),
        (
            "a<style>b</style><script>c</script><!-- d --><title>e</title>f",
            "af",
        ),
        ("<img alt='🙂'><img alt='logo' src='cid:x'>", "🙂"),
        ("<div>&nbsp;</div><div>&nbsp;</div>a", "a"),
        ("a\u{0}b\u{200b}c", "ab\u{200b}c"),
        ("", ""),
    ] {
        assert_eq!(html::to_text(html).text, text, "{html}");
    }
}

#[test]
fn marked_quotations_carry_their_depth() {
    let html = "a<blockquote type=cite>b<blockquote type=cite>c</blockquote><p>d</p></blockquote>e";
    assert_eq!(html::to_text(html).text, "a\n\n> b\n>\n>> c\n>\n> d\n\ne");
}

#[test]
fn marked_signatures_are_told_by_their_lines() {
    for mark in [
        "class=gmail_signature",
        "data-marker=\"__SIG_PRE__\"",
        "data-marker=\"__SIG_POST__\"",
        "name=messageSignatureSection",
    ] {
        let found = html::to_text(&format!("a<div {mark}>Ana<br>Compras</div>b"));
        assert_eq!(found.text, "a\nAna\nCompras\nb");
        assert_eq!(found.marks.signatures, vec![1..3; 1], "{mark}");
    }
}

#[test]
fn a_long_page_is_cut_and_not_lost() {
    let long = "<p>Agora funciona, obrigada.</p>".repeat(20_000);
    let first = "From: a@example.com\r\nContent-Type: text/html\r\n\r\n";
    let mail = parse(format!("{first}{long}").as_bytes()).unwrap();
    assert!(mail.reply.text.starts_with("Agora funciona"));
    let length = mail.reply.full.len();
    assert!(length > MAX_TEXT / 2 && length <= MAX_TEXT, "{length}");
    // So is the second of two.
    let parts = "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
    let part = "--b\r\nContent-Type: text/html\r\n\r\n";
    let mail = format!("{parts}{part}<p>Bom dia.</p>\r\n{part}{long}\r\n--b--\r\n");
    let reply = parse(mail.as_bytes()).unwrap().reply;
    assert!(
        reply.text.starts_with("Bom dia.\n\nAgora funciona"),
        "{:.60}",
        reply.text
    );
}

#[test]
fn pasted_pictures_become_files_and_the_text_around_them_stays() {
    let picture = format!(
        "<img src=\"data:image/png;base64,{}\">",
        "iVBORw0K".repeat(300_000)
    );
    let html = format!(
        "<p>Antes</p>{picture}<p>Meio</p>{picture}<p>Depois</p><blockquote type=cite>{picture}Oi</blockquote>"
    );
    let raw = format!("From: ana@example.com\r\nContent-Type: text/html\r\n\r\n{html}");
    let found = parse(raw.as_bytes()).unwrap();
    assert_eq!(found.reply.text, "Antes\n\nMeio\n\nDepois");
    let files: Vec<_> = found
        .attachments
        .iter()
        .map(|file| (file.name.as_str(), file.content.len()))
        .collect();
    assert_eq!(
        files,
        [("image1.png", 1_800_000), ("image2.png", 1_800_000)]
    );
}

#[test]
fn what_is_cut_says_so() {
    let words = "palavra ".repeat(MAX_TEXT / 8 + 1);
    for (media_type, body) in [
        ("text/plain", words.clone()),
        ("text/html", format!("<p>{words}</p>")),
    ] {
        let raw = format!("From: ana@example.com\r\nContent-Type: {media_type}\r\n\r\n{body}");
        let found = parse(raw.as_bytes()).unwrap();
        assert!(
            found.reply.full.ends_with("[…]") && found.reply.full.len() <= MAX_TEXT,
            "{media_type}"
        );
    }
}

#[test]
fn a_head_that_nobody_closed_ends_where_the_body_begins() {
    let meta = "<html><head><meta charset=utf-8><title>Sem título</title><style>p{}</style>";
    for rest in [
        "<body><p>Sim, 4471.</p></body></html>",
        "<div>Sim, 4471.</div>",
        "Sim, 4471.",
        "<noscript><style>p{}</style></noscript>\n<b>Sim</b>, 4471.",
        "<xml><o:Dpi>96</o:Dpi></xml><p>Sim, 4471.</p></head>",
        "</head><head/><p>Sim, 4471.",
    ] {
        assert_eq!(
            html::to_text(&format!("{meta}{rest}")).text,
            "Sim, 4471.",
            "{rest}"
        );
    }
    let closed = "<xml><o:Dpi>96</o:Dpi></xml></head><body>Sim.</body>";
    assert_eq!(html::to_text(&format!("{meta}{closed}")).text, "Sim.");
}

#[test]
fn a_page_that_can_be_read_is_not_utf_16_whatever_it_says() {
    for charset in ["utf-16", "UTF-16LE", "unicode"] {
        let page = format!("<meta charset=\"{charset}\"><p>Não há conexão</p>");
        assert_eq!(
            mail("Content-Type: text/html\r\n", &page).reply.text,
            "Não há conexão"
        );
    }
    let latin = b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<meta charset=utf-16>N\xe3o";
    assert_eq!(parse(latin).unwrap().reply.text, "Não");
}

#[test]
fn what_was_written_into_a_form_is_read() {
    let form = "<form>Nome: <input type=text value=Ana><input type=hidden value=x>\
                <textarea>Erro 809\nna <VPN> da R&amp;D</textarea>\
                <select><option selected>Sim<option>Não</select>\
                <input type=checkbox checked value=on>Confirmo</form>";
    let text = "Nome: Ana\nErro 809\nna <VPN> da R&D\nSim\nConfirmo";
    assert_eq!(html::to_text(form).text, text);
    assert_eq!(html::to_text("<xmp>a &lt; b</xmp>").text, "a < b");
}
