//! A server of a test: started on a free port, ended by its id.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `holds`, with a deadline.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come in time");
        std::thread::yield_now();
    }
}

/// The program, in English whatever the language of this machine.
pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mensageria"));
    program.env("LC_ALL", "C");
    program
}

/// Runs a command that has to fail, and gives what it says.
pub(crate) fn finished(arguments: &[&str], data: &Path) -> String {
    let output = program().args(arguments).arg(data).output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) struct Runner {
    child: Child,
    folder: tempfile::TempDir,
    address: SocketAddr,
    smtp: Option<String>,
    tokens: BTreeMap<String, String>,
    greeting: Vec<String>,
}

impl Runner {
    /// A server over a fresh data folder.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// The same with further arguments.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::over(tempfile::tempdir().unwrap(), arguments, &[])
    }

    /// A server with a library that is told by `KILLER_ARMED` when it listens.
    pub(crate) fn preloaded(environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let armed = folder.path().join("armed");
        let place = [("KILLER_ARMED", armed.to_str().unwrap())];
        let runner = Self::over(folder, &[], &[environment, &place].concat());
        std::fs::write(armed, "").unwrap();
        runner
    }

    /// A server for somebody of this POSIX locale, with a port for mail programs.
    pub(crate) fn speaking(locale: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::over(folder, &["--smtp-port", "0"], &[("LC_ALL", locale)])
    }

    /// A server over the folder of one that was stopped.
    pub(crate) fn again(folder: tempfile::TempDir) -> Self {
        Self::over(folder, &[], &[])
    }

    fn over(folder: tempfile::TempDir, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.path().join("log"))
            .unwrap();
        let mut child = program()
            .args(["serve", "--port", "0", "--data"])
            .arg(folder.path().join("data"))
            .args(arguments)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let (mut address, mut smtp, mut tokens) = (None, None, BTreeMap::new());
        let mut greeting = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some((_, rest)) = line.split_once("http://")
                && address.is_none()
            {
                address = rest.split_whitespace().next().unwrap().parse().ok();
            }
            // The one address that is no URL.
            if let Some(word) = line.split(' ').find(|word| word.starts_with("127.0.0.1:")) {
                smtp = Some(word.to_owned());
            }
            if let Some((name, token)) = line.trim().split_once("=ey") {
                tokens.insert(name.to_owned(), format!("ey{token}"));
            }
            let is_last = line.contains("/local/outbox/1.eml");
            greeting.push(line);
            if is_last {
                break;
            }
        }
        Self {
            child,
            folder,
            address: address.expect("an address"),
            smtp,
            tokens,
            greeting,
        }
    }

    /// The lines that it printed when it started.
    pub(crate) fn greeting(&self) -> &[String] {
        &self.greeting
    }

    /// Kills the server without a warning, and starts it again over the same folder.
    pub(crate) fn kill_and_restart(self) -> Self {
        self.kill_and_restart_with(&[], |_| ())
    }

    /// The same with further arguments, and with what happens to the data folder in between.
    pub(crate) fn kill_and_restart_with(
        mut self,
        arguments: &[&str],
        between: impl FnOnce(&Path),
    ) -> Self {
        if self.child.try_wait().unwrap().is_none() {
            self.child.kill().unwrap();
        }
        self.child.wait().unwrap();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        between(&folder.path().join("data"));
        Self::over(folder, arguments, &[])
    }

    /// Ends the server as a system does (SIGTERM), and gives its log.
    pub(crate) fn end(self) -> String {
        let folder = self.stop();
        std::fs::read_to_string(folder.path().join("log")).unwrap()
    }

    /// Ends it likewise, and gives its folder: the store is in `data`.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(
            self.child.wait().unwrap().success(),
            "SIGTERM ends it in order"
        );
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Whether it ends by itself within a second or two.
    pub(crate) fn dies_soon(&mut self) -> bool {
        let end = Instant::now() + Duration::from_millis(1500);
        while Instant::now() < end {
            if self.child.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::yield_now();
        }
        false
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
    pub(crate) fn smtp(&self) -> String {
        self.smtp.clone().expect("an SMTP address")
    }
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
    pub(crate) fn fresh(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    pub(crate) fn token(&self, role: &str) -> String {
        self.tokens[role].clone()
    }
    pub(crate) fn secret(&self) -> Vec<u8> {
        let text = std::fs::read_to_string(self.data().join("token.key")).unwrap();
        data_encoding::HEXLOWER
            .decode(text.trim().as_bytes())
            .unwrap()
    }

    /// A call that may find nobody, or somebody who dies over it.
    pub(crate) fn try_call(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &str,
        body: &str,
    ) -> Option<(u16, Value)> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let answer = self.try_exchange(&request).ok()?;
        let (status, body) = read(&answer);
        (status > 0).then_some((status, body))
    }

    pub(crate) fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> (u16, Value) {
        self.call_with(method, path, token, "", body)
    }

    pub(crate) fn call_as_host(&self, host: &str, path: &str) -> (u16, Value) {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ))
    }

    /// The same with further header lines.
    pub(crate) fn call_with(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        headers: &str,
        body: &str,
    ) -> (u16, Value) {
        let authorization = token
            .map(|token| format!("Authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{authorization}{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        ))
    }

    /// The body of an answer, as it is.
    pub(crate) fn bytes(&self, path: &str, token: Option<&str>) -> Vec<u8> {
        let authorization = token
            .map(|token| format!("Authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        let answer = self.exchange(&format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\n{authorization}Connection: close\r\n\r\n",
            self.address
        ));
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        answer[end.unwrap() + 4..].to_vec()
    }

    /// A connection on which nothing was said yet.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// A mail program's connection.
    pub(crate) fn connect_smtp(&self) -> TcpStream {
        let stream = TcpStream::connect(self.smtp()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn exchange(&self, request: &str) -> Vec<u8> {
        self.try_exchange(request).unwrap()
    }

    fn try_exchange(&self, request: &str) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }

    fn send(&self, request: &str) -> (u16, Value) {
        read(&self.exchange(request))
    }
}

/// Status and JSON body; 0 of what is not an answer.
fn read(answer: &[u8]) -> (u16, Value) {
    let answer = String::from_utf8_lossy(answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

impl Drop for Runner {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}
