//! Whether marked lines of a mail are quotation of ours: the system knows what it sent.

use std::collections::HashSet;

/// Words that are compared at a time.
const TOGETHER: usize = 3;

/// Whether `quoted` is taken out of `ours`, or holds it: half of its runs of three words, or four
/// fifths of ours, are the same. Case, marks and line ends do not count.
pub fn quotes(quoted: &str, ours: &str) -> bool {
    let (quoted, ours) = (words(quoted), words(ours));
    if quoted.is_empty() {
        return true;
    }
    let together = TOGETHER.min(quoted.len()).min(ours.len());
    if together == 0 {
        return false;
    }
    let runs = |words: &'_ [String]| -> HashSet<Vec<String>> {
        words.windows(together).map(<[String]>::to_vec).collect()
    };
    let (of_quoted, of_ours) = (runs(&quoted), runs(&ours));
    let common = of_quoted.intersection(&of_ours).count();
    let whole = ours.len() >= TOGETHER && common * 5 >= of_ours.len() * 4;
    // Of a mail of one or two words all must be the same.
    let least = match quoted.len() < TOGETHER {
        true => of_quoted.len() * 2,
        false => of_quoted.len(),
    };
    quoted.len() >= together && common * 2 >= least && ours.len() >= quoted.len().min(TOGETHER)
        || whole
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::quotes;

    #[test]
    fn what_we_sent_is_known_again() {
        let ours =
            "Bom dia, Ana. Você pode testar a impressora do 3º andar de novo? Obrigado, Bia.";
        for quoted in [
            "Você pode testar a impressora do 3º andar de novo?",
            "Você pode testar a\nimpressora do 3º andar\nde novo?",
            "Prezada Ana, há uma mensagem nova. Bom dia, Ana. Você pode testar a impressora do 3º andar de novo? Obrigado, Bia. Central de Serviços.",
            "Obrigado, Bia.",
            "",
        ] {
            assert!(quotes(quoted, ours), "{quoted}");
        }
        for quoted in [
            "ipconfig /all\nEndereço IPv4: 10.0.0.5",
            "A impressora imprime de novo",
            "sim",
            "Você pode",
        ] {
            assert_eq!(quotes(quoted, ours), quoted == "Você pode", "{quoted}");
        }
        assert!(!quotes("sim, testei de novo", ""));
        assert!(quotes("Funcionou?", "Funcionou?"));
        assert!(!quotes("Funcionou", "Ok"));
    }
}
