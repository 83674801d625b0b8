#![doc = include_str!("../README.md")]

use std::collections::BTreeMap;

use domain::{
    diagnostic::{Diagnostic, Part, Severity},
    source::{Rendered, Source, Syntax},
};

mod check;
mod compile;
mod context;
mod derive;
mod entity;
mod escape;
pub mod functions;
mod layout;
mod place;
mod position;
mod rich;
mod scan;
mod script;
mod slot;
mod texts;
mod token;
mod unsafe_html;
mod values;
mod work;

pub use check::Mode;
pub use compile::{Checks, Compiled, check, compile, failure};
pub use context::{LinkMaker, RenderContext, RenderError};
pub use rich::RichText;
pub use token::{Action, LONGEST_TOKEN_MINUTES, TokenSpec};
pub use values::{
    ValuesContext, format_date, format_date_time, sample_values, ticket_link, values,
};

/// Makes what is made once a process, and which the first mail would have to wait for.
pub fn warm() {
    compile::warm();
    rich::warm();
}

/// What a key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Plain text: escaped in HTML.
    Text(String),
    /// Plain text whose newlines become `<br>` in HTML.
    Lines(String),
    /// Rich text, sanitised when it was made: markup in HTML, flattened in text.
    Html(RichText),
    /// A link: `<a>` in HTML text, the bare URL in an attribute and in plain text.
    Link(String),
}

/// Values by canonical key; a key without one renders as nothing.
pub type Values = BTreeMap<String, Value>;
