//! Servers that a test starts, on 127.0.0.1 and a free port, and ends again.

use std::{
    fs::File,
    io,
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a server may take to listen. Machines that build beside it are slow.
const START: Duration = Duration::from_secs(90);

/// A server of the tests. It ends, with all that it started, when this is dropped, and also when
/// the test's process ends in any other way: it runs in a process group of its own, under a shell
/// that ends the group once its standard input is closed.
#[derive(Debug)]
pub struct Server {
    group: Child,
    log: PathBuf,
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
        let output = File::create(&log).expect("temporary files can be made");
        let errors = output.try_clone().expect("a file can be shared");
        let group = Command::new("sh")
            .args(["-c", r#""$@" & cat; kill -KILL -- -$$"#, "server"])
            .arg(program)
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .expect("a shell can be started");
        let server = Self { group, log, port };
        let listens = wait_until(START, || {
            TcpStream::connect(("127.0.0.1", port))
                .is_ok()
                .then_some(())
        });
        assert!(
            listens.is_some(),
            "{name} does not listen:\n{}",
            std::fs::read_to_string(&server.log).unwrap_or_default()
        );
        server
    }

    /// Where it is called.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Closing its input ends the group, the shell included.
        drop(self.group.stdin.take());
        let _ = self.group.wait();
        let _ = std::fs::remove_file(&self.log);
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
