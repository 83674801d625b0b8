//! What the terminal shows, whole, in each language: nothing of another one is left in it.
//! The files beside this one are what must be shown.

use std::{fs, path::Path, process::Output};

use crate::process::{Runner, program};

const DUMP: &str = "insert into modelosemails (idmodeloemail, titulo, texto, situacao, identificador) values\n\
    (34, 'Solicitação ${IDSOLICITACAOSERVICO}', '<p>${NOTA}</p>', 'A', 'registro'),\n\
    (35, 'Prazo ${IDSOLICITACAOSERVICO}', '<p>${NOMECONTATTO}</p>', 'A', 'prazo'),\n\
    (36, titulo_de(36), '<p>x</p>', 'A', 'outro');\n";

/// A terminal of somebody with this locale, in the folder of a server that speaks it.
struct Terminal {
    runner: Runner,
    locale: &'static str,
    shown: String,
}

impl Terminal {
    fn folder(&self) -> std::path::PathBuf {
        self.runner.fresh(".")
    }

    /// Shows what a command says, on both streams.
    fn run(&mut self, arguments: &str, environment: &[(&str, &str)]) {
        let environment = environment.iter().copied();
        let output = program()
            .args(arguments.split(' '))
            .env("LC_ALL", self.locale)
            .envs(environment.clone())
            .current_dir(self.folder())
            .output()
            .unwrap();
        let set = environment.map(|(name, value)| format!("{name}={value} "));
        let set: String = set.collect();
        self.show(&format!("{set}mensageria {arguments}"), &both(&output));
    }

    fn show(&mut self, command: &str, said: &str) {
        self.shown += &format!("$ {command}\n{said}\n");
    }

    /// Everything that was shown, without what differs from run to run.
    fn end(self) -> String {
        let folder = self.runner.fresh("");
        let (port, smtp) = (self.runner.port().to_string(), self.runner.smtp());
        let smtp = smtp.rsplit(':').next().unwrap();
        let log = self.runner.end();
        // Lines of the log begin with their time.
        let own = log
            .lines()
            .filter(|line| !line.starts_with(|c: char| c.is_ascii_digit()));
        let own: Vec<_> = own.collect();
        let shown = format!("{}$ kill\n{}\n", self.shown, own.join("\n"));
        without_tokens(&shown)
            .replace(folder.to_str().unwrap(), "")
            .replace(&port, "8417")
            .replace(smtp, "2525")
    }
}

fn both(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn without_tokens(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(at) = text.find("eyJ") {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let end = text[at..]
            .find(|c| !is_part(c))
            .map_or(text.len(), |n| at + n);
        text.replace_range(at..end, "TOKEN");
    }
    text
}

/// A data folder, which others can look into, with this in the place of its store.
fn store(folder: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(folder.join("store")).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.join("store/mensageria.redb"), content).unwrap();
}

fn shown_in(locale: &'static str) -> String {
    let runner = Runner::speaking(locale);
    let mut terminal = Terminal {
        runner,
        locale,
        shown: String::new(),
    };
    let greeting = terminal.runner.greeting().join("\n") + "\n";
    terminal.show("mensageria serve --smtp-port 2525", &greeting);
    let port = terminal.runner.port();
    terminal.run(&format!("serve --port {port} --data new"), &[]);
    terminal.run("serve --port 0 --data data", &[]);
    terminal.run("doctor --data data", &[]);
    store(&terminal.folder().join("empty"), "");
    terminal.run("serve --port 0 --data empty", &[]);
    store(&terminal.folder().join("foreign"), "something else");
    terminal.run("serve --port 0 --data foreign", &[]);
    fs::write(terminal.folder().join("new/token.key"), "short").unwrap();
    terminal.run("token --role admin --data new", &[]);
    fs::remove_dir_all(terminal.folder().join("new")).unwrap();
    terminal.run("doctor --data new", &[("STORM_LIMITS", "many")]);
    let smtp = [
        ("MAIL_TRANSPORT", "smtp"),
        ("SMTP_URL", "http://mail.example.com"),
    ];
    terminal.run("serve --port 0 --data new", &smtp);
    terminal.run("serve --port 0 --data new", &[("MAIL_TRANSPORT", "ses")]);
    fs::write(terminal.folder().join("dump.sql"), DUMP).unwrap();
    terminal.run("import --dry-run --data new dump.sql", &[]);
    terminal.run("import --data new dump.sql", &[]);
    terminal.run("lint dump.sql", &[]);
    terminal.run("lint --encoding klingon dump.sql", &[]);
    terminal.end()
}

#[test]
fn the_terminal_speaks_the_language_of_whoever_sits_there() {
    let expected = [
        ("pt_BR.UTF-8", include_str!("pt-BR.txt")),
        ("C", include_str!("en.txt")),
        ("es_ES.UTF-8", include_str!("es.txt")),
    ];
    for (locale, expected) in expected {
        let shown = shown_in(locale);
        assert_eq!(shown, expected, "{locale}:\n{shown}");
    }
}

#[test]
fn the_first_variable_of_posix_that_says_something_decides() {
    let said = |variables: [&str; 3]| {
        let output = program()
            .args(["lint", "--dialect", "cobol", "x.sql"])
            .envs(["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().zip(variables))
            .output();
        both(&output.unwrap())
    };
    for (variables, words) in [
        (["pt_BR", "es", "en"], "não é um dialeto"),
        (["", "es_AR.UTF-8", "pt_BR"], "no es un dialecto"),
        (["", "", "pt_PT.UTF-8@euro"], "não é um dialeto"),
        (["POSIX", "pt_BR", "pt_BR"], "not a dialect"),
        (["de_DE.UTF-8", "", "pt_BR"], "not a dialect"),
        (["", "", ""], "not a dialect"),
    ] {
        let said = said(variables);
        assert!(said.contains(words), "{variables:?}: {said}");
    }
}

#[test]
fn the_demo_says_who_writes() {
    let captions = |locale| {
        let output = program()
            .arg("demo")
            .env("LC_ALL", locale)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let lines = said.lines().filter_map(|line| line.strip_prefix("━━ "));
        let captions = lines.filter_map(|line| line.split_once(": "));
        captions.map(|(who, _)| who.to_owned()).collect::<Vec<_>>()
    };
    let portuguese = [
        "O solicitante escreve no portal",
        "O técnico responde pelo desktop",
    ];
    assert_eq!(captions("pt_BR.UTF-8"), portuguese);
    let spanish = [
        "El solicitante escribe en el portal",
        "El técnico responde desde su puesto",
    ];
    assert_eq!(captions("es_ES.UTF-8"), spanish);
}
