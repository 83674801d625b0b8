//! SMTP against aiosmtpd.

use std::{path::PathBuf, process::Stdio, time::Duration};

use domain::reason::Reason;
use serde_json::Value;
use tests::emulator::tool;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};
use transport::{
    Outcome, OutgoingMail, Transport,
    smtp::{Patience, Smtp},
};

use super::{closed_port, mail};

/// Longest wait for a line of the server. Machines that build beside it are slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a timer may be late.
const TICK: Duration = Duration::from_millis(10);

/// A running server; it ends with its standard input.
struct Server {
    _child: Child,
    _input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    port: u64,
    folder: PathBuf,
}

impl Server {
    async fn start(mode: &str) -> Self {
        let python = tool("python");
        let folder = std::env::temp_dir().join(format!("mensageria-smtp-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/it/transport/smtp_server.py"
        );
        let mut child = Command::new(python)
            .arg(script)
            .arg(mode)
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut server = Self {
            _child: child,
            _input: input,
            lines,
            port: 0,
            folder,
        };
        server.port = server.next().await["port"].as_u64().unwrap();
        server
    }

    /// The next thing that the server says.
    async fn next(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line())
            .await
            .expect("the server says something");
        serde_json::from_str(&line.unwrap().expect("the server lives")).unwrap()
    }

    fn smtp(&self, scheme: &str, account: &str, query: &str) -> Smtp {
        let ca = self.folder.join("ca.pem");
        let query = query.replace("CA", ca.to_str().unwrap());
        smtp(&format!(
            "{scheme}://{account}localhost:{}{query}",
            self.port
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn smtp(url: &str) -> Smtp {
    Smtp::from_url(url, Patience::FUNCTION).unwrap()
}

const ACCOUNT: &str = "desk%40example.com:p%2F%3A%40%20%C3%A9@";
const WRONG: &str = "desk%40example.com:wrong@";

fn accepted(outcome: &Outcome, mail: &OutgoingMail) {
    let Outcome::Accepted { id } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        *id,
        format!("{}.1 2.0.0 OK: queued as 4F3B1", mail.delivery_id.simple())
    );
}

#[tokio::test]
#[ignore = "needs the environment of make test"]
async fn a_mail_arrives_byte_for_byte() {
    let mut server = Server::start("plain").await;
    let mail = mail("maria@example.com");
    accepted(&server.smtp("smtp", "", "").send(&mail).await, &mail);
    let got = server.next().await;
    assert_eq!(got["from"], "desk@example.com");
    assert_eq!(got["to"], serde_json::json!(["maria@example.com"]));
    let raw = data_encoding::BASE64
        .decode(got["raw"].as_str().unwrap().as_bytes())
        .unwrap();
    assert_eq!(raw, mail.raw);
}

#[tokio::test]
#[ignore = "needs the environment of make test"]
async fn tls_and_accounts_are_used() {
    for (mode, scheme, query) in [
        ("starttls", "smtp", "?tls=required&ca=CA"),
        ("tls", "smtps", "?ca=CA"),
    ] {
        let mut server = Server::start(mode).await;
        let mail = mail("maria@example.com");
        accepted(
            &server.smtp(scheme, ACCOUNT, query).send(&mail).await,
            &mail,
        );
        let got = server.next().await;
        assert_eq!(
            (&got["tls"], &got["user"]),
            (&true.into(), &"desk@example.com".into()),
            "{mode}"
        );

        let outcome = server.smtp(scheme, WRONG, query).send(&mail).await;
        assert!(
            matches!(
                outcome,
                Outcome::Held {
                    code: Reason::SmtpAuth,
                    ..
                }
            ),
            "{mode}: {outcome:?}"
        );

        // A certificate that nobody here vouches for.
        let outcome = server
            .smtp(scheme, ACCOUNT, "?tls=required")
            .send(&mail)
            .await;
        assert!(
            matches!(
                outcome,
                Outcome::Held {
                    code: Reason::SmtpTls,
                    ..
                }
            ),
            "{mode}: {outcome:?}"
        );
    }
}

#[tokio::test]
#[ignore = "needs the environment of make test"]
async fn without_starttls_no_mail_and_no_password_leaves() {
    let server = Server::start("no-starttls").await;
    let smtp = server.smtp("smtp", ACCOUNT, "?tls=required&ca=CA");
    let outcome = smtp.send(&mail("maria@example.com")).await;
    assert!(
        matches!(
            outcome,
            Outcome::Held {
                code: Reason::SmtpTls,
                ..
            }
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
#[ignore = "needs the environment of make test"]
async fn every_answer_has_its_outcome() {
    let mut server = Server::start("plain").await;
    let smtp = server.smtp("smtp", "", "");
    for (local, expected) in [
        (
            "greylisted",
            "retry 60: 450 4.2.0 <g***@example.com>: try again later",
        ),
        ("full", "retry 60: 452 4.3.1 insufficient storage"),
        (
            "nobody",
            "refused REJECTED: 550 5.1.1 <n***@example.com>: user unknown",
        ),
        ("spam", "refused REJECTED: 554 5.7.1 rejected as spam"),
        (
            "cut-before",
            "retry 10: no connection, or it broke; nothing was sent",
        ),
        (
            "cut-after",
            "unknown: the connection broke after the text was sent",
        ),
    ] {
        let found = match smtp.send(&mail(&format!("{local}@example.com"))).await {
            Outcome::Retry {
                after,
                counts: true,
                reason,
            } => format!("retry {}: {reason}", after.as_secs()),
            Outcome::Refused { code, reason } => format!("refused {}: {reason}", code.code()),
            Outcome::Unknown { reason } => format!("unknown: {reason}"),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected);
    }
    // Of all these the server has one: the mail whose answer was lost.
    let got = server.next().await;
    assert_eq!(got["to"], serde_json::json!(["cut-after@example.com"]));
    let mail = mail("maria@example.com");
    accepted(&smtp.send(&mail).await, &mail);
    assert_eq!(
        server.next().await["to"],
        serde_json::json!(["maria@example.com"])
    );
}

#[tokio::test]
async fn a_refused_connection_is_tried_again() {
    let closed = closed_port().await;
    for url in [format!("smtp://{closed}"), format!("smtps://{closed}")] {
        let outcome = smtp(&url).send(&mail("maria@example.com")).await;
        assert!(
            matches!(outcome, Outcome::Retry { counts: true, .. }),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_none_is_tried_again() {
    for words in [
        "",
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "220 hello\r\n",
        "554 5.3.2 closed\r\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(words.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        });
        let smtp = smtp(&format!("smtp://{address}"));
        let outcome = smtp.send(&mail("maria@example.com")).await;
        server.await.unwrap();
        if words.starts_with("554") {
            // It takes no mail from us: RFC 5321, 3.1. No mail is to blame for it.
            assert!(
                matches!(
                    outcome,
                    Outcome::Held {
                        code: Reason::SmtpAuth,
                        ..
                    }
                ),
                "{words:?}: {outcome:?}"
            );
        } else {
            assert!(
                matches!(outcome, Outcome::Retry { counts: true, .. }),
                "{words:?}: {outcome:?}"
            );
        }
    }
}

/// A server that says these lines, one for each of the client's, and then nothing more.
async fn falls_silent_after(lines: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        for line in lines {
            stream.write_all(line.as_bytes()).await.unwrap();
            stream.read_line(&mut String::new()).await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    format!("smtp://{address}")
}

#[tokio::test(start_paused = true)]
async fn no_call_is_longer_than_it_says() {
    const TEXT: &[&str] = &[
        "220 hello\r\n",
        "250 hello\r\n",
        "250 ok\r\n",
        "250 ok\r\n",
        "354 go ahead\r\n",
    ];
    for said in 0..=TEXT.len() {
        let smtp = smtp(&falls_silent_after(&TEXT[..said]).await);
        let began = tokio::time::Instant::now();
        let outcome = smtp.send(&mail("maria@example.com")).await;
        assert!(began.elapsed() <= smtp.longest_call() + TICK, "{said}");
        match said {
            5 => assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}"),
            _ => assert!(
                matches!(outcome, Outcome::Retry { counts: true, .. }),
                "{said}: {outcome:?}"
            ),
        }
    }
}
