#!/bin/sh
# tell.sh DELTA: lays facts over the snapshot. One at a time, and whoever reads it has the old one or the new one.
set -eu
exec flock g.lock sh -c 'bin/writ graph apply g "$1" -o g.next > tell.out 2>&1 && mv g.next g || { cat tell.out >&2; exit 1; }' tell "$1"
