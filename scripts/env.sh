# Sourced by the scripts: which toolchain builds the project, and where its tools live.

export PATH="$HOME/.cargo/bin:$PATH:/usr/sbin"
# scripts/toolchain chose it while setting up; without a choice it is rustup's default.
if [ -s "$root/target/toolchain" ]; then
  RUSTUP_TOOLCHAIN=$(cat "$root/target/toolchain")
  export RUSTUP_TOOLCHAIN
fi
# Debian's jemalloc, which scripts/setup installs; without it three minutes go into compiling the same.
jemalloc=$(ls /usr/lib/*/libjemalloc_pic.a 2>/dev/null | head -n 1 || true)
if [ -n "$jemalloc" ]; then export JEMALLOC_OVERRIDE="$jemalloc"; fi
