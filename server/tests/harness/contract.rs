//! Every answer of a test is one that the OpenAPI document describes, to the last field.

use super::Answer;
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

/// Holds an answer against the document. Outside the API there is nothing to hold it against.
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    let beside_it = path.ends_with("openapi.json") || matches!(*method, Method::HEAD | Method::OPTIONS);
    if !path.starts_with("/api/v1/") || beside_it {
        return;
    }
    let asked = format!("{method} {path} -> {}", answer.status);
    assert!(!answer.header("x-request-id").is_empty(), "{asked}: no request id");
    let responses = find(method, path).map(|operation| &operation["responses"]);
    let Some(responses) = responses else {
        assert!(matches!(answer.status.as_u16(), 404 | 405), "{asked}: not in the document");
        return validate("Problem", answer, &asked);
    };
    let response = &responses[answer.status.as_str()];
    assert!(response.is_object(), "{asked}: this status is not in the document: {}", answer.text);
    let Some(content) = response["content"].as_object() else {
        return assert_eq!(answer.text, "", "{asked}: the document promises no body");
    };
    let schema =
        content.get(answer.kind()).unwrap_or_else(|| panic!("{asked}: {} is not in the document", answer.kind()));
    if !answer.kind().ends_with("json") {
        return;
    }
    let name = schema["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    validate(name.expect("a named schema"), answer, &asked);
    if answer.status.as_u16() >= 400 {
        let (problem, told) = (answer.json(), response["description"].as_str().unwrap_or_default());
        let code = format!("`{}`", problem["code"].as_str().unwrap_or_default());
        assert!(told.contains(&code), "{asked}: the code {code} is not in the document ({told})");
        assert_eq!(problem["request_id"], answer.header("x-request-id"), "{asked}");
    }
}

/// Holds a frame of the WebSocket against the document.
pub fn check_frame(frame: &Value) {
    hold("ServerFrame", frame, "a frame");
}

fn validate(schema: &str, answer: &Answer, asked: &str) {
    hold(schema, &answer.json(), asked);
}

fn hold(schema: &str, value: &Value, asked: &str) {
    static KNOWN: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);
    let validator = *KNOWN.lock().expect("no panic before").entry(schema.to_owned()).or_insert_with(|| {
        let root = json!({ "$ref": format!("#/components/schemas/{schema}"), "components": DOCUMENT["components"] });
        let options = jsonschema::options().should_validate_formats(true);
        Box::leak(Box::new(options.build(&root).expect("a schema")))
    });
    let wrong: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{asked} is not a {schema}: {wrong:#?}\n{value:#}");
}

fn find(method: &Method, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    };
    // A path without names is meant before one with.
    let mut all: Vec<_> = paths.iter().filter(|(template, _)| fits(template)).collect();
    all.sort_by_key(|(template, _)| template.matches('{').count());
    let method = method.as_str().to_lowercase();
    all.into_iter().find_map(|(_, item)| item.get(&method))
}

/// Makes every schema refuse what it does not name, so that an answer cannot have a field the document lacks.
fn close_schemas(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut().expect("schemas");
    let mut parts = BTreeSet::new();
    schemas.values().for_each(|schema| find_parts(schema, &mut parts));
    for (name, schema) in schemas {
        close(schema, parts.contains(name));
    }
}

/// The schemas that are only part of another: what they do not name, the other may.
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
