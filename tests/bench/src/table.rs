//! A table, a bucket and a mail service that answer at once, so that a measured time is the caller's
//! own.
//!
//! It speaks as much of DynamoDB as the programs here use, `SendEmail` of SES v2, and `PUT` and `GET`
//! of S3 with the bucket in the path. Every write succeeds, whatever its condition.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::{HeaderValue, Method, Request, Response, request::Parts};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

type Place = (String, String);

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<Place, Value>,
    /// Where each item stands in the index, and its key.
    index: BTreeSet<(Place, Place)>,
    objects: BTreeMap<String, Bytes>,
    mails: usize,
}

/// A running one, on 127.0.0.1. It ends when this is dropped.
#[derive(Debug)]
pub struct Table {
    url: String,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

impl Table {
    /// Starts an empty one.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::default();
        let server = tokio::spawn(serve(listener, Arc::clone(&state)));
        Ok(Self { url, state, server })
    }

    /// Where it is called.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many mails it took.
    pub fn mails(&self) -> usize {
        locked(&self.state).mails
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let service = service_fn(|request| handle(&state, request));
            // A program that is killed cuts its connection.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn handle(
    state: &Mutex<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let answer = match body.collect().await {
        Ok(body) => locked(state).answer(&head, body.to_bytes()),
        Err(_) => None,
    };
    let (status, (kind, body)) = match answer {
        Some(answer) => (200, answer),
        None => (400, json(&json!({ "__type": "UnknownOperationException" }))),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status.try_into().unwrap_or_default();
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert("content-type", kind);
    Ok(response)
}

/// Content type and body.
type Answer = (&'static str, Bytes);

fn json(value: &Value) -> Answer {
    ("application/x-amz-json-1.0", value.to_string().into())
}

impl State {
    /// `None` for what nobody here speaks.
    fn answer(&mut self, head: &Parts, body: Bytes) -> Option<Answer> {
        let target = head.headers.get("x-amz-target");
        let operation = target.and_then(|target| target.to_str().ok()?.split_once('.'));
        let path = head.uri.path();
        if let Some((_, operation)) = operation {
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            return self.table(operation, &body).as_ref().map(json);
        }
        if path == "/v2/email/outbound-emails" {
            self.mails += 1;
            let id = format!("{:060}", self.mails);
            return Some(json(&json!({ "MessageId": id })));
        }
        let content = match head.method {
            Method::PUT => {
                self.objects.insert(path.to_owned(), body);
                Bytes::new()
            }
            Method::GET => self.objects.get(path)?.clone(),
            _ => return None,
        };
        Some(("application/octet-stream", content))
    }

    fn table(&mut self, operation: &str, body: &Value) -> Option<Value> {
        match operation {
            "GetItem" => Some(match self.items.get(&key(&body["Key"])) {
                Some(item) => json!({ "Item": item }),
                None => json!({}),
            }),
            "BatchGetItem" => Some(self.batch(body)),
            "Query" => Some(self.query(body)),
            "PutItem" => {
                self.put(&body["Item"]);
                Some(json!({}))
            }
            "BatchWriteItem" => {
                let tables = body["RequestItems"].as_object().into_iter().flatten();
                for write in tables.flat_map(|(_, writes)| writes.as_array()).flatten() {
                    self.put(&write["PutRequest"]["Item"]);
                }
                Some(json!({ "UnprocessedItems": {} }))
            }
            "DeleteItem" => {
                self.remove(key(&body["Key"]));
                Some(json!({}))
            }
            "TransactWriteItems" => {
                for write in body["TransactItems"].as_array().into_iter().flatten() {
                    if let Some(put) = write.get("Put") {
                        self.put(&put["Item"]);
                    }
                    if let Some(delete) = write.get("Delete") {
                        self.remove(key(&delete["Key"]));
                    }
                }
                Some(json!({}))
            }
            _ => None,
        }
    }

    fn put(&mut self, item: &Value) {
        let key = key(item);
        self.remove(key.clone());
        if let Some(place) = in_index(item) {
            self.index.insert((place, key.clone()));
        }
        self.items.insert(key, item.clone());
    }

    fn remove(&mut self, key: Place) {
        let removed = self.items.remove(&key);
        if let Some(place) = removed.as_ref().and_then(in_index) {
            self.index.remove(&(place, key));
        }
    }

    fn batch(&self, body: &Value) -> Value {
        let tables = body["RequestItems"].as_object().into_iter().flatten();
        let answers: Map<_, _> = tables
            .map(|(table, request)| {
                let keys = request["Keys"].as_array().into_iter().flatten();
                let found: Vec<_> = keys.filter_map(|k| self.items.get(&key(k))).collect();
                (table.clone(), json!(found))
            })
            .collect();
        json!({ "Responses": answers, "UnprocessedKeys": {} })
    }

    /// By `#p = :p`, and `begins_with(#s, :a)`, `#s <= :b` or `#s BETWEEN :a AND :b`.
    fn query(&self, body: &Value) -> Value {
        let value = |name: &str| body["ExpressionAttributeValues"][name]["S"].as_str();
        let partition = value(":p").unwrap_or_default();
        let begins = body["KeyConditionExpression"]
            .as_str()
            .is_some_and(|expression| expression.contains("begins_with"));
        let low = value(":a").unwrap_or_default();
        let takes = |(of, sort): &Place| {
            of == partition
                && (!begins || sort.starts_with(low))
                && value(":b").is_none_or(|high| sort.as_str() <= high)
        };
        let from = (partition.to_owned(), low.to_owned());
        let mut found: Vec<_> = match body["IndexName"].as_str() {
            None => self
                .items
                .range(from..)
                .take_while(|(key, _)| takes(key))
                .map(|(_, item)| item)
                .collect(),
            Some(_) => self
                .index
                .range((from, Place::default())..)
                .take_while(|(place, _)| takes(place))
                .filter_map(|(_, key)| self.items.get(key))
                .collect(),
        };
        if body["ScanIndexForward"] == false {
            found.reverse();
        }
        let limit = body["Limit"].as_u64().unwrap_or(u64::MAX);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        json!({ "Items": found, "Count": found.len() })
    }
}

fn key(item: &Value) -> Place {
    let part = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    (part("pk"), part("sk"))
}

/// Where an item stands in the index, if it does.
fn in_index(item: &Value) -> Option<Place> {
    let part = |name: &str| item[name]["S"].as_str().map(str::to_owned);
    Some((part("index_pk")?, part("index_sk")?))
}
