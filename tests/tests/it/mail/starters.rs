//! The starters as mails with the catalogue's samples: the bytes are reviewed snapshots.

use domain::{
    catalog::{Language, Locale, starters::Starter},
    source::Syntax,
};
use render::{Mode, RenderContext, TokenSpec, check, compile, sample_values};

use super::{composed, envelope, parser::parse};

#[test]
fn golden_mails_of_the_starters() {
    let link = |spec: &TokenSpec| format!("https://portal.example.com/links/{:?}", spec.action);
    let mut mails = Vec::new();
    for starter in Starter::all() {
        for language in Language::ALL {
            let source = starter.variant(language).source(Syntax::Tera);
            assert_eq!(check(&source), [], "{}", starter.id);
            let context = RenderContext {
                locale: Locale::of(language.tag()),
                link_maker: Some(&link),
                ..RenderContext::default()
            };
            let compiled = compile(&source, Mode::Strict).unwrap();
            let rendered = compiled.render(&sample_values(language), &context).unwrap();
            assert!(
                !rendered.text.contains("\n\n\n"),
                "{}: {}",
                starter.id,
                rendered.text
            );
            mails.push((starter, language, composed(&envelope(), &rendered).raw));
        }
    }
    let raw: Vec<Vec<u8>> = mails.iter().map(|(_, _, raw)| raw.clone()).collect();
    for ((starter, language, raw), parsed) in mails.into_iter().zip(parse(&raw)) {
        let name = format!("{}-{}", starter.id, language.tag());
        assert_eq!(parsed.defects, [""; 0], "{name}");
        let [text, html] = &parsed.parts[..] else {
            panic!("{name}: a text and an HTML part");
        };
        for part in [text, html] {
            let content = &part.content;
            assert!(content.contains("2041"), "{name} says which ticket");
            assert!(
                content.contains("https://portal.example.com/"),
                "{name} links to it"
            );
        }
        // Every colour that light mode has is one that dark mode changes: no part is left unreadable.
        assert!(
            html.content.contains("prefers-color-scheme: dark"),
            "{name}"
        );
        insta::with_settings!({ snapshot_suffix => name, prepend_module_to_snapshot => false }, {
            insta::assert_binary_snapshot!("starter.eml", raw);
        });
    }
}
