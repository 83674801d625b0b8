//! The routes of all functions over the embedded store, called as the edges call them.

mod access;
mod bad_input;
mod calls;
mod canned_answers;
mod conversation;
mod imports;
mod links;
mod me;
mod names;
mod one_line;
mod pages;
mod parameters;
mod previews;
mod readiness;
mod routes;
mod sending;
mod snapshots;
mod strictness;
mod template_editor;
mod templates;
mod test_mails;
mod ticket_lists;
mod uploads;
mod words;
mod wrong_values;
