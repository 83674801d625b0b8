//! Own time of `POST /tickets/{id}/messages`: from the bytes of the event to the bytes of the
//! answer, through the same service that Lambda runs, over storage that answers at once.

use std::{fs::File, sync::Arc, time::Instant};

use lambda_http::{Adapter, request::LambdaRequest};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use tests::memory::{Calls, Memory};
use tower::{Service, ServiceExt};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};
use web::lambda::behind_gateway;

use crate::{
    Failure,
    desk::{self, SeededDesk, TICKET},
    stats::Sample,
};

/// What a posted message takes of our own code: no network, storage in memory.
#[derive(Clone, Debug)]
pub struct Own {
    /// Time of one request.
    pub time: Sample,
    /// Storage calls of one request.
    pub calls: Calls,
}

/// Posts `runs` messages, each with an idempotency key of its own.
///
/// # Errors
/// When one is not accepted.
pub async fn measure(runs: usize) -> Result<Own, Failure> {
    // Logs are made and written as in Lambda.
    let logs = fmt()
        .json()
        .flatten_event(true)
        .with_max_level(LevelFilter::TRACE)
        .with_writer(File::create("/dev/null")?)
        .finish()
        .with(Targets::new().with_default(LevelFilter::INFO));
    if let Err(error) = logs.try_init() {
        return Err(format!("logs cannot be started: {error}").into());
    }
    let memory = Arc::new(Memory::default());
    let desk = SeededDesk::seed(Arc::clone(&memory) as _).await?;
    let seeded = memory.items();
    let mut service = Adapter::from(behind_gateway(tickets::router(desk.app)));
    let path = format!("/tickets/{TICKET}/messages");
    let mut event = desk::gateway(&desk::technician(), "POST", &path, Some(&desk::message()));
    let mut times = Vec::with_capacity(runs);
    let mut calls = Calls::default();
    for run in 0..runs {
        memory.restore(&seeded);
        memory.take_calls();
        event["headers"]["idempotency-key"] = Value::from(format!("run-{run}"));
        let event = event.to_string();
        let started = Instant::now();
        let request: LambdaRequest = serde_json::from_str(&event)?;
        let response = service
            .ready()
            .await?
            .call(LambdaEvent::new(request, Context::default()))
            .await?;
        let answer = serde_json::to_vec(&response)?;
        times.push(started.elapsed());
        calls = memory.take_calls();
        let answer: Value = serde_json::from_slice(&answer)?;
        if answer["statusCode"] != 202 {
            return Err(format!("a message was not accepted: {answer}").into());
        }
    }
    Ok(Own {
        time: times.into_iter().collect(),
        calls,
    })
}
