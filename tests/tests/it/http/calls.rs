//! What a request costs in calls of storage.

use std::sync::Arc;

use serde_json::json;
use tests::memory::{Calls, Memory};

use crate::desk::{Desk, bia, integration, maria};

#[tokio::test]
async fn a_posted_message_is_one_read_and_one_commit() {
    let memory = Arc::new(Memory::default());
    let desk = Desk::over(Arc::clone(&memory) as _);
    desk.ticket("42").await;
    let author = json!({ "name": "Bia", "email": "bia@example.com", "role": "technician" });
    let cases = [
        (maria(), json!({ "text": "Olá" })),
        (
            bia(),
            json!({ "html": "<p>Olá</p>", "visibility": "internal" }),
        ),
        (integration(), json!({ "text": "Olá", "author": author })),
    ];
    for (n, (claims, message)) in cases.into_iter().enumerate() {
        let key = format!("key-{n}");
        // The first is stored, the second is its replay, the third has no key.
        for (headers, commit) in [
            (vec![("idempotency-key", key.as_str())], 1),
            (vec![("idempotency-key", key.as_str())], 0),
            (vec![], 1),
        ] {
            memory.take_calls();
            let path = "/tickets/42/messages";
            let body = Some(message.clone());
            let answer = desk.call_with(&claims, "POST", path, &headers, body).await;
            answer.expect(202);
            let expected = Calls {
                get: 1,
                query: 0,
                commit,
            };
            assert_eq!(memory.take_calls(), expected, "{message} with {headers:?}");
        }
    }
}
