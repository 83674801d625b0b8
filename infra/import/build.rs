//! Writes the texts of this crate.

fn main() -> Result<(), locales::Fault> {
    locales::write("import")
}
