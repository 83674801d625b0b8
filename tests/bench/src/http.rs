//! A small HTTP client.

use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use crate::Failure;

/// Keeps its connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client(Pool<HttpConnector, Full<Bytes>>);

impl Default for Client {
    fn default() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self(Pool::builder(TokioExecutor::new()).build(connector))
    }
}

impl Client {
    /// Sends JSON and gives status and body.
    ///
    /// # Errors
    /// When nothing answers, or not with JSON.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<(StatusCode, Value), Failure> {
        let body = Bytes::from(body.to_string());
        let (status, body) = self.ask(method, url, headers, body).await?;
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body)?
        };
        Ok((status, body))
    }

    /// Puts bytes where `url` says.
    ///
    /// # Errors
    /// When nothing answers, or it is refused.
    pub async fn put(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<(), Failure> {
        let (status, answer) = self.ask(Method::PUT, url, headers, body.into()).await?;
        if status.is_success() {
            return Ok(());
        }
        let answer = String::from_utf8_lossy(&answer);
        Err(format!("PUT {url}: {status} {answer}").into())
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.0.request(request.body(Full::new(body))?).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}
