//! The four routes of the runtime API.

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet};

use super::{Answer, Answered, State, locked};

/// How long a function may work on an event, as it is told: that of `template.yaml`.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Serves until it is dropped, and every connection with it.
pub(super) async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // What hangs on Nagle's algorithm is not the function's time.
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let service = service_fn(|request| handle(Arc::clone(&state), request));
            // A function that is killed cuts its connection.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn handle(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().trim_start_matches("/2018-06-01/runtime/");
    let parts: Vec<&str> = path.split('/').collect();
    if head.method == Method::GET && parts == ["invocation", "next"] {
        return Ok(next(&state).await);
    }
    let Ok(body) = body.collect().await else {
        return Ok(answer(StatusCode::BAD_REQUEST));
    };
    let at = Instant::now();
    let body = body.to_bytes();
    Ok(answer(match parts.as_slice() {
        ["invocation", id, "response"] => arrived(&state, id, Answer::Response(body), at),
        ["invocation", id, "error"] => arrived(&state, id, Answer::Error(body), at),
        ["init", "error"] => {
            *locked(&state.report) = String::from_utf8_lossy(&body).into_owned();
            StatusCode::ACCEPTED
        }
        _ => StatusCode::NOT_FOUND,
    }))
}

async fn next(state: &State) -> Response<Full<Bytes>> {
    let Some((id, event)) = state.events.lock().await.recv().await else {
        return answer(StatusCode::GONE);
    };
    let deadline = (SystemTime::now() + TIMEOUT).duration_since(UNIX_EPOCH);
    Response::builder()
        .header("Content-Type", "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", id)
        .header(
            "Lambda-Runtime-Deadline-Ms",
            deadline.unwrap_or_default().as_millis().to_string(),
        )
        .header(
            "Lambda-Runtime-Invoked-Function-Arn",
            "arn:aws:lambda:us-east-1:000000000000:function:function",
        )
        .header(
            "Lambda-Runtime-Trace-Id",
            "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
        )
        .body(Full::new(event))
        .unwrap_or_else(|_| answer(StatusCode::INTERNAL_SERVER_ERROR))
}

/// Hands the answer to who waits for it, if they still do.
fn arrived(state: &State, id: &str, answer: Answer, at: Instant) -> StatusCode {
    match locked(&state.waiting).remove(id) {
        None => StatusCode::NOT_FOUND,
        Some(waiting) => {
            let _ = waiting.send(Answered { answer, at });
            StatusCode::ACCEPTED
        }
    }
}

fn answer(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
    *response.status_mut() = status;
    response
}
