//! What the receiving server found, and what a sender pretends that it did.

use super::*;

const SES: &str = "Return-Path: <ana@example.com>\r\n\
    Received: from mail.example.com (mail.example.com [192.0.2.1])\r\n by inbound-smtp.us-east-1.amazonaws.com with SMTP id abc\r\n for reply+tok@reply.example.org;\r\n Thu, 05 Jun 2025 17:03:22 +0000 (UTC)\r\n\
    X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: FAIL\r\n\
    Authentication-Results: amazonses.com;\r\n spf=softfail (spfCheck: dmarc=pass; x) client-ip=192.0.2.1; envelope-from=ana@example.com;\r\n dkim=fail header.i=@other.example;\r\n dkim=pass header.i=@example.com;\r\n dmarc=pass header.from=example.com;\r\n\
    X-SES-RECEIPT: AEFB\r\n";

#[test]
fn verdicts_stand_in_the_headers_that_ses_puts_on_top() {
    let found = mail(SES, "Oi");
    assert_eq!(
        found.verdicts,
        Verdicts {
            spam: Verdict::Pass,
            virus: Verdict::Fail,
            spf: Verdict::Gray,
            dkim: Verdict::Pass,
            dmarc: Verdict::Pass,
        }
    );
    assert_eq!(
        found.received_for.unwrap().as_str(),
        "reply+tok@reply.example.org"
    );
    assert_eq!(
        found.return_path,
        ReturnPath::Address("ana@example.com".parse().unwrap())
    );
}

#[test]
fn verdicts_that_the_sender_wrote_count_for_nothing() {
    let forged =
        "X-SES-Spam-Verdict: PASS\r\nAuthentication-Results: amazonses.com; dmarc=pass\r\n";
    assert_eq!(mail(forged, "Oi").verdicts, Verdicts::default());
    let below = "Received: x\r\nX-SES-Spam-Verdict: FAIL\r\nX-SES-RECEIPT: a\r\n".to_owned()
        + forged
        + "X-SES-RECEIPT: b\r\n";
    let verdicts = mail(&below, "Oi").verdicts;
    assert_eq!(
        (verdicts.spam, verdicts.dmarc),
        (Verdict::Fail, Verdict::Missing)
    );
    let foreign = "Authentication-Results: mx.example.com; dmarc=pass\r\nX-SES-RECEIPT: a\r\n";
    assert_eq!(mail(foreign, "Oi").verdicts.dmarc, Verdict::Missing);
    let commented = "Authentication-Results: amazonses.com; spf=fail (a; dmarc=pass) x; (dmarc=pass)\r\nX-SES-RECEIPT: a\r\n";
    assert_eq!(mail(commented, "Oi").verdicts.dmarc, Verdict::Missing);
}

#[test]
fn what_a_sender_smuggles_into_the_results_proves_nothing() {
    for (results, verdict) in [
        ("dmarc=pass header.from=example.com;", Verdict::Pass),
        ("dmarc=pass header.from=EXAMPLE.COM", Verdict::Pass),
        ("dmarc=pass", Verdict::Pass),
        // About another domain than that of From.
        ("dmarc=pass header.from=evil.example", Verdict::Missing),
        // Beside what SES says.
        (
            "spf=pass envelope-from=a;dmarc=pass x@evil.example; dmarc=fail header.from=example.com",
            Verdict::Fail,
        ),
        (
            "spf=pass envelope-from=a;dmarc=pass x@evil.example; dmarc=none header.from=example.com",
            Verdict::Missing,
        ),
        // Quoted, escaped, or in a comment that ends early.
        (
            r#"spf=pass envelope-from="a;dmarc=pass x"@evil.example; dkim=none"#,
            Verdict::Missing,
        ),
        (
            r#"spf=pass envelope-from="a\";dmarc=pass x"@evil.example; dkim=none"#,
            Verdict::Missing,
        ),
        (
            r"spf=pass (domain of a\);dmarc=pass (x) client-ip=1; dkim=none",
            Verdict::Missing,
        ),
        (
            "spf=pass (domain of a);dmarc=pass (x) client-ip=1; dmarc=none header.from=example.com",
            Verdict::Missing,
        ),
        // What does not end takes the rest along.
        (
            r#"spf=pass helo="a; dmarc=pass header.from=example.com"#,
            Verdict::Missing,
        ),
    ] {
        let head =
            format!("Authentication-Results: amazonses.com; {results}\r\nX-SES-RECEIPT: a\r\n");
        assert_eq!(mail(&head, "Oi").verdicts.dmarc, verdict, "{results}");
    }
}
