//! Any bytes as a file to import: no panic, nothing out of bounds, and the same whatever the size
//! of the pieces in which the bytes arrive.

#![no_main]

use std::{
    io::{self, Read},
    path::Path,
};

use arbitrary::Arbitrary;
use import::{Gathered, Item, Items, Options, read_bytes, read_csv, read_sql};
use libfuzzer_sys::fuzz_target;
use domain::import::MAX_LEGACY_ID;

#[derive(Arbitrary, Debug)]
struct Input {
    kind: Kind,
    dialect: Option<Dialect>,
    latin: bool,
    piece: u8,
    bytes: Vec<u8>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Kind {
    Sql,
    Csv,
    Html,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Dialect {
    Mysql,
    Postgresql,
    Sqlserver,
    Oracle,
}

/// Hands bytes over in pieces of at most this size.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.0.len().min(self.1).min(buffer.len());
        let (piece, rest) = self.0.split_at(size);
        buffer[..size].copy_from_slice(piece);
        self.0 = rest;
        Ok(size)
    }
}

fuzz_target!(|input: Input| {
    let dialect = input.dialect.map(|dialect| match dialect {
        Dialect::Mysql => "mysql",
        Dialect::Postgresql => "postgresql",
        Dialect::Sqlserver => "sqlserver",
        Dialect::Oracle => "oracle",
    });
    let encoding = input.latin.then_some("iso-8859-1");
    let options = Options::named(encoding, dialect).expect("these names are known");
    let piece = usize::from(input.piece).max(1);
    let (whole, pieces) = match input.kind {
        Kind::Html => {
            let whole = read_bytes(&input.bytes, Path::new("1.html"), &options);
            (whole.expect("memory never fails"), None)
        }
        Kind::Sql => {
            let read = |stream| read_sql(stream, "a.sql", &options).expect("memory never fails");
            let whole = gather(read(Box::new(input.bytes.as_slice())));
            (whole, Some(gather(read(Box::new(Pieces(&input.bytes, piece))))))
        }
        Kind::Csv => {
            let read = |stream| read_csv(stream, "a.csv", &options).expect("memory never fails");
            let whole = gather(read(Box::new(input.bytes.as_slice())));
            (whole, Some(gather(read(Box::new(Pieces(&input.bytes, piece))))))
        }
    };
    let lines = input.bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
    for template in &whole.templates {
        assert!(template.id.is_none_or(|id| (1..=MAX_LEGACY_ID).contains(&id)));
        assert!((1..=lines).contains(&template.origin.line));
    }
    assert!(whole.findings.iter().all(|finding| (1..=lines).contains(&finding.line)));
    if let Some(pieces) = pieces {
        assert_eq!(whole, pieces);
    }
});

fn gather(items: Items<'_>) -> Gathered {
    let mut gathered = Gathered::default();
    for item in items {
        match item.expect("memory never fails") {
            Item::Template(template) => gathered.templates.push(template),
            Item::Finding(finding) => gathered.findings.push(finding),
        }
    }
    gathered
}
