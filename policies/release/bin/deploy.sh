#!/bin/sh
# deploy.sh IMAGE ENVIRONMENT: runs where the delegate is, and nowhere else is the token known that the target wants.
set -eu
cd "$(dirname "$0")/../../target"
[ "$(printf %s "$deploy_token" | sha256sum)" = "$(cat token.sha256)" ] || { echo "the target refuses the token" >&2; exit 1; }
digest=${1#sha256:}
[ "$(sha256sum < "../store/$digest" | cut -d' ' -f1)" = "$digest" ] || { echo "the store has another artifact" >&2; exit 1; }
mkdir -p "$2/releases/$digest"
cp "../store/$digest" "$2/releases/$digest/app.sh"
[ "$(readlink "$2/current" 2> /dev/null || true)" = "releases/$digest" ] || { readlink "$2/current" > "$2/before" || true; }
ln -s "releases/$digest" "$2/next"
mv -T "$2/next" "$2/current"
echo "$2 runs $1"
