//! The commands that end by themselves, as a person types them: `import`, `lint` and `doctor`.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::{Value, json};

use crate::process::{Runner, program};

const DUMP: &str = "insert into outra values (1, 'x');\n\
    insert into modelosemails (idmodeloemail, titulo, texto, situacao, identificador) values\n\
    (34, 'Solicitação ${IDSOLICITACAOSERVICO}', '<p>${NOTA}</p>', 'A', 'registro'),\n\
    (35, 'Prazo ${IDSOLICITACAOSERVICO}', '<p>${DESCONHECIDA}</p>', 'A', 'prazo');\n";

struct WorkingFolder {
    folder: tempfile::TempDir,
}

/// What a command said, and how it ended.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl WorkingFolder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn run(&self, arguments: &[&str], file: &Path) -> Ended {
        program()
            .args(arguments)
            .arg(file)
            .current_dir(self.folder.path())
            .output()
            .unwrap()
            .into()
    }

    /// The last line of an import: the totals.
    fn totals(&self, arguments: &[&str], file: &Path) -> String {
        let said = self.run(&[&["import"], arguments].concat(), file);
        assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
        said.out.lines().last().unwrap().to_owned()
    }
}

#[test]
fn an_import_can_be_tried_first_and_changes_nothing_when_it_is_run_again() {
    let desk = WorkingFolder::new();
    let dump = desk.file("dump.sql", DUMP);
    let created = "2 read: 2 created (0 with a new id), 0 unchanged";
    for _ in 0..2 {
        let dry = desk.totals(&["--dry-run"], &dump);
        assert!(
            dry.starts_with(created) && dry.ends_with("(dry run: nothing was stored)"),
            "{dry}"
        );
    }
    assert!(desk.totals(&[], &dump).starts_with(created));
    for _ in 0..2 {
        let again = desk.totals(&[], &dump);
        assert!(
            again.starts_with("2 read: 0 created (0 with a new id), 2 unchanged"),
            "{again}"
        );
    }
    let report = desk.run(&["import"], &dump).out;
    for line in [
        "dump.sql:3: unchanged: 34 registro \"Solicitação ${IDSOLICITACAOSERVICO}\"",
        "dump.sql:4: unchanged: 35 prazo",
        "    warning UNKNOWN_KEY html 1:4: there is no key ${DESCONHECIDA}",
    ] {
        assert!(report.contains(line), "{line}: {report}");
    }
}

#[test]
fn every_encoding_and_line_end_brings_the_same_templates_in() {
    let latin: Vec<u8> = DUMP
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let windows = DUMP.replace('\n', "\r\n");
    let desk = WorkingFolder::new();
    desk.totals(&[], &desk.file("utf-8.sql", DUMP));
    let latin = desk.file("latin.sql", latin);
    for (arguments, file) in [
        (&[][..], latin.clone()),
        (&["--encoding", "iso-8859-1"][..], latin.clone()),
        (&[][..], desk.file("windows.sql", windows)),
    ] {
        let totals = desk.totals(arguments, &file);
        assert!(
            totals.contains("0 created (0 with a new id), 2 unchanged"),
            "{totals}"
        );
    }
    // Forced to the wrong one, the title is another.
    let wrong = desk.run(&["import", "--encoding", "utf-16le"], &latin);
    assert_eq!(wrong.code, Some(1), "{}", wrong.err);
    assert!(wrong.out.contains("NOTHING_FOUND"), "{}", wrong.out);
    let unknown = desk.run(&["import", "--encoding", "klingon"], &latin);
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.err.contains("not an encoding that is known"),
        "{}",
        unknown.err
    );
}

#[test]
fn what_cannot_be_read_is_named_with_its_line_and_the_rest_comes_in() {
    let desk = WorkingFolder::new();
    let broken = DUMP.replace("'Prazo ${IDSOLICITACAOSERVICO}'", "titulo_de(35)");
    let said = desk.run(&["import"], &desk.file("dump.sql", broken));
    assert_eq!(said.code, Some(1), "not all came in");
    assert!(
        said.out.contains("dump.sql:4: error VALUE_UNREADABLE"),
        "{}",
        said.out
    );
    assert!(said.out.contains("1 read: 1 created"), "{}", said.out);
}

#[test]
fn the_linter_ends_as_a_build_expects() {
    let desk = WorkingFolder::new();
    let faulty = desk.file("dump.sql", DUMP);
    let sound = desk.file("sound.sql", DUMP.replace("DESCONHECIDA", "NOTA"));
    let said = desk.run(&["lint"], &sound);
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(0), ""),
        "{}",
        said.out
    );
    let text = desk.run(&["lint", "--format", "text"], &faulty);
    assert_eq!(text.code, Some(1));
    assert!(text.out.contains("UNKNOWN_KEY"), "{}", text.out);
    assert_eq!(
        text.out,
        desk.run(&["lint"], &faulty).out,
        "text is the default"
    );
    let github = desk.run(&["lint", "--format", "github"], &faulty);
    assert_eq!(github.code, Some(1));
    assert!(github.out.starts_with("::error file="), "{}", github.out);
    let json = desk.run(&["lint", "--format", "json"], &faulty);
    assert_eq!(json.code, Some(1));
    let found: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        (&found["errors"], &found["templates"][1]["id"]),
        (&json!(1), &json!(35))
    );
    let absent = desk.run(&["lint"], Path::new("absent.sql"));
    assert_eq!((absent.code, absent.out.as_str()), (Some(2), ""));
    assert!(absent.err.contains("absent.sql"), "{}", absent.err);
    assert_ne!(
        desk.run(&["lint", "--format", "xml"], &faulty).code,
        Some(0)
    );
    assert!(
        !desk.folder.path().join(".mensageria").exists(),
        "it needs no store"
    );
}

#[test]
fn the_doctor_says_whether_a_message_would_arrive_and_what_to_do() {
    let desk = WorkingFolder::new();
    let empty = desk.run(&["doctor", "--data"], Path::new("empty"));
    assert_eq!(empty.code, Some(1));
    for words in [
        "FAILED   parameter_417",
        "Create or import a template, then PUT /parameters/417 with its id.",
        "A message posted now would NOT be mailed.",
    ] {
        assert!(empty.out.contains(words), "{words}: {}", empty.out);
    }

    // The demo that a first start makes is ready.
    let runner = Runner::start();
    let admin = runner.token("ADMIN");
    let busy = desk.run(&["doctor", "--data"], &runner.data());
    assert_eq!(busy.code, Some(1));
    assert!(busy.err.contains("GET /health/config"), "{}", busy.err);
    let (status, health) = runner.call("GET", "/health/config", Some(&admin), "");
    assert_eq!((status, &health["ready"]), (200, &json!(true)));
    let folder = runner.stop();
    let ready = desk.run(&["doctor", "--data"], &folder.path().join("data"));
    assert_eq!(ready.code, Some(0), "{}{}", ready.out, ready.err);
    assert!(
        ready.out.contains("A message posted now would be mailed."),
        "{}",
        ready.out
    );
    assert!(!ready.out.contains("FAILED"), "{}", ready.out);
    // What the API says of the same store, check by check.
    for check in health["checks"].as_array().unwrap() {
        let id = check["id"].as_str().unwrap();
        assert!(ready.out.contains(id), "{id}: {}", ready.out);
    }
}

#[test]
fn whoever_stops_reading_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in ["demo", "openapi", "settings", "token --role admin"] {
        let mut command = program();
        command
            .args(arguments.split(' '))
            .current_dir(folder.path());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // As `| head` does that has enough.
        drop(child.stdout.take());
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.err);
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
    }
}
