//! The OpenAPI document of all routes, from the code of the functions.

use serde_json::{Value, json};
use utoipa::{
    OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use web::problem::{Problem, ProblemKind};

use crate::error::Failure;

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
    let codes = ProblemKind::all().map(|kind| {
        (
            kind.code.to_owned(),
            json!({ "status": kind.status.as_u16(), "title": kind.title.en }),
        )
    });
    name_operations(&mut document);
    document["x-error-codes"] = Value::Object(codes.collect());
    add_problems(&mut document);
    Ok(serde_json::to_string_pretty(&document)?)
}

/// Ids of operations are `{tag}_{verb}`: a generated client makes a function of each, so
/// no two are alike.
fn name_operations(document: &mut Value) {
    for operation in operations(document) {
        let tag = operation["tags"][0].as_str().unwrap_or_default().to_owned();
        let id = operation["operationId"].as_str().unwrap_or_default();
        let prefix = format!("{tag}_");
        if !id.starts_with(&prefix) {
            operation["operationId"] = format!("{prefix}{id}").into();
        }
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut();
    let items = paths.into_iter().flat_map(|paths| paths.values_mut());
    let items = items.filter_map(Value::as_object_mut);
    items.flat_map(|item| item.values_mut())
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
            let parameters = operation["parameters"].as_array();
            let of_ticket =
                parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "ticket"));
            let Some(responses) = operation["responses"].as_object_mut() else {
                continue;
            };
            let mut statuses = vec![400, 401, 403, 500, 503];
            if path.contains('{') || of_ticket {
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
                let title = ProblemKind::all()
                    .find(|kind| kind.status.as_u16() == status)
                    .map_or("", |kind| kind.title.en);
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
    use std::collections::BTreeMap;

    use serde_json::Value;

    #[test]
    fn every_operation_has_an_id_of_its_own_that_says_its_tag() {
        let document = super::document().expect("a document");
        let mut document: Value = serde_json::from_str(&document).expect("JSON");
        let mut seen = BTreeMap::new();
        for operation in super::operations(&mut document) {
            let id = operation["operationId"].as_str().expect("an id");
            let tag = operation["tags"][0].as_str().expect("a tag");
            let verb = id.strip_prefix(tag).and_then(|rest| rest.strip_prefix('_'));
            assert!(
                verb.is_some_and(|verb| {
                    !verb.is_empty() && verb.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                }),
                "{id} is not {tag}_verb"
            );
            *seen.entry(id.to_owned()).or_insert(0) += 1;
        }
        assert!(seen.len() > 20, "{}", seen.len());
        seen.retain(|_, times| *times > 1);
        assert!(seen.is_empty(), "ids of more than one operation: {seen:?}");
    }

    #[test]
    fn findings_of_a_problem_are_typed() {
        let document = super::document().expect("a document");
        let document: Value = serde_json::from_str(&document).expect("JSON");
        let schemas = &document["components"]["schemas"];
        assert_eq!(
            schemas["Problem"]["properties"]["errors"]["items"]["$ref"],
            "#/components/schemas/ProblemFinding"
        );
        for field in ["code", "message", "field", "params", "line", "suggestion"] {
            let property = &schemas["ProblemFinding"]["properties"][field];
            assert!(property.is_object(), "{field} is missing");
        }
    }

    #[test]
    fn no_description_names_something_of_the_source() {
        fn walk(value: &Value, seen: &mut usize) {
            match value {
                Value::Array(all) => all.iter().for_each(|one| walk(one, seen)),
                Value::Object(fields) => {
                    for name in ["description", "summary"] {
                        if let Some(text) = fields.get(name).and_then(Value::as_str) {
                            *seen += 1;
                            let leak = ["[`", "`]", "crate::", "super::", "Self::"]
                                .into_iter()
                                .find(|leak| text.contains(leak));
                            assert_eq!(leak, None, "{text}");
                        }
                    }
                    fields.values().for_each(|one| walk(one, seen));
                }
                _ => {}
            }
        }
        let document = super::document().expect("a document");
        let mut seen = 0;
        walk(&serde_json::from_str(&document).expect("JSON"), &mut seen);
        assert!(seen > 100, "{seen}");
    }

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
