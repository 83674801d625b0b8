//! Import of generated dumps of 50 MB: speed on one core and peak memory of the process, with the
//! bounds of the specification (50 MB/s, 100 MiB). `cargo bench -p import`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

const SIZE: u64 = 50_000_000;
const MIN_SPEED: f64 = 50.0;
const MAX_MEMORY: u64 = 100 * 1024;

const HTML: &str = "Senhor(a) ${NOMECONTATO},<br /><br />Informamos que a solicita&ccedil;&atilde;o ${IDSOLICITACAOSERVICO} \
    foi registrada em ${DATAHORASOLICITACAOSTR}:<br /><strong>Tipo:</strong> ${DEMANDA}<br />${DESCRICAO}<br />";

/// A shape of dump: its name, its prologue, one part of it (which holds so many templates), and
/// whether it is written in UTF-16.
struct Shape {
    name: &'static str,
    prologue: &'static str,
    part: String,
    templates: usize,
    utf16: bool,
}

fn shapes() -> [Shape; 4] {
    let row = |n: usize| {
        format!(
            "({n},'2013-04-16 10:00:00','Ocorr\u{ea}ncia \\'{n}\\'',NULL,{n}.50,'<p>\\r\\n{HTML}</p>')"
        )
    };
    let rows: Vec<String> = (1..2500).map(row).collect();
    let mysqldump = format!(
        "INSERT INTO `ocorrencia` VALUES {};\nINSERT INTO `modelosemails` VALUES (1,'Ocorr\u{ea}ncia','{HTML}','A','oc'),(2,'Outra','{HTML}','A','ou');\n",
        rows.join(",")
    );
    let mut scripts = String::new();
    for n in 0..2000 {
        let _ = writeln!(
            scripts,
            "-- autor: nobody\ninsert into bpm_elementofluxo (idelemento, idfluxo, tipo, nome) values ({n}, 50, 'Tarefa', 'It''s {n}');"
        );
    }
    let _ = writeln!(
        scripts,
        "insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (1,'T','{HTML}','A','oc');"
    );
    let copied: String = (0..5000)
        .map(|n| format!("{n}\tit's\t{HTML}\\n\n"))
        .collect();
    let copy = format!(
        "COPY ocorrencia (id, nome, texto) FROM stdin;\n{copied}\\.\n\nCOPY modelosemails FROM stdin;\n1\tT\t{HTML}\tA\toc\n\\.\n\n"
    );
    let server = scripts
        .replace("values (", "values (N")
        .replace("(N1,'T'", "(1,N'T'")
        .replace(");\n", ")\nGO\n");
    [
        Shape {
            name: "mysqldump, rows of 1 MB",
            prologue: "CREATE TABLE `x` (`id` int) ENGINE=InnoDB;\n",
            part: mysqldump,
            templates: 2,
            utf16: false,
        },
        Shape {
            name: "script, a row a statement",
            prologue: "-- Oracle\n",
            part: scripts,
            templates: 1,
            utf16: false,
        },
        Shape {
            name: "pg_dump, COPY",
            prologue: "-- PostgreSQL database dump\n",
            part: copy,
            templates: 1,
            utf16: false,
        },
        Shape {
            name: "SQL Server, UTF-16",
            prologue: "\u{feff}SET NOCOUNT ON\nGO\n",
            part: server,
            templates: 1,
            utf16: true,
        },
    ]
}

/// Writes a dump; says how many templates it holds.
fn write(shape: &Shape, path: &Path) -> io::Result<usize> {
    let encode = |text: &str| -> Vec<u8> {
        if shape.utf16 {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            text.as_bytes().to_vec()
        }
    };
    let part = encode(&shape.part);
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&encode(shape.prologue))?;
    let parts = SIZE.div_ceil(part.len() as u64);
    for _ in 0..parts {
        file.write_all(&part)?;
    }
    file.flush()?;
    Ok(shape.templates * parts as usize)
}

fn main() -> ExitCode {
    let folder =
        std::env::temp_dir().join(format!("mensageria-bench-import-{}", std::process::id()));
    let outcome = fs::create_dir_all(&folder).and_then(|()| {
        shapes()
            .iter()
            .map(|shape| run(shape, &folder))
            .collect::<io::Result<Vec<bool>>>()
    });
    let _ = fs::remove_dir_all(&folder);
    match outcome {
        Ok(kept) if kept.iter().all(|kept| *kept) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Imports one dump; whether it kept within the bounds.
fn run(shape: &Shape, folder: &Path) -> io::Result<bool> {
    let path = folder.join("dump.sql");
    let expected = write(shape, &path)?;
    let size = fs::metadata(&path)?.len() as f64 / 1e6;
    let mut best = 0f64;
    for _ in 0..3 {
        let start = Instant::now();
        let found = import::read(
            &[PathBuf::from(&path)],
            &import::Options::default(),
            &mut |_| {},
        )
        .map_err(io::Error::other)?;
        best = best.max(size / start.elapsed().as_secs_f64());
        if found.templates.len() != expected || !found.findings.is_empty() {
            return Err(io::Error::other(format!(
                "{}: {} of {expected} templates",
                shape.name,
                found.templates.len()
            )));
        }
    }
    let memory = peak_memory();
    let shown = memory.map_or("unknown".to_owned(), |kib| {
        format!("{:.1} MiB", kib as f64 / 1024.0)
    });
    println!(
        "import {:28} {size:5.1} MB  {best:6.0} MB/s (at least {MIN_SPEED})  peak memory {shown} (at most 100 MiB)",
        shape.name
    );
    Ok(best >= MIN_SPEED && memory.is_none_or(|kib| kib < MAX_MEMORY))
}

/// The most memory that this process has held, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
