//! The key layout as a table, made by the functions that make the keys: `docs/ARCHITECTURE.md` shows it,
//! and a test compares the two.

use serde::Serialize;
use uuid::Uuid;

use super::{
    Key,
    keys::{self, Due},
};

/// One kind of item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What it is.
    pub entity: &'static str,
    /// Its partition key, with the names of what varies in braces.
    pub pk: String,
    /// Its sort key.
    pub sk: String,
    /// Its partition in the index, where it has one.
    pub index_pk: Option<String>,
    /// What it is sorted by there.
    pub index_sk: Option<&'static str>,
}

/// Stands for an id, and for a number.
const ID: Uuid = Uuid::from_u128(0x7777_7777_7777_7777_7777_7777_7777_7777);
const NUMBER: u16 = 7777;

/// A key with `{name}` in the place of [`ID`] or of [`NUMBER`], however many digits it is written with.
fn named(text: &str, name: &str) -> String {
    let mut text = text.replace(&ID.to_string(), &format!("{{{name}}}"));
    for width in [20, 10] {
        let digits = format!("{NUMBER:0width$}");
        text = text.replace(&digits, &format!("{{{name}, {width} digits}}"));
    }
    text.replace(&NUMBER.to_string(), &format!("{{{name}}}"))
}

fn row(entity: &'static str, key: &Key, varies: &str) -> Row {
    Row {
        entity,
        pk: named(&key.pk, varies),
        sk: named(&key.sk, varies),
        index_pk: None,
        index_sk: None,
    }
}

impl Row {
    fn indexed(mut self, partition: &str, sort: &'static str) -> Self {
        self.index_pk = Some(named(partition, "shard"));
        self.index_sk = Some(sort);
        self
    }

    /// The same kind of item in another state.
    fn also(&self, entity: &'static str) -> Self {
        Self {
            entity,
            pk: self.pk.clone(),
            sk: self.sk.clone(),
            index_pk: None,
            index_sk: None,
        }
    }
}

/// Every kind of item, in the order in which one reads about them.
pub fn layout() -> Vec<Row> {
    let (shard, number) = (u32::from(NUMBER), u64::from(NUMBER));
    let due = |kind| keys::due(kind, shard);
    let ticket = "{ticket}";
    let delivery = row(
        "delivery that waits to be sent",
        &keys::delivery(ticket, Uuid::nil(), ID),
        "delivery",
    );
    let delivery = Row {
        sk: delivery.sk.replace(&Uuid::nil().to_string(), "{message}"),
        ..delivery
    };
    vec![
        row("ticket", &keys::ticket(ticket), "")
            .indexed(&keys::all_tickets(shard), "latest activity"),
        row("message", &keys::message(ticket, ID), "message"),
        delivery
            .clone()
            .indexed(&due(Due::Queued), "when it may leave"),
        delivery
            .also("… that is being sent")
            .indexed(&due(Due::Sending), "when its lease expires"),
        delivery
            .also("… that is held")
            .indexed(&due(Due::Held), "obstacle, then the next check"),
        delivery
            .also("… held for a suppressed address")
            .indexed(&keys::suppressed("{address}"), "time"),
        delivery
            .also("… that waits for an event")
            .indexed(&due(Due::Event), "until when"),
        delivery.also("… in any other state"),
        row(
            "entry of a delivery that needs somebody",
            &keys::attention(ticket, ID),
            "delivery",
        )
        .indexed(&keys::all_attention(shard), "since when"),
        row("read mark", &keys::read_mark(ticket, "{address}"), ""),
        row(
            "upload that waits for its message",
            &keys::upload(ticket, ID),
            "upload",
        ),
        row(
            "thread between us and a person",
            &keys::wire(ticket, "{address}"),
            "",
        ),
        row(
            "ticket of a person",
            &keys::membership(&keys::person("{address}"), ticket),
            "",
        )
        .indexed(
            &keys::listed(&keys::person("{address}"), shard),
            "activity as that side sees it",
        ),
        row(
            "ticket of a group",
            &keys::membership(&keys::group("{group}"), ticket),
            "",
        )
        .indexed(
            &keys::listed(&keys::group("{group}"), shard),
            "activity as the desk sees it",
        ),
        row(
            "ticket with a long id, by its reference in tokens",
            &keys::ticket_reference("{reference}"),
            "",
        ),
        row(
            "canned answer of a person",
            &keys::snippet(&keys::snippets_of_person("{address}"), ID),
            "snippet",
        ),
        row(
            "canned answer of a group",
            &keys::snippet(&keys::snippets_of_group("{group}"), ID),
            "snippet",
        ),
        row(
            "canned answer of all",
            &keys::snippet(keys::SNIPPETS_OF_ALL, ID),
            "snippet",
        ),
        row(
            "preferences of a person",
            &keys::preferences("{address}"),
            "",
        ),
        row("idempotency record", &keys::idempotency("{hash}"), ""),
        row("parameters, all in one", &keys::parameters(), ""),
        row(
            "change of a parameter",
            &Key {
                sk: keys::parameter_history(NUMBER, ID)
                    .sk
                    .replace(&ID.to_string(), "{change}"),
                ..keys::parameter_history(NUMBER, ID)
            },
            "number",
        ),
        row("last template id", &keys::template_sequence(), ""),
        row("template, its current state", &keys::template(number), "id"),
        row(
            "template version",
            &Key {
                pk: keys::template_versions(number).replace(&NUMBER.to_string(), "{id}"),
                ..keys::template_version(number, number)
            },
            "version",
        ),
        row(
            "published version of a template, once more",
            &keys::template_published(number),
            "id",
        ),
        row(
            "template identifier",
            &keys::template_identifier("{in lower case}"),
            "",
        ),
        row("suppression", &keys::suppression("{address}"), "")
            .indexed(&due(Due::Suppression), "when it ends"),
        row(
            "transient bounces of an address",
            &keys::transient_bounces("{address}"),
            "",
        ),
        row(
            "record of a lifted suppression",
            &keys::suppression_lifted("{address}", ID),
            "change",
        ),
        row(
            "record of an erasure",
            &Key {
                sk: format!("{}{{id}}", keys::erasures_of("{digest of the address}")),
                ..keys::erasure("", ID)
            },
            "",
        )
        .indexed(keys::ERASURES, "when it began"),
        row(
            "bounce of a test mail",
            &keys::test_bounce(ID, "{kind}"),
            "test mail",
        ),
        row(
            "delivery of a mail, by its id on the wire",
            &keys::mail("{id}"),
            "",
        ),
        row("mail that came in", &keys::inbound("{id}"), "")
            .indexed(&keys::inbound_of("{status}", shard), "when it came"),
        row("circuit of all senders", &keys::sending_state(), ""),
        row(
            "schedule of the provider's rate, breaker of automatic mail",
            &keys::pace(),
            "",
        ),
        row(
            "what the provider says of the account",
            &keys::account(),
            "",
        ),
        row(
            "bounces and complaints of an hour",
            &Key {
                sk: format!("{}{{shard}}", keys::reputation_from(i64::from(NUMBER))),
                ..keys::reputation(i64::from(NUMBER), shard)
            },
            "hour",
        ),
        row(
            "figures of an hour",
            &keys::statistics(i64::from(NUMBER)),
            "hour",
        ),
        row(
            "how far the counting of figures came",
            &keys::statistics_state(),
            "",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_has_its_name_and_no_key_is_there_twice() {
        let mut known = std::collections::BTreeSet::new();
        for row in layout() {
            for text in [&row.pk, &row.sk] {
                assert!(!text.contains("7777") && !text.contains("{}"), "{row:?}");
            }
            let place = (row.pk.clone(), row.sk.clone(), row.index_pk.clone());
            assert!(known.insert(place), "{row:?}");
        }
        let version = layout()
            .into_iter()
            .find(|row| row.entity == "template version");
        let version = version.unwrap();
        assert_eq!(
            (version.pk, version.sk),
            (
                "TEMPLATE#{id}".to_owned(),
                "V#{version, 10 digits}".to_owned()
            )
        );
    }
}
