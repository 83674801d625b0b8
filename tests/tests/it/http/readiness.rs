//! `GET /health/config`: every thing that keeps mail from leaving is named.

use serde_json::json;

use crate::desk::{Desk, admin};

async fn failed(desk: &Desk) -> Vec<String> {
    let found = desk
        .call(&admin(), "GET", "/health/config", None)
        .await
        .expect(200);
    let checks = found["checks"].as_array().unwrap();
    let failed: Vec<_> = checks
        .iter()
        .filter(|check| check["status"] == "failed")
        .collect();
    assert_eq!(found["ready"], failed.is_empty());
    assert!(failed.iter().all(|check| check["fix"] != ""));
    failed
        .iter()
        .map(|check| check["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn it_is_ready_when_a_message_would_leave() {
    let desk = Desk::new();
    assert_eq!(failed(&desk).await, ["parameter_417", "template"]);
    let draft =
        json!({ "identifier": "x", "title": "t", "html": "<p>${IDSOLICITACAOSERVICO}</p>" });
    desk.call(&admin(), "POST", "/templates", Some(draft))
        .await
        .expect(201);
    for (number, value) in [(417, "1"), (297, "S"), (299, "N")] {
        let path = format!("/parameters/{number}");
        desk.call(&admin(), "PUT", &path, Some(json!({ "value": value })))
            .await
            .expect(200);
    }
    assert_eq!(failed(&desk).await, ["kill_switch", "message_exchange"]);
    for number in [297, 299] {
        let path = format!("/parameters/{number}");
        let any = [("if-match", "*")];
        desk.call_with(&admin(), "DELETE", &path, &any, None)
            .await
            .expect(200);
    }
    assert_eq!(failed(&desk).await, [""; 0]);
}
