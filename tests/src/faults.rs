//! A proxy before a server that answers, delays or loses on command.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

/// What becomes of one request.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It goes through.
    Pass,
    /// It waits for this, then goes through.
    Hold(Arc<Notify>),
    /// It goes through, and its answer is lost.
    LoseAnswer,
    /// It is lost itself.
    LoseRequest,
    /// It is answered with this status and JSON body, and goes nowhere.
    Answer(u16, String),
}

impl Fate {
    /// An error of DynamoDB, by its code.
    pub fn dynamodb_error(code: &str) -> Self {
        let status = if code == "InternalServerError" {
            500
        } else {
            400
        };
        let body =
            format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"m"}}"#);
        Self::Answer(status, body)
    }
}

/// The proxy. It ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it is called.
    pub endpoint: String,
    plan: Arc<Mutex<Plan>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Plan {
    fates: VecDeque<Fate>,
    seen: Vec<String>,
}

impl Proxy {
    /// Starts one before `upstream`, `http://host:port`. Everything passes until told otherwise.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn before(upstream: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let plan: Arc<Mutex<Plan>> = Arc::default();
        let task = tokio::spawn({
            let plan = Arc::clone(&plan);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let (plan, upstream) = (Arc::clone(&plan), upstream.clone());
                    tokio::spawn(async move {
                        // A connection that breaks is what this is for.
                        let _ = serve(client, &upstream, &plan).await;
                    });
                }
            }
        });
        Self {
            endpoint: format!("http://{address}"),
            plan,
            task,
        }
    }

    /// What becomes of the next requests, one after the other; later ones pass. Forgets what was
    /// [`Proxy::seen`].
    pub fn plan(&self, fates: impl IntoIterator<Item = Fate>) {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.fates = fates.into_iter().collect();
        plan.seen.clear();
    }

    /// The operations (`X-Amz-Target`) that were asked for since the last plan.
    pub fn seen(&self) -> Vec<String> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.seen.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request; the connection ends with its answer.
async fn serve(mut client: TcpStream, upstream: &str, plan: &Mutex<Plan>) -> io::Result<()> {
    let request = read_message(&mut client).await?;
    let fate = {
        let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.seen.push(operation(&request));
        plan.fates.pop_front().unwrap_or(Fate::Pass)
    };
    let answer = match fate {
        Fate::LoseRequest => return Ok(()),
        Fate::Answer(status, body) => format!(
            "HTTP/1.1 {status} Planned\r\nContent-Type: application/x-amz-json-1.0\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
        Fate::Pass | Fate::Hold(_) | Fate::LoseAnswer => {
            if let Fate::Hold(go) = &fate {
                go.notified().await;
            }
            let mut server = TcpStream::connect(upstream).await?;
            server.write_all(&request).await?;
            let mut answer = read_message(&mut server).await?;
            // The client must not use the connection again.
            if let Some(end) = answer.windows(2).position(|w| w == b"\r\n") {
                answer.splice(end..end, *b"\r\nConnection: close");
            }
            if matches!(fate, Fate::LoseAnswer) {
                return Ok(());
            }
            answer
        }
    };
    client.write_all(&answer).await?;
    client.shutdown().await
}

/// Head and body of a request or an answer, as long as its `Content-Length` says.
async fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let length = header(&bytes[..head], "content-length")
        .and_then(|value| value.parse::<usize>().ok())
        .unwrap_or(0);
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(bytes)
}

fn operation(request: &[u8]) -> String {
    let target = header(request, "x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

fn header(message: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(message);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}
