//! What a start prints: where the server listens, tokens, and what to type next.

use domain::catalog::Phrase;
use storage::Storage as _;

use crate::{
    seed::{BIA, PEOPLE, TICKET},
    serve::{Serve, Server},
    terminal::{say, worded},
    texts,
    tokens::Person,
};

/// A token for each role: the people of the demo, and the system beside them.
fn tokens(server: &Server) -> Vec<(&'static str, String)> {
    let system = Person {
        role: "integration".to_owned(),
        name: Some("ITSM".to_owned()),
        ..Person::default()
    };
    let people = PEOPLE.iter().map(|person| (person.role, person.into()));
    people
        .chain([("integration", system)])
        .map(|(role, person)| (role, server.tokens.sign(&person)))
        .collect()
}

/// Says where it listens and what to type next.
pub(crate) fn greet(server: &Server, options: &Serve) {
    let base = format!("http://{}", server.address);
    let put = |phrase: Phrase| say(worded(phrase));
    let listens = texts::banner::LISTENS.with("base", &base);
    put(listens.with("data", options.data.display()));
    put(texts::banner::CONSOLE.with("base", &base));
    if let Some(address) = server.smtp_address {
        put(texts::banner::MAIL_PROGRAMS.with("address", address));
    }
    if server.parts.store.is_older_copy() {
        put(texts::banner::OLDER_COPY.phrase());
    }
    if server.fresh {
        put(texts::banner::FIRST_RUN.with("ticket", TICKET));
    }
    say("");
    put(texts::banner::TOKENS.phrase());
    for (role, token) in tokens(server) {
        say(format_args!("  {}={token}", role.to_uppercase()));
    }
    say("");
    put(texts::banner::SEND_A_MESSAGE.phrase());
    say("");
    let technician = format!(
        "-H \"Authorization: Bearer {}\"",
        server.tokens.sign(&Person::from(&BIA))
    );
    say(format_args!(
        "curl -s {base}/tickets/{TICKET}/messages {technician} \\\n  \
         -H 'Content-Type: application/json' -d '{{\"text\": \"Olá! A VPN voltou. Pode testar?\"}}' \\\n  \
         && sleep 1 && curl -s {base}/local/outbox/latest {technician}"
    ));
    say("");
    put(texts::banner::ALL_MAILS.with("base", &base));
}
