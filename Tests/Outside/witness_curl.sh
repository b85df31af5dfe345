#!/usr/bin/env bash
# A client that is not ours speaks with `writ witness serve`: curl, over HTTP/1.1, on this machine.
#
#     witness_curl.sh BUILD      the folder with the built writ
set -euo pipefail
build=$(cd "$1" && pwd)
PATH=$build:$PATH
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

fail() {
  echo "witness: $1" >&2
  exit 1
}

writ key new log.example -o log.key >/dev/null 2>&1
writ key new w.example --witness -o w.key >/dev/null 2>&1
writ log init log --origin log.example --key log.key >/dev/null
writ witness serve state --listen 127.0.0.1:0 --key w.key --log log.key.pub >out 2>&1 &
server=$!
for _ in $(seq 100); do
  url=$(sed -n 's/^listening at //p' out)
  if [ -n "$url" ]; then break; fi
  sleep 0.1
done
[ -n "$url" ] || fail "it does not say where it listens"

# ask STATUS ARGUMENT…: asks, and compares the status.
ask() {
  local wanted=$1 status
  shift
  status=$(curl -sS -o body -D head -w '%{http_code}' "$@") || fail "curl failed: $*"
  [ "$status" = "$wanted" ] || fail "expected $wanted, got $status: $*"
}

origin=$(printf log.example | sha256sum | cut -d' ' -f1)
ask 404 "$url/$origin/checkpoint"
printf 'old 0\n\n' | cat - log/checkpoint >request
ask 200 --data-binary @request "$url/add-checkpoint"
grep -q '^— w.example ' body || fail "no cosignature line"
cat log/checkpoint body >cosigned
ask 200 "$url/$origin/checkpoint"
cmp -s body cosigned || fail "the checkpoint shown is not the one cosigned"
ask 200 -I "$url/$origin/checkpoint"
printf 'old 1\n\n' | cat - log/checkpoint >request
ask 400 --data-binary @request "$url/add-checkpoint"
ask 400 --data-binary nonsense "$url/add-checkpoint"
ask 405 "$url/add-checkpoint"
ask 404 "$url/elsewhere"
# Chunked, too large, and asking first.
ask 501 -H 'Transfer-Encoding: chunked' --data-binary @request "$url/add-checkpoint"
head -c 3000000 /dev/zero >large
ask 413 --data-binary @large "$url/add-checkpoint"
head -c 900000 /dev/zero >large
ask 400 -H 'Expect: 100-continue' --data-binary @large "$url/add-checkpoint"
# Several on one connection.
printf 'old 0\n\n' | cat - log/checkpoint >request
curl -sS -w '%{http_code} %{num_connects}\n' -o /dev/null --data-binary @request "$url/add-checkpoint" \
  --next -sS -w '%{http_code} %{num_connects}\n' -o /dev/null "$url/$origin/checkpoint" >codes
[ "$(cat codes)" = "$(printf '200 1\n200 0')" ] || fail "the connection was not kept: $(cat codes)"
kill -TERM "$server"
wait "$server" || fail "it did not end well"
server=
echo "witness: curl was answered as the protocol says"
