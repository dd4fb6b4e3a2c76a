# Sourced by the scripts: `stage "name" "what to do if it fails" command...` runs a command, shows its time,
# and on failure shows the end of its output and the advice. Long output goes to target/log/.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$root/target/log"

stage() {
  local name=$1 advice=$2 begun=$SECONDS log
  shift 2
  log="$root/target/log/$(printf '%s' "$name" | tr -cs 'a-z0-9' '-').log"
  printf '==> %s\n' "$name"
  if [ "${STAGE_QUIET:-}" = 1 ]; then
    "$@" >"$log" 2>&1
  else
    "$@" 2>&1 | tee "$log"
    [ "${PIPESTATUS[0]}" = 0 ]
  fi || {
    [ "${STAGE_QUIET:-}" = 1 ] && tail -n 60 "$log"
    printf '\n==> %s FAILED after %s s\n    %s\n    The whole output: %s\n' "$name" $((SECONDS - begun)) "$advice" "$log" >&2
    exit 1
  }
  printf '    %s: %s s\n' "$name" $((SECONDS - begun))
}

quiet_stage() { STAGE_QUIET=1 stage "$@"; }
