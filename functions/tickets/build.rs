//! Links as every function is, and writes the texts of this crate.

#[path = "../link.rs"]
mod link;

fn main() -> Result<(), locales::Fault> {
    link::main();
    locales::write("tickets")
}
