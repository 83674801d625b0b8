//! Texts that are signed with PGP in the text itself (RFC 4880, section 7).

const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SEAL: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";
/// How an encrypted text begins.
pub(super) const ENCRYPTED: &str = "-----BEGIN PGP MESSAGE-----";

/// The text without the armour and the seal.
pub(super) fn without_armour(text: String) -> String {
    if !text.contains(SIGNED) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut lines = text.lines();
    let mut within = false;
    while let Some(line) = lines.next() {
        match line.trim_end() {
            SIGNED => {
                within = true;
                // The names of the hashes, up to a blank line.
                lines.by_ref().find(|line| line.trim().is_empty());
            }
            SEAL if within => {
                within = false;
                lines.by_ref().find(|line| line.trim_end() == END);
            }
            _ => {
                let escaped = within.then(|| line.strip_prefix("- ")).flatten();
                out.push_str(escaped.unwrap_or(line));
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_armour;

    #[test]
    fn the_signed_text_is_left() {
        let mail = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nFuncionou.\n- -- \nAna\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\nLista\n";
        assert_eq!(
            without_armour(mail.to_owned()),
            "Funcionou.\n-- \nAna\nLista\n"
        );
        assert_eq!(without_armour("a\n- b".to_owned()), "a\n- b");
    }
}
