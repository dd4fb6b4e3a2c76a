# Sourced by the scripts: `stage "name" "what to do if it fails" command...` runs a command, shows its time,
# and on failure shows the end of its output and the advice. Long output goes to target/log/.
# `quiet_stage` shows its progress instead: on a terminal all the time, otherwise every half minute.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$root/target/log"
# Cargo writes "12/345" where it can be read, whether or not that is a terminal.
export CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=80

stage() {
  local name=$1 advice=$2 started=$SECONDS log status ticker=
  shift 2
  log="$root/target/log/$(printf '%s' "$name" | tr -cs 'a-z0-9' '-').log"
  printf '==> %s\n' "$name"
  : >"$log"
  # A subshell that no condition depends on, so that `set -e` ends a function at its first failure.
  set +e
  if [ "${STAGE_QUIET:-}" = 1 ]; then
    show_progress "$log" &
    ticker=$!
    # shellcheck disable=SC2064
    trap "kill $ticker 2>/dev/null" EXIT
    (set -e; "$@") >"$log" 2>&1
    status=$?
    kill "$ticker" 2>/dev/null
    wait "$ticker" 2>/dev/null
    trap - EXIT
    [ ! -t 1 ] || printf '\r\033[K'
  else
    (set -e; "$@") 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
  fi
  set -e
  if [ "$status" != 0 ]; then
    [ "${STAGE_QUIET:-}" = 1 ] && tr '\r' '\n' <"$log" | grep -v '^ *Building \[' | tail -n 60
    printf '\n==> %s FAILED after %s s\n    %s\n    The whole output: %s\n' "$name" $((SECONDS - started)) "$advice" "$log" >&2
    exit 1
  fi
  printf '    %s: %s s\n' "$name" $((SECONDS - started))
}

quiet_stage() { STAGE_QUIET=1 stage "$@"; }

# Shows the progress of a command, from its output so far.
show_progress() {
  local log=$1 started=$SECONDS every=30 line
  [ ! -t 1 ] || every=1
  while sleep "$every"; do
    line=$(tail -c 2000 "$log" | tr '\r' '\n' | grep -aoE '[0-9]+/[0-9]+: .*' | tail -n 1 | sed 's/\x1b\[[0-9;]*[A-Za-z]//g; s/^\([0-9]*\)\/\([0-9]*\): /\1 of \2 steps, now /')
    if [ -t 1 ]; then
      printf '\r\033[K    %s s  %.60s' $((SECONDS - started)) "$line"
    else
      printf '    %s s  %s\n' $((SECONDS - started)) "$line"
    fi
  done
}
