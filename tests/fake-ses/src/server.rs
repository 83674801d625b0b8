//! Connections and routes.

use std::{io, sync::Arc};

use http::{Method, Request};
use http_body_util::BodyExt;
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    account,
    answer::{Answer, Cut, error},
    control, send,
    state::State,
};

/// Serves until it is dropped, and every connection with it.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, Arc::clone(&state)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection. A second handle on it lets a reset be a reset: the last one closed decides.
async fn connection(stream: TcpStream, state: Arc<State>) {
    let Ok((stream, spare)) = doubled(stream) else {
        return;
    };
    let service = service_fn(|request| handle(Arc::clone(&state), request));
    let served = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    let cut = served.err().and_then(|error| {
        std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<Cut>().copied())
    });
    if cut == Some(Cut::Reset) {
        // A reset that cannot be set is a close, which callers must bear as well.
        let _ = spare.set_zero_linger();
    }
}

fn doubled(stream: TcpStream) -> io::Result<(TcpStream, TcpStream)> {
    let stream = stream.into_std()?;
    let spare = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, TcpStream::from_std(spare)?))
}

async fn handle(state: Arc<State>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let path = head.uri.path().trim_matches('/').to_owned();
    let parts: Vec<String> = path
        .split('/')
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if head.method == Method::POST && parts == ["v2", "email", "outbound-emails"] {
        return send::send(&state, body).await;
    }
    let query = head.uri.query().unwrap_or_default().to_owned();
    let body = whole(body).await?;
    match parts.as_slice() {
        ["v2", "email", rest @ ..] => account::route(&state, &head.method, rest, &query, &body),
        ["fake", rest @ ..] => control::route(&state, &head.method, rest, &query, &body),
        _ => error(404, "UnknownOperationException", ""),
    }
}

/// The whole body of a request; a sender that goes away half-way leaves nothing.
pub(crate) async fn whole(body: Incoming) -> Result<Bytes, Cut> {
    body.collect()
        .await
        .map(|body| body.to_bytes())
        .map_err(|_| Cut::Close)
}
