//! Embeds `console/dist`: every file as it is and compressed, and the hash over all of them under
//! which they are served.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

#[path = "../link.rs"]
mod link;

fn main() -> io::Result<()> {
    link::main();
    locales::write("console").map_err(io::Error::other)?;
    let manifest = PathBuf::from(required("CARGO_MANIFEST_DIR"));
    let dist = manifest.join("../../console/dist").canonicalize()?;
    let out = PathBuf::from(required("OUT_DIR"));
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut names: Vec<String> = fs::read_dir(&dist)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.sort();
    let mut hash = Sha256::new();
    let mut table = String::from("const FILES: &[(&str, &[u8], &[u8])] = &[\n");
    for name in names {
        let path = dist.join(&name);
        println!("cargo::rerun-if-changed={}", path.display());
        let content = fs::read(&path)?;
        hash.update(name.len().to_be_bytes());
        hash.update(&name);
        hash.update(content.len().to_be_bytes());
        hash.update(&content);
        let compressed = out.join(format!("{name}.br"));
        compress(&content, &compressed)?;
        let _ = writeln!(
            table,
            "({name:?}, include_bytes!({path:?}), include_bytes!({compressed:?})),"
        );
    }
    let hash = hash.finalize();
    let hex = hash[..8].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let _ = writeln!(table, "];\nconst HASH: &str = {hex:?};");
    fs::write(out.join("files.rs"), table)
}

fn compress(content: &[u8], to: &Path) -> io::Result<()> {
    // The strongest setting takes half a second a file even without optimisation, and the result is
    // what people download.
    let mut writer = brotli::CompressorWriter::new(fs::File::create(to)?, 1 << 16, 11, 22);
    writer.write_all(content)?;
    writer.flush()
}

fn required(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("Cargo sets {name}"))
}
