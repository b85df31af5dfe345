#!/bin/sh
# play.sh PROGRAMS FOLDER: the story of five releases in an empty folder. PROGRAMS has writ, writ-verify and writ-delegate.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
PATH=$(cd "$1" && pwd):$PATH
export PATH
mkdir -p "$2"
cd "$2"
[ -z "$(ls -A)" ] || { echo "$2 is not empty" >&2; exit 64; }
umask 077

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }
# The arguments of a command, run quietly; what it said is shown only if it fails.
quietly() { "$@" > said 2>&1 || { cat said >&2; exit 1; }; }

# --- the shop's sources: 1.0.0 and 1.1.0 are good, 1.2.0 does badly under load, 1.3.0 evaluates what it is handed, 1.4.0 keeps what
# it should not ---
source_of() {
  mkdir -p "src/$1"
  cat > "src/$1/app.sh" << END
# the shop, version $1
case \$1 in
  price) $2 ;;
  serve) while :; do $3; mv "\$2/.health" "\$2/health"; sleep 0.2; done ;;
esac
END
}
well='echo well > "$2/.health"'
source_of 1.0.0 'echo $(($2 * $3))' "$well"
source_of 1.1.0 'echo $(($2 * $3))' "$well"
source_of 1.2.0 'echo $(($2 * $3))' "case \$3 in canary) $well ;; *) echo sick > \"\$2/.health\" ;; esac"
source_of 1.3.0 'eval "echo \$(($2 * $3))"' "$well"
source_of 1.4.0 'echo $(($2 * $3)) | tee -a prices.log' "$well"

# --- who there is, what they may sign, and where secrets are ---
cp -r "$here/bin" .
# Programs of a run have a clean environment: they find here what tells the graph.
ln -s "$(command -v writ)" bin/writ
quietly writ key new log.example -o log.key
# Programs of a run work in this folder, and can read what lies here: the key of permits lies behind a passphrase, and that is in no file and no environment.
passphrase=$(head -c 16 /dev/urandom | sha256sum | cut -c1-32)
quietly writ key new permits -o permit.key --encrypt --passphrase-fd 3 3<< END
$passphrase
END
for who in mona ines bot; do quietly writ key new $who -o $who.key; done
line() { printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":[%s]}\n' "$1" "$(cat "$1.key.pub")" "$1" "$2"; }
{ line mona '"release_manager"'; line ines '"eu_compliance"'; line bot ''; } > registry.jsonl
quietly writ build "$here/release.writ" -o b --registry registry.jsonl
quietly writ log init log --origin log.example --key log.key
quietly writ-delegate init eu-1 --name eu-1 --permit-key permit.key.pub --log-vkey log.key.pub
cp bin/deploy.sh bin/back.sh eu-1/work/
# A test brings its own, to look for it afterwards.
token=${WRIT_STORY_TOKEN:-$(head -c 16 /dev/urandom | sha256sum | cut -c1-32)}
unset WRIT_STORY_TOKEN
mkdir target
printf %s "$token" | sha256sum > target/token.sha256
printf %s "$token" | quietly writ-delegate secrets set eu-1 deploy_token
unset token

# --- what runs before: version 1.0.0 everywhere, brought there by hand ---
image() { cat "src/$1"/*.sh | sha256sum | cut -d' ' -f1; }
for env in canary production-us production-eu; do
  mkdir -p "target/$env/releases/$(image 1.0.0)"
  cat src/1.0.0/*.sh > "target/$env/releases/$(image 1.0.0)/app.sh"
  ln -s "releases/$(image 1.0.0)" "target/$env/current"
done
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
cat > facts.jsonl << END
{"node":"Identity","id":"mona","props":{"kind":"person"}}
{"node":"Identity","id":"ines","props":{"kind":"person"}}
{"node":"Identity","id":"anna","props":{"kind":"person"}}
{"node":"Identity","id":"bot","props":{"kind":"agent"}}
{"node":"Identity","id":"reviewer","props":{"kind":"agent"}}
{"edge":"answerable","from":"Identity/bot","to":"Identity/mona","props":{}}
{"edge":"answerable","from":"Identity/reviewer","to":"Identity/mona","props":{}}
{"node":"Service","id":"shop","props":{}}
{"edge":"owner","from":"Service/shop","to":"Identity/anna","props":{}}
{"source":"catalog","at":"$now","covers":"*"}
{"source":"scanner","at":"$now","covers":"*"}
END
quietly writ graph import --schema "$here/release.writ" facts.jsonl -o g

# In a session of its own, so that it ends all that it has started and nothing else.
setsid bin/supervise.sh > supervise.out 2>&1 &
supervisor=$!
writ-delegate serve eu-1 --connect "unix:$PWD/sock" > delegate.out 2>&1 &
delegate=$!
trap 'kill $supervisor $delegate 2> /dev/null || true' EXIT

# --- what a person does when they are asked: reads the request, and signs it. The run puts each yes into the log before it counts ---
agree() {
  case $1 in
    *'"role":"eu_compliance"'*) who=ines role=eu_compliance ;;
    *) who=mona role=release_manager ;;
  esac
  file=$(printf '%s' "$1" | sed 's/.*"request":"\([^"]*\)".*/\1/')
  folder=$(dirname "$(dirname "$file")")/approvals
  writ approve --bundle b --request "$file" --role $role --as Identity/$who --key $who.key --for 30m \
    > "$folder/$who-$(basename "$file")" 2> said || cat said >&2
  echo "  Identity/$who approves as $role"
}

release() {
  cat > request.json << END
{"pipeline":"bringOut","arguments":{"release":"Release/$1"},"facts":[
 {"node":"Release","id":"$1","props":{"version":"$1","image":"sha256:$(image "$1")"}},
 {"edge":"author","from":"Release/$1","to":"Identity/anna","props":{}},
 {"edge":"service","from":"Release/$1","to":"Service/shop","props":{}}]}
END
  { code=0
    writ run --request request.json --bundle b --graph g --caller Identity/bot --actor-key bot.key --log log \
      --may-read "$(command -v writ)" --permit-key permit.key --passphrase-fd 3 --delegate eu-1/delegate.pub --listen "unix:$PWD/sock" \
      --agent reviewer=bin/review.sh --agent-as reviewer=Identity/reviewer --json 2> run.err 3<< SECRET || code=$?
$passphrase
SECRET
    echo $code > code
  } | while read -r event; do
    printf '%s\n' "$event" >> "events-$1"
    case $event in *'"type":"writ.run.asks"'*) agree "$event" ;; esac
  done
  name=$(sed -n "1s|.*/writ/runs/\\([^\"]*\\)\".*|\\1|p" "events-$1")
  writ run show "$name" --runs runs | sed 's/^/  /'
  echo "  exit code $(cat code)"
  for env in canary production-us production-eu; do
    echo "  $env runs $(sed -n '1s/.*version //p' "target/$env/current/app.sh")"
  done
}
runs() { [ "$(sed -n '1s/.*version //p' "target/$1/current/app.sh")" = "$2" ] || { echo "$1 does not run $2" >&2; exit 1; }; }

say "1.1.0: built, tested, scanned, tried out, agreed to by two people, brought out"
release 1.1.0
[ "$(cat code)" = 0 ]; runs canary 1.1.0; runs production-us 1.1.0; runs production-eu 1.1.0

say "1.2.0: well in the canary, sick in production, and taken back everywhere"
release 1.2.0
[ "$(cat code)" = 1 ]; runs canary 1.1.0; runs production-us 1.1.0; runs production-eu 1.1.0

say "1.3.0: what the scan found is denied at the first gate, whatever the reviewer says"
release 1.3.0
[ "$(cat code)" = 1 ]; runs canary 1.1.0; runs production-us 1.1.0; runs production-eu 1.1.0

say "1.4.0: the reviewer, an agent, objects: production is denied, and the canary taken back"
release 1.4.0
[ "$(cat code)" = 1 ]; runs canary 1.1.0; runs production-us 1.1.0; runs production-eu 1.1.0

say "What an auditor is handed: all that was decided and done about the shop, and that nothing is left out"
kill $supervisor $delegate 2> /dev/null || true
writ log verify log --vkey log.key.pub | sed 's/^/  /'
writ log prove log --subject Service/shop --from 2020-01-01T00:00:00Z --to 2099-01-01T00:00:00Z -o shop.proof | sed 's/^/  /'
writ-verify shop.proof --vkey log.key.pub > verdict
sed -n '1p' verdict | sed 's/^/  /'
writ replay log --all | sed 's/^/  /'
