//! Who the caller is and what they may do, as a portal asks first.

use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, integration, maria, person};

async fn me(desk: &Desk, caller: &Value) -> Value {
    desk.call(caller, "GET", "/me", None).await.expect(200)
}

async fn set(desk: &Desk, number: u16, value: &str) {
    let path = format!("/parameters/{number}");
    let body = Some(json!({ "value": value }));
    desk.call_with(&admin(), "PUT", &path, &[("if-match", "*")], body)
        .await
        .expect(200);
}

#[tokio::test]
async fn each_role_learns_what_it_may_do_and_why_not() {
    let desk = Desk::with(&[("TEST_RECIPIENTS", "@example.com")]);
    let of_maria = me(&desk, &maria()).await;
    assert_eq!(of_maria["roles"], json!(["requester"]));
    assert_eq!(
        of_maria["can"],
        json!({ "write": true, "internal": false, "attach": of_maria["can"]["attach"] })
    );
    assert_eq!(of_maria["limits"]["attachment_bytes"], 10_485_760);
    assert_eq!(of_maria["test_recipients"], Value::Null);
    assert_eq!(of_maria["sending"], json!({ "stopped": false }));
    assert_eq!(me(&desk, &bia()).await["can"]["internal"], true);
    assert_eq!(me(&desk, &integration()).await["can"]["write"], true);
    let of_admin = me(&desk, &admin()).await;
    assert_eq!(of_admin["can"]["write_reason"], "FORBIDDEN");
    assert_eq!(of_admin["test_recipients"], json!(["@example.com"]));
    let stranger = me(&desk, &person("N1", "x@example.com", &["outra equipe"])).await;
    assert_eq!(stranger["roles"], json!([]));
    assert_eq!(stranger["groups"], json!(["n1", "outra_equipe"]));
}

/// What `/me` says is what a message is answered with.
#[tokio::test]
async fn what_it_says_is_what_happens() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for (number, value) in [(252, "N"), (299, "N"), (252, "S"), (299, "S")] {
        set(&desk, number, value).await;
        for caller in [maria(), bia(), admin()] {
            let said = me(&desk, &caller).await;
            let message = json!({ "text": "oi" });
            let answer = desk
                .call(&caller, "POST", "/tickets/1/messages", Some(message))
                .await;
            assert_eq!(said["can"]["write"], answer.status == 202, "{caller}");
            let reason = said["can"]["write_reason"].as_str().unwrap_or_default();
            assert_eq!(reason, answer.code(), "{caller} with {number}={value}");
        }
    }
    set(&desk, 297, "S").await;
    let said = me(&desk, &maria()).await;
    assert_eq!(said["sending"]["stopped"], true);
    assert_eq!(said["sending"]["reason"], "KILL_SWITCH");
}
