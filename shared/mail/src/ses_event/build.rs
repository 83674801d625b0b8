//! Makes the events that SES would send about a mail.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{BounceType, Happening};

/// What an event says of the mail itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMail {
    /// Id that `SendEmail` answered.
    pub provider_id: String,
    /// Envelope sender, a bare address.
    pub from: String,
    /// The one recipient, a bare address.
    pub to: String,
    /// Tags by name, with the configuration set: without one SES sends no event.
    pub tags: Vec<(String, String)>,
    /// Name of the configuration set that the mail was sent with.
    pub configuration_set: String,
    /// When SES took it.
    pub at: Timestamp,
}

/// The event, in the frame of EventBridge.
pub fn event(mail: &SentMail, happening: &Happening, at: Timestamp) -> Value {
    let (event_type, detail_type, section, body) = match happening {
        Happening::Send => ("Send", "Email Sent", "send", json!({})),
        Happening::Delivery { response } => (
            "Delivery",
            "Email Delivered",
            "delivery",
            json!({
                "timestamp": millis(at),
                "processingTimeMillis": at.duration_since(mail.at).as_millis().max(0),
                "recipients": [mail.to],
                "smtpResponse": response,
                "remoteMtaIp": "127.0.0.1",
                "reportingMTA": REPORTING_MTA,
            }),
        ),
        Happening::Delay {
            kind,
            diagnostic,
            expires,
        } => (
            "DeliveryDelay",
            "Email Delivery Delayed",
            "deliveryDelay",
            json!({
                "timestamp": millis(at),
                "delayType": kind,
                "expirationTime": millis(expires.unwrap_or(at)),
                "delayedRecipients": [{
                    "emailAddress": mail.to,
                    "status": "4.4.1",
                    "diagnosticCode": diagnostic,
                }],
            }),
        ),
        Happening::Reject { reason } => (
            "Reject",
            "Email Rejected",
            "reject",
            json!({ "reason": reason }),
        ),
        Happening::Bounce {
            bounce,
            sub_type,
            status,
            diagnostic,
        } => (
            "Bounce",
            "Email Bounced",
            "bounce",
            json!({
                "bounceType": bounce.name(),
                "bounceSubType": sub_type,
                "bouncedRecipients": [{
                    "emailAddress": mail.to,
                    "action": "failed",
                    "status": status,
                    "diagnosticCode": diagnostic,
                }],
                "timestamp": millis(at),
                "feedbackId": feedback_id(mail),
                "reportingMTA": format!("dns; {REPORTING_MTA}"),
            }),
        ),
        Happening::Complaint { feedback, sub_type } => (
            "Complaint",
            "Email Complaint Received",
            "complaint",
            json!({
                "feedbackId": feedback_id(mail),
                "complaintSubType": if sub_type.is_empty() { Value::Null } else { json!(sub_type) },
                "complainedRecipients": [{ "emailAddress": mail.to }],
                "timestamp": millis(at),
                "userAgent": "Amazon SES Mailbox Simulator",
                "complaintFeedbackType": feedback,
                "arrivalDate": millis(at),
            }),
        ),
    };
    let mut detail = json!({ "eventType": event_type, "mail": mail_section(mail) });
    detail[section] = body;
    json!({
        "version": "0",
        "id": Uuid::now_v7(),
        "detail-type": detail_type,
        "source": "aws.ses",
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": [
            format!("arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/{}", mail.configuration_set),
        ],
        "detail": detail,
    })
}

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
const REPORTING_MTA: &str = "a8-50.smtp-out.amazonses.com";

fn mail_section(mail: &SentMail) -> Value {
    let mut tags: Map<String, Value> = Map::new();
    for (name, value) in &mail.tags {
        tags.insert(name.clone(), json!([value]));
    }
    tags.insert(
        "ses:configuration-set".into(),
        json!([mail.configuration_set]),
    );
    tags.insert("ses:outgoing-ip".into(), json!(["127.0.0.1"]));
    let domain = mail.from.rsplit_once('@').map_or("", |(_, domain)| domain);
    tags.insert("ses:from-domain".into(), json!([domain]));
    json!({
        "timestamp": millis(mail.at),
        "source": mail.from,
        "sourceArn": format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/{domain}"),
        "sendingAccountId": ACCOUNT,
        "messageId": mail.provider_id,
        "destination": [mail.to],
        "headersTruncated": false,
        "headers": [
            { "name": "From", "value": mail.from },
            { "name": "To", "value": mail.to },
        ],
        "commonHeaders": {
            "from": [mail.from],
            "to": [mail.to],
            "messageId": mail.provider_id,
        },
        "tags": tags,
    })
}

fn millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn feedback_id(mail: &SentMail) -> String {
    format!(
        "0100{}-000000",
        mail.provider_id.trim_end_matches("-000000")
    )
}

/// What becomes of a mail to a simulator's address, in order. Any host named `simulator` counts, as
/// `simulator.amazonses.com` does for SES; every other address has its mail delivered.
///
/// `bounce@`, `transient@`, `complaint@`, `delay@`, `reject@`, `suppressionlist@`; a `+label` behind
/// the name is left out (SES developer guide, "Using the mailbox simulator").
pub fn simulated(address: &str, at: Timestamp) -> Vec<Happening> {
    let bounce = |bounce, sub_type: &str, status: &str, diagnostic: &str| Happening::Bounce {
        bounce,
        sub_type: sub_type.to_owned(),
        status: status.to_owned(),
        diagnostic: diagnostic.to_owned(),
    };
    let delivered = Happening::Delivery {
        response: "250 2.6.0 Message received".to_owned(),
    };
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let name = local
        .split('+')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_simulator = domain
        .split('.')
        .next()
        .is_some_and(|host| host.eq_ignore_ascii_case("simulator"));
    let then = match name.as_str() {
        _ if !is_simulator => vec![delivered],
        "bounce" => vec![bounce(
            BounceType::Permanent,
            "General",
            "5.1.1",
            "smtp; 550 5.1.1 user unknown",
        )],
        "transient" => vec![bounce(
            BounceType::Transient,
            "MailboxFull",
            "4.2.2",
            "smtp; 452 4.2.2 mailbox full",
        )],
        "suppressionlist" => vec![bounce(
            BounceType::Permanent,
            "OnAccountSuppressionList",
            "5.1.1",
            "Amazon SES did not send the message: the address is on the suppression list",
        )],
        "complaint" => vec![
            delivered,
            Happening::Complaint {
                feedback: "abuse".to_owned(),
                sub_type: String::new(),
            },
        ],
        "delay" => vec![
            Happening::Delay {
                kind: "TransientCommunicationFailure".to_owned(),
                diagnostic: "smtp; 421 4.4.1 unable to connect to remote host".to_owned(),
                expires: Some(at + jiff::SignedDuration::from_hours(14)),
            },
            delivered,
        ],
        "reject" => vec![Happening::Reject {
            reason: "Bad content".to_owned(),
        }],
        _ => vec![delivered],
    };
    std::iter::once(Happening::Send).chain(then).collect()
}
