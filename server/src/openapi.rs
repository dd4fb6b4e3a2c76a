//! The OpenAPI document: generated from the handlers, and completed here with what all of them have in common.

use crate::api;
use protocol::{
    error::{Code, Problem},
    frame::{ClientFrame, ServerFrame},
};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, Content, Header, ObjectBuilder, RefOr, Response, Type,
        path::{HttpMethod, Operation, ParameterIn, PathItem},
        schema::{Ref, Schema},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    info(title = "Lair Chat", description = include_str!("openapi.md")),
    servers((url = "/", description = "This server.")),
    components(schemas(Problem, ClientFrame, ServerFrame)),
    security(("bearer" = []), ("cookie" = [])),
    modifiers(&SecuritySchemes),
    tags(
        (name = "Auth", description = "Registering, signing in and signing out."),
        (name = "Users", description = "Users, profiles, settings, avatars and blocks."),
        (name = "Rooms", description = "Rooms, and joining and leaving them."),
        (name = "Members", description = "Members of rooms, and room invitations."),
        (name = "Unread", description = "Read markers, and what is unread."),
        (name = "Messages", description = "Messages in rooms."),
        (name = "Second factor", description = "Two-factor authentication with an authenticator app."),
        (name = "Sessions", description = "Sessions of the caller."),
        (name = "Tokens", description = "Personal access tokens, for programs that act for a user."),
        (name = "Notifications", description = "Notifications about the caller's account."),
        (name = "Admin", description = "Administration of the service."),
        (name = "Sync", description = "Snapshots and the one ordered stream of events."),
        (name = "System", description = "Health checks."),
    )
)]
struct Document;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        let bearer = bearer.description(Some("The access token of a session, or a personal access token.")).build();
        let description = "Set when a browser signs in. State-changing requests must come from the same origin.";
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description("lair_access", description));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

/// The document.
pub fn document() -> openapi::OpenApi {
    let routes = OpenApiRouter::with_openapi(Document::openapi()).merge(api::routes()).merge(api::health_routes());
    let mut document = routes.into_openapi();
    use_event_schema(&mut document);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            add_common_errors(path, &method, operation);
        }
    }
    document
}

/// A frame that is an event has the event's own `type`, which the derived schema of the frames does not contain.
fn use_event_schema(document: &mut openapi::OpenApi) {
    let schemas = document.components.as_mut().map(|components| &mut components.schemas);
    let frames = schemas.and_then(|schemas| schemas.get_mut("ServerFrame"));
    if let Some(RefOr::T(Schema::OneOf(frames))) = frames
        && let Some(event) = frames.items.last_mut()
    {
        *event = RefOr::Ref(Ref::from_schema_name("Event"));
    }
}

/// The document as it is served and printed.
pub fn text() -> String {
    document().to_pretty_json().unwrap_or_default()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, item.get.as_mut()),
        (HttpMethod::Put, item.put.as_mut()),
        (HttpMethod::Post, item.post.as_mut()),
        (HttpMethod::Delete, item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

/// Adds the errors that follow from the kind of an operation; a handler lists only its own.
fn add_common_errors(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let mut refusals: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
    for (status, response) in &operation.responses.responses {
        if let (Ok(status @ 400..), RefOr::T(response)) = (status.parse(), response) {
            refusals.entry(status).or_default().extend(response.description.split(", ").map(str::to_owned));
        }
    }
    for code in common_errors(path, method, operation) {
        refusals.entry(code.status()).or_default().insert(code.word());
    }
    for (status, codes) in refusals {
        let codes = codes.into_iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
        let mut response = Response::new(format!("A problem with the code {codes}."));
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        response.content.insert("application/problem+json".into(), RefOr::T(content));
        if [Code::RateLimited, Code::Busy, Code::DiskFull].map(Code::status).contains(&status) {
            let mut header = Header::new(ObjectBuilder::new().schema_type(Type::Integer).build());
            header.description = Some("Seconds to wait before a retry.".into());
            response.headers.insert("Retry-After".into(), RefOr::T(header));
        }
        operation.responses.responses.insert(status.to_string(), RefOr::T(response));
    }
}

fn common_errors(path: &str, method: &HttpMethod, operation: &Operation) -> Vec<Code> {
    let mut codes = vec![Code::TimedOut, Code::UnknownHost, Code::Internal, Code::Busy];
    if operation.tags.iter().flatten().all(|tag| tag != "System") {
        // Even a read may refresh the session in passing, which is a write.
        codes.extend([Code::RateLimited, Code::DiskFull, Code::OtherUser]);
    }
    if operation.security.is_none() {
        // Not every role and scope has every permission.
        codes.extend([Code::NotSignedIn, Code::Forbidden]);
        if *method != HttpMethod::Get {
            codes.push(Code::CrossSite);
        }
    }
    if operation.request_body.is_some() {
        codes.extend([Code::Malformed, Code::TooLarge, Code::WrongMediaType, Code::Invalid]);
    }
    if path.contains('{') {
        codes.push(Code::NotFound);
    }
    for parameter in operation.parameters.iter().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        match parameter.parameter_in {
            ParameterIn::Query if matches!(parameter.name.as_str(), "cursor" | "after") => {
                codes.extend([Code::Invalid, Code::InvalidCursor]);
            }
            ParameterIn::Query | ParameterIn::Header => codes.push(Code::Invalid),
            ParameterIn::Path | ParameterIn::Cookie | ParameterIn::QueryString => {}
        }
    }
    codes
}
