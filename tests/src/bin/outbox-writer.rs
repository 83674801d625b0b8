//! Fills an outbox until it is killed: the crash test's victim.
//!
//! Argument: the folder. Prints the number and delivery of each mail once it counts as accepted.

use std::io::Write;

use domain::address::Address;
use transport::{Outcome, OutgoingMail, Transport, outbox::Outbox};
use uuid::Uuid;

/// Largest mail in bytes: a kill has to fall into the writing of one.
const LARGEST: usize = 4_000_000;
/// Writers at once.
const WRITERS: usize = 4;

#[tokio::main]
async fn main() {
    let folder = std::env::args().nth(1).expect("the folder of the outbox");
    let outbox = Outbox::open(folder).expect("an outbox that nobody else has open");
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| tokio::spawn(write(outbox.clone())))
        .collect();
    for writer in writers {
        writer.await.expect("a writer does not panic");
    }
}

async fn write(outbox: Outbox) {
    for size in (0..).map(|n| n * 977_777 % LARGEST) {
        let delivery_id = Uuid::now_v7();
        // Whole or torn can be told: the mail ends with its delivery.
        let raw = format!(
            "Subject: {delivery_id}\r\n\r\n{}{delivery_id}",
            "x".repeat(size)
        );
        let mail = OutgoingMail {
            from: Address::parse("desk@example.com").expect("an address"),
            to: Address::parse("maria@example.com").expect("an address"),
            raw: raw.into_bytes(),
            delivery_id,
            attempt: 1,
            ticket_id: "4211".parse().expect("a ticket"),
            message_id: Uuid::nil(),
            kind: "message",
        };
        if let Outcome::Accepted { id } = outbox.send(&mail).await {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{id} {delivery_id}")
                .and_then(|()| out.flush())
                .expect("a reader");
        }
    }
}
