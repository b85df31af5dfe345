"""The evidence page in a browser: good proofs show as verified, broken ones as broken, as writ-verify says.

Two implementations of the verifier, in Swift and in the page, are asked about the same files: whole proofs, proofs with
one byte changed, proofs of another key, proofs that disclose something, and proofs whose checkpoint witnesses have
cosigned, under policies that ask for these or others. Any difference is a failure.

    python3 check_page.py PROGRAMS [FOLDER]      CHANGES=200 in the environment for more than 40 of each kind
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
from datetime import datetime, timezone

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*words, folder, codes=(0,)):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode not in codes:
        sys.exit(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def make_proofs(writ, folder):
    """A log with decisions about one service, a proof of a question with a claim, one whose claim fails, one of an entry."""
    source = ROOT / "policies" / "checkout"
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    facts = (source / "graph.jsonl").read_text()
    facts = re.sub(r'("source":"[a-z]+","at":")[^"]*', lambda match: match[1] + now, facts)
    (folder / "facts.jsonl").write_text(facts)
    (folder / "request.json").write_text((source / "request.json").read_text())
    run(writ, "build", source / "checkout.writ", "-o", "b", folder=folder)
    run(writ, "graph", "import", "--schema", source / "checkout.writ", "facts.jsonl", "-o", "g", folder=folder)
    for name in ["log.example/page", "log.example/other"]:
        run(writ, "key", "new", name, "-o", name.split("/")[1], folder=folder)
    run(writ, "log", "init", "log", "--origin", "log.example/page", "--key", "page", folder=folder)
    for _ in range(3):
        run(writ, "decide", "--bundle", "b", "--graph", "g", "--request", "request.json", "--caller",
            "Identity/deploy-bot", "--log", "log", folder=folder, codes=(0, 1, 2))
    span = ["--from", "2000-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"]
    run(writ, "log", "prove", "log", "--subject", "Service/checkout", *span, "-o", "question.proof", folder=folder)
    run(writ, "log", "prove", "log", "--subject", "Service/checkout", *span, "--claim", "checkout.ship.freeze",
        "-o", "claim.proof", folder=folder, codes=(0, 1))
    run(writ, "log", "prove", "log", "--index", "1", "-o", "entry.proof", folder=folder)
    run(writ, "log", "prove", "log", "--subject", "Service/nobody", *span, "-o", "nobody.proof", folder=folder)
    run(writ, "log", "prove", "log", "--subject", "Service/checkout", "--from", "2000-01-01T00:00:00Z",
        "--to", "2001-01-01T00:00:00Z", "-o", "past.proof", folder=folder)


GATES = """policy two version 1
source catalog fresh 1d
node Service from catalog { name: String }
node Team { name: String }
node Release from request { image: String service -> Service }
gate ship(release: Release, team: Team) {
  require ours: team.name == "web" and release.image == "i" and release.service.name == "web" else "not ours"
}
gate hotfix(release: Release) { require named: release.service.name == "web" else "no name" }
"""


def make_gates(writ, folder):
    """A proof of a claim about one of two gates that allowed something, on facts with a source and facts without."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    (folder / "two.writ").write_text(GATES)
    (folder / "two.jsonl").write_text(
        f'{{"source":"catalog","at":"{now}","covers":"*"}}\n{{"node":"Service","id":"web","props":{{"name":"web"}}}}\n'
        '{"node":"Team","id":"web","props":{"name":"web"}}\n')
    run(writ, "build", "two.writ", "-o", "tb", folder=folder)
    run(writ, "graph", "import", "--schema", "two.writ", "two.jsonl", "-o", "tg", folder=folder)
    run(writ, "log", "init", "two", "--origin", "log.example/page", "--key", "page", folder=folder)
    facts = ('[{"node":"Release","id":"r1","props":{"image":"i"}},'
             '{"edge":"service","from":"Release/r1","to":"Service/web","props":{}}]')
    for gate, more in [("ship", ',"team":"Team/web"'), ("hotfix", ""), ("ship", ',"team":"Team/web"')]:
        (folder / "two.json").write_text(f'{{"gate":"two.{gate}","arguments":{{"release":"Release/r1"{more}}},"facts":{facts}}}')
        run(writ, "decide", "--request", "two.json", "--bundle", "tb", "--graph", "tg", "--log", "two", folder=folder)
    run(writ, "log", "prove", "two", "--subject", "Service/web", "--from", "2000-01-01T00:00:00Z",
        "--to", "2100-01-01T00:00:00Z", "--claim", "two.ship.ours", "-o", "gates.proof", folder=folder)


PEOPLE = """policy people version 1
node Identity { mail: String? }
node Service { owner -> Identity }
gate ship(service: Service) {
  require owned: service.owner.mail is not absent else "{service.owner} has no mail"
}
"""


def make_disclosures(writ, folder):
    """Proofs of a log about people: one that shows who, of an entry and of a question."""
    (folder / "people.writ").write_text(PEOPLE)
    (folder / "people.jsonl").write_text(
        '{"node":"Identity","id":"xanthe","props":{}}\n{"node":"Service","id":"web","props":{}}\n'
        '{"edge":"owner","from":"Service/web","to":"Identity/xanthe","props":{}}\n')
    run(writ, "build", "people.writ", "-o", "pb", folder=folder)
    run(writ, "graph", "import", "--schema", "people.writ", "people.jsonl", "-o", "pg", folder=folder)
    run(writ, "log", "init", "people", "--origin", "log.example/page", "--key", "page", folder=folder)
    (folder / "people.json").write_text('{"gate":"people.ship","arguments":{"service":"Service/web"},"facts":[]}')
    run(writ, "decide", "--request", "people.json", "--bundle", "pb", "--graph", "pg", "--log", "people",
        folder=folder, codes=(0, 1))
    run(writ, "log", "prove", "people", "--index", "0", "--disclose", "Identity", "-o", "shown-entry.proof", folder=folder)
    run(writ, "log", "prove", "people", "--subject", "Service/web", "--from", "2000-01-01T00:00:00Z",
        "--to", "2100-01-01T00:00:00Z", "--disclose", "Identity", "-o", "shown.proof", folder=folder)


def cosign(writ, folder):
    """The log's checkpoint cosigned by two witnesses, a proof of it, and policies that it meets and does not meet."""
    servers, vkeys = [], {}
    try:
        for name in ["w1", "w2", "w3"]:
            run(writ, "key", "new", f"{name}.example", "--witness", "-o", f"{name}.key", folder=folder)
            vkeys[name] = (folder / f"{name}.key.pub").read_text().split("\n")[0]
        urls = {}
        for name in ["w1", "w2"]:
            server = subprocess.Popen(
                [writ, "witness", "serve", f"{name}.state", "--listen", "127.0.0.1:0", "--key", f"{name}.key", "--log", "page.pub"],
                cwd=folder, stdout=subprocess.PIPE, text=True)
            servers.append(server)
            for line in server.stdout:
                if line.startswith("listening at "):
                    urls[name] = line.split()[-1]
                    break
        log = (folder / "page.pub").read_text().split("\n")[0]
        known = "".join(f"witness {name} {vkeys[name]} {urls.get(name, '')}".rstrip() + "\n" for name in ["w1", "w2", "w3"])
        asked = f"log {log}\nwitness w1 {vkeys['w1']} {urls['w1']}\nwitness w2 {vkeys['w2']} {urls['w2']}\ngroup both all w1 w2\nquorum both\n"
        (folder / "ask.policy").write_text(asked)
        run(writ, "log", "cosign", "log", "--policy", "ask.policy", folder=folder)
    finally:
        for server in servers:
            server.kill()
            server.wait()
    run(writ, "log", "prove", "log", "--index", "1", "-o", "cosigned.proof", folder=folder)
    head = f"log {log}\n{known}"
    texts = [
        asked, head + "group g 2 w1 w2 w3\nquorum g\n", head + "group g 3 w1 w2 w3\nquorum g\n", head + "quorum none\n",
        head + "quorum w3\n", head + "group a any w1 w3\ngroup b all a w2\nquorum b\n", head + "group a all w1 w3\nquorum a\n",
        head, head + "quorum w4\n", head + "group a any w1\ngroup b any w1\nquorum b\n", known + "quorum none\n",
        head + "quorum w1\nquorum w2\n", head + "group g 4 w1 w2 w3\nquorum g\n", head + "group none any w1\nquorum none\n",
        f"# said twice\n\nlog {log}\nlog {log}\nquorum none\n",
    ]
    return texts


def open_browser():
    options = webdriver.ChromeOptions()
    for word in ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1000,1200",
                 "--host-resolver-rules=MAP * ~NOTFOUND"]:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def verdict(browser, page, key):
    """`good`, `bad`, or what the page shows where its script does not run."""
    browser.get(page.as_uri())
    if not browser.find_elements(By.ID, "vkey"):
        return "no script"
    field = browser.find_element(By.ID, "vkey")
    browser.execute_script("arguments[0].value = arguments[1]", field, key)
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    WebDriverWait(browser, 30).until(
        lambda browser: browser.find_element(By.ID, "verdict").get_attribute("class") in ["good", "bad"]
        and "yet" not in browser.find_element(By.ID, "verdict").text)
    return browser.find_element(By.ID, "verdict").get_attribute("class")


def words(browser, part):
    """What stands in a part of the page, also where it is folded, with its spaces as one."""
    return " ".join(browser.find_element(By.ID, part).get_attribute("textContent").split())


def cautions(told):
    """What `writ-verify --json` tells that an answer does not reach, in the words of the page."""
    if "question" not in told:
        return []
    expected = []
    if instant(told["asOf"]) < instant(told["question"]["to"]):
        expected.append(f"As of {told['asOf']}, the newest entry in the proof. The span ends later")
    for other in told.get("allowedByOtherGates", []):
        entries = ", ".join(str(index) for index in other["entries"])
        expected.append(f"{other['gate']} in {'entry' if len(other['entries']) == 1 else 'entries'} {entries}")
    return expected


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def changed(data, at, bit):
    copy = bytearray(data)
    copy[at] ^= 1 << bit
    return bytes(copy)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    changes = int(os.environ.get("CHANGES", "40"))
    writ, verify = build / "writ", build / "writ-verify"
    failures = []
    counts = {"good": 0, "bad": 0, "page": 0, "refused": 0, "warned": 0}
    seed = random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_proofs(writ, folder)
        keys = {who: (folder / f"{who}.pub").read_text() for who in ["page", "other"]}
        browser = open_browser()

        def compare(what, proof, who, policy=None):
            (folder / "tried.proof").write_bytes(proof)
            trust = ["--vkey", f"{who}.pub"]
            if policy is not None:
                (folder / "tried.policy").write_text(policy)
                trust = ["--policy", "tried.policy"]
            checked = subprocess.run([verify, "tried.proof", *trust, "--json"], cwd=folder, capture_output=True, text=True)
            code = checked.returncode
            made = subprocess.run([writ, "log", "report", "tried.proof", "-o", "page.html"], cwd=folder, capture_output=True)
            if made.returncode == 65:
                # What does not even begin as a proof gets no page; then it must not verify either.
                counts["refused"] += 1
                if code == 0:
                    failures.append(f"{what}: verified, and no page is made of it")
                return
            shown = verdict(browser, folder / "page.html", keys[who] if policy is None else policy)
            expected = "good" if code == 0 else "bad"
            counts[expected] += 1
            if shown != expected:
                failures.append(f"{what}: writ-verify {code}, the page says {shown}")
            # Nothing that writ-verify warns of is kept back, and nothing else is warned of.
            told = json.loads(checked.stdout) if checked.stdout.startswith("{") else {}
            expected = cautions(told) if told.get("verified") is True else []
            warned = " ".join(element.text for element in browser.find_elements(By.CSS_SELECTOR, "#cautions .waiting"))
            if any(caution not in warned for caution in expected) or bool(warned) != bool(expected):
                failures.append(f"{what}: writ-verify warns {expected}, the page {warned!r}")
            is_early = any("ends later" in caution for caution in expected)
            if shown == "good" and is_early != ("not to the end of the span" in browser.find_element(By.ID, "verdict").text):
                failures.append(f"{what}: the verdict does not say how far the proof reaches")
            counts["warned"] += bool(expected)

        make_disclosures(writ, folder)
        make_gates(writ, folder)
        for number, policy in enumerate(cosign(writ, folder)):
            for file in ["cosigned.proof", "entry.proof"]:
                compare(f"{file} under policy {number}", (folder / file).read_bytes(), "page", policy)
        for file in ["question.proof", "claim.proof", "entry.proof", "nobody.proof", "past.proof", "gates.proof",
                     "shown.proof", "shown-entry.proof"]:
            proof = (folder / file).read_bytes()
            compare(f"{file}, whole", proof, "page")
            compare(f"{file}, another key", proof, "other")
            compare(f"{file}, cut", proof[:-1], "page")
            for _ in range(changes):
                at, bit = chance.randrange(len(proof)), chance.randrange(8)
                compare(f"{file}, bit {bit} of byte {at}", changed(proof, at, bit), "page")

        run(writ, "log", "report", "shown.proof", "-o", "page.html", folder=folder)
        verdict(browser, folder / "page.html", keys["page"])
        if "Identity xanthe" not in browser.find_element(By.ID, "records").text:
            failures.append("the page does not show what is disclosed")

        run(writ, "log", "report", "gates.proof", "-o", "page.html", folder=folder)
        verdict(browser, folder / "page.html", keys["page"])
        rows = {tuple(cell.get_attribute("textContent") for cell in row.find_elements(By.TAG_NAME, "td"))[::3]
                for row in browser.find_elements(By.CSS_SELECTOR, "#records tbody tr")}
        sources = {subject.split("/")[0]: source.split(",")[0] for subject, source in rows}
        # The proof tells a request's facts from a graph's only where these have a source.
        if sources != {"Release": "no source", "Team": "no source", "Service": "catalog"}:
            failures.append(f"the page names other sources: {sources}")
        if "came with the request, or lay in the graph" not in words(browser, "records"):
            failures.append("the page does not say what has no source")

        # A page that was changed after it was made never says that it is verified, whatever byte it was.
        run(writ, "log", "report", "question.proof", "-o", "page.html", folder=folder)
        page = (folder / "page.html").read_bytes()
        if verdict(browser, folder / "page.html", keys["page"]) != "good":
            failures.append("the whole page is not verified")
        start = page.index(b"data-style")
        for _ in range(changes):
            at = chance.randrange(start, page.index(b"</html>"))
            (folder / "changed.html").write_bytes(changed(page, at, chance.randrange(7)))
            counts["page"] += 1
            if verdict(browser, folder / "changed.html", keys["page"]) == "good":
                near = page[at - 20:at + 20]
                # White space and quotes of the markup around the blocks mean nothing.
                if page[at:at + 1] not in b" \n\"<>=" and b"</script>" not in near and b"<script" not in near:
                    failures.append(f"a page changed at {at} is verified: {near!r}")
        log = [line for line in browser.get_log("browser") if "Content Security" not in line["message"]]
        failures += [f"the browser says {line['message']}" for line in log[:5]]
        browser.quit()
    for failure in failures:
        print(failure)
    print(f"evidence page: {counts['good']} good and {counts['bad']} broken proofs, {counts['warned']} with a warning, "
          f"{counts['page']} changed pages, {len(failures)} differences (seed {seed})")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
