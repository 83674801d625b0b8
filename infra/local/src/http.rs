//! The HTTP server: as many connections as there are slots, each with a limit to its silence.

use std::{
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    task::JoinSet,
    time::{self, Instant, Sleep},
};
use tower::ServiceExt;

use crate::{
    connection_slots::{ConnectionSlot, ConnectionSlots},
    listen::accept,
    shutdown::stopped,
};

/// Most connections at once; a process may have about a thousand files open.
const MAX_CONNECTIONS: usize = 512;
/// How long clients may keep the server waiting.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    /// For the head of a request, and before it on an idle connection.
    head: Duration,
    /// For the next piece of a body.
    body: Duration,
}

/// The patience of a server that people use.
pub(crate) const PATIENCE: Patience = Patience {
    head: Duration::from_secs(20),
    body: Duration::from_secs(10),
};
/// Most bytes of a body that are read after its request was refused, so that the connection can go on.
const MAX_UNREAD: usize = 1024 * 1024;
/// How long a connection may take to end for which nothing is done.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves until the server ends, and then until what is under way is answered.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Router,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let slots = ConnectionSlots::new(MAX_CONNECTIONS);
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let (stream, peer) = accept(&listener).await;
            (stream, slots.take(peer).await)
        };
        tokio::select! {
            () = stopped(&mut stop) => break,
            (stream, slot) = next => {
                let (routes, stop) = (routes.clone(), stop.clone());
                connections.spawn(connection(stream, slot, routes, patience, stop));
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(
    stream: TcpStream,
    slot: ConnectionSlot,
    routes: Router,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let slot = Arc::new(slot);
    let service = service_fn({
        let slot = slot.clone();
        move |request: Request<Incoming>| {
            let (routes, slot) = (routes.clone(), slot.clone());
            async move {
                let (unread, mut rest) = oneshot::channel();
                let waits_for_leave = request.headers().contains_key(header::EXPECT);
                let request = request
                    .map(|body| Body::new(Watched::new(body, slot.clone(), patience.body, unread)));
                let mut answer = routes.oneshot(request).await;
                if let Ok(rest) = rest.try_recv()
                    && (waits_for_leave || !is_read_to_the_end(rest, patience.body).await)
                    && let Ok(answer) = &mut answer
                {
                    let close = HeaderValue::from_static("close");
                    answer.headers_mut().insert(header::CONNECTION, close);
                }
                slot.working(false);
                answer
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        ended = &mut connection => return log(ended),
        () = slot.lost() => return,
        () = stopped(&mut stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    if slot.is_working() {
        return log(connection.await);
    }
    if let Ok(ended) = time::timeout(FAREWELL, connection).await {
        log(ended);
    }
}

fn log(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Reads what a refused request still sends: the next one comes over the same connection.
async fn is_read_to_the_end(mut body: Incoming, patience: Duration) -> bool {
    let mut left = MAX_UNREAD;
    let whole = async {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return false };
            let read = frame.data_ref().map_or(0, |data| data.len());
            let Some(rest) = left.checked_sub(read) else {
                return false;
            };
            left = rest;
        }
        true
    };
    time::timeout(patience, whole).await.unwrap_or(false)
}

/// The body of a request. The server works from its end on; until then the server waits for the
/// client, not for ever.
struct Watched {
    body: Option<Incoming>,
    /// Takes the body when nobody wants the rest of it.
    unread: Option<oneshot::Sender<Incoming>>,
    slot: Arc<ConnectionSlot>,
    patience: Duration,
    silence: Pin<Box<Sleep>>,
}

impl Watched {
    fn new(
        body: Incoming,
        slot: Arc<ConnectionSlot>,
        patience: Duration,
        unread: oneshot::Sender<Incoming>,
    ) -> Self {
        slot.working(http_body::Body::is_end_stream(&body));
        Self {
            body: Some(body),
            unread: Some(unread),
            slot,
            patience,
            silence: Box::pin(time::sleep(patience)),
        }
    }
}

impl http_body::Body for Watched {
    type Data = <Incoming as http_body::Body>::Data;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) else {
            ready!(this.silence.as_mut().poll(cx));
            let silent = io::Error::new(io::ErrorKind::TimedOut, "the body did not come in time");
            return Poll::Ready(Some(Err(silent.into())));
        };
        let until = Instant::now() + this.patience;
        this.silence.as_mut().reset(until);
        this.slot.progress();
        if frame.is_none() || body.is_end_stream() {
            this.slot.working(true);
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        let body = self.body.as_ref();
        body.is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let unread = self.unread.take().zip(self.body.take());
        if let Some((unread, body)) =
            unread.filter(|(_, body)| !http_body::Body::is_end_stream(body))
        {
            // Whoever answered is gone when the connection is.
            let _ = unread.send(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{extract::Request, http::StatusCode, routing::post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const HEAD: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n";

    /// A server that answers with how many bytes arrived, if all of them did.
    async fn server(
        patience: Duration,
    ) -> (
        std::net::SocketAddr,
        watch::Sender<bool>,
        tokio::task::JoinHandle<()>,
    ) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route(
            "/",
            post(|request: Request| async {
                match request.into_body().collect().await {
                    Ok(body) => format!("{} bytes", body.to_bytes().len()),
                    Err(_) => "not whole".to_owned(),
                }
            }),
        );
        let (stop, stopping) = watch::channel(false);
        let patience = Patience {
            head: patience,
            body: patience,
        };
        let task = tokio::spawn(serve(listener, routes, patience, stopping));
        (address, stop, task)
    }

    /// What the server says to a client that sends this and no more, until it hangs up.
    async fn answer(address: std::net::SocketAddr, sent: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        time::timeout(Duration::from_secs(30), read)
            .await
            .expect("an end")
            .unwrap();
        answer
    }

    #[tokio::test]
    async fn a_silent_client_is_hung_up_on() {
        let (address, _stop, _) = server(Duration::from_millis(50)).await;
        assert_eq!(answer(address, "").await, "");
        assert_eq!(answer(address, HEAD).await, "");
        let half = answer(address, &format!("{HEAD}\r\nab")).await;
        assert!(half.ends_with("not whole"), "{half}");
        let whole = answer(address, &format!("{HEAD}\r\nabcd")).await;
        assert!(whole.ends_with("4 bytes"), "{whole}");
    }

    #[tokio::test]
    async fn a_connection_goes_on_after_a_refusal_that_read_no_body() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/", post(|| async { (StatusCode::FORBIDDEN, "no") }));
        let (_stop, stopping) = watch::channel(false);
        tokio::spawn(serve(listener, routes, PATIENCE, stopping));
        let ask = |headers: &str| format!("POST / HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        let refused = "HTTP/1.1 403";

        // The body comes after the refusal could be known.
        let mut stream = TcpStream::connect(address).await.unwrap();
        for _ in 0..20 {
            let head = ask("Content-Length: 4\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
            stream.write_all(b"abcd").await.unwrap();
            let mut answer = vec![0; 1024];
            let read = stream.read(&mut answer).await.unwrap();
            let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
            assert!(answer.starts_with(refused), "{answer}");
            assert!(!answer.contains("close"), "{answer}");
        }

        // What is not read is said: another connection is to be used.
        let too_long = MAX_UNREAD + 1;
        let body = "x".repeat(too_long);
        for sent in [
            ask(&format!("Content-Length: {too_long}\r\n")) + &body,
            ask("Content-Length: 4\r\nExpect: 100-continue\r\n"),
        ] {
            let answer = answer(address, &sent).await;
            assert!(answer.starts_with(refused), "{answer}");
            assert!(answer.contains("connection: close"), "{answer}");
        }
    }

    #[tokio::test]
    async fn an_end_waits_for_no_client() {
        let (address, stop, task) = server(Duration::from_secs(3600)).await;
        let mut clients = Vec::new();
        for sent in ["", HEAD, &format!("{HEAD}\r\nab"), "POST"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            clients.push(stream);
        }
        // All of them were seen once this one is answered.
        let whole = answer(address, &format!("{HEAD}Connection: close\r\n\r\nabcd")).await;
        assert!(whole.ends_with("4 bytes"), "{whole}");
        stop.send_replace(true);
        time::timeout(Duration::from_secs(30), task)
            .await
            .expect("an end")
            .unwrap();
    }
}
