//! The program `lair`.

use clap::Parser;
use server::{
    cli::{AdminCommand, Cli, Command, ConfigCommand, FollowerCommand},
    config::{ConfigError, RawConfig, ServerConfig},
    log, openapi, serve,
};
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Messages are allocated on one thread and freed on others all the time, for which the system's allocator takes locks.
/// This one has threads that return memory after a peak: without them it is kept for the life of the process.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Enough sockets and files for ten thousand users.
const OPEN_FILES: u64 = 65_536;

fn main() -> ExitCode {
    // Files that we write contain messages and secrets, so only our own account may read them.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If even this cannot be written, the error cannot be reported.
            let _ = writeln!(io::stderr(), "lair: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), String> {
    match cli.command.clone().unwrap_or(Command::Serve) {
        Command::Serve => serve(cli),
        Command::Openapi => print(&openapi::text()),
        Command::Config(ConfigCommand::Check) => {
            config(cli).map_err(|error| error.to_string())?;
            print("The configuration is valid.")
        }
        Command::Config(ConfigCommand::Print) => {
            print(config(cli).map_err(|error| error.to_string())?.print().trim_end())
        }
        Command::Admin(AdminCommand::RotateKey) => {
            rotate_key(&config(cli).map_err(|error| error.to_string())?)?;
            print("Rotated the signing key. The previous one is valid until its tokens expire.")
        }
        Command::Follower(command) => follower(&config(cli).map_err(|error| error.to_string())?, &command),
    }
}

fn follower(config: &ServerConfig, command: &FollowerCommand) -> Result<(), String> {
    let (data, url) = (config.data.as_path(), config.database_url.as_deref());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("Cannot start threads: {error}."))?;
    match command {
        FollowerCommand::List => {
            let (newest, followers) =
                runtime.block_on(domain::list_followers(data, url)).map_err(|error| error.to_string())?;
            let lines: Vec<_> = followers.iter().map(ToString::to_string).collect();
            print(&format!("The last event is {newest}.\n{}", lines.join("\n")))
        }
        FollowerCommand::Rebuild { name } => {
            // Held until the request is stored, so that no server starts meanwhile.
            let _data_dir_lock = serve::lock_data_dir(config)?;
            let requested = domain::rebuild_follower(data, url, name);
            runtime.block_on(requested).map_err(|error| error.to_string())?;
            let when = if url.is_some() { "now, or when a server starts" } else { "when the server starts" };
            print(&format!("{name} will be rebuilt {when}."))
        }
    }
}

fn rotate_key(config: &ServerConfig) -> Result<(), String> {
    if config.jwt_secret.is_some() {
        let fix = "jwt-secret is set, so the key is not in the data folder: set LAIR_JWT_SECRET=new,old and restart.";
        return Err(fix.into());
    }
    domain::rotate_key(&config.data).map_err(|error| error.to_string())
}

fn config(cli: Cli) -> Result<ServerConfig, ConfigError> {
    RawConfig::read(cli.config.as_deref())?.merge(cli.settings).check()
}

fn print(text: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{text}").map_err(|error| error.to_string())
}

fn serve(cli: Cli) -> Result<(), String> {
    let file = cli.config.clone().unwrap_or_else(|| RawConfig::FILE.into());
    let raw = RawConfig::read(cli.config.as_deref()).map_err(|error| error.to_string())?;
    let has_secrets = raw.has_secrets();
    let config = raw.merge(cli.settings).check().map_err(|error| error.to_string())?;
    log::start(config.log);
    if has_secrets && domain::is_accessible_to_others(&file) {
        let file = file.display();
        tracing::warn!(%file, "other accounts of this machine can read the secrets in this file; use chmod 600");
    }
    if let Err(error) = tikv_jemalloc_ctl::background_thread::write(true) {
        tracing::warn!(%error, "cannot start the allocator's background thread");
    }
    if let Err(error) = rlimit::increase_nofile_limit(OPEN_FILES) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("Cannot start threads: {error}."))?;
    let done = runtime.block_on(async {
        let stop = stop_signal().map_err(|error| format!("Cannot listen for signals: {error}."))?;
        serve::run(config, stop).await
    });
    // Tasks that still run have had their time to finish.
    runtime.shutdown_background();
    done
}

/// Completes when the operator or the system asks the process to stop.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
