#!/usr/bin/env bash
# Puts the pinned clang-tidy (tests/tools/clang-tidy) below the folder of tools, once, and prints its path. The
# distribution's takes 15 to 35 s for a file because it looks for faults in system headers, too; this one takes 2 to 8.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

pins=$PWD/tests/tools/clang-tidy/requirements.txt
tools=${WANDB_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-wandb/tools}
mkdir -p "$tools/logs"
tools=$(cd "$tools" && pwd)
target=$tools/clang-tidy-$({ uname -sm; python3 --version; cat "$pins"; } | sha256sum | cut -c1-12)
program=$target/bin/clang-tidy

if [[ ! -x $program ]]; then
  exec 9>"$tools/.clang-tidy.lock"
  flock 9 # of two runs at a time, the second finds it made
fi
if [[ ! -x $program ]]; then
  # Scripts of a virtual environment name their folder, so it is made in place, and the program linked last.
  rm -rf "$target"
  { python3 -m venv "$target/venv" &&
    "$target/venv/bin/pip" install --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
      -r "$pins"; } >"$tools/logs/clang-tidy.log" 2>&1 ||
    { tail -20 "$tools/logs/clang-tidy.log" >&2; echo 'error: clang-tidy could not be installed' >&2; exit 1; }
  mkdir "$target/bin"
  ln -s ../venv/bin/clang-tidy "$program"
fi
echo "$program"
