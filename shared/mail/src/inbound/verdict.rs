//! What SES found out about a mail: spam, virus, SPF, DKIM, DMARC.
//!
//! They stand in the headers that SES puts on top of the mail that it stores in S3. Anybody can write
//! such headers, so only those above the first `X-SES-RECEIPT` count, of each the first one, and
//! `Authentication-Results` only of `amazonses.com` (RFC 8601, section 5).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mime::Headers;

/// What one check of the receiving server found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The check holds: nothing was found, or the proof is valid.
    Pass,
    /// The check does not hold: something was found, or the proof is wrong.
    Fail,
    /// Neither: no policy, no signature, a soft failure.
    Gray,
    /// The check did not work.
    ProcessingFailed,
    /// Nobody looked, or nobody said.
    #[default]
    Missing,
}

impl Verdict {
    /// SES's words, and those of RFC 8601.
    fn from_word(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "pass" => Self::Pass,
            "fail" | "hardfail" => Self::Fail,
            "gray" | "grey" | "none" | "neutral" | "softfail" | "policy" => Self::Gray,
            "processing_failed" | "temperror" | "permerror" => Self::ProcessingFailed,
            _ => Self::Missing,
        }
    }
}

/// All findings on a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// The spam filter's, which errs in both directions.
    pub spam: Verdict,
    /// The virus filter's: a mail that fails it is not let in.
    pub virus: Verdict,
    /// SPF: the server may send for the envelope's domain.
    pub spf: Verdict,
    /// DKIM: a signature is valid, of whatever domain.
    pub dkim: Verdict,
    /// DMARC: the domain of `From` stands behind the mail. The one that proves who wrote it.
    pub dmarc: Verdict,
}

/// The findings in the headers that SES put on top of a mail from this domain; all
/// missing without its seal.
pub(super) fn read(headers: &Headers, from: Option<&str>) -> Verdicts {
    let fields: Vec<_> = headers.fields().collect();
    let Some(seal) = fields
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case("X-SES-RECEIPT"))
    else {
        return Verdicts::default();
    };
    let text = |name: &str| {
        fields[..seal]
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| value.as_text())
            .map(str::trim)
    };
    let word = |name: &str| text(name).map_or(Verdict::Missing, Verdict::from_word);
    let results = without_quotations(text("Authentication-Results").unwrap_or_default());
    Verdicts {
        spam: word("X-SES-Spam-Verdict"),
        virus: word("X-SES-Virus-Verdict"),
        spf: best(&results, "spf"),
        dkim: best(&results, "dkim"),
        dmarc: dmarc(&results, from),
    }
}

/// What `Authentication-Results: amazonses.com; spf=pass (…) …; dkim=…` states of a method: the
/// verdict and what stands behind it.
fn statements<'a>(results: &'a str, method: &str) -> impl Iterator<Item = (Verdict, &'a str)> {
    let mut statements = results.split(';').map(str::trim);
    let server = statements
        .next()
        .and_then(|s| s.split_ascii_whitespace().next());
    let ours = server.is_some_and(|server| server.eq_ignore_ascii_case("amazonses.com"));
    statements
        .filter(move |_| ours)
        .filter_map(move |statement| {
            let (first, rest) = statement
                .split_once(|c: char| c.is_ascii_whitespace())
                .unwrap_or((statement, ""));
            let (name, word) = first.split_once('=')?;
            name.eq_ignore_ascii_case(method)
                .then(|| (Verdict::from_word(word), rest))
        })
}

/// The best result: a mail may carry several signatures.
fn best(results: &str, method: &str) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Pass => 4,
        Verdict::Fail => 3,
        Verdict::ProcessingFailed => 2,
        Verdict::Gray => 1,
        Verdict::Missing => 0,
    };
    statements(results, method)
        .map(|(verdict, _)| verdict)
        .max_by_key(rank)
        .unwrap_or_default()
}

/// The one result of DMARC, about the domain of `From`. It lets people in, and words of the sender
/// stand in the same header (the envelope's sender, the name in `HELO`): two results prove nothing.
fn dmarc(results: &str, from: Option<&str>) -> Verdict {
    let mut found = statements(results, "dmarc");
    let (Some((verdict, rest)), None) = (found.next(), found.next()) else {
        let failed = statements(results, "dmarc").any(|(verdict, _)| verdict == Verdict::Fail);
        return match failed {
            true => Verdict::Fail,
            false => Verdict::Missing,
        };
    };
    let about = rest
        .split_ascii_whitespace()
        .find_map(|property| property.strip_prefix("header.from="));
    match about {
        Some(domain) if !from.is_some_and(|from| from.eq_ignore_ascii_case(domain)) => {
            Verdict::Missing
        }
        _ => verdict,
    }
}

/// A header value without its comments and quoted strings (RFC 5322, section 3.2): text of the sender
/// stands in them. One that does not end takes the rest along.
fn without_quotations(value: &str) -> String {
    let (mut comments, mut quoted, mut escaped) = (0_usize, false, false);
    value
        .chars()
        .filter(|c| {
            if escaped {
                escaped = false;
                return false;
            }
            match c {
                '\\' => {
                    escaped = true;
                    return false;
                }
                '"' if comments == 0 => {
                    quoted = !quoted;
                    return false;
                }
                '(' if !quoted => comments += 1,
                ')' if !quoted && comments > 0 => {
                    comments -= 1;
                    return false;
                }
                _ => {}
            }
            comments == 0 && !quoted
        })
        .collect()
}
