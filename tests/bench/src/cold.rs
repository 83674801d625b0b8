//! The cold path: from the start of the process to the answer of a first request.

use std::time::{Duration, Instant};

use serde_json::Value;
use tests::runtime_api::{Answer, Function, Usage};

use crate::{
    Failure, counted,
    endpoint::Endpoint,
    program::{Program, Side},
    stats::Sample,
};

/// Requests after which the peak of memory is taken.
const REQUESTS: usize = 50;
/// Starts from one copy of a file.
const STARTS: usize = 5;

/// What was measured of one program.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Start to answer.
    pub time: Sample,
    /// Time on a processor until then.
    pub cpu: Sample,
    /// Most memory resident after many requests, bytes.
    pub peak: u64,
    /// Page faults from start to answer, the median.
    pub faults: u64,
    /// Instructions from start to answer, where they can be counted.
    pub instructions: Option<u64>,
}

/// Runs the programs in turn, `runs` times each, so that what disturbs one disturbs all.
///
/// # Errors
/// When one cannot be started or does not do its job.
pub async fn measure(
    programs: &[Program],
    endpoint: &Endpoint,
    runs: usize,
) -> Result<Vec<Measured>, Failure> {
    let mut seen: Vec<Vec<(Duration, Usage)>> = vec![Vec::new(); programs.len()];
    for round in 0..runs.div_ceil(STARTS) {
        let copied: Vec<_> = programs
            .iter()
            .map(Program::copied)
            .collect::<Result<_, _>>()?;
        let starts = STARTS.min(runs - round * STARTS);
        // One more: the first of each copy finds nothing ready.
        for start in 0..=starts {
            for ((program, _), seen) in copied.iter().zip(&mut seen) {
                let run = first_request(program, endpoint).await?;
                if start > 0 {
                    seen.push(run);
                }
            }
        }
    }
    let mut measured = Vec::with_capacity(programs.len());
    for (program, seen) in programs.iter().zip(seen) {
        let mut faults: Vec<u64> = seen.iter().map(|(_, usage)| usage.faults).collect();
        faults.sort_unstable();
        let instructions = match program.side {
            Side::Ours | Side::Before | Side::Sdk => {
                counted::instructions(program, endpoint).await?
            }
            Side::Python => None,
        };
        measured.push(Measured {
            faults: faults.get(faults.len() / 2).copied().unwrap_or_default(),
            instructions,
            time: seen.iter().map(|(time, _)| *time).collect(),
            cpu: seen.iter().map(|(_, usage)| usage.cpu).collect(),
            peak: peak(program, endpoint).await?,
        });
    }
    Ok(measured)
}

async fn start(program: &Program, endpoint: &Endpoint) -> Result<Function, Failure> {
    let environment = program.environment(&endpoint.url);
    Ok(
        Function::start(program.path(), program.arguments(), &environment)
            .await
            .map_err(|error| format!("{}: {error}", program.path().display()))?,
    )
}

async fn first_request(
    program: &Program,
    endpoint: &Endpoint,
) -> Result<(Duration, Usage), Failure> {
    let (event, proof) = program.ask(endpoint).await?;
    let mut function = start(program, endpoint).await?;
    let started = function.started();
    let (at, answer) = request(&mut function, &event).await?;
    let usage = function.usage()?;
    function.kill().await?;
    if !proof.holds(&answer, endpoint).await? {
        return Err(format!("{program:?} did not do its job: {answer}").into());
    }
    Ok((at - started, usage))
}

async fn peak(program: &Program, endpoint: &Endpoint) -> Result<u64, Failure> {
    let mut function = start(program, endpoint).await?;
    for _ in 0..REQUESTS {
        let (event, _) = program.ask(endpoint).await?;
        request(&mut function, &event).await?;
    }
    let usage = function.usage()?;
    function.kill().await?;
    Ok(usage.peak)
}

async fn request(function: &mut Function, event: &Value) -> Result<(Instant, Value), Failure> {
    let answered = function.invoke(event.to_string()).await?;
    match answered.answer {
        Answer::Response(body) => Ok((answered.at, serde_json::from_slice(&body)?)),
        Answer::Error(body) => Err(String::from_utf8_lossy(&body).into_owned().into()),
    }
}
