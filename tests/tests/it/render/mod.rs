//! The template language: inputs as data, the corpus, properties, hostile templates.

mod corpus;
mod data;
mod hostile;
mod properties;
mod structure;
