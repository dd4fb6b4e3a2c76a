//! A step of the build: `bindings <module.wasm> <folder>` writes `lair.js` and `lair_bg.wasm`, which is what the program
//! `wasm-bindgen --target web` does. As part of the workspace it has the version of the front end's `wasm-bindgen`, which
//! it must have, and is built with what the server is built of.

use anyhow::{Context, Result};
use std::{env, path::PathBuf};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut paths = env::args_os().skip(1).map(PathBuf::from);
    let (Some(module), Some(folder), None) = (paths.next(), paths.next(), paths.next()) else {
        anyhow::bail!("usage: bindings <module.wasm> <folder>");
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&module).out_name("lair").typescript(false).web(true)?;
    bindgen.generate(&folder).with_context(|| format!("cannot write the bindings of {}", module.display()))
}
