//! From bytes to text, by the charset that a mail names and by what the bytes are.

use mail_parser::decoders::charsets::map::charset_decoder;

/// The text. Lines that are said to be UTF-8 and are not are windows-1252, unless most of what is not
/// ASCII in them is good UTF-8: then the bad bytes alone are lost, and a character that is cut off at
/// the end. So is what names no charset, or an unknown one.
pub(super) fn decode(bytes: &[u8], named: Option<&str>) -> String {
    let name = canonical(named.unwrap_or_default());
    if let Some((shift, wide)) = seven_bit(&name) {
        return shifted(bytes, shift, wide);
    }
    // The mark of UTF-16 counts more than the charset that is named, which some programs always give.
    let marked = MARKS.iter().any(|mark| bytes.starts_with(mark)) && bytes.contains(&0);
    let name = match marked && !is_utf16(&name) {
        true => "utf-16".to_owned(),
        false => name,
    };
    // What has no byte of zero is no text of two bytes a character, unless it is Chinese or the like, and
    // that is not good UTF-8.
    let wide_name = is_utf16(&name);
    let utf8 = std::str::from_utf8(bytes).ok();
    if wide_name && let Some(text) = utf8.filter(|_| !bytes.contains(&0)) {
        return text.to_owned();
    }
    if wide_name && is_big_endian(bytes) {
        let units = bytes.chunks_exact(2);
        let units: Vec<u16> = units
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect();
        return String::from_utf16_lossy(&units);
    }
    if name != "utf_8"
        && let Some(decode) = charset_decoder(name.as_bytes())
    {
        // Programs that write UTF-8 and name what they wrote ten years ago. No text of a Western
        // language is good UTF-8 by chance.
        let western = matches!(name.as_str(), "windows_1252" | "iso_8859_1" | "iso_8859_15");
        // Two bytes of another charset are a letter of UTF-8 now and then; three in a row, and nothing
        // that is not UTF-8 beside them, are not.
        let wide = |text: &str| text.chars().any(|c| c >= '\u{800}');
        return match utf8 {
            Some(text) if western && !text.is_ascii() || wide(text) || is_latin(text) => {
                text.to_owned()
            }
            _ => decode(bytes),
        };
    }
    utf8.map_or_else(|| mixed(bytes), str::to_owned)
}

/// With what text of two bytes a character begins, if it says which comes first.
const MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Whether a charset has two bytes a character, whichever comes first.
pub(super) fn is_utf16(named: &str) -> bool {
    let letters = named.chars().filter(char::is_ascii_alphanumeric);
    let letters: String = letters.collect::<String>().to_ascii_lowercase();
    matches!(letters.as_str(), "unicode" | "iso10646ucs2" | "ucs2") || letters.starts_with("utf16")
}

/// Whether UTF-16 that does not say so has the high byte first, as RFC 2781 wants it: that is zero in
/// most of Western text.
fn is_big_endian(bytes: &[u8]) -> bool {
    let marked = MARKS.iter().any(|mark| bytes.starts_with(mark));
    let (mut first, mut second) = (0, 0);
    for pair in bytes.chunks_exact(2) {
        first += usize::from(pair[0] == 0);
        second += usize::from(pair[1] == 0);
    }
    !marked && first > second
}

/// Whether what is good UTF-8 reads as words of a Western language: nothing but their letters beside
/// ASCII, one of them within a word. Neither Chinese nor Russian has such pairs of bytes next to "a".
fn is_latin(text: &str) -> bool {
    let within = |pair: (char, char)| match pair {
        (a, b) if a.is_ascii_lowercase() => ('\u{c0}'..='\u{ff}').contains(&b),
        (a, b) if b.is_ascii_lowercase() => ('\u{c0}'..='\u{ff}').contains(&a),
        _ => false,
    };
    text.chars()
        .all(|c| c.is_ascii() || ('\u{a0}'..='\u{ff}').contains(&c))
        && text.chars().zip(text.chars().skip(1)).any(within)
}

/// A name in the form in which the table of the parser has it: `windows1252`, `cp-1252` and
/// `x-cp1252` are one charset.
fn canonical(named: &str) -> String {
    let named = named.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    let squeezed: String = named.chars().filter(char::is_ascii_alphanumeric).collect();
    let squeezed = squeezed.strip_prefix('x').unwrap_or(&squeezed);
    let numbered = |prefix: &str| {
        let rest = squeezed.strip_prefix(prefix)?;
        (!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())).then(|| rest.to_owned())
    };
    let windows = ["windows", "win", "cp", "ms", "ansi"];
    if let Some(page) = windows.iter().find_map(|prefix| numbered(prefix))
        && page.starts_with("125")
    {
        return format!("windows_{page}");
    }
    if let Some(part) = numbered("iso8859").or_else(|| numbered("8859")) {
        return format!("iso_8859_{part}");
    }
    let page = windows.iter().find_map(|prefix| numbered(prefix));
    match page.as_deref() {
        // Its letters of Western languages stand in the same places.
        Some("437") => return "cp850".to_owned(),
        Some("874") => return "windows_874".to_owned(),
        Some("932") => return "shift_jis".to_owned(),
        Some("936") => return "gbk".to_owned(),
        Some("949") => return "euc_kr".to_owned(),
        Some("950") => return "big5".to_owned(),
        _ => {}
    }
    match squeezed {
        "" | "utf8" | "utf8mb4" | "unicode11utf8" | "usascii" | "ascii" | "unknown"
        | "unknown8bit" | "default" | "none" | "us" | "8bit" | "binary" => "utf_8".to_owned(),
        "latin1" | "isolatin1" | "ansi" | "windows" | "western" => "windows_1252".to_owned(),
        "ibm437" => "cp850".to_owned(),
        "euccn" => "gbk".to_owned(),
        "koi8r" => "koi8_r".to_owned(),
        "koi8u" => "koi8_u".to_owned(),
        "hzgb2312" | "hz" => HZ.to_owned(),
        "iso2022kr" => ISO_2022_KR.to_owned(),
        "iso2022cn" => ISO_2022_CN.to_owned(),
        _ => named,
    }
}

const HZ: &str = "hz";
const ISO_2022_KR: &str = "iso_2022_kr";
const ISO_2022_CN: &str = "iso_2022_cn";

/// What begins and ends a passage of two bytes a character.
type Shift = (&'static [u8], &'static [u8]);

/// How a charset of seven bits marks such passages, and which charset has the same characters with the
/// eighth bit set. Decoders made for the web refuse these as a whole.
fn seven_bit(name: &str) -> Option<(Shift, &'static str)> {
    match name {
        HZ => Some(((b"~{", b"~}"), "gbk")),
        ISO_2022_KR => Some(((b"\x0e", b"\x0f"), "euc_kr")),
        ISO_2022_CN => Some(((b"\x0e", b"\x0f"), "gbk")),
        _ => None,
    }
}

/// Text of a charset of seven bits.
fn shifted(bytes: &[u8], (begin, end): Shift, wide: &str) -> String {
    let mut eight_bits = Vec::with_capacity(bytes.len());
    let (mut rest, mut is_wide) = (bytes, false);
    while let Some((&byte, after)) = rest.split_first() {
        let mark = if is_wide { end } else { begin };
        if let Some(after) = rest.strip_prefix(mark) {
            (rest, is_wide) = (after, !is_wide);
        } else if let Some([_, after @ ..]) = rest.strip_prefix(b"\x1b$)") {
            // It says what set follows; the name of the charset said so already.
            rest = after;
        } else if let Some(after) = rest
            .strip_prefix(b"~~")
            .filter(|_| begin == b"~{" && !is_wide)
        {
            eight_bits.push(b'~');
            rest = after;
        } else {
            // A line always ends such a passage.
            is_wide &= byte != b'\n';
            eight_bits.push(if is_wide { byte | 0x80 } else { byte });
            rest = after;
        }
    }
    match charset_decoder(wide.as_bytes()) {
        Some(decode) => decode(&eight_bits),
        None => String::from_utf8_lossy(&eight_bits).into_owned(),
    }
}

/// What of some bytes is UTF-8, but for ASCII, and what is not.
#[derive(Clone, Copy)]
struct Tally {
    good: usize,
    bad: usize,
}

impl Tally {
    fn of(bytes: &[u8]) -> Self {
        let mut tally = Self { good: 0, bad: 0 };
        for chunk in bytes.utf8_chunks() {
            tally.good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            tally.bad += usize::from(!chunk.invalid().is_empty());
        }
        tally
    }

    /// Whether it is UTF-8 of which some was lost on the way.
    fn is_utf8(self) -> bool {
        self.bad <= self.good
    }
}

/// Text of which not all is UTF-8. Programs put texts together without a look at their charsets: an
/// answer over a quotation, a footer under a mail. So each line is judged by itself, and in HTML what
/// stands between two tags. A single bad byte is a fault in UTF-8, and no text of its own.
fn mixed(bytes: &[u8]) -> String {
    let all = Tally::of(bytes);
    let single = all.bad == 1 && all.is_utf8();
    let decode = charset_decoder(b"windows-1252");
    let mut text = String::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'>')) {
        let western = decode.filter(|_| !single && !Tally::of(line).is_utf8());
        let mut chunks = line.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let bad = chunk.invalid();
            // Only what stands at the very end can go on beyond it.
            let error = std::str::from_utf8(bad).err();
            let is_cut_off =
                chunks.peek().is_none() && error.is_some_and(|error| error.error_len().is_none());
            match western {
                _ if bad.is_empty() => {}
                Some(decode) => text.push_str(&decode(bad)),
                None if is_cut_off => {}
                None => text.push(char::REPLACEMENT_CHARACTER),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn bytes_are_read_by_what_they_are() {
        for (bytes, named, text) in [
            ("ação".as_bytes(), Some("utf-8"), "ação"),
            ("ação".as_bytes(), None, "ação"),
            ("ação".as_bytes(), Some("us-ascii"), "ação"),
            ("ação".as_bytes(), Some("nonsense"), "ação"),
            (b"A\x87\x84o est\xa0", Some("cp437"), "Açäo está"),
            (b"est\xa0", Some("IBM437"), "está"),
            (b"\xff\xfea\0\xe7\0\xe3\0o\0", Some("utf-8"), "ação"),
            (b"\xfe\xff\0a\0\xe7\0\xe3\0o", Some("iso-8859-1"), "ação"),
            (b"\xff\xfea\0\xe7\0\xe3\0o\0", None, "ação"),
            (b"a\xe7\xe3o", Some("utf-8"), "ação"),
            (b"a\xe7\xe3o", Some("UTF8"), "ação"),
            (b"a\xe7\xe3o \x96 \x80", Some("windows1252"), "ação – €"),
            (b"a\xe7\xe3o \x96 \x80", Some("x-cp1252"), "ação – €"),
            (b"a\xe7\xe3o \x96", Some("ANSI"), "ação –"),
            (b"a\xe7\xe3o \x96", Some("nonsense"), "ação –"),
            (b"a\xe7\xe3o", Some("iso8859-1"), "ação"),
            (b"a\xe7\xe3o", Some("ISO-8859-1"), "ação"),
            (b"a\xe7\xe3o", Some("\"latin1\""), "ação"),
            (
                b"\xc3\xa7\xc3\xa3o \xe9 \xc3\xa9",
                Some("utf-8"),
                "ção \u{fffd} é",
            ),
            (b"\xc3\xa7\xc3", Some("utf-8"), "ç"),
            (b"caf\xe9", Some("utf-8"), "café"),
            (
                b"\xc3\xa0 vista\nP\xe9", // One bad byte, though in a line of its own.
                Some("utf-8"),
                "à vista\nP",
            ),
            (
                b"\xc3\xa0 vista\nP\xe9 ante p\xe9\n\xc3\xa0s \xe3\xc3\xa3",
                Some("utf-8"),
                "à vista\nPé ante pé\nàs \u{fffd}ã",
            ),
            (
                b"N\xe3o \x96 n\xe3o.\n> J\xc3\xa1 h\xc3\xa1 a\xc3\xa7\xc3\xa3o?",
                None,
                "Não – não.\n> Já há ação?",
            ),
            (
                b"<p>J\xc3\xa1 h\xc3\xa1</p><p>N\xe3o h\xe1 \xe1gua</p>",
                Some("utf-8"),
                "<p>Já há</p><p>Não há água</p>",
            ),
            (
                b"R\xe9gua, \xe1gua, p\xe9 \xe2\x80\x93 fim",
                Some("utf-8"),
                "Régua, água, pé – fim",
            ),
            (b"a\xc3\xa7\xc3\xa3o", Some("iso-8859-1"), "ação"),
            (b"a\xc3\xa7\xe3o", Some("windows-1252"), "aÃ§ão"),
            (b"\xc0\xc1", Some("windows-1251"), "АБ"),
            (
                b"VPN down, code 809",
                Some("hz-gb-2312"),
                "VPN down, code 809",
            ),
            (b"a ~~ ~{<:Ky2;~} b", Some("HZ-GB-2312"), "a ~ 己所不 b"),
            (b"\x1b$)C\x0e0!\x0f a", Some("iso-2022-kr"), "가 a"),
            (
                b"\x1b$)A\x0eVPND\x0f\r\na",
                Some("iso-2022-cn"),
                "中文\r\na",
            ),
            (b"\x82\xa0", Some("cp932"), "あ"),
            (b"\xb0\xa1", Some("cp949"), "가"),
            (b"\xb0\xa1", Some("ms949"), "가"),
            (b"\xa4\xa4", Some("cp950"), "中"),
            (b"\xd6\xd0", Some("cp936"), "中"),
            (b"\xd6\xd0", Some("euc-cn"), "中"),
            (b"\xa1", Some("cp874"), "ก"),
            (b"\xc1", Some("koi8r"), "а"),
            ("没有网络".as_bytes(), Some("gb2312"), "没有网络"),
            ("ネット".as_bytes(), Some("iso-2022-jp"), "ネット"),
            (b"\xc4\xa3", Some("gb2312"), "模"),
            (b"\xc3\xbb", Some("gb2312"), "没"),
            (b"VPN \xc3\xbb", Some("gb2312"), "VPN 没"),
            (
                "Não há conexão.".as_bytes(),
                Some("gb2312"),
                "Não há conexão.",
            ),
            (
                "Não há conexão.".as_bytes(),
                Some("iso-8859-2"),
                "Não há conexão.",
            ),
            (
                "Não há conexão.".as_bytes(),
                Some("windows-1251"),
                "Não há conexão.",
            ),
            (b"\xb1d\xbc", Some("iso-8859-2"), "ądź"),
            ("Não 4471".as_bytes(), Some("utf-16le"), "Não 4471"),
            (b"Funcionou", Some("unicode"), "Funcionou"),
            (b"\0N\0\xe3\0o", Some("utf-16"), "Não"),
            (b"N\0\xe3\0o\0", Some("utf-16"), "Não"),
            (b"\xfe\xff\0N\0\xe3\0o", Some("utf-16"), "Não"),
            (b"\x2d\x4e\xfd\x56", Some("utf-16le"), "中国"),
            (b"", None, ""),
        ] {
            assert_eq!(decode(bytes, named), text, "{named:?} {bytes:?}");
        }
    }
}
