//! The real sender, started as Lambda starts it, and killed.

use std::{path::PathBuf, process::Command, time::Duration};

use serde_json::{Value, json};
use tests::{
    emulator::repository,
    runtime_api::{Answer, Function},
};
use tokio::time::timeout;

use super::{
    emulated::{Emulated, SETTINGS},
    trap::Traps,
};

/// Time-out of the function in `template.yaml`.
const LONGEST: Duration = Duration::from_secs(90);

/// Builds the sender, beside this program.
pub(super) fn program() -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build
        // With the tests, so that dependencies have the features that they were built with already.
        .args([
            "build",
            "--quiet",
            "--workspace",
            "--tests",
            "--bin",
            "sender",
        ])
        .current_dir(repository());
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    assert!(
        build.status().unwrap().success(),
        "the sender was not built"
    );
    let this = std::env::current_exe().unwrap();
    this.parent().unwrap().parent().unwrap().join("sender")
}

/// One sender: a process, and the next one when it was killed.
pub(super) struct Process {
    pub(super) traps: Traps,
    program: PathBuf,
    function: Function,
}

impl Process {
    pub(super) async fn start(desk: &Emulated, program: PathBuf, unwell: u16) -> Self {
        let traps = Traps::before(&desk.emulator.endpoint(), &desk.ses.url(), unwell).await;
        let function = start(&program, &traps).await;
        Self {
            traps,
            program,
            function,
        }
    }

    /// Hands it an event; its answer, or `None` when the trap has killed it. Then another process
    /// stands in its place.
    pub(super) async fn invoke(&mut self, event: &Value) -> Option<Value> {
        let answered = tokio::select! {
            answered = timeout(LONGEST, self.function.invoke(event.to_string())) => {
                Some(answered.expect("an answer in time").expect("an answer"))
            }
            Some(()) = self.traps.sprung.recv() => None,
        };
        self.traps.clear();
        match answered.map(|answered| answered.answer) {
            Some(Answer::Response(body)) => Some(serde_json::from_slice(&body).unwrap()),
            // The schedule's run failed as storage was unwell; the next one does its work.
            Some(Answer::Error(_)) => Some(Value::Null),
            None => {
                self.function.kill().await.unwrap();
                self.function = start(&self.program, &self.traps).await;
                // A trap may have sprung once more at the very end.
                while self.traps.sprung.try_recv().is_ok() {}
                None
            }
        }
    }

    /// A run of the schedule.
    pub(super) async fn sweep(&mut self) -> Option<Value> {
        let event = json!({ "source": "mensageria.schedule" });
        self.invoke(&event).await
    }
}

async fn start(program: &std::path::Path, traps: &Traps) -> Function {
    let mut environment = SETTINGS.to_vec();
    environment.extend([
        ("AWS_ENDPOINT_URL_DYNAMODB", traps.table.endpoint.as_str()),
        ("AWS_ENDPOINT_URL_SESV2", traps.mail.endpoint.as_str()),
    ]);
    Function::start(program, &[""; 0], &environment)
        .await
        .unwrap()
}
