//! What the documents name of the code is there.

use std::{collections::BTreeSet, fs};

use crate::sources;

fn document(name: &str) -> String {
    fs::read_to_string(sources::repository().join("docs").join(name)).unwrap()
}

/// What stands between marks of code.
fn marked(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn each_step_of_a_walk_is_a_function_of_its_file() {
    let text = document("ARCHITECTURE.md");
    let mut steps = 0;
    for row in text.lines().filter(|line| line.starts_with('|')) {
        let marked: Vec<_> = marked(row).collect();
        let [file, function] = marked[..] else {
            continue;
        };
        if file.ends_with(".rs") {
            let there = sources::functions(&sources::parsed(&sources::repository().join(file)));
            assert!(there.iter().any(|name| name == function), "{row}");
            steps += 1;
        }
    }
    assert!(steps > 25, "{steps} are too few to be three walks");
}

/// The glossary leaves out modules that say nothing: `domain::Ticket` is an item of this name somewhere
/// below `domain`.
#[test]
fn the_code_that_the_glossary_names_is_there() {
    let text = document("GLOSSARY.md");
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let named: BTreeSet<_> = rows
        .flat_map(marked)
        .filter(|name| name.contains("::"))
        .collect();
    assert!(named.len() > 20, "{named:?}");
    let names = sources::names();
    let is_there = |name: &str| {
        let parts: Vec<_> = name.split("::").collect();
        let is_at = |path: &Vec<String>| {
            let mut rest = path.iter();
            path.last()
                .is_some_and(|last| parts.last() == Some(&last.as_str()))
                && parts.iter().all(|part| rest.any(|segment| segment == part))
        };
        names.iter().any(is_at)
    };
    let lacking: Vec<_> = named.iter().filter(|name| !is_there(name)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn log_lines_that_the_operator_looks_for_are_written() {
    let text = document("OPERATIONS.md");
    let looked_for: BTreeSet<_> = text
        .split("$.message = \"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(message, _)| message))
        .collect();
    assert!(looked_for.len() > 8, "{looked_for:?}");
    let folders = ["shared", "functions"].map(|folder| sources::repository().join(folder));
    let files = folders.iter().flat_map(|folder| sources::files(folder));
    let written: Vec<_> = files
        .flat_map(|file| sources::logged(&sources::parsed(&file)))
        .collect();
    for message in looked_for {
        let is_written = match message.strip_suffix('*') {
            Some(start) => written.iter().any(|text| text.starts_with(start)),
            None => written.iter().any(|text| text == message),
        };
        assert!(is_written, "{message}");
    }
}
