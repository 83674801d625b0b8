//! Answers, whole and cut.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use http::{Response, StatusCode, header};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use serde_json::{Value, json};

/// What a request ends in: an answer, or a connection that is cut.
pub type Answer = Result<Response<Text>, Cut>;

/// The connection ends here, without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The connection is closed after what was read.
    Close,
    /// The connection is reset (RST), whatever was read.
    Reset,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cut on command")
    }
}
impl Error for Cut {}
impl From<Infallible> for Cut {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A body that ends, or breaks, after its text.
#[derive(Debug)]
pub struct Text {
    text: Option<Bytes>,
    promised: u64,
    breaks: bool,
}

impl Body for Text {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        Poll::Ready(match self.text.take() {
            Some(text) => Some(Ok(Frame::data(text))),
            None if self.breaks => Some(Err(Cut::Close)),
            None => None,
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

/// A whole answer.
pub fn bytes(status: u16, media_type: &str, body: impl Into<Bytes>) -> Answer {
    let text: Bytes = body.into();
    Ok(Response::builder()
        .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header(header::CONTENT_TYPE, media_type)
        .header("x-amzn-requestid", uuid::Uuid::now_v7().to_string())
        .body(Text {
            promised: text.len() as u64,
            text: Some(text),
            breaks: false,
        })
        .expect("header values without controls"))
}

/// A JSON answer.
pub fn json(status: u16, body: &Value) -> Answer {
    bytes(status, "application/json", body.to_string())
}

/// An error, as SES writes it.
pub fn error(status: u16, code: &str, message: &str) -> Answer {
    let mut answer = json(status, &json!({ "message": message }))?;
    if let Ok(code) = code.parse() {
        answer.headers_mut().insert("x-amzn-errortype", code);
    }
    Ok(answer)
}

/// The same answer, broken off after half of its body.
pub fn half(answer: Answer) -> Answer {
    let mut answer = answer?;
    let body = answer.body_mut();
    body.text = body.text.take().map(|text| text.slice(..text.len() / 2));
    body.breaks = true;
    Ok(answer)
}
