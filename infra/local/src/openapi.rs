//! The OpenAPI document of all routes, from the code of the functions.

use serde_json::{Value, json};
use shared::{app::Code, http::problem::Problem};
use utoipa::{
    OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use crate::cli::Failure;

#[derive(OpenApi)]
#[openapi(
    info(title = "Mensageria", description = "Messages between a service desk and its requesters, by e-mail.",
         license(name = "Apache-2.0")),
    components(schemas(Problem)),
    security(("token" = []))
)]
struct Base;

/// The document, as pretty JSON with a stable order.
pub(crate) fn document() -> Result<String, Failure> {
    let mut api = Base::openapi();
    for part in [
        parameters::Document::openapi(),
        templates::Document::openapi(),
        tickets::Document::openapi(),
        inbound::Document::openapi(),
    ] {
        api.merge(part);
    }
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    api.components
        .get_or_insert_default()
        .add_security_scheme("token", scheme);
    let mut document = serde_json::to_value(api)?;
    let codes = Code::ALL.iter().map(|code| {
        (
            code.as_str().to_owned(),
            json!({ "status": code.status(), "title": code.title() }),
        )
    });
    document["x-error-codes"] = Value::Object(codes.collect());
    add_problems(&mut document);
    Ok(serde_json::to_string_pretty(&document)?)
}

/// Every operation may answer with a problem of any of these.
fn add_problems(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    for (path, operations) in paths {
        let Some(operations) = operations.as_object_mut() else {
            continue;
        };
        for (method, operation) in operations {
            let Some(responses) = operation["responses"].as_object_mut() else {
                continue;
            };
            let mut statuses = vec![400, 401, 403, 500, 503];
            if path.contains('{') {
                statuses.push(404);
            }
            if ["put", "delete"].contains(&method.as_str()) || path.ends_with("rollback") {
                statuses.extend([409, 412, 428]);
            }
            if method == "post" {
                statuses.push(409);
            }
            if ["put", "post", "delete"].contains(&method.as_str()) {
                statuses.extend([404, 413, 422]);
            }
            if path == "/health" {
                statuses.clear();
            }
            // A page for people, whom the link itself lets in.
            if path.starts_with("/links/") {
                statuses.retain(|status| *status >= 500);
            }
            for status in statuses {
                let title = Code::ALL
                    .iter()
                    .find(|code| code.status() == status)
                    .map_or("", |code| code.title());
                responses.entry(status.to_string()).or_insert_with(|| {
                    json!({ "description": title, "content": { "application/problem+json": {
                        "schema": { "$ref": "#/components/schemas/Problem" } } } })
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_stored_document_is_that_of_the_code() {
        let stored = include_str!("../../openapi.json");
        let made = super::document().expect("a document");
        assert!(
            stored.trim_end() == made,
            "infra/openapi.json is old: run make openapi"
        );
    }
}
