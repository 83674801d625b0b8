//! A block of headers over an unmarked quotation, as Outlook writes it: De / Enviada em / Para /
//! Assunto.
//!
//! Label words are common words: "De: São Paulo, Para: Recife" is a trip, and "De: sala 201, Para:
//! sala 305, Assunto: ponto de rede" what a form asks for. What no form has is the time of a mail: a
//! block counts only with a sender, the label of a time and one more, and with an address or a full
//! date in it.

use super::{
    attribution::Evidence,
    dates::names_weekday,
    languages::{LANGUAGES, Language},
    lines::{Line, fold, is_rule, is_titled_rule},
};
use domain::address::WrittenAddress;

/// Lines of a block looked at: labels, their continuations and blank lines between them.
const MAX_LINES: usize = 24;
/// Lines that may follow a label before the next one: a long list of recipients.
const CONTINUATIONS: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    From = 1,
    Date = 2,
    To = 4,
    Cc = 8,
    Subject = 16,
}

/// What the lines of a text are as headers, each looked at once.
pub(super) struct Labels(Vec<Label>);

#[derive(Clone, Copy, Default)]
struct Label {
    /// Kinds of header the line may be, as bits.
    kinds: u8,
    /// Whether an address may stand on it, or a full date behind the label of one.
    proof: bool,
}

impl Labels {
    /// Looks at all lines.
    pub(super) fn read(lines: &[Line<'_>]) -> Self {
        Self(lines.iter().map(label).collect())
    }

    /// Whether a block of headers begins at this line.
    pub(super) fn block_at(&self, lines: &[Line<'_>], at: usize) -> bool {
        let Some(first) = self.0.get(at).filter(|first| first.kinds != 0) else {
            return false;
        };
        let mut found = 0_u8;
        let mut labels = 0;
        let mut proof = false;
        let mut since = 0;
        let mut blanks = 0;
        for (line, label) in lines.iter().zip(&self.0).skip(at).take(MAX_LINES) {
            if line.quoted || is_rule(line.raw) || is_titled_rule(line.raw) {
                break;
            }
            if line.blank {
                blanks += 1;
                if blanks > 1 {
                    break;
                }
                continue;
            }
            if label.kinds == 0 {
                since += 1;
                // After a blank line only a label goes on with the block.
                if since > CONTINUATIONS || blanks > 0 {
                    break;
                }
            } else {
                since = 0;
                // What stands there again was a line of a person above the block.
                let again = labels > 0 && first.kinds & label.kinds == first.kinds;
                if again && first.kinds & Kind::From as u8 == 0 {
                    return false;
                }
                // A block of its own, or a person's "De: sala 201" over one.
                if again {
                    break;
                }
                // "De" may be from, "A" may be to: all kinds a label can mean count.
                found |= label.kinds;
                labels += 1;
            }
            blanks = 0;
            proof |= label.proof;
        }
        let has = |kind: Kind| found & kind as u8 != 0;
        labels >= 3
            && has(Kind::From)
            && has(Kind::Date)
            && (has(Kind::To) || has(Kind::Cc) || has(Kind::Subject))
            && proof
    }
}

impl Labels {
    /// What the block says that begins at this line or below it.
    pub(super) fn read_block(&self, lines: &[Line<'_>], at: usize) -> Block {
        let mut block = Block {
            end: at + 1,
            ..Block::default()
        };
        let within = lines.iter().zip(&self.0).enumerate().skip(at);
        for (number, (line, label)) in within.take(MAX_LINES) {
            let kinds = label.kinds;
            if kinds == 0 {
                // After a blank line only a label goes on with the block.
                if !line.blank && number > block.end && lines[number - 1].blank {
                    break;
                }
                // A long name pushes the address to the next line.
                if block.from.is_none() && number > at && self.0[number - 1].kinds & FROM != 0 {
                    block.from = address(line.raw);
                }
                if number > block.end + CONTINUATIONS {
                    break;
                }
                continue;
            }
            block.end = number + 1;
            let (_, value) = line.raw.split_once([':', '：']).unwrap_or_default();
            if kinds & FROM != 0 && block.from.is_none() {
                block.from = address(value);
            }
            if kinds & Kind::Subject as u8 != 0 && block.subject.is_none() {
                let subject = value.trim_matches(['*', ' ', '\t', '\u{a0}']);
                block.subject = Some(subject.to_owned());
            }
            let folded = fold(value);
            block.dated_by_program |= kinds & Kind::Date as u8 != 0
                && Evidence::of(&folded).dated()
                && names_weekday(&folded);
        }
        block
    }
}

const FROM: u8 = Kind::From as u8;

/// What a block of headers says.
#[derive(Default)]
pub(super) struct Block {
    /// Behind its last line.
    pub(super) end: usize,
    /// The sender's address.
    pub(super) from: Option<WrittenAddress>,
    /// The subject.
    pub(super) subject: Option<String>,
    /// Whether its date has the day of the week and the time, as mail programs write it out.
    pub(super) dated_by_program: bool,
}

/// The first address in a line.
pub(super) fn address(raw: &str) -> Option<WrittenAddress> {
    let apart = |c: char| c.is_whitespace() || "<>()[]\"';,|*".contains(c);
    let word = raw.split(apart).find(|word| word.contains('@'))?;
    let (_, bare) = word.rsplit_once(':').unwrap_or(("", word));
    Some(bare.into())
}

/// Whether a folded text begins with the header of a sender, and holds an address or a full date.
pub(super) fn names_sender(folded: &str) -> bool {
    kinds(folded) & FROM != 0 && (folded.contains('@') || Evidence::of(folded).dated())
}

/// Whether a line begins as a header does.
pub(super) fn is_label(raw: &str) -> bool {
    kinds(&fold(raw)) != 0
}

/// First byte of the wide colon, which stands in few other characters that people write.
pub(super) const WIDE_COLON: u8 = 0xef;

fn label(line: &Line<'_>) -> Label {
    // A label ends with a colon, and an address has its sign.
    let sign = |byte: u8| matches!(byte, b':' | b'@' | WIDE_COLON);
    if line.blank || line.quoted || !line.raw.bytes().any(sign) {
        return Label::default();
    }
    let folded = fold(line.raw);
    let mut kinds = kinds(&folded);
    // Android clients in French put two on one line: "À : x Objet : y".
    if kinds != 0 && SUBJECTS_INLINE.iter().any(|s| folded.contains(s)) {
        kinds |= Kind::Subject as u8;
    }
    let dated = kinds & Kind::Date as u8 != 0 && Evidence::of(&folded).dated();
    Label {
        kinds,
        proof: dated || folded.contains('@'),
    }
}

/// Subjects in the middle of a line.
const SUBJECTS_INLINE: &[&str] = &[" objet : ", " objet: ", " assunto: ", " asunto: "];

/// Kinds of header a folded line may be, as bits; 0 for none.
fn kinds(folded: &str) -> u8 {
    let Some(colon) = folded.find([':', '：']) else {
        return 0;
    };
    // "Enviado(s)": whoever translated it did not know how many there are.
    let label = folded[..colon]
        .trim_matches([' ', '_', '|', '>'])
        .trim_end_matches("(s)")
        .trim_end_matches("(a)");
    if label.is_empty() || label.len() > 40 {
        return 0;
    }
    let means = |pick: fn(&Language) -> &'static [&'static str], kind: Kind| {
        if LANGUAGES.iter().any(|l| pick(l).contains(&label)) {
            kind as u8
        } else {
            0
        }
    };
    means(|l| l.from, Kind::From)
        | means(|l| l.date, Kind::Date)
        | means(|l| l.to, Kind::To)
        | means(|l| l.cc, Kind::Cc)
        | means(|l| l.subject, Kind::Subject)
}

#[cfg(test)]
mod tests {
    use super::{super::lines::split, Labels};

    fn at(text: &str) -> bool {
        let lines = split(text);
        Labels::read(&lines).block_at(&lines, 0)
    }

    #[test]
    fn blocks_of_many_clients_are_known() {
        for text in [
            "De: Ana Sol <ana@example.com>\nEnviada em: quinta-feira, 5 de junho de 2025 14:03\nPara: Suporte\nAssunto: RES: Chamado",
            "De: Ana Sol\n\nEnviado: quinta-feira, 5 de junho de 2025 14:03\n\nPara: Suporte\n\nAssunto: x",
            "*From:* Ana [mailto:ana@example.com]\n*Sent:* Thursday\n*To:* Desk\n*Subject:* x",
            "From: A Long Name\n<ana@example.com>\nSent: Monday\nTo: Desk",
            "Message du : 12/12/2016\nDe : \"Ana\" <ana@example.com>\nA : x\nSujet : y",
            "De: Ana <ana@example.com>\nDate: jue, 5 jun 2025 a las 14:03\nSubject: x\nTo: <desk@example.com>",
            "De: Central\nPara: Ana\nEnviadas: Quinta-feira, 5 de junho de 2025 14:03:22\nAssunto: x",
            "De: Central\nEnviadas: quinta-feira, 5 de junho de 2025 14:03\nPara: Ana\nAssunto: x",
            "De: Ana <ana@example.com>\nPara: x\nEnviado(s): 05/06/2025 14:03:22\nAssunto: x",
            "보낸 사람: Ana <ana@example.com>\n보낸 날짜: 2025년 6월 5일 오후 2:03\n받는 사람: x\n제목: x",
            "De la: A <a@example.com>\nTrimis: joi, 26 noiembrie 2026 19:02\nCătre: B\nSubiect: x",
            "Από: A <a@example.com>\nΣτάλθηκε: Πέμπτη 26 Νοεμβρίου 2026 19:02\nΠρος: B\nΘέμα: x",
            "מאת: A <a@example.com>\nנשלח: יום חמישי 26 נובמבר 2026 19:02\nאל: B\nנושא: x",
            "من: A <a@example.com>\nتم الإرسال: الخميس 26 نوفمبر 2026 19:02\nإلى: B\nالموضوع: x",
            "De: A <a@example.com>\nEnviat el: dijous, 26 de novembre de 2026 19:02\nPer a: B\nAssumpte: x",
            "Từ: A <a@example.com>\nĐã gửi: Thứ Năm 26 tháng 11 2026 19:02\nĐến: B\nChủ đề: x",
            "Dari: A <a@example.com>\nDikirim: Kamis 26 November 2026 19:02\nKepada: B\nSubjek: x",
            "Fra: A <a@example.com>\nDato: 04.07.2024 17.45\nTil: b@example.com\nEmne: x",
        ] {
            assert!(at(text), "{text}");
        }
    }

    #[test]
    fn what_people_write_is_none() {
        for text in [
            "De: São Paulo\nPara: Recife\nData: 10/06",
            "De: 10/06\nPara: 20/06",
            "De: sala 201\nPara: sala 305\nAssunto: ponto de rede",
            "De: sala 201\nPara: sala 305\nData: 10/06/2025\nAssunto: mudança",
            "De: ana@example.com\nPara: bia@example.com\nAssunto: redirecionar",
            "Assunto: impressora\nO problema continua.",
            "Para: todos",
            "Assunto: impressora\nDe: Ana <ana@example.com>\nEnviada em: 05/06/2025 14:03\nPara: x\nAssunto: y",
            "From: our database, not From: external sources.",
            "Data: 10/06\nHora: 14:00\nLocal: sala 2",
            "Data: 10/06\n------ Mensagem ------\nDe: Ana <ana@example.com>\nPara: x\nAssunto: x",
            "",
        ] {
            assert!(!at(text), "{text}");
        }
    }
}
