//! A mail of the outbox is answered: by a mail program over SMTP, and as a raw mail over HTTP.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::Value;

use super::{MESSAGES, Runner, mails, until};

/// Answers the mail on standard input, as a mail program does.
const ANSWER: &str = r#"
import email, email.policy, smtplib, sys
from email.message import EmailMessage

host, port, text = sys.argv[1], int(sys.argv[2]), sys.argv[3]
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
answer = EmailMessage()
answer["From"] = mail["To"]
answer["To"] = mail["Reply-To"]
answer["Cc"] = "Carla <carla@example.net>"
answer["Subject"] = "RES: " + mail["Subject"]
answer["Message-ID"] = email.utils.make_msgid(domain="example.com")
answer["In-Reply-To"] = mail["Message-ID"]
answer["References"] = mail["References"] + " " + mail["Message-ID"]
quoted = "\n".join("> " + line for line in mail.get_body(("plain",)).get_content().splitlines())
answer.set_content(f"{text}\n\nEm 12/03/2026 10:00, Bia Araújo escreveu:\n{quoted}\n")
answer.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="tela não abre.png")
with smtplib.SMTP(host, port, timeout=30) as server:
    server.send_message(answer)
"#;

fn python(script: &str, arguments: &[&str], input: &[u8]) {
    let mut child = Command::new("python3")
        .args(["-c", script])
        .args(arguments)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}

fn conversation(runner: &Runner, role: &str) -> Vec<Value> {
    let (status, page) = runner.call("GET", MESSAGES, Some(&runner.token(role)), "");
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_mail_program_answers_a_mail_and_the_message_appears() {
    let runner = Runner::with(&["--smtp-port", "0"]);
    let body = r#"{"text": "A VPN voltou. Pode testar?"}"#;
    let technician = runner.token("TECHNICIAN");
    runner.call("POST", MESSAGES, Some(&technician), body);
    until("the mail", || mails(&runner).len() == 1);
    let raw = runner.bytes("/local/outbox/1.eml", Some(&technician));
    let smtp = runner.smtp();
    let (host, port) = smtp.rsplit_once(':').unwrap();
    assert_eq!(host, "127.0.0.1");
    python(ANSWER, &[host, port, "Testei: funciona! ação 🎉"], &raw);
    let found = conversation(&runner, "TECHNICIAN");
    assert_eq!(found.len(), 2);
    assert_eq!(found[1]["text"], "Testei: funciona! ação 🎉");
    assert_eq!(found[1]["source"], "email");
    assert_eq!(found[1]["author"]["name"], "Maria Conceição");
    assert_eq!(found[1]["author"]["role"], "requester");
    // The other side is told: the responsible and the group.
    until("the mails of the answer", || mails(&runner).len() == 3);
    let to: Vec<_> = mails(&runner)[1..]
        .iter()
        .map(|mail| mail["to"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(to.iter().any(|to| to.contains("bia@example.com")), "{to:?}");
    // Its file is served under a link that needs no token, as a download.
    let id = found[1]["id"].as_str().unwrap();
    let path = format!("{MESSAGES}/{id}/attachments/0");
    let (status, link) = runner.call("GET", &path, Some(&technician), "");
    assert_eq!(
        (status, &link["name"]),
        (200, &"tela não abre.png".into()),
        "{link}"
    );
    assert_eq!(
        runner.bytes(link["url"].as_str().unwrap(), None),
        b"\x89PNG"
    );
    let log = runner.end();
    for word in ["maria", "carla", "example.", "funciona", "tela"] {
        assert!(!log.contains(word), "{word} is in the log:\n{log}");
    }
}

#[test]
fn a_raw_mail_is_taken_once_and_survives_a_kill() {
    let runner = Runner::start();
    let technician = runner.token("TECHNICIAN");
    runner.call("POST", MESSAGES, Some(&technician), r#"{"text": "Olá"}"#);
    until("the mail", || mails(&runner).len() == 1);
    let reply_to = mails(&runner)[0]["reply_to"].as_str().unwrap().to_owned();
    let raw = format!(
        "From: Maria <maria@example.com>\r\nTo: {reply_to}\r\nMessage-ID: <1@example.com>\r\nSubject: RES: x\r\n\r\nOi!\r\n"
    );
    let (status, taken) = runner.call("POST", "/local/inbound", None, &raw);
    assert_eq!(
        (status, &taken["status"]),
        (202, &"accepted".into()),
        "{taken}"
    );
    let runner = runner.kill_and_restart();
    let (_, again) = runner.call("POST", "/local/inbound", None, &raw);
    assert_eq!(again["status"], "duplicate", "{again}");
    let stranger = raw.replace("maria@", "carla@");
    let (_, kept) = runner.call("POST", "/local/inbound", None, &stranger);
    assert_eq!(kept["reason"], "SENDER_NOT_KNOWN", "{kept}");
    let (_, listed) = runner.call("GET", "/quarantine", Some(&runner.token("TECHNICIAN")), "");
    assert_eq!(listed["items"][0]["id"], kept["id"], "{listed}");
    assert_eq!(conversation(&runner, "REQUESTER").len(), 2);
}

#[test]
fn a_raw_mail_ends_with_its_record() {
    let runner = Runner::start();
    let folder = runner.data().join("files/inbound");
    let taken = |text: &str| {
        let raw = format!("From: Carla <carla@example.net>\r\nSubject: x\r\n\r\n{text}\r\n");
        let (status, kept) = runner.call("POST", "/local/inbound", None, &raw);
        assert_eq!(status, 202, "{kept}");
        folder.join(kept["id"].as_str().unwrap())
    };
    let (old, young) = (taken("Em janeiro."), taken("Em março."));
    for (mail, days) in [(&old, 91), (&young, 89)] {
        let written = SystemTime::now() - Duration::from_secs(days * 24 * 3600);
        let file = fs::File::options().write(true).open(mail).unwrap();
        file.set_modified(written).unwrap();
    }
    let _runner = runner.kill_and_restart();
    until("the end of the old mail", || !old.exists());
    assert!(young.exists());
}

/// Says things to a server that no mail program says.
const RUDE: &str = r#"
import smtplib, socket, sys
host, port = sys.argv[1], int(sys.argv[2])
with smtplib.SMTP(host, port, timeout=30) as server:
    assert server.docmd("DATA")[0] == 503
    assert server.docmd("RCPT TO:<a@example.com>")[0] == 503
    assert server.docmd("STARTTLS")[0] == 502
    assert server.docmd("MAIL FROM:<>")[0] == 250
    assert server.docmd("RCPT TO:")[0] == 501
    assert [server.docmd("RCPT TO:<a@example.com>")[0] for _ in range(101)] == [250] * 100 + [452]
    assert server.docmd("RSET")[0] == 250
    server.mail("a@example.com")
    server.rcpt("b@example.com")
    assert b"Quarantined" in server.data(b"no mail\r\n..")[1]
    server.mail("")
    server.rcpt("b@example.com")
    bounce = b"From: a@example.com\r\nSubject: Undelivered\r\n\r\nIt came back.\r\n"
    assert b"Not a conversation" in server.data(bounce)[1]
with socket.create_connection((host, port), timeout=30) as line:
    line.sendall(b"x" * 100000)
    try:
        while line.recv(1000):
            pass
    except ConnectionError:
        pass
"#;

#[test]
fn the_smtp_server_takes_no_nonsense() {
    let runner = Runner::with(&["--smtp-port", "0"]);
    let smtp = runner.smtp();
    let (host, port) = smtp.rsplit_once(':').unwrap();
    python(RUDE, &[host, port], b"");
    let data = runner.fresh("other");
    let taken = super::finished(
        &["serve", "--port", "0", "--smtp-port", port, "--data"],
        &data,
    );
    assert!(taken.contains("--smtp-port"), "{taken}");
}
