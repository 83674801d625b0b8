//! A function that runs already: the time of a request, and what memory and processor it takes. It
//! is what a bill is made of, once the first requests are paid.

use std::time::{Duration, Instant};

use tests::runtime_api::{Answer, Function};

use crate::{Failure, endpoint::Endpoint, program::Program, stats::Sample};

/// Requests before the first that counts.
const BEFORE: usize = 20;

/// What was measured of one program.
#[derive(Clone, Debug)]
pub struct Warm {
    /// From the event to the answer.
    pub time: Sample,
    /// Time on a processor of one request.
    pub cpu: Duration,
    /// Most memory resident, bytes.
    pub peak: u64,
}

/// Sends each program `requests` requests.
///
/// # Errors
/// When one cannot be started or does not do its job.
pub async fn measure(
    programs: &[Program],
    endpoint: &Endpoint,
    requests: usize,
) -> Result<Vec<Warm>, Failure> {
    let mut measured = Vec::with_capacity(programs.len());
    for program in programs {
        let environment = program.environment(&endpoint.url);
        let mut function =
            Function::start(program.path(), program.arguments(), &environment).await?;
        let mut times = Vec::with_capacity(requests);
        let mut before = Duration::ZERO;
        for number in 0..BEFORE + requests {
            if number == BEFORE {
                before = function.usage()?.cpu;
            }
            let (event, proof) = program.ask(endpoint).await?;
            let started = Instant::now();
            let answered = function.invoke(event.to_string()).await?;
            let Answer::Response(body) = answered.answer else {
                return Err(format!("{program:?} answered an error").into());
            };
            if number >= BEFORE {
                times.push(answered.at - started);
            }
            if !proof
                .holds(&serde_json::from_slice(&body)?, endpoint)
                .await?
            {
                return Err(format!("{program:?} did not do its job").into());
            }
        }
        let usage = function.usage()?;
        function.kill().await?;
        measured.push(Warm {
            time: times.into_iter().collect(),
            cpu: (usage.cpu - before) / u32::try_from(requests.max(1))?,
            peak: usage.peak,
        });
    }
    Ok(measured)
}
