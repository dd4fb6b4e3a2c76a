//! Validates responses and frames against the OpenAPI document, including unknown fields.

use super::Response;
use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{LazyLock, Mutex},
};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_str(&server::openapi::text()).expect("the document is JSON");
    close_schemas(&mut document);
    document
});

/// Validates a response against the document. Paths outside the API are not described.
pub fn check(method: &Method, path: &str, response: &Response) {
    let path = path.split('?').next().unwrap_or_default();
    let is_excluded = path.ends_with("openapi.json") || matches!(*method, Method::HEAD | Method::OPTIONS);
    if !path.starts_with("/api/v1/") || is_excluded {
        return;
    }
    let context = format!("{method} {path} -> {}", response.status);
    assert!(!response.header("x-request-id").is_empty(), "{context}: no request id");
    let responses = find_operation(method, path).map(|operation| &operation["responses"]);
    let Some(responses) = responses else {
        assert!(matches!(response.status.as_u16(), 404 | 405), "{context}: not in the document");
        return validate("Problem", response, &context);
    };
    let documented = &responses[response.status.as_str()];
    assert!(documented.is_object(), "{context}: this status is not in the document: {}", response.text);
    let Some(bodies) = documented["content"].as_object() else {
        return assert_eq!(response.text, "", "{context}: the document describes no body");
    };
    let schema = bodies
        .get(response.content_type())
        .unwrap_or_else(|| panic!("{context}: {} is not in the document", response.content_type()));
    if !response.content_type().ends_with("json") {
        return;
    }
    let name = schema["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    validate(name.expect("a named schema"), response, &context);
    if response.status.as_u16() >= 400 {
        let (problem, description) = (response.json(), documented["description"].as_str().unwrap_or_default());
        let code = format!("`{}`", problem["code"].as_str().unwrap_or_default());
        assert!(description.contains(&code), "{context}: the code {code} is not in the document ({description})");
        assert_eq!(problem["request_id"], response.header("x-request-id"), "{context}");
    }
}

/// Validates a WebSocket frame against the document.
pub fn check_frame(frame: &Value) {
    validate_value("ServerFrame", frame, "a frame");
}

fn validate(schema: &str, response: &Response, context: &str) {
    validate_value(schema, &response.json(), context);
}

fn validate_value(schema: &str, value: &Value, context: &str) {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);
    let validator = *VALIDATORS.lock().expect("no panic before").entry(schema.to_owned()).or_insert_with(|| {
        let root = json!({ "$ref": format!("#/components/schemas/{schema}"), "components": DOCUMENT["components"] });
        let options = jsonschema::options().should_validate_formats(true);
        Box::leak(Box::new(options.build(&root).expect("a schema")))
    });
    let wrong: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{context} is not a {schema}: {wrong:#?}\n{value:#}");
}

fn find_operation(method: &Method, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    };
    // A path without parameters matches before one with parameters.
    let mut all: Vec<_> = paths.iter().filter(|(template, _)| fits(template)).collect();
    all.sort_by_key(|(template, _)| template.matches('{').count());
    let method = method.as_str().to_lowercase();
    all.into_iter().find_map(|(_, item)| item.get(&method))
}

/// Makes every schema reject unknown fields, so that a response cannot have an undocumented one.
fn close_schemas(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut().expect("schemas");
    let mut parts = BTreeSet::new();
    schemas.values().for_each(|schema| find_parts(schema, &mut parts));
    for (name, schema) in schemas {
        close(schema, parts.contains(name));
    }
}

/// Schemas that are part of another by `allOf`: the other schema may name further fields.
fn find_parts(schema: &Value, parts: &mut BTreeSet<String>) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        parts.extend(part["$ref"].as_str().and_then(|path| path.rsplit('/').next()).map(str::to_owned));
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|schema| find_parts(schema, parts)),
        Value::Array(items) => items.iter().for_each(|schema| find_parts(schema, parts)),
        _ => {}
    }
}

fn close(schema: &mut Value, is_part: bool) {
    let Value::Object(fields) = schema else { return };
    if !is_part && (fields.contains_key("properties") || fields.contains_key("allOf")) {
        fields.insert("unevaluatedProperties".into(), Value::Bool(false));
    }
    let close_all = |fields: &mut Map<String, Value>, key, is_part| {
        for schema in fields.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            close(schema, is_part);
        }
    };
    close_all(fields, "oneOf", is_part);
    close_all(fields, "allOf", true);
    if let Some(items) = fields.get_mut("items") {
        close(items, false);
    }
    for property in fields.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        close(property.1, false);
    }
}
