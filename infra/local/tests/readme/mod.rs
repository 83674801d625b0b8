//! The `curl` lines of the README and of the tour, in both languages and in their order, each page on a
//! fresh server.

use std::process::Command;

use serde_json::Value;

use crate::process::{Runner, until};

/// Where the server of the pages listens.
const DOCUMENTED: &str = "http://127.0.0.1:8417";

/// Who gets the mails of the demo ticket.
const MARIA: &str = "Maria Conceição <maria@example.com>";

/// The blocks of commands of a page that talk to the server.
fn blocks(page: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let text = std::fs::read_to_string(format!("{path}/{page}")).unwrap();
    let fenced = text.split("\n```").skip(1).step_by(2);
    // Behind the marks stands the language of the block.
    let inside = fenced.map(|block| block.split_once('\n').unwrap().1);
    inside
        .filter(|block| block.contains(DOCUMENTED))
        .map(str::to_owned)
        .collect()
}

/// What a block prints in a shell that has the tokens. A call that is refused fails.
fn run(runner: &Runner, block: &str) -> String {
    let block = block
        .replace(DOCUMENTED, &runner.url())
        .replace("curl -s", "curl -s --fail-with-body -w '\\n'");
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("set -euo pipefail\n{block}")]);
    for role in ["ADMIN", "TECHNICIAN", "REQUESTER"] {
        shell.env(role, runner.token(role));
    }
    let output = shell.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{block}\n{said}{errors}");
    said
}

/// Runs a block whose end waits a moment: here until `holds`, as this machine may be a slow one.
fn run_when(runner: &Runner, block: &str, what: &str, holds: impl Fn(&Runner) -> bool) -> String {
    let (before, after) = block.split_once("sleep 1;").unwrap();
    run(runner, before);
    until(what, || holds(runner));
    run(runner, after)
}

/// Whether the newest mail says so.
fn newest_says(runner: &Runner, words: &str) -> bool {
    let requester = runner.token("REQUESTER");
    let (_, mail) = runner.call("GET", "/local/outbox/latest", Some(&requester), "");
    mail["text"]
        .as_str()
        .is_some_and(|text| text.contains(words))
}

/// The mail that a block shows at its end, which posts "Pode testar?" before.
fn the_mail_of(runner: &Runner, block: &str) -> Value {
    let mail = run_when(runner, block, "the mail", |runner| {
        newest_says(runner, "Pode testar?")
    });
    let mail = answer(&mail);
    assert!(mail["text"].as_str().unwrap().contains("Pode testar?"));
    mail
}

/// Messages of the ticket whose requester is the simulator's bounce.
fn messages(runner: &Runner) -> usize {
    let technician = runner.token("TECHNICIAN");
    let (_, page) = runner.call("GET", "/tickets/9001/messages", Some(&technician), "");
    page["items"].as_array().map_or(0, Vec::len)
}

/// The last answer of a block.
fn answer(said: &str) -> Value {
    serde_json::from_str(said.lines().rfind(|line| line.starts_with('{')).unwrap()).unwrap()
}

#[test]
#[ignore = "needs curl"]
fn the_lines_of_the_readme_do_what_it_says() {
    for page in ["README.md", "README.pt-BR.md"] {
        let runner = Runner::start();
        let blocks = blocks(page);
        let [post, reply, check] = blocks.as_slice() else {
            panic!("{page}: {blocks:#?}");
        };
        assert_eq!(the_mail_of(&runner, post)["to"], MARIA);
        let accepted = answer(&run(&runner, reply));
        assert_eq!(accepted["status"], "accepted", "{accepted}");
        let checked = answer(&run(&runner, check));
        assert_eq!(checked["diagnostics"][0]["suggestion"], "${NOMECONTATO}");
    }
}

#[test]
#[ignore = "needs curl"]
fn the_lines_of_the_tour_do_what_it_says() {
    for page in ["docs/TOUR.md", "docs/TOUR.pt-BR.md"] {
        let runner = Runner::start();
        let blocks = blocks(page);
        let [own, bounce] = blocks.as_slice() else {
            panic!("{page}: {blocks:#?}");
        };
        let mail = the_mail_of(&runner, own);
        assert_eq!(mail["to"], MARIA);
        assert!(
            mail["subject"]
                .as_str()
                .unwrap()
                .starts_with("Ticket 4711: ")
        );
        let conversation = run_when(&runner, bounce, "the bounce", |runner| {
            messages(runner) == 2
        });
        let conversation = answer(&conversation);
        assert_eq!(conversation["items"][1]["visibility"], "internal");
    }
}

#[test]
#[ignore = "needs curl"]
fn the_line_that_a_start_prints_sends_a_message_and_shows_the_mail() {
    let runner = Runner::start();
    let greeting = runner.greeting();
    let console = format!("Console: {}/", runner.url());
    assert!(greeting.contains(&console), "{greeting:?}");
    let from = greeting.iter().position(|line| line.starts_with("curl"));
    let lines = greeting[from.unwrap()..].split(|line| line.is_empty());
    let block = lines.map(|lines| lines.join("\n")).next().unwrap();
    // Until the mail is there, as this machine may be a slow one.
    let (_, show) = block.split_once("sleep 1 && ").unwrap();
    let wait = format!("until {show} > /dev/null; do :; done");
    let said = run(&runner, &block.replace("sleep 1", &wait));
    assert_eq!(answer(&said)["to"], MARIA);
}
