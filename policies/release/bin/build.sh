#!/bin/sh
# build.sh VERSION IMAGE: makes the artifact, and fails unless it is the one that the release names.
set -eu
mkdir -p store
cat "src/$1"/*.sh > "store/.$1"
digest=$(sha256sum "store/.$1" | cut -d' ' -f1)
[ "sha256:$digest" = "$2" ] || { echo "version $1 is sha256:$digest, not $2" >&2; exit 1; }
mv "store/.$1" "store/$digest"
