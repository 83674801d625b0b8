//! The corpus of replies as people's mail programs wrote them, against reviewed digests.
//!
//! The corpus is not part of this repository, so neither is the text taken out of it: the table
//! holds lengths and SHA-256 sums. How to review a change: `tests/inbound/README.md`.

use std::{fs, path::PathBuf};

use mail::reply::extract;
use sha2::{Digest, Sha256};
use tests::corpus;

fn line_of(name: &str, text: &str) -> String {
    let sum: String = Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{name}\t{}\t{sum}\n", text.len())
}

#[test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
fn every_reply_of_the_corpus_comes_out_as_reviewed() {
    let corpus = corpus();
    let replies = corpus.join("replies");
    let table = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("inbound/corpus.tsv");
    let review = std::env::var_os("REVIEW_DIR").map(PathBuf::from);
    let mut names: Vec<_> = fs::read_dir(&replies)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".txt"))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no reply in {}", replies.display());
    let mut found = String::from("# reply\tbytes of its text\tSHA-256 of its text\n");
    for name in &names {
        let mail = fs::read_to_string(replies.join(name)).unwrap();
        let reply = extract(&mail);
        assert!(!reply.text.trim().is_empty(), "{name} came out empty");
        found.push_str(&line_of(name, &reply.text));
        if let Some(dir) = &review {
            fs::create_dir_all(dir).unwrap();
            fs::write(dir.join(name), &reply.text).unwrap();
        }
    }
    if review.is_some() {
        fs::write(&table, &found).unwrap();
        return;
    }
    let expected = fs::read_to_string(&table).unwrap();
    let wrong: Vec<_> = found
        .lines()
        .filter(|line| !expected.lines().any(|e| e == *line))
        .collect();
    assert!(wrong.is_empty(), "not as reviewed:\n{}", wrong.join("\n"));
    assert_eq!(found.lines().count(), expected.lines().count());
}
