//! What a sender counts, as CloudWatch reads it. A process that belongs to a stack writes its metrics
//! to standard output: another process than that of the other tests.

use std::{process::Command, time::Duration};

use domain::reason::Reason;
use serde_json::Value;
use transport::Outcome;

use super::transport::Act;
use crate::desk::Desk;

#[tokio::test]
#[ignore = "run by the test below, in a process of its own"]
async fn watched() {
    let desk = Desk::sending_with(&[("STACK_NAME", "desk")]).await;
    desk.set(297, "S").await;
    desk.ticket_of("4712", "rui@example.com").await;
    let posted = desk.post_on("4712", "desligado").await;
    desk.sender.send_queued(desk.items(&posted).await).await;
    desk.set(297, "N").await;
    desk.transport.then(Act::Answer(Outcome::Held {
        scope: transport::Scope::Account,
        code: Reason::OverQuota,
        after: Duration::from_secs(600),
        reason: "Daily message quota exceeded".to_owned(),
    }));
    // The first finds out, the second is held behind it without a call.
    for text in ["um", "dois"] {
        desk.send(text).await;
    }
    assert_eq!(desk.transport.mails().len(), 1);
}

#[test]
fn mail_that_the_provider_holds_is_counted_apart_and_for_one_stack() {
    let output = Command::new(crate::this_program())
        .args([
            "sending::metrics::watched",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout);
    let lines = said.lines().filter_map(|line| {
        let start = line.find('{')?;
        serde_json::from_str::<Value>(&line[start..]).ok()
    });
    let metrics: Vec<Value> = lines.filter(|line| line["_aws"].is_object()).collect();
    assert!(metrics.iter().all(|metric| metric["Stack"] == "desk"));
    let count = |name: &str| -> f64 {
        let values = metrics.iter().filter_map(|metric| metric[name].as_f64());
        values.sum()
    };
    assert_eq!((count("Held"), count("Blocked")), (3.0, 2.0), "{said}");
}
