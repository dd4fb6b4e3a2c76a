//! The HTTP and WebSocket front ends of Lair Chat, and the program around them: pages, REST and WebSocket. The rules
//! are in `domain`; this crate parses requests, calls the service and sends its responses.

/// REST API, one file per noun.
pub mod api;
/// Embedded files of the site.
pub mod assets;
/// Who sends a request: cookies, tokens, address, origin, page user.
pub mod caller;
/// Command line.
pub mod cli;
/// Configuration from flags, variables and `lair.toml`.
pub mod config;
/// Emoji names for the composer.
pub mod emoji;
/// Semaphore with a limit per network.
pub mod fair_semaphore;
/// Security headers, CSP and CORS.
pub mod headers;
/// Request bodies, queries and path parameters.
pub mod input;
/// Log lines and their format.
pub mod log;
/// The metrics for Prometheus.
mod metrics;
/// OpenAPI document.
pub mod openapi;
/// Pages and forms of the web app.
pub mod pages;
/// Errors as problem documents.
pub mod problem;
/// Rate and connection limits.
pub mod rate_limit;
/// Middleware of every request.
pub mod request;
/// Request ids.
pub mod request_id;
/// All routes and middleware.
pub mod router;
/// Listening, accepting connections, graceful shutdown.
pub mod serve;
/// The embedded files of the site.
pub mod site;
/// WebSocket connections.
pub mod socket;
/// State shared by all handlers.
pub mod state;
/// Swagger UI.
pub mod swagger;
