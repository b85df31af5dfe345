// What an evidence page shows, in JavaScript: records, facts, paths and the graph, as text nodes only.

extension EvidencePage {
  /// Builds the whole page, so that nothing is shown that was not in the proof.
  static let view = ###"""
    // What the page shows

    const page = (id) => document.getElementById(id);

    /// An element with text or children; nothing is ever parsed as HTML.
    function element(name, attributes = {}, ...children) {
      const made = document.createElement(name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      for (const child of children.flat()) if (child !== null && child !== undefined) made.append(child);
      return made;
    }

    function drawing(name, attributes = {}, ...children) {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      made.append(...children);
      return made;
    }

    const short = (bytes) => toBase64(bytes).slice(0, 10) + "…";

    function shownTime(text) {
      if (microseconds(text) === null) return element("span", {}, text ?? "");
      const local = new Date(text.replace(/(\.\d{3})\d*/, "$1"));
      return element("time", { datetime: text, title: `${local.toLocaleString()} here` }, text);
    }

    function shownAge(at, asOf) {
      const [then, now] = [microseconds(at), microseconds(asOf)];
      if (then === null || now === null) return at ?? "never";
      const minutes = Number((now - then) / 60000000n);
      if (minutes < 60) return `${minutes} min before`;
      if (minutes < 60 * 72) return `${Math.floor(minutes / 60)} h before`;
      return `${Math.floor(minutes / 1440)} d before`;
    }

    function showQuestion(proof) {
      if (proof.kind === "entry") {
        page("question").replaceChildren("One record of a log, and the way from it to what the log has signed.");
        return;
      }
      const { subject, from, to } = proof.question;
      page("question").replaceChildren("Which records are there about ", element("strong", {}, subject), ", logged from ", shownTime(from), " to before ", shownTime(to), "?");
      if (proof.claim !== null) page("question").append(element("br"), "Claimed: what was allowed passed ", element("code", {}, proof.claim), ".");
    }

    function rowOf(name, ...values) {
      return element("div", { class: "row" }, element("dt", {}, name), element("dd", {}, ...values));
    }

    function showReason(reason) {
      const kind = reason.kind === "deny" ? "deny" : "require";
      const parts = [element("strong", {}, `${kind} ${reason.clause}: `), reason.message ?? ""];
      if (reason.witness?.length > 1) parts.push(element("div", { class: "quiet" }, "by " + reason.witness.join(" → ")));
      if (reason.at) parts.push(element("div", { class: "quiet" }, "written at " + reason.at));
      return element("li", {}, ...parts);
    }

    function showFacts(clause, asOf) {
      const rows = (clause.facts ?? []).map((fact) => element("tr", {},
        element("td", {}, fact.fact ?? ""), element("td", {}, fact.member ?? ""),
        element("td", {}, fact.value ?? "", fact.unknown ? element("em", {}, ` (not known: ${fact.unknown.why ?? ""} ${fact.unknown.source ?? ""})`) : null),
        element("td", {}, (fact.vouched ?? []).map((one) => `${one.source}, ${one.at ? shownAge(one.at, asOf) : "never"}`).join("; ") || "no source")));
      const isBare = (clause.facts ?? []).some((fact) => !fact.vouched?.length);
      const head = element("tr", {}, ...["of", "what", "is", "who says so, and when"].map((title) => element("th", { scope: "col" }, title)));
      return element("details", clause.outcome === "passed" ? {} : { open: "" },
        element("summary", {}, element("code", {}, clause.clause ?? ""), ` ${clause.outcome ?? ""}, on ${counted(rows.length, "fact")}`),
        rows.length ? element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `facts of ${clause.clause}` }, element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows))) : "",
        isBare ? element("p", { class: "quiet" }, "No source: it came with the request, or lay in the graph where the policy names no source for it. The proof does not say which.") : "");
    }

    /// The hashes from the entry up to the root, one rung a level.
    function showPath(item, checkpoint) {
      const height = 34 * (item.way.length + 2);
      const picture = drawing("svg", { viewBox: `0 0 640 ${height}`, role: "img", class: "path" });
      picture.append(drawing("title", {}, `The way from entry ${item.index} to the root, ${counted(item.way.length, "level")}`));
      const box = (x, y, text, kind) => {
        picture.append(drawing("rect", { x, y, width: 170, height: 24, rx: 5, class: kind }), drawing("text", { x: x + 85, y: y + 16, "text-anchor": "middle" }, text));
      };
      const level = (step) => height - 34 * (step + 1);
      box(235, level(0), "entry " + short(item.leaf), "own");
      item.way.forEach((step, place) => {
        const [low, high] = [level(place), level(place + 1)];
        const side = step.isLeft ? 20 : 450;
        picture.append(drawing("path", { d: `M320 ${low} V${high + 24} M${side + 85} ${low} C${side + 85} ${low - 8} 320 ${low - 2} 320 ${high + 24}`, class: "line" }));
        box(side, low, short(step.sibling), "sibling");
        box(235, high, short(step.hash), place + 1 === item.way.length ? "root" : "own");
      });
      picture.append(drawing("text", { x: 415, y: level(item.way.length) + 16, class: "quiet" }, `root of ${counted(checkpoint.size, "entry", "entries")}`));
      return element("details", {}, element("summary", {}, "Merkle path to the signed root"), element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Merkle path" }, picture));
    }

    function showRecord(item, checkpoint) {
      const { record } = item;
      const { result, predicate } = record;
      const outcome = result.outcome ?? predicate.kind ?? record.type;
      const card = element("article", { class: `record ${["allow", "deny", "hold"].includes(outcome) ? outcome : ""}` });
      const mark = result.question === true ? " (a question: nobody may act on it)" : "";
      card.append(element("h3", {}, element("span", { class: "outcome" }, String(outcome).toUpperCase()), ` ${result.gate ?? ""}${mark}`));
      const list = element("dl", {});
      list.append(rowOf("entry", `${item.index} of ${checkpoint ? checkpoint.origin : "the log"}`), rowOf("logged", shownTime(predicate.logged)));
      for (const [name, value] of Object.entries(predicate.arguments ?? {})) list.append(rowOf(name, opened(typeof value === "string" ? value : JSON.stringify(value))));
      if (predicate.unsigned === true) list.append(rowOf("unsigned", "who acts did not sign"));
      for (const sentence of wordsOf(record)) list.append(rowOf("told", opened(sentence)));
      if (predicate.breakGlass) {
        const { role, due, reason } = predicate.breakGlass;
        list.append(rowOf("break-glass", `reviewed by role ${role}`, due ? " until " : "; nothing was let be done", due ? shownTime(due) : ""));
        if (reason) list.append(rowOf("because", (item.disclosed ?? []).find((one) => "~" + one.digest === reason)?.value ?? reason));
      }
      if (result.caller) list.append(rowOf("asked by", opened(result.caller)));
      const givers = result.onBehalfOf ?? predicate.onBehalfOf ?? [];
      if (Array.isArray(givers)) for (const giver of givers) list.append(rowOf("on behalf of", opened(String(giver))));
      for (const approval of result.approvals ?? []) list.append(rowOf("approved by", opened(`${approval.approver}, role ${approval.role}, `), shownTime(approval.signedAt)));
      for (const subject of record.subjects) list.append(rowOf("about", opened(subject.name), element("div", { class: "digest" }, "sha256 " + (subject.digest?.sha256 ?? ""))));
      for (const one of item.disclosed ?? []) list.append(rowOf("disclosed", `${one.name} ${typeof one.value === "string" ? one.value : JSON.stringify(one.value)}`, element("div", { class: "digest" }, "~" + one.digest)));
      card.append(list);
      if (result.reasons?.length) card.append(element("ul", { class: "reasons" }, ...result.reasons.map(showReason)));
      for (const finding of result.waived ?? []) card.append(element("p", {}, element("strong", {}, `waived ${finding.clause}: `), `${finding.message ?? ""} By ${finding.waiver?.name ?? "a waiver"}, granted by ${finding.waiver?.granter ?? "somebody"}, until ${finding.waiver?.expires ?? "?"}.`));
      for (const owed of result.obligations ?? []) card.append(element("p", {}, element("strong", {}, `await ${owed.clause}: `), `${owed.count} by role ${owed.role}. ${owed.message ?? ""}`));
      for (const clause of item.trace?.clauses ?? []) card.append(showFacts(clause, result.asOf));
      if (item.way) card.append(showPath(item, checkpoint));
      card.append(element("details", {}, element("summary", {}, "The record as it was logged"), element("pre", { tabindex: "0" }, JSON.stringify(record.json, null, 2) ?? "")));
      return card;
    }

    /// What was allowed by gates that the claim says nothing of: each with its entries.
    function allowedBesides(claim, answer) {
      const gate = claim.slice(0, claim.lastIndexOf("."));
      const others = new Map();
      for (const { index, record } of answer) {
        const other = record.result.gate ?? "-";
        if (!record.isDecision || record.result.question === true || record.result.outcome !== "allow" || other === gate) continue;
        others.set(other, [...(others.get(other) ?? []), index]);
      }
      return others;
    }

    /// When the newest of the entries in the proof was logged, as they say; null where none does. Of what came later it tells nothing.
    function newestTime(proof) {
      const later = (one, other) => (microseconds(other) !== null && (one === null || microseconds(one) < microseconds(other)) ? other : one);
      return proof.entries.map((item) => item.record.predicate.logged).reduce(later, null);
    }

    const endsEarly = (proof, asOf) => asOf === null || microseconds(asOf) < microseconds(proof.question.to);

    /// What the proof does not tell, beside the verdict: how far it reaches, and what was allowed that the claim is not about.
    function showCautions(proof, answer, asOf) {
      const cautions = [];
      const caution = (...words) => cautions.push(element("p", { class: "waiting" }, ...words));
      if (asOf === null) caution("No entry in the proof says when it was logged: it may be of any time.");
      else if (endsEarly(proof, asOf)) caution("As of ", shownTime(asOf), ", the newest entry in the proof. The span ends later: what was logged since, a newer proof must show.");
      else cautions.push(element("p", { class: "quiet" }, "As of ", shownTime(asOf), ", the newest entry in the proof: the span ends before."));
      if (proof.claim !== null) {
        const others = [...allowedBesides(proof.claim, answer)].map(([gate, indexes]) => `${gate} in ${indexes.length === 1 ? "entry" : "entries"} ${indexes.join(", ")}`);
        if (others.length) caution(`The claim says nothing of what other gates allowed: ${others.join("; ")}.`);
      }
      page("cautions").replaceChildren(...cautions);
    }

    // The graph around the subject

    /// Nodes and edges that the decisions read, nearest first.
    function readGraph(answer, start) {
      const edges = new Map();
      for (const item of answer) for (const clause of item.trace?.clauses ?? []) for (const fact of clause.facts ?? []) {
        for (const end of fact.ends ?? []) edges.set(`${fact.fact}\n${fact.member}\n${end}`, { from: fact.fact, name: fact.member, to: end });
      }
      const layers = [start];
      const depth = new Map(start.map((name) => [name, 0]));
      let layer = start;
      const all = [...edges.values()];
      while (layer.length && depth.size < 40) {
        const next = [];
        for (const name of layer) for (const edge of all) {
          const other = edge.from === name ? edge.to : edge.to === name ? edge.from : null;
          if (other !== null && !depth.has(other) && depth.size < 40) { depth.set(other, depth.get(name) + 1); next.push(other); }
        }
        layer = next;
        if (next.length) layers.push(next);
      }
      return { layers, depth, edges: all.filter((edge) => depth.has(edge.from) && depth.has(edge.to)), total: all.length };
    }

    function showGraph(answer) {
      const blamed = new Set(answer.flatMap((item) => (item.record.result.reasons ?? []).flatMap((reason) => reason.subjects ?? [])));
      const start = [...new Set(answer.flatMap((item) => item.record.subjects.map((subject) => subject.name)))].slice(0, 8);
      const graph = readGraph(answer, start);
      if (!graph.edges.length) return;
      const [columnWidth, rowHeight] = [230, 44];
      const rows = Math.max(...graph.layers.map((layer) => layer.length));
      const [width, height] = [columnWidth * graph.layers.length, rowHeight * rows + 16];
      const picture = drawing("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "graph", style: `min-width:${Math.min(width, 900)}px` });
      picture.append(drawing("title", {}, `${counted(graph.depth.size, "node")} and ${counted(graph.edges.length, "edge")} that the decisions read`));
      const place = new Map();
      graph.layers.forEach((layer, column) => layer.forEach((name, row) => {
        place.set(name, { x: column * columnWidth + 10, y: 10 + row * rowHeight + (rows - layer.length) * rowHeight / 2 });
      }));
      for (const edge of graph.edges) {
        const [from, to] = [place.get(edge.from), place.get(edge.to)];
        const [x1, y1, x2, y2] = [from.x + (to.x >= from.x ? 200 : 0), from.y + 14, to.x + (to.x > from.x ? 0 : 200), to.y + 14];
        picture.append(drawing("path", { d: `M${x1} ${y1} C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`, class: "line" }, drawing("title", {}, `${edge.from} ${edge.name} ${edge.to}`)));
      }
      for (const [name, { x, y }] of place) {
        const kind = blamed.has(name) ? "blamed" : start.includes(name) ? "own" : "sibling";
        const label = name.length > 27 ? name.slice(0, 26) + "…" : name;
        picture.append(drawing("g", {}, drawing("title", {}, name), drawing("rect", { x, y, width: 200, height: 28, rx: 6, class: kind }), drawing("text", { x: x + 100, y: y + 18, "text-anchor": "middle" }, label)));
      }
      const list = element("ul", {}, ...graph.edges.map((edge) => element("li", {}, `${edge.from} ${edge.name} ${edge.to}`)));
      page("graph").replaceChildren(element("h2", {}, "The graph around it"),
        element("p", {}, "What the decisions read, from the subject on. Red: what a reason names."),
        element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "graph" }, picture),
        element("details", {}, element("summary", {}, "The same as a list"), list));
      page("graph").hidden = false;
    }

    // Showing and checking

    /// The proof as it was put into the page; a page that was damaged on its way is told from one that is false.
    async function proofBytes() {
      const block = page("proof");
      const bytes = fromBase64(block.textContent.trim());
      if (!bytes || hex(await sha256(bytes)) !== block.dataset.sha256) {
        throw new Broken("file", "the proof in this page is not the one that was put there: a byte was changed");
      }
      const style = document.querySelector("style").textContent;
      if (hex(await sha256(bytesOf(style))) !== block.dataset.style) throw new Broken("file", "the layout of this page was changed");
      return bytes;
    }

    function setVerdict(kind, text) {
      page("verdict").className = kind;
      page("verdict").textContent = text;
      document.title = text.split(":")[0];
    }

    function showStep(step, mark, text) {
      page("steps").append(element("li", { class: mark === "✓" ? "good" : "bad" },
        element("span", { "aria-hidden": "true" }, mark + " "), element("span", { class: "hidden" }, mark === "✓" ? "holds: " : "broken: "),
        element("strong", {}, steps[step]), element("div", { class: "quiet" }, text)));
    }

    /// Before anybody has pasted a key: what the file says, believed by nobody.
    async function showUnverified() {
      const proof = readProof(await proofBytes());
      showQuestion(proof);
      const records = proof.entries.filter((item) => item.record.isDecision || proof.kind === "entry");
      page("records").replaceChildren(element("h2", {}, "What the file says"), ...records.map((item) => showRecord(item, null)));
    }

    async function check(event) {
      event?.preventDefault();
      page("steps").replaceChildren();
      page("cautions").replaceChildren();
      page("graph").hidden = true;
      shownValues.clear();
      setVerdict("waiting", "Verifying…");
      try {
        const bytes = await proofBytes();
        const { proof, checkpoint, answer, claimFailure } = await verify(bytes, page("vkey").value, (step, text) => showStep(step, "✓", text));
        for (const one of proof.disclosures) shownValues.set(one.digest, one.value);
        showQuestion(proof);
        const asOf = newestTime(proof);
        const isEarly = proof.kind === "question" && endsEarly(proof, asOf);
        const whole = proof.kind !== "question" ? "" : isEarly ? `, and no other as of ${asOf ?? "no known time"}` : ", and no other";
        const title = `What was proved: ${counted(answer.length, "record")}${whole}`;
        if (proof.kind === "question") showCautions(proof, answer, asOf);
        page("records").replaceChildren(element("h2", {}, title), ...answer.map((item) => showRecord(item, checkpoint)));
        showGraph(answer);
        if (claimFailure !== null) {
          showStep("claim", "✗", claimFailure);
          setVerdict("bad", "The records are proved, but the claim FAILS: " + claimFailure);
        } else {
          const verified = isEarly ? "VERIFIED up to its newest entry, not to the end of the span" : "VERIFIED";
          setVerdict("good", proof.claim === null ? `${verified}: every step holds` : `${verified}, and the claim holds: every step holds`);
        }
      } catch (error) {
        const step = error instanceof Broken ? error.step : "file";
        const what = error instanceof Broken ? error.message : "the page could not go on: " + error.message;
        showStep(step, "✗", what);
        setVerdict("bad", "NOT VERIFIED: " + what);
      }
    }

    /// The page itself is made here, so that what is shown was written by what was checked.
    function layOut() {
      const key = element("textarea", { id: "vkey", rows: "3", spellcheck: "false", autocomplete: "off", placeholder: "log.example/delivery+1234abcd+…", "aria-describedby": "hint" });
      const form = element("form", { id: "check" },
        element("label", { for: "vkey" }, "Verifier key of the log (and of witnesses, a line each), or a policy of logs and witnesses"), key,
        element("p", { id: "hint", class: "quiet" }, "From somebody you trust, on another way than this page."),
        element("div", { class: "buttons" }, element("button", { type: "submit" }, "Verify"), element("button", { type: "button", id: "save", class: "plain" }, "Save the proof file")));
      document.body.replaceChildren(
        element("header", {}, element("h1", {}, "Evidence"), element("p", { id: "question" })),
        element("main", {},
          element("section", { class: "check", "aria-label": "verification" }, form, element("p", { id: "verdict", role: "status", "aria-live": "polite" }),
            element("div", { id: "cautions", role: "note", "aria-label": "what the proof does not tell" }), element("ol", { id: "steps" })),
          element("section", { id: "graph", hidden: "", "aria-label": "graph" }),
          element("section", { id: "records", "aria-label": "records" })),
        element("footer", {}, element("p", { class: "quiet" }, "This page loads nothing and sends nothing. It hashes and verifies with the browser's own SHA-256 and Ed25519. The same file is verified by: writ-verify evidence.proof --vkey KEY.pub")),
        page("proof"));
    }

    async function start() {
      layOut();
      page("check").addEventListener("submit", check);
      page("save").addEventListener("click", async () => {
        const link = element("a", { href: URL.createObjectURL(new Blob([await proofBytes()])), download: "evidence.proof" });
        link.click();
      });
      addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
      setVerdict("waiting", "NOT VERIFIED yet: paste the log's verifier key, then verify");
      if (!globalThis.crypto?.subtle) return setVerdict("bad", "NOT VERIFIED: this browser gives the page no cryptography; use writ-verify");
      try { await showUnverified(); } catch (error) { setVerdict("bad", "NOT VERIFIED: " + error.message); }
    }

    if (typeof document !== "undefined") start();
    """###
}
