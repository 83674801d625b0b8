//! Which types of the lower crates the contract shows. Clippy and the compiler cannot be asked that.

use std::{
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Fields, Item};

/// What the domain and the API have in common are words: structs have their own shape in `service::api`,
/// so that one can change without the other.
#[test]
fn below_the_use_cases_only_words_have_a_schema() {
    let mut words = 0;
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared")) {
        let parsed = syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap();
        for item in &parsed.items {
            let (name, attributes, are_words) = match item {
                Item::Struct(item) => (&item.ident, &item.attrs, false),
                Item::Union(item) => (&item.ident, &item.attrs, false),
                Item::Enum(item) => {
                    let mut variants = item.variants.iter();
                    let are_words = variants.all(|one| matches!(one.fields, Fields::Unit));
                    (&item.ident, &item.attrs, are_words)
                }
                _ => continue,
            };
            if attributes.iter().any(derives_schema) {
                assert!(are_words, "{name} in {}", file.display());
                words += 1;
            }
        }
    }
    assert!(words > 10, "{words} are too few to be all");
}

/// The files of the crates below the use cases.
fn sources(shared: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = entries(shared)
        .filter(|path| !path.ends_with("service") && !path.ends_with("web"))
        .map(|path| path.join("src"))
        .collect();
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            match path.extension() {
                Some(extension) if extension == "rs" => files.push(path),
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    files
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let found = fs::read_dir(folder).unwrap();
    found.map(|entry| entry.unwrap().path())
}

fn derives_schema(attribute: &Attribute) -> bool {
    let mut found = false;
    if attribute.path().is_ident("derive") {
        let named = attribute.parse_nested_meta(|meta| {
            let last = meta.path.segments.last();
            found |= last.is_some_and(|last| last.ident == "ToSchema");
            Ok(())
        });
        named.unwrap();
    }
    found
}
