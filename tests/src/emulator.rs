//! Emulators of AWS: two independent ones, from the virtual environment that `MENSAGERIA_VENV`
//! names (`.venv` in the repository otherwise), which `make test` makes.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use aws_sdk_dynamodb::{Client, config::timeout::TimeoutConfig};
use platform::aws::Aws;
use storage::dynamodb::DynamoDb;

use crate::server::{Server, free_port};

/// For an answer of an emulator.
const PATIENCE: Duration = Duration::from_secs(30);

/// Root of the repository.
pub fn repository() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// Where a program of the virtual environment is.
fn program(name: &str) -> PathBuf {
    let venv = std::env::var_os("MENSAGERIA_VENV")
        .map_or_else(|| repository().join(".venv"), PathBuf::from);
    venv.join("bin").join(name)
}

/// A program of the virtual environment. A test that needs it says so in its `ignore`.
///
/// # Panics
/// When it is not there.
pub fn tool(name: &str) -> PathBuf {
    let program = program(name);
    let place = program.display();
    assert!(program.is_file(), "no {place}: make test makes it");
    program
}

/// Whether the emulators are installed.
pub fn is_installed() -> bool {
    program("moto_server").is_file()
}

/// An emulator with the table of `template.yaml`.
#[derive(Debug)]
pub struct Emulator {
    server: Server,
}

/// Name of the table in an emulator.
pub const TABLE: &str = "mensageria";

impl Emulator {
    /// moto, with the table, one request at a time.
    ///
    /// # Panics
    /// When it is not installed, or does not start.
    pub fn moto() -> Self {
        let python = tool("python");
        let serial = repository().join("tests/harness/moto_serial.py");
        let port = free_port();
        let text = port.to_string();
        let arguments = [&*serial.to_string_lossy(), "-H", "127.0.0.1", "-p", &text];
        Self::over(Server::start(&python, &arguments, &[], port))
    }

    /// ministack, with the table.
    ///
    /// # Panics
    /// When it is not installed, or does not start.
    pub fn ministack() -> Self {
        let port = free_port();
        let text = port.to_string();
        let environment = [
            ("BIND_HOST", "127.0.0.1"),
            ("GATEWAY_PORT", text.as_str()),
            // It would listen on every address.
            ("IOT_MTLS_ENABLED", "false"),
        ];
        Self::over(Server::start(&tool("ministack"), &[], &environment, port))
    }

    fn over(server: Server) -> Self {
        let made = Command::new(tool("python"))
            .arg(repository().join("tests/harness/create_table.py"))
            .args([&server.endpoint(), TABLE])
            .output()
            .expect("python can be started");
        let errors = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "no table: {errors}");
        Self { server }
    }

    /// Where it is called.
    pub fn endpoint(&self) -> String {
        self.server.endpoint()
    }

    /// Storage in its table, which waits for longer than functions do: an emulator on a busy machine
    /// takes seconds for what DynamoDB does in milliseconds.
    pub fn storage(&self) -> DynamoDb {
        let patient = TimeoutConfig::builder()
            .operation_attempt_timeout(PATIENCE)
            .read_timeout(PATIENCE);
        let client = client_at(&self.endpoint());
        let config = client.config().to_builder();
        let config = config.timeout_config(patient.build()).build();
        DynamoDb::new(Client::from_conf(config), TABLE)
    }
}

/// Storage in a table behind an endpoint, with the time-outs of functions. A client belongs to the
/// runtime that first uses it, so every test has one of its own.
///
/// # Panics
/// When `endpoint` is not a URL.
pub fn storage_at(endpoint: &str, table: &str) -> DynamoDb {
    DynamoDb::new(client_at(endpoint), table)
}

fn client_at(endpoint: &str) -> Client {
    let environment = |name: &str| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        "AWS_ENDPOINT_URL_DYNAMODB" => Some(endpoint.to_owned()),
        _ => None,
    };
    let aws = Aws::from_environment(&environment).expect("an environment with all it needs");
    aws.dynamodb()
}
