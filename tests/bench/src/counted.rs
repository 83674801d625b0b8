//! What a first request costs in instructions, counted by callgrind: unlike times it repeats, on any
//! machine of the same instruction set, so that two commits can be compared.

use std::{fs, path::Path, process::Stdio};

use ::tests::runtime_api::{Answer, Function};
use tokio::process::Command;

use crate::{Failure, endpoint::Endpoint, program::Program};

const VALGRIND: &str = "/usr/bin/valgrind";

/// Instructions from the start of the process to the answer of a first request; `None` where
/// valgrind is not installed.
///
/// # Errors
/// When the program cannot be started, does not answer, or is not counted.
pub async fn instructions(program: &Program, endpoint: &Endpoint) -> Result<Option<u64>, Failure> {
    if !Path::new(VALGRIND).exists() {
        return Ok(None);
    }
    let folder = tempfile::tempdir()?;
    let counts = folder.path().join("callgrind.out");
    let mut arguments = vec![
        "--tool=callgrind".to_owned(),
        format!("--callgrind-out-file={}", counts.display()),
        program.path().display().to_string(),
    ];
    arguments.extend(program.arguments().iter().cloned());
    let (event, _) = program.ask(endpoint).await?;
    let environment = program.environment(&endpoint.url);
    let mut function = Function::start(Path::new(VALGRIND), &arguments, &environment).await?;
    let answered = function.invoke(event.to_string()).await?;
    if let Answer::Error(body) = answered.answer {
        return Err(String::from_utf8_lossy(&body).into_owned().into());
    }
    // It writes what it counted when it is asked to end.
    let process = function.process().ok_or("the process has ended")?;
    let asked = Command::new("kill")
        .arg(process.to_string())
        .stderr(Stdio::null())
        .status()
        .await?;
    if !asked.success() {
        return Err("callgrind could not be asked to end".into());
    }
    function.wait().await?;
    let counted = fs::read_to_string(&counts)?;
    total(&counted)
        .map(Some)
        .ok_or_else(|| "callgrind wrote no total".into())
}

/// The sum in what callgrind wrote.
fn total(counted: &str) -> Option<u64> {
    let line = counted
        .lines()
        .find_map(|line| line.strip_prefix("totals: "))?;
    line.trim().parse().ok()
}

/// Name of the processor, for figures that depend on it.
pub fn processor() -> String {
    let known = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    known
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split_once(':'))
        .map_or_else(
            || "a processor that tells no name".to_owned(),
            |(_, name)| name.trim().to_owned(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_from_what_callgrind_writes() {
        let written = "version: 1\nevents: Ir\nfn=(1) main\n7 12\ntotals: 4711\n";
        assert_eq!(total(written), Some(4711));
        assert_eq!(total("version: 1\n"), None);
    }
}
