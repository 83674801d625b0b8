//! The importer on files of every dialect, on the corpus, and on whatever else may come.

mod corpus;
mod dialects;
mod exports;
mod found;
mod hostile;
mod reports;
mod round_trip;

use domain::import::{Finding, LegacyTemplate};
use import::{Gathered, Item, Options};

/// Reads a script from memory.
fn read_sql(script: &[u8], name: &str) -> Gathered {
    gather(import::read_sql(Box::new(script), name, &Options::default()).unwrap())
}

fn gather(items: import::Items<'_>) -> Gathered {
    let mut gathered = Gathered::default();
    for item in items {
        match item.unwrap() {
            Item::Template(template) => gathered.templates.push(template),
            Item::Finding(finding) => gathered.findings.push(finding),
        }
    }
    gathered
}

/// What was read, for a snapshot.
fn shown(gathered: &Gathered) -> String {
    let templates = gathered.templates.iter().map(|template| {
        let LegacyTemplate {
            id,
            identifier,
            title,
            html,
            text: _,
            status,
            origin,
        } = template;
        let id = id.map_or("-".to_owned(), |id| id.to_string());
        format!(
            "{}: {id} [{identifier}] {status:?}\n  {title:?}\n  {html:?}\n",
            origin.line
        )
    });
    let findings = gathered.findings.iter().map(|finding| {
        let Finding {
            severity,
            code,
            line,
            message,
            ..
        } = finding;
        format!("{line}: {severity:?} {}: {message}\n", code.as_str())
    });
    templates.chain(findings).collect()
}
