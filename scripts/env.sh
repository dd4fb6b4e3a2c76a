# Sourced by the scripts: which toolchain builds the project, and where its tools live.
# A rustup toolchain with the WebAssembly target is used as it is; otherwise the one that scripts/setup
# assembled from Debian's packages and linked as "debian".

export PATH="$HOME/.cargo/bin:$PATH:/usr/sbin"
if command -v rustup >/dev/null && [ -z "${RUSTUP_TOOLCHAIN:-}" ]; then
  if ! rustup target list --installed 2>/dev/null | grep -q '^wasm32-unknown-unknown$' &&
    rustup toolchain list | grep -q '^debian'; then
    export RUSTUP_TOOLCHAIN=debian
  fi
fi
# The browser tests' tools are project-local; our wasm-opt comes before binaryen's own.
export PATH="$root/scripts/bin:$root/end2end/node_modules/.bin:$PATH"
export LEPTOS_HASH_FILES=true
