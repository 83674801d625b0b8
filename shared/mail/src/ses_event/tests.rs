use proptest::prelude::*;
use serde_json::json;

use super::{
    build::{SentMail, event, simulated},
    *,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const DELIVERY: &str = "01912345-6789-7abc-8def-0123456789ab";

fn sent() -> SentMail {
    SentMail {
        provider_id: "0100018d5f-1a2b-3c4d-000000".into(),
        from: "desk@example.com".into(),
        to: "maria@example.com".into(),
        tags: [
            ("delivery_id", DELIVERY),
            ("ticket_id", "INC-1"),
            ("kind", "message"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        configuration_set: "mensageria".into(),
        at: at("2026-01-01T12:00:00Z"),
    }
}

/// Written out by hand in the shape of the SES developer guide, not by our own builder.
fn documented(event_type: &str, section: &str, body: Value) -> Value {
    let mut detail = json!({
        "eventType": event_type,
        "mail": {
            "timestamp": "2026-01-01T12:00:00.000Z",
            "source": "Sender Name <desk@example.com>",
            "sourceArn": "arn:aws:ses:us-east-1:123456789012:identity/desk@example.com",
            "sendingAccountId": "123456789012",
            "messageId": "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
            "destination": ["maria@example.com"],
            "headersTruncated": false,
            "headers": [{ "name": "From", "value": "desk@example.com" }],
            "commonHeaders": { "from": ["desk@example.com"], "messageId": "x" },
            "tags": {
                "ses:configuration-set": ["ConfigSet"],
                "ses:caller-identity": ["ses_user"],
                "delivery_id": [DELIVERY],
                "ticket_id": ["4211"],
                "kind": ["message"],
            },
        },
    });
    detail[section] = body;
    json!({
        "version": "0",
        "id": "12345678-1234-1234-1234-123456789012",
        "detail-type": "Email",
        "source": "aws.ses",
        "account": "123456789012",
        "time": "2026-01-01T12:09:09Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    })
}

#[test]
fn reads_the_documented_shapes() {
    let time = "2026-01-01T12:00:05.123Z";
    for (event_type, section, body, happening) in [
        ("Send", "send", json!({}), Happening::Send),
        (
            "Delivery",
            "delivery",
            json!({ "timestamp": time, "processingTimeMillis": 1, "recipients": ["maria@example.com"], "smtpResponse": "250 ok:  Message 1 accepted", "reportingMTA": "mta.example.com" }),
            Happening::Delivery {
                response: "250 ok:  Message 1 accepted".into(),
            },
        ),
        (
            "DeliveryDelay",
            "deliveryDelay",
            json!({ "timestamp": time, "delayType": "TransientCommunicationFailure", "expirationTime": "2026-01-02T02:00:00.000Z", "delayedRecipients": [{ "emailAddress": "maria@example.com", "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect" }] }),
            Happening::Delay {
                kind: "TransientCommunicationFailure".into(),
                diagnostic: "smtp; 421 4.4.1 Unable to connect".into(),
                expires: Some(at("2026-01-02T02:00:00Z")),
            },
        ),
        (
            "Reject",
            "reject",
            json!({ "reason": "Bad content" }),
            Happening::Reject {
                reason: "Bad content".into(),
            },
        ),
        (
            "Bounce",
            "bounce",
            json!({ "bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [{ "emailAddress": "maria@example.com", "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 <maria@example.com> user unknown" }], "timestamp": time, "feedbackId": "0100-000000", "reportingMTA": "dsn; mta.example.com" }),
            Happening::Bounce {
                bounce: BounceType::Permanent,
                sub_type: "General".into(),
                status: "5.1.1".into(),
                diagnostic: "smtp; 550 5.1.1 <m***@example.com> user unknown".into(),
            },
        ),
        (
            "Complaint",
            "complaint",
            json!({ "complainedRecipients": [{ "emailAddress": "maria@example.com" }], "timestamp": time, "feedbackId": "0100-000000", "userAgent": "x", "complaintFeedbackType": "abuse", "arrivalDate": time, "complaintSubType": null }),
            Happening::Complaint {
                feedback: "abuse".into(),
                sub_type: String::new(),
            },
        ),
    ] {
        let whole = documented(event_type, section, body);
        let read = parse(&whole).unwrap().unwrap();
        assert_eq!(read.happening, happening);
        assert_eq!(
            read.provider_id,
            "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000"
        );
        assert_eq!(read.delivery_id, Some(DELIVERY.parse().unwrap()));
        assert_eq!(read.ticket_id, Some("4211".parse().unwrap()));
        assert_eq!(read.kind_tag.as_deref(), Some("message"));
        assert_eq!(read.recipient, Some("maria@example.com".parse().unwrap()));
        let own_time = !["Send", "Reject"].contains(&event_type);
        assert_eq!(
            read.at,
            at(if own_time {
                time
            } else {
                "2026-01-01T12:00:00Z"
            })
        );
        assert_eq!(parse(&whole["detail"]).unwrap().unwrap(), read);
    }
}

#[test]
fn what_says_nothing_of_delivery_is_passed_over() {
    for event_type in ["Open", "Click", "Subscription", "Rendering Failure"] {
        assert_eq!(parse(&documented(event_type, "x", json!({}))), Ok(None));
    }
    for kind in ["not-spam", "NOT-SPAM", "auth-failure"] {
        let feedback =
            json!({ "complaintFeedbackType": kind, "timestamp": "2026-01-01T12:00:05Z" });
        let told = documented("Complaint", "complaint", feedback);
        assert_eq!(parse(&told), Ok(None), "{kind}");
    }
}

#[test]
fn what_is_no_event_is_an_error() {
    use SesEventError as E;
    let mut no_id = documented("Send", "send", json!({}));
    no_id["detail"]["mail"]["messageId"] = json!("a b");
    let mut no_time = documented("Send", "send", json!({}));
    no_time["detail"]["mail"]["timestamp"] = json!("yesterday");
    no_time["time"] = json!(5);
    for (document, error) in [
        (json!(null), E::NotAnEvent),
        (json!([]), E::NotAnEvent),
        (json!("Bounce"), E::NotAnEvent),
        (json!({ "eventType": "Bounce" }), E::NotAnEvent),
        (json!({ "eventType": "Bounce", "mail": "x" }), E::NotAnEvent),
        (json!({ "eventType": 7, "mail": {} }), E::NotAnEvent),
        (documented("Teleported", "x", json!({})), E::UnknownType),
        (json!({ "eventType": "Send", "mail": {} }), E::NoMessageId),
        (no_id, E::NoMessageId),
        (no_time, E::NoTime),
    ] {
        assert_eq!(parse(&document), Err(error), "{document}");
    }
}

#[test]
fn foreign_and_hostile_fields_are_left_out() {
    let mut event = documented(
        "Bounce",
        "bounce",
        json!({ "bounceType": "Perma\u{0}nent", "bouncedRecipients": { "diagnosticCode": 1 }, "timestamp": [] }),
    );
    let mail = &mut event["detail"]["mail"];
    mail["tags"] =
        json!({ "delivery_id": ["not-a-uuid"], "ticket_id": ["a b"], "kind": "message" });
    mail["destination"] = json!(["a@example.com", "b@example.com"]);
    let read = parse(&event).unwrap().unwrap();
    assert_eq!(
        (read.delivery_id, read.ticket_id, read.kind_tag),
        (None, None, None)
    );
    assert_eq!(read.recipient, None);
    let Happening::Bounce {
        bounce, diagnostic, ..
    } = read.happening
    else {
        panic!("not a bounce");
    };
    assert_eq!(
        (bounce, diagnostic.as_str()),
        (BounceType::Undetermined, "")
    );
}

#[test]
fn long_texts_are_cut() {
    let body = json!({ "smtpResponse": "a\r\n".repeat(1_000_000) });
    let read = parse(&documented("Delivery", "delivery", body))
        .unwrap()
        .unwrap();
    let Happening::Delivery { response } = read.happening else {
        panic!("not a delivery");
    };
    assert!(response.chars().count() <= MAX_TEXT && !response.contains('\n'));
}

#[test]
fn what_is_built_is_read_again() {
    let later = at("2026-01-01T12:00:02.5Z");
    for local in [
        "bounce",
        "transient",
        "complaint",
        "delay",
        "reject",
        "suppressionlist",
        "success",
    ] {
        for happening in simulated(&format!("{local}@simulator.amazonses.com"), later) {
            let read = parse(&event(&sent(), &happening, later)).unwrap().unwrap();
            assert_eq!(read.happening, happening);
            assert_eq!(read.provider_id, sent().provider_id);
            assert_eq!(read.delivery_id, Some(DELIVERY.parse().unwrap()));
        }
    }
}

#[test]
fn simulator_addresses_have_their_fate() {
    let last = |address: &str| {
        simulated(address, at("2026-01-01T12:00:00Z"))
            .pop()
            .unwrap()
    };
    for (address, expected) in [
        ("bounce@simulator.amazonses.com", "Bounce"),
        ("BOUNCE+1@Simulator.localhost", "Bounce"),
        ("transient@simulator.example.com", "Bounce"),
        ("suppressionlist@simulator.amazonses.com", "Bounce"),
        ("complaint@simulator.amazonses.com", "Complaint"),
        ("reject@simulator.amazonses.com", "Reject"),
        ("delay@simulator.amazonses.com", "Delivery"),
        ("success@simulator.amazonses.com", "Delivery"),
        ("ooto@simulator.amazonses.com", "Delivery"),
        ("bounce@example.com", "Delivery"),
        ("bounce@notsimulator.com", "Delivery"),
        ("bounce", "Delivery"),
    ] {
        let found = format!("{:?}", last(address));
        assert!(found.starts_with(expected), "{address}: {found}");
    }
}

/// Any JSON, mostly of the fields that are read.
fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}|Bounce|Delivery|Send|2026-01-01T00:00:00Z|a@b.co".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        let names = "detail|mail|eventType|messageId|tags|delivery_id|bounce|bouncedRecipients|timestamp|destination";
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_panics(document in documents()) {
        let _ = parse(&document);
    }
}
