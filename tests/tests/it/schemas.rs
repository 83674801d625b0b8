//! Which types of the lower crates the contract shows. Clippy and the compiler cannot be asked that.

use syn::{Attribute, Fields, Item};

use crate::sources;

/// What the domain and the API have in common are words: structs have their own shape in `service::api`,
/// so that one can change without the other.
#[test]
fn below_the_use_cases_only_words_have_a_schema() {
    let mut words = 0;
    let shared = sources::repository().join("shared");
    let above = ["service", "web"].map(|name| shared.join(name));
    for file in sources::files(&shared) {
        if above.iter().any(|folder| file.starts_with(folder)) {
            continue;
        }
        for item in &sources::parsed(&file).items {
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
