#!/bin/sh
# supervise.sh: runs in each environment what `current` is, and tells the graph twice a second what runs and how it does.
set -eu
trap 'trap - TERM; kill 0' TERM INT EXIT
while :; do
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  for env in canary production-us production-eu; do
    place=target/$env
    current=$(readlink "$place/current" || echo none)
    if [ "$current" != "$(cat "$place/started" 2> /dev/null || echo none)" ]; then
      [ ! -e "$place/pid" ] || kill "$(cat "$place/pid")" 2> /dev/null || true
      rm -f "$place/health"
      sh "$place/current/app.sh" serve "$place" "$env" &
      echo $! > "$place/pid"
      echo "$current" > "$place/started"
    fi
    healthy=false
    ! kill -0 "$(cat "$place/pid" 2> /dev/null)" 2> /dev/null || [ "$(cat "$place/health" 2> /dev/null)" != well ] || healthy=true
    region=us; [ $env != production-eu ] || region=eu
    stage=production; [ $env != canary ] || stage=canary
    echo "{\"node\":\"Environment\",\"id\":\"$env\",\"props\":{\"region\":\"$region\",\"stage\":\"$stage\",\"running\":\"sha256:${current##*/}\",\"healthy\":$healthy}}"
  done > monitor.jsonl
  echo "{\"source\":\"monitor\",\"at\":\"$now\",\"covers\":\"*\"}" >> monitor.jsonl
  bin/tell.sh monitor.jsonl
  sleep 0.5
done
