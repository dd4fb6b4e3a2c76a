//! The log: lines on standard output, for people or for machines.

use crate::config::LogFormat;
use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::IsTerminal,
};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts the log. `RUST_LOG` says what is written; what it does not say is written from `info` up.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).from_env_lossy();
    let lines = fmt::layer().with_target(false).with_ansi(std::io::stdout().is_terminal());
    let layer = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    // A test that starts several servers in one process keeps the first log.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    // A panic is a mistake of ours: it belongs in the log, with the request it happened in and, when RUST_BACKTRACE asks
    // for it, with the way there.
    std::panic::set_hook(Box::new(|panic| {
        let captured = Backtrace::capture();
        let backtrace = (captured.status() == BacktraceStatus::Captured).then(|| tracing::field::display(&captured));
        tracing::error!(%panic, backtrace, "panicked");
    }));
}
