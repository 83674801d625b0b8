//! `/local/people` and `/local/sign-in`: the people of the demo, and a token for one of them. On this
//! machine alone: beyond it there are no people, and nobody is signed in without a token.

use std::sync::Arc;

use axum::{Json, Router, extract::State, routing::get, routing::post};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use service::{Code, Error};
use web::{body::Body, problem::HttpError};

use crate::{
    seed::{self, DemoPerson},
    texts,
    tokens::Tokens,
};

/// How long a token of a sign-in is good, seconds: a day's work.
const LIFETIME: i64 = 12 * 60 * 60;

/// The routes; with `tokens` of `None` for a server that listens beyond this machine.
pub(crate) fn router(tokens: Option<Arc<Tokens>>) -> Router {
    Router::new()
        .route("/local/people", get(people))
        .route("/local/sign-in", post(sign_in))
        .with_state(tokens)
}

#[derive(Debug, Serialize)]
struct People {
    items: Vec<Listed>,
}

#[derive(Debug, Serialize)]
struct Listed {
    id: &'static str,
    name: &'static str,
    email: &'static str,
    role: &'static str,
}

async fn people(State(tokens): State<Option<Arc<Tokens>>>) -> Json<People> {
    let items = match tokens {
        Some(_) => seed::PEOPLE.iter().map(listed).collect(),
        None => Vec::new(),
    };
    Json(People { items })
}

fn listed(person: &DemoPerson) -> Listed {
    Listed {
        id: person.id,
        name: person.name,
        email: person.email,
        role: person.role,
    }
}

#[derive(Debug, Deserialize)]
struct SignIn {
    /// Id of one of the people.
    person: String,
}

#[derive(Debug, Serialize)]
struct SignedIn {
    token: String,
    expires_at: Timestamp,
    person: Listed,
}

async fn sign_in(
    State(tokens): State<Option<Arc<Tokens>>>,
    body: Body<SignIn>,
) -> Result<Json<SignedIn>, HttpError> {
    let tokens = tokens.ok_or_else(|| {
        Error::new(
            Code::Forbidden,
            texts::signin::THIS_SERVER_LISTENS_BEYOND_ITS_MACHINE.phrase(),
        )
    })?;
    let person = seed::PEOPLE
        .iter()
        .find(|person| person.id == body.value.person)
        .ok_or_else(|| {
            Error::new(
                Code::Invalid,
                texts::signin::PERSON_IS_THE_ID_OF_ONE.phrase(),
            )
        })?;
    let (token, ends) = tokens.sign_for(&person.into(), LIFETIME);
    Ok(Json(SignedIn {
        token,
        expires_at: Timestamp::from_second(ends).unwrap_or(Timestamp::MAX),
        person: listed(person),
    }))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn beyond_this_machine_there_are_no_people() {
        let routes = web::problem::with_problems(router(None));
        let asked = Request::get("/local/people").body(Body::empty()).unwrap();
        let answer = routes.clone().oneshot(asked).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, r#"{"items":[]}"#);
        let asked = Request::post("/local/sign-in").body(Body::from(r#"{"person": "admin"}"#));
        let answer = routes.oneshot(asked.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 403);
    }
}
