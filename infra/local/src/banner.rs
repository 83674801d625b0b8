//! What a start prints: where the server listens, tokens, and what to type next.

use storage::Storage as _;

use crate::{
    seed::{BIA, PEOPLE, TICKET},
    serve::{Serve, Server},
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
    println!(
        "Mensageria listens on {base}   (data: {})",
        options.data.display()
    );
    println!("Console: {base}/");
    if let Some(address) = server.smtp_address {
        println!(
            "Mail programs send to {address} (SMTP without TLS): answer a mail of the outbox, and see the message."
        );
    }
    if server.parts.store.is_older_copy() {
        println!(
            "A copy of the store was brought back: what was due in it may have left already, so NOTHING IS SENT. \
             Look at what is queued, then start with --send-due to send it."
        );
    }
    if server.fresh {
        println!(
            "First run: a messaging template (parameter 417) and ticket {TICKET} are there to try."
        );
    }
    println!();
    println!("Tokens, good for 30 days:");
    for (role, token) in tokens(server) {
        println!("  {}={token}", role.to_uppercase());
    }
    println!();
    println!("Send a message as the technician, and see the mail that the requester gets:");
    println!();
    let technician = format!(
        "-H \"Authorization: Bearer {}\"",
        server.tokens.sign(&Person::from(&BIA))
    );
    println!(
        "curl -s {base}/tickets/{TICKET}/messages {technician} \\\n  \
         -H 'Content-Type: application/json' -d '{{\"text\": \"Olá! A VPN voltou. Pode testar?\"}}' \\\n  \
         && sleep 1 && curl -s {base}/local/outbox/latest {technician}"
    );
    println!();
    println!(
        "All mails, with a token: {base}/local/outbox   One as it was sent: {base}/local/outbox/1.eml   End with Ctrl-C."
    );
}
