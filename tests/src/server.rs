//! Servers that a test starts, on 127.0.0.1 and a free port, and ends again.

use std::{
    fs::File,
    io,
    net::{TcpListener, TcpStream},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a server may take to listen. Machines that build beside it are slow.
const START: Duration = Duration::from_secs(90);

/// Runs a program beside itself until its input is closed, then removes the log (`$0`) and ends its
/// process group, itself included. In the spelling of POSIX: dash knows no other with two dashes.
const SHELL: &str = r#""$@" & cat; rm -f "$0"; kill -s KILL -- -$$"#;

/// A program with all that it starts, in a process group of its own. The group ends when this is
/// dropped, and also when the test's process ends in any other way, as it stands under a shell that
/// waits for the end of its input.
#[derive(Debug)]
struct Group(Child);

impl Group {
    /// Starts `program`; its output goes to the file `log`.
    fn start(
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
        log: &Path,
    ) -> io::Result<Self> {
        let output = File::create(log)?;
        let errors = output.try_clone()?;
        Command::new("sh")
            .args(["-c", SHELL])
            .arg(log)
            .arg(program)
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map(Self)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let end = self.0.wait().ok().and_then(|status| status.signal());
        // A shell that ended in any other way has ended nothing else.
        assert!(
            std::thread::panicking() || end == Some(9),
            "the server was left behind: {end:?}"
        );
    }
}

/// A server of the tests; it ends as its process group does: when this is dropped, at the latest
/// with the test's process.
#[derive(Debug)]
pub struct Server {
    _group: Group,
    /// The port that it listens on.
    pub port: u16,
}

impl Server {
    /// Starts `program` and waits until it listens on `port` (see [`free_port`]). Its output goes
    /// to a file in the folder of temporary files, which a failed start prints.
    ///
    /// # Panics
    /// When it cannot be started or does not listen in time.
    pub fn start(
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
        port: u16,
    ) -> Self {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let log = std::env::temp_dir().join(format!("mensageria-{name}-{port}.log"));
        let group = Group::start(program, arguments, environment, &log).expect("a shell and a log");
        let listens = wait_until(START, || {
            TcpStream::connect(("127.0.0.1", port))
                .is_ok()
                .then_some(())
        });
        assert!(
            listens.is_some(),
            "{name} does not listen:\n{}",
            std::fs::read_to_string(&log).unwrap_or_default()
        );
        Self {
            _group: group,
            port,
        }
    }

    /// Where it is called.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// A port that nothing listens on now.
///
/// # Panics
/// When the machine has none.
pub fn free_port() -> u16 {
    let port =
        || -> io::Result<u16> { Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port()) };
    port().expect("a free port")
}

/// Asks again and again until there is an answer; `None` after `most`.
pub fn wait_until<T>(most: Duration, ask: impl Fn() -> Option<T>) -> Option<T> {
    let end = Instant::now() + most;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// The number of a process, once it is written down whole.
    fn number(file: &Path) -> Option<String> {
        let text = fs::read_to_string(file).ok()?;
        Some(text.strip_suffix('\n')?.to_owned())
    }

    fn runs(process: &str) -> bool {
        let probe = Command::new("kill").args(["-s", "0", process]).output();
        probe.unwrap().status.success()
    }

    #[test]
    fn nothing_is_left_behind() {
        let dir = TempDir::new().unwrap();
        let files = [dir.path().join("parent"), dir.path().join("child")];
        let log = dir.path().join("log");
        // A server that starts another process, as ministack does.
        let script = format!(
            "sh -c 'echo $$ > {}; exec sleep 600' & echo $$ > {}; wait",
            files[1].display(),
            files[0].display()
        );
        let group = Group::start(Path::new("sh"), &["-c", &script], &[], &log).unwrap();
        let most = Duration::from_secs(20);
        let numbers = files.map(|file| wait_until(most, || number(&file)).unwrap());
        assert!(numbers.iter().all(|number| runs(number)) && log.exists());
        drop(group);
        for number in numbers {
            wait_until(most, || (!runs(&number)).then_some(())).unwrap();
        }
        assert!(!log.exists());
    }
}
