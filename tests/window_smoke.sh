#!/usr/bin/env bash
# Starts the release binary under a virtual display and looks whether a window with content stands.
#
#   tests/window_smoke.sh [PROGRAM [ARGUMENT...]]     default: target/release/assay
#
# SHOT=file.png keeps the screenshot. Needs Xvfb, xdotool and ImageMagick.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "window smoke: $*" >&2
  if [ -s "$tmp/program.err" ]; then sed 's/^/  | /' "$tmp/program.err" | tail -n 20 >&2; fi
  exit 1
}

tmp="$(mktemp -d)"
program_pid='' xvfb_pid=''
cleanup() {
  for pid in $program_pid $xvfb_pid; do
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 30); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  done
  rm -rf "$tmp"
}
trap cleanup EXIT

for tool in Xvfb xdotool import identify; do
  command -v "$tool" >/dev/null || fail "$tool is not installed (Debian: xvfb xdotool imagemagick)"
done
if [ $# -eq 0 ]; then set -- "${CARGO_TARGET_DIR:-target}/release/assay"; fi
[ -x "$1" ] || fail "$1 does not exist; build it with: cargo build --release"

# Xvfb finds a free display by itself and writes its number. Without -noreset it starts anew as often
# as its last client leaves, and every xdotool below may be the last: whoever connects in that moment
# is turned away, the program too.
Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp -noreset 3>"$tmp/display" 2>"$tmp/xvfb.err" &
xvfb_pid=$!
for _ in $(seq 100); do
  [ -s "$tmp/display" ] && break
  kill -0 "$xvfb_pid" 2>/dev/null || { cat "$tmp/xvfb.err" >&2; fail "Xvfb did not start"; }
  sleep 0.1
done
[ -s "$tmp/display" ] || fail "Xvfb named no display within 10 s"
export DISPLAY=":$(cat "$tmp/display")"
unset WAYLAND_DISPLAY WAYLAND_SOCKET

# A home of its own: nobody's settings are read or written.
mkdir -p "$tmp/home" "$tmp/run"
chmod 700 "$tmp/run"
env HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config" XDG_DATA_HOME="$tmp/home/.local/share" \
  XDG_CACHE_HOME="$tmp/home/.cache" XDG_RUNTIME_DIR="$tmp/run" \
  "$@" >"$tmp/program.out" 2>"$tmp/program.err" &
program_pid=$!

window=''
for _ in $(seq 300); do
  kill -0 "$program_pid" 2>/dev/null || fail "the program ended before its window stood"
  window="$(xdotool search --onlyvisible --name Assay 2>/dev/null | head -n 1 || true)"
  [ -n "$window" ] && break
  sleep 0.2
done
[ -n "$window" ] || fail "no window titled Assay within 60 s"

# The first frames may still be empty; text and panes need far more than 16 colours.
shot="$tmp/shot.png" colours=0
for _ in $(seq 60); do
  kill -0 "$program_pid" 2>/dev/null || fail "the program ended while its window was looked at"
  import -window root "$shot" 2>/dev/null || true
  if [ -s "$shot" ]; then colours="$(identify -format '%k' "$shot")"; fi
  [ "$colours" -gt 16 ] && break
  sleep 0.5
done
if [ -n "${SHOT:-}" ] && [ -s "$shot" ]; then cp "$shot" "$SHOT"; fi
[ "$colours" -gt 16 ] || fail "after 30 s the picture has only $colours colour(s)"

echo "window smoke: \"$(xdotool getwindowname "$window")\" stands, $colours colours"
