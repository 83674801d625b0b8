//! What the functions of mensageria share.
//!
//! Layers, each may use only those above it: `catalog` and `domain` (pure rules), `render` and
//! `mail` (pure transformations), the ports `store`, `transport` and `files`, the use cases in
//! `app`, and the HTTP vocabulary in `http`. No AWS type leaves `store::dynamodb`, `transport::ses` and
//! `files::s3`.

mod accents;
pub mod app;
#[cfg(feature = "aws")]
pub mod aws;
pub mod catalog;
pub mod domain;
pub mod files;
pub mod http;
pub mod import;
pub mod mail;
pub mod render;
pub mod settings;
pub mod store;
pub mod telemetry;
pub mod transport;
