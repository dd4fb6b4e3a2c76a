//! The OpenAPI document itself, and the pages that show it.

use crate::harness::Server;
use serde_json::Value;
use std::path::Path;

/// A change of the API shows in this file, and so in review. To accept it: `lair openapi > server/tests/openapi.json`.
#[test]
fn the_openapi_document_matches_the_committed_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi.json");
    let agreed = std::fs::read_to_string(&path).unwrap_or_default();
    let now = server::openapi::text();
    if agreed.trim() != now.trim() {
        let new = path.with_extension("new.json");
        std::fs::write(&new, format!("{now}\n")).unwrap();
        panic!("the OpenAPI document has changed; if that is intended: mv {} {}", new.display(), path.display());
    }
}

#[tokio::test]
async fn the_document_is_served_to_anyone() {
    let server = Server::start().await;
    let response = server.get("/openapi.json").send().await;
    assert_eq!((response.status.as_u16(), response.content_type()), (200, "application/json"));
    let document = response.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document, serde_json::from_str::<Value>(&server::openapi::text()).unwrap());
}

#[test]
fn every_operation_describes_itself_and_its_responses() {
    let document: Value = serde_json::from_str(&server::openapi::text()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{name}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(id.contains('_'), "{name}: {id} is not <verb>_<noun>");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{name}: {parameter}");
            }
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(response["description"].as_str().is_some_and(|text| text.len() > 5), "{name}: {status}");
            }
        }
    }
}

#[test]
fn every_field_has_a_description() {
    fn check_descriptions(schema: &Value, location: &str) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let location = format!("{location}.{name}");
            let is_described = property["description"].is_string() || property.to_string().contains("description");
            // The tag that distinguishes the variants.
            let is_tag = property["enum"].as_array().is_some_and(|values| values.len() == 1);
            assert!(is_described || is_tag, "{location}");
            check_descriptions(property, &location);
        }
        for part in ["oneOf", "allOf"] {
            schema[part].as_array().into_iter().flatten().for_each(|schema| check_descriptions(schema, location));
        }
    }
    let document: Value = serde_json::from_str(&server::openapi::text()).unwrap();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        check_descriptions(schema, name);
    }
}

#[tokio::test]
async fn the_swagger_pages_load_nothing_from_other_sites() {
    let server = Server::start().await;
    let response = server.get("//api/docs").send().await;
    assert_eq!((response.status.as_u16(), response.header("location")), (308, "/api/docs/"));
    for name in ["", "swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js", "index.css"] {
        let response = server.get(&format!("//api/docs/{name}")).send().await;
        assert_eq!(response.status, 200, "{name}");
        assert!(response.header("content-security-policy").contains("script-src 'self'"), "{name}");
    }
    let start = server.get("//api/docs/swagger-initializer.js").send().await.text;
    assert!(start.contains("/api/v1/openapi.json") && !start.contains("petstore"), "{start}");
    server.get("//api/docs/nothing.js").expect_error("not_found").await;
}
