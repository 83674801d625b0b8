//! Language tags (BCP 47, RFC 5646) and what they mean for a mail: the one place that reads them.

use super::Language;

/// A language tag in the spelling that RFC 5646 recommends: `pt-BR`, `zh-Hant-TW`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LanguageTag {
    subtags: Vec<String>,
    region: Option<String>,
    whole: bool,
}

/// How a day is written in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/12/2026`, where nothing else is known.
    #[default]
    DayMonthYear,
    /// `12/31/2026`, as in the United States.
    MonthDayYear,
    /// `2026-12-31` (ISO 8601).
    YearMonthDay,
}

/// The language of a mail, and how its region writes days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locale {
    /// Language of its words.
    pub language: Language,
    /// How it writes days.
    pub dates: DateOrder,
}

/// Which kind of subtag may follow (RFC 5646, 2.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Extended,
    Script,
    Region,
    Variant,
    Extension,
    Private,
}

impl LanguageTag {
    /// Reads a tag as people and systems write it: any case, `_` as Java and POSIX have it, an
    /// encoding or modifier behind it (`pt_BR.UTF-8`). What cannot be read is left out, from there
    /// to the end; `None` when no language is left.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = text.split(['.', '@']).next().unwrap_or_default();
        let mut parts = plain.split(['-', '_']);
        let language = parts.next()?.to_ascii_lowercase();
        let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
        if !(2..=8).contains(&language.len()) || !letters(&language) {
            return None;
        }
        let mut tag = Self {
            subtags: vec![language],
            region: None,
            whole: plain.len() == text.len() && !plain.contains('_'),
        };
        let mut stage = Stage::Extended;
        // A singleton opens an extension, which needs a subtag of its own.
        let mut opened: Option<String> = None;
        for part in parts {
            let lower = part.to_ascii_lowercase();
            let length = part.len();
            let alphanumeric = part.bytes().all(|b| b.is_ascii_alphanumeric());
            let digit_first = part.bytes().next().is_some_and(|b| b.is_ascii_digit());
            if !alphanumeric || !(1..=8).contains(&length) {
                tag.whole = false;
                return Some(tag);
            }
            let (next, subtag) = match length {
                _ if stage == Stage::Private => (Stage::Private, lower),
                1 if opened.is_some() => {
                    tag.whole = false;
                    return Some(tag);
                }
                1 => {
                    stage = match lower.as_str() {
                        "x" => Stage::Private,
                        _ => Stage::Extension,
                    };
                    opened = Some(lower);
                    continue;
                }
                _ if stage == Stage::Extension => (Stage::Extension, lower),
                3 if stage == Stage::Extended && letters(part) && tag.subtags.len() < 4 => {
                    (Stage::Extended, lower)
                }
                4 if stage <= Stage::Script && letters(part) => {
                    (Stage::Region, part[..1].to_ascii_uppercase() + &lower[1..])
                }
                2 if stage <= Stage::Region && letters(part) => {
                    (Stage::Variant, part.to_ascii_uppercase())
                }
                3 if stage <= Stage::Region && part.bytes().all(|b| b.is_ascii_digit()) => {
                    (Stage::Variant, lower)
                }
                4 if stage <= Stage::Variant && digit_first => (Stage::Variant, lower),
                5..=8 if stage <= Stage::Variant => (Stage::Variant, lower),
                _ => {
                    tag.whole = false;
                    return Some(tag);
                }
            };
            if next == Stage::Variant && stage <= Stage::Region && length <= 3 {
                tag.region = Some(subtag.clone());
            }
            stage = next;
            tag.subtags.extend(opened.take());
            tag.subtags.push(subtag);
        }
        tag.whole &= opened.is_none();
        Some(tag)
    }

    /// Whether all of what was read is a tag as RFC 5646 has it, in whatever case.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Its primary language subtag, in lower case.
    pub fn language(&self) -> &str {
        self.subtags.first().map_or("", String::as_str)
    }

    /// Its region, in upper case or as three digits.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Which of these tags serves it best: itself, else the longest that it begins with (RFC 4647,
    /// 3.4), else the first of the same language.
    pub fn best<'a>(&self, among: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
        let read = || {
            among
                .clone()
                .filter_map(|text| Some((text, Self::read(text)?)))
        };
        let longest = read()
            .filter(|(_, tag)| self.subtags.starts_with(&tag.subtags))
            .max_by_key(|(_, tag)| tag.subtags.len());
        longest
            .or_else(|| read().find(|(_, tag)| tag.language() == self.language()))
            .map(|(text, _)| text)
    }
}

impl std::fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.subtags.join("-"))
    }
}

impl Locale {
    /// The locale of a tag; of the product's default language when the tag names none of ours.
    pub fn of(tag: &str) -> Self {
        let read = LanguageTag::read(tag);
        let language = Language::of(tag);
        let region = read.as_ref().and_then(LanguageTag::region);
        let spoken = read.as_ref().is_some_and(|tag| tag.language() == "en");
        let dates = match region {
            _ if language != Language::En || !spoken => DateOrder::DayMonthYear,
            // The United States, its territories and those that write as they do (CLDR 47).
            None | Some("US" | "AS" | "GU" | "MH" | "MP" | "PH" | "PR" | "UM" | "VI" | "001") => {
                DateOrder::MonthDayYear
            }
            Some("CA" | "SE" | "ZA") => DateOrder::YearMonthDay,
            Some(_) => DateOrder::DayMonthYear,
        };
        Self { language, dates }
    }
}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        Self::of(language.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_in_every_spelling() {
        for (written, canonical, whole) in [
            ("pt-BR", "pt-BR", true),
            ("PT_br", "pt-BR", false),
            ("en_US", "en-US", false),
            ("EN", "en", true),
            (" en-gb ", "en-GB", true),
            ("pt_BR.UTF-8", "pt-BR", false),
            ("de_DE@euro", "de-DE", false),
            ("zh-hant-tw", "zh-Hant-TW", true),
            ("zh_TW_#Hant", "zh-TW", false),
            ("es-419", "es-419", true),
            ("sl-rozaj-1994", "sl-rozaj-1994", true),
            ("zh-cmn-Hans-CN", "zh-cmn-Hans-CN", true),
            ("en-US-u-ca-gregory", "en-US-u-ca-gregory", true),
            ("en-x-desk", "en-x-desk", true),
            ("en-x", "en", false),
            ("en-US-US", "en-US", false),
            ("en--US", "en", false),
            ("en-", "en", false),
        ] {
            let tag = LanguageTag::read(written).unwrap();
            assert_eq!(tag.to_string(), canonical, "{written}");
            assert_eq!(tag.is_whole(), whole, "{written}");
        }
        for none in ["", "-", "e", "1n", "x-private", "português", "*"] {
            assert_eq!(LanguageTag::read(none), None, "{none}");
        }
    }

    #[test]
    fn the_best_variant_is_found() {
        let best = |wanted: &str, among: &[&'static str]| {
            LanguageTag::read(wanted).and_then(|tag| tag.best(among.iter().copied()))
        };
        assert_eq!(best("en_US", &["en", "en-GB"]), Some("en"));
        assert_eq!(best("en-gb", &["en", "en-GB"]), Some("en-GB"));
        assert_eq!(best("en", &["EN", "es"]), Some("EN"));
        assert_eq!(best("en", &["es", "en-GB"]), Some("en-GB"));
        assert_eq!(best("es-MX", &["es-ES", "es-419"]), Some("es-ES"));
        assert_eq!(best("fr", &["en"]), None);
    }

    #[test]
    fn regions_write_days_their_own_way() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        for (tag, dates) in [
            ("en", MonthDayYear),
            ("en_US", MonthDayYear),
            ("en-GB", DayMonthYear),
            ("en_AU", DayMonthYear),
            ("en-IE", DayMonthYear),
            ("en-150", DayMonthYear),
            ("en-CA", YearMonthDay),
            ("pt-BR", DayMonthYear),
            ("es-US", DayMonthYear),
            ("fr", DayMonthYear),
            ("", DayMonthYear),
        ] {
            assert_eq!(Locale::of(tag).dates, dates, "{tag}");
        }
    }
}
