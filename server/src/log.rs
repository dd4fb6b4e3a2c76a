//! The log: lines on standard output, as text or JSON.

use crate::config::LogFormat;
use protocol::id::UserId;
use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::IsTerminal,
};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts the log. `RUST_LOG` sets what is logged; the default is `info` and above.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).from_env_lossy();
    let lines = fmt::layer().with_target(false).with_ansi(std::io::stdout().is_terminal());
    let layer = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    // A test that starts several servers in one process keeps the first log.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    // A panic is a bug: it is logged with the request it happened in and, if `RUST_BACKTRACE` asks for it, with a
    // backtrace.
    std::panic::set_hook(Box::new(|panic| {
        let captured = Backtrace::capture();
        let backtrace = (captured.status() == BacktraceStatus::Captured).then(|| tracing::field::display(&captured));
        tracing::error!(%panic, backtrace, "panicked");
    }));
}

/// Adds the user to the log lines of the request, once known.
pub fn note_user(user: UserId) {
    tracing::Span::current().record("user", tracing::field::display(user));
}
