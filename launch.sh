#!/usr/bin/env bash
# ./launch.sh N M USER [options]: a cluster of N front ends and M replicas, and a client for USER.
# All it does itself is find Node.js; scripts/prepare.mjs installs and builds, src/launch does the rest.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
if ! command -v node >/dev/null 2>&1; then
  echo 'hearsay: Node.js 20.19 or newer is needed, and no node was found; get it from https://nodejs.org' >&2
  exit 1
fi
node "$root/scripts/prepare.mjs" </dev/null >&2
exec node "$root/dist/src/launch/main.js" up "$@"
