#!/bin/sh
# back.sh IMAGE ENVIRONMENT: puts back what ran before; again does nothing.
set -eu
cd "$(dirname "$0")/../../target"
[ "$(printf %s "$deploy_token" | sha256sum)" = "$(cat token.sha256)" ] || { echo "the target refuses the token" >&2; exit 1; }
if [ "$(readlink "$2/current")" = "releases/${1#sha256:}" ]; then
  ln -s "$(cat "$2/before")" "$2/next"
  mv -T "$2/next" "$2/current"
fi
echo "$2 runs sha256:$(basename "$(readlink "$2/current")")"
