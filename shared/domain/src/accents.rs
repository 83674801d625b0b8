//! Letters without their accents, for comparing what people type.

/// A letter of Portuguese, Spanish or their neighbours in lower case, without its accent; every other
/// character as it is.
pub fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_lose_their_accents_and_nothing_else_changes() {
        let plain: String = "ação, Año ß日".chars().map(without_accent).collect();
        assert_eq!(plain, "acao, Ano ß日");
    }
}
