//! A proxy before a server that answers, delays or loses on command.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc::UnboundedSender},
    task::JoinHandle,
};

/// What becomes of one request.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It goes through, and so does its answer.
    Pass,
    /// It waits for this, then goes through.
    Hold(Arc<Notify>),
    /// It goes through, and its answer is lost.
    LoseAnswer,
    /// It is lost itself.
    LoseRequest,
    /// It goes through or not, and the connection stays open without an answer: the caller's own
    /// time-out ends it.
    Stall {
        /// Whether it goes through.
        forward: bool,
    },
    /// It is answered with this status and JSON body, and goes nowhere.
    Answer(u16, String),
    /// It goes through or not, then somebody is told, and there is never an answer.
    Trap {
        /// Whether it goes through.
        forward: bool,
        /// Is told when the request came.
        sprung: UnboundedSender<()>,
    },
}

/// Decides about a request that nothing was planned for, by its operation and its body.
type Rule = Box<dyn FnMut(&str, &str) -> Fate + Send>;

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
pub struct Proxy {
    /// Where it is called.
    pub endpoint: String,
    plan: Arc<Mutex<Plan>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Plan {
    fates: VecDeque<Fate>,
    rule: Option<Rule>,
    seen: Vec<String>,
}

impl Plan {
    fn fate(&mut self, request: &[u8]) -> Fate {
        let operation = operation(request);
        let planned = self.fates.pop_front();
        let fate = planned.unwrap_or_else(|| match &mut self.rule {
            Some(rule) => rule(&operation, &String::from_utf8_lossy(request)),
            None => Fate::Pass,
        });
        self.seen.push(operation);
        fate
    }
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
        let plan = Arc::new(Mutex::new(Plan::default()));
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

    /// From now on this decides about every request that nothing was planned for.
    pub fn rule(&self, rule: impl FnMut(&str, &str) -> Fate + Send + 'static) {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.rule = Some(Box::new(rule));
    }

    /// The operations (`X-Amz-Target`) that were asked for since the last plan.
    pub fn seen(&self) -> Vec<String> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.seen.clone()
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
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
        plan.fate(&request)
    };
    let answer = match fate {
        Fate::LoseRequest => return Ok(()),
        Fate::Answer(status, body) => format!(
            "HTTP/1.1 {status} Planned\r\nContent-Type: application/x-amz-json-1.0\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
        Fate::Trap { forward, sprung } => {
            if forward {
                forwarded(upstream, &request).await?;
            }
            // Nobody listens any more when the test is over.
            let _ = sprung.send(());
            return given_up(client).await;
        }
        Fate::Stall { forward } => {
            if forward {
                forwarded(upstream, &request).await?;
            }
            return given_up(client).await;
        }
        Fate::LoseAnswer => {
            forwarded(upstream, &request).await?;
            return Ok(());
        }
        Fate::Hold(go) => {
            go.notified().await;
            forwarded(upstream, &request).await?
        }
        Fate::Pass => forwarded(upstream, &request).await?,
    };
    client.write_all(&answer).await?;
    client.shutdown().await
}

/// Waits until the caller goes away.
async fn given_up(mut client: TcpStream) -> io::Result<()> {
    client.read_buf(&mut Vec::new()).await?;
    Ok(())
}

/// What the server answers.
async fn forwarded(upstream: &str, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    server.write_all(request).await?;
    let mut answer = read_message(&mut server).await?;
    // The client must not use the connection again.
    if let Some(end) = answer.windows(2).position(|w| w == b"\r\n") {
        answer.splice(end..end, *b"\r\nConnection: close");
    }
    Ok(answer)
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
