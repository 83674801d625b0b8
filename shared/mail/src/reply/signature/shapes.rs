//! What a line looks like: a mark over a signature, a closing, a name, a way to reach somebody, or a
//! sentence.

use super::super::{
    inline::only_greets,
    languages::LANGUAGES,
    lines::{fold, is_symbol, is_visible, visible},
    quotation::ANSWERS,
};

/// Fewest words of a sentence; less is a name, a title or a slogan.
const SENTENCE_WORDS: usize = 4;
/// Most symbols of an answer; more are an ornament.
const ANSWER_SYMBOLS: usize = 3;
/// Most words of a heading.
const HEADING_WORDS: usize = 6;
/// Most words of a line with a name.
const NAME_WORDS: usize = 8;

/// `--` and its like, as people and programs put it over a signature.
pub(super) fn is_dashes(raw: &str) -> bool {
    matches!(raw.trim(), "--" | "__" | "—" | "–" | "---")
}

/// "Atenciosamente,", "Att, Ana Sol", "Cheers 🎉": the closing with no more than a name behind it.
pub(super) fn is_closing(folded: &str, raw: &str) -> bool {
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    LANGUAGES.iter().flat_map(|l| l.closings).any(|words| {
        let Some(rest) = bare.strip_prefix(words) else {
            return false;
        };
        if rest.is_empty() {
            return true;
        }
        // Behind the closing a comma and a name of at most four words, each with a capital.
        let Some(behind) = rest.strip_prefix([',', '.', ' ', '!', '-']) else {
            return false;
        };
        let names = behind
            .trim_start_matches([' ', ',', '.', '-'])
            .split(' ')
            .count();
        let capitals = raw
            .split_whitespace()
            .rev()
            .take(names)
            .all(|word| word.starts_with(char::is_uppercase));
        rest.starts_with([',', '.']) && names <= 4 && capitals
    })
}

/// "PS:", "Obs.": more text.
pub(super) fn is_postscript(folded: &str) -> bool {
    ["ps", "p.s", "p.s.", "obs", "obs.", "pd", "p.d."]
        .iter()
        .any(|mark| {
            folded
                .strip_prefix(mark)
                .is_some_and(|rest| rest.starts_with([':', ' ', '-']))
        })
}

/// How the names of companies end.
const COMPANIES: &[&str] = &[
    "ltda", "ltd", "inc", "corp", "co", "cia", "eireli", "gmbh", "srl", "me", "epp",
];

/// Whether a line is a question, or a sentence of some words that ends as one.
fn is_text(raw: &str) -> bool {
    let line = raw.trim_end_matches(|c: char| !is_visible(c) || matches!(c, '"' | ')' | '*'));
    // "Compras | Exemplo S.A." and "Rua do Sol, 12, Exemplo Ltda." end with an abbreviation.
    let last = line.split_whitespace().next_back().unwrap_or_default();
    let last = last.trim_matches(|c: char| !c.is_alphanumeric());
    let company = last.contains('.') || COMPANIES.contains(&last.to_lowercase().as_str());
    let card = line.contains(" | ") || company && line.ends_with('.');
    let sentence = line.ends_with(['.', '!', '…']) && !is_contact(raw) && !card;
    line.ends_with('?')
        || line.contains("? ")
        || sentence && line.split_whitespace().count() >= SENTENCE_WORDS
}

/// Whether a line may be something that its author says: a sentence, or words of which there are
/// none on a card.
pub(super) fn may_be_said(raw: &str) -> bool {
    if is_text(raw) {
        return true;
    }
    let folded = fold(raw);
    folded.split(' ').count() >= 2 && !is_contact(raw) && speaks(&folded)
}

/// Whether a folded line holds a word of those that people use when they tell or ask something.
fn speaks(folded: &str) -> bool {
    let mut words = folded
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty());
    words.any(|word| LANGUAGES.iter().any(|l| l.speech.contains(&word)))
}

/// Whether a line is an answer of one word: "Sim", "Obrigada!", "4471", "👍".
pub(in super::super) fn is_answer(raw: &str) -> bool {
    let folded = fold(raw);
    let word = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if word.is_empty() {
        return folded.contains(is_symbol) && visible(raw) <= ANSWER_SYMBOLS;
    }
    let number = || !word.contains(char::is_alphabetic) && !is_contact(raw);
    !word.contains(' ') && (ANSWERS.contains(&word) || number() || speaks(word))
}

/// Whether a line is a point of a list: "1. …", "- …".
pub(super) fn is_point(raw: &str) -> bool {
    let line = raw.trim_start();
    let behind = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = behind.len() < line.len() && behind.starts_with([')', '.']);
    numbered || ["- ", "* ", "• "].iter().any(|mark| line.starts_with(mark))
}

/// Whether a line can be the first one of a signature: a name, perhaps with a title behind it, or
/// how to reach somebody. Words of some length have a capital, unless there is only one.
pub(super) fn is_name(raw: &str) -> bool {
    if is_contact(raw) {
        return true;
    }
    let name = raw[..end_of_name(raw)].trim();
    let words: Vec<&str> = name.split_whitespace().collect();
    words.len() <= NAME_WORDS
        && !may_be_said(raw)
        && (raw.split_whitespace().count() == 1
            || words
                .iter()
                .filter(|word| word.chars().count() > 3)
                .all(|word| {
                    !word
                        .trim_start_matches(['*', '_', '"'])
                        .starts_with(char::is_lowercase)
                }))
}

/// Whether a line is what programs put in place of a picture: its text in brackets, perhaps with a link.
pub(super) fn is_picture(raw: &str) -> bool {
    let line = raw.trim();
    let bare = match line.rsplit_once("]<") {
        Some((bare, link)) if link.ends_with('>') => bare,
        _ => line.strip_suffix(']').unwrap_or_default(),
    };
    let title = bare.strip_prefix('[').unwrap_or_default();
    !title.is_empty() && !title.contains(['[', ']']) && !may_be_said(title)
}

/// Whether it is surely one: it has a link, or is named as programs name pictures.
pub(super) fn is_surely_picture(raw: &str) -> bool {
    let line = raw.trim().to_lowercase();
    let title = line.trim_matches(['[', ']']);
    let named = |names: &[&str]| names.iter().any(|name| title.starts_with(name));
    is_picture(raw)
        && (line.ends_with('>')
            || named(&["cid:", "image", "imagem", "imagen", "logo"])
            || [".png", ".jpg", ".jpeg", ".gif"]
                .iter()
                .any(|end| title.ends_with(end)))
}

/// Where a name ends that a title may follow.
fn end_of_name(raw: &str) -> usize {
    let end = raw.find([',', '|', '/', '(', '–', '—']);
    end.or_else(|| raw.find(" - ")).unwrap_or(raw.len())
}

/// Whether a line is no first line of a card, but something that its author tells: in the place of a
/// name stands a number or a word with a colon: "Depois: Falha", "Erro 0x97".
pub(super) fn is_data(raw: &str) -> bool {
    let name = &raw[..end_of_name(raw)];
    !is_contact(raw) && (has_label(raw) || name.contains(|c: char| c.is_ascii_digit()))
}

/// Whether a line tells a number or a value that stands on no card: "Patrimônio 4471", "Erro 0x809",
/// "Sala 12, 3º andar".
pub(super) fn is_value(raw: &str) -> bool {
    (is_data(raw) || names_a_number(raw))
        && !is_on_card(raw)
        && raw.split_whitespace().count() <= NAME_WORDS
}

/// Whether a line tells the number of a thing, which may be as long as one to call: "Patrimônio 10024471".
pub(super) fn numbers_a_thing(raw: &str) -> bool {
    names_a_number(raw) && !is_on_card(raw)
}

fn names_a_number(raw: &str) -> bool {
    raw.contains(|c: char| c.is_ascii_digit()) && holds(&fold(raw), NUMBERED_THINGS)
}

fn is_on_card(raw: &str) -> bool {
    let folded = fold(raw);
    holds(&folded, CARD_WORDS) || folded.contains(['@', '|', '©'])
}

/// Whether one of these words stands in a folded line.
fn holds(folded: &str, list: &[&str]) -> bool {
    let mut words = folded.split(|c: char| !c.is_alphanumeric());
    words.any(|word| list.contains(&word))
}

/// Things that have numbers of their own.
const NUMBERED_THINGS: &[&str] = &[
    "patrimônio",
    "patrimonio",
    "inventário",
    "inventario",
    "etiqueta",
    "asset",
    "tag",
    "serial",
    "série",
    "serie",
    "chamado",
    "ticket",
    "protocolo",
    "pedido",
    "erro",
    "error",
    "código",
    "codigo",
    "code",
    "ip",
];

/// Words beside the numbers and values that stand on a card.
const CARD_WORDS: &[&str] = &[
    // To call or write.
    "tel",
    "telefone",
    "telefones",
    "teléfono",
    "telefono",
    "fone",
    "fones",
    "phone",
    "cel",
    "celular",
    "mobile",
    "móvel",
    "móvil",
    "movil",
    "fax",
    "whatsapp",
    "whats",
    "zap",
    "wpp",
    "ramal",
    "ramais",
    "ext",
    "extension",
    "extensión",
    "interno",
    "int",
    "anexo",
    "pabx",
    "skype",
    "teams",
    "linkedin",
    "instagram",
    "facebook",
    "twitter",
    "telegram",
    "site",
    "web",
    "website",
    "url",
    "mail",
    "email",
    "correo",
    "www",
    "http",
    "https",
    "horário",
    "horario",
    "hours",
    // To find.
    "endereço",
    "endereco",
    "address",
    "dirección",
    "direccion",
    "rua",
    "av",
    "avenida",
    "ave",
    "alameda",
    "praça",
    "praca",
    "pça",
    "rodovia",
    "rod",
    "travessa",
    "estrada",
    "calle",
    "carrera",
    "plaza",
    "paseo",
    "street",
    "st",
    "road",
    "rd",
    "suite",
    "quadra",
    "lote",
    "bloco",
    "edifício",
    "edificio",
    "ed",
    "cep",
    "cp",
    "straße",
    "strasse",
    "str",
    // What somebody is.
    "mat",
    "matrícula",
    "matricula",
    "siape",
    "masp",
    "vara",
    "torre",
    "postal",
    "crm",
    "crea",
    "oab",
    "crc",
    "coren",
    "cra",
    "cro",
    "crp",
    "creci",
    "cnpj",
    "rut",
    "ruc",
    "cif",
    "nif",
    "cargo",
    "empresa",
    "company",
    "departamento",
    "depto",
    "dept",
    "department",
    "analista",
    "analyst",
    "analist",
    "técnico",
    "técnica",
    "tecnico",
    "tecnica",
    "technician",
    "suporte",
    "soporte",
    "support",
    "nível",
    "nivel",
    "level",
    "iso",
    "since",
    "desde",
];

/// Whether a word with a colon stands in the place of a name.
pub(super) fn has_label(raw: &str) -> bool {
    let mut words = raw[..end_of_name(raw)].split_whitespace();
    !is_contact(raw) && words.any(|word| word.ends_with(':'))
}

/// Whether a line may be a heading: short, no end of a sentence, no greeting, and no word of those
/// that people use when they tell something.
pub(super) fn is_heading(raw: &str) -> bool {
    let line = raw.trim();
    line.split_whitespace().count() <= HEADING_WORDS
        && line.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '"' | '*' | '_'))
        && !is_text(raw)
        && !speaks(&fold(raw))
        && !is_answer(raw)
        && !is_contact(raw)
        && !only_greets(raw)
}

/// Whether a line says that ways to reach somebody follow, and the one below it is one: "Números para
/// liberar", "Segue o contato do fornecedor". A name is one only below the latter, for signatures begin
/// with it, too. A line with a figure tells its number itself.
pub(super) fn promises_contacts(raw: &str, below: &str) -> bool {
    let folded = fold(raw);
    let words: Vec<&str> = folded.split(' ').collect();
    let any = |words: &[&str], list: &[&str]| words.iter().any(|word| list.contains(word));
    if words.len() > HEADING_WORDS || raw.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    if FOLLOWS.contains(&words[0]) {
        let ends = raw.trim_end().ends_with(char::is_alphanumeric);
        return ends && any(&words, CONTACTS) && any(&words, OF_SOMEBODY);
    }
    let place = || below.contains(|c: char| c.is_ascii_digit()) && holds(&fold(below), STREETS);
    let first = &words[..words.len().min(2)];
    is_heading(raw) && (any(first, CONTACTS) || any(first, SITES)) && (is_contact(below) || place())
}

/// First words of a line that says what follows.
const FOLLOWS: &[&str] = &[
    "segue",
    "seguem",
    "sigue",
    "siguen",
    "follows",
    "following",
    "here",
];

/// Words that say whose contact it is.
const OF_SOMEBODY: &[&str] = &[
    "do", "da", "dos", "das", "de", "del", "of", "for", "is", "are",
];

/// Words for ways to reach somebody, or a place.
const CONTACTS: &[&str] = &[
    "contato",
    "contatos",
    "contacto",
    "contactos",
    "contact",
    "contacts",
    "telefone",
    "telefones",
    "teléfono",
    "teléfonos",
    "phone",
    "phones",
    "celular",
    "celulares",
    "ramal",
    "ramais",
    "endereço",
    "endereços",
    "dirección",
    "direcciones",
    "address",
    "addresses",
];

/// Words for what is called or opened, which people send as files, too.
const SITES: &[&str] = &[
    "número", "números", "numero", "numeros", "number", "numbers", "site", "sites", "sitio",
    "sitios", "website", "websites", "link", "links", "url", "urls", "e-mail", "e-mails", "email",
    "emails", "correo", "correos",
];

/// Words of the line with a street.
const STREETS: &[&str] = &[
    "rua", "avenida", "av", "alameda", "travessa", "praça", "rodovia", "estrada", "calle",
    "carrera", "street", "road",
];

/// Whether a heading may say what stands below it: words for a thing, of which no name and no number is one.
pub(super) fn names_a_thing(raw: &str) -> bool {
    let mut words = raw.split_whitespace();
    words
        .next()
        .is_some_and(|first| first.chars().skip(1).all(char::is_lowercase))
        && words.all(|word| word.chars().all(char::is_lowercase))
}

/// Whether a line tells how to reach somebody: an address, a site, a telephone number.
pub(super) fn is_contact(raw: &str) -> bool {
    let folded = fold(raw);
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    let others = folded
        .chars()
        .filter(|c| is_visible(*c) && !c.is_ascii_digit())
        .count();
    // In a sentence an address is what it is about.
    let short = folded.split(' ').count() <= SENTENCE_WORDS;
    short && (folded.contains('@') || folded.contains("www.") || folded.contains("http"))
        || (7..=15).contains(&digits) && others <= digits + 12
}
