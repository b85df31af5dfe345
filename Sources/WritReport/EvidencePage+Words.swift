// What a record says, in sentences, in JavaScript: the same as writ-verify prints (RecordWords.swift).

extension EvidencePage {
  /// Sentences of a record, and names in place of the digests that a proof opens.
  static let words = ###"""
    // What a record says

    /// What the proof has shown of what records hold by digest: filled once it is verified.
    const shownValues = new Map();

    /// A text with names in place of the digests that stand for them, where these are shown.
    function opened(text) {
      return text.replace(/~([A-Za-z0-9_-]{43})/g, (token, digest) => {
        const value = shownValues.get(digest);
        return typeof value === "string" ? value : token;
      });
    }

    /// Why somebody said what they signed, in an envelope that the proof shows.
    function reasonIn(value) {
      try {
        const { predicate } = JSON.parse(strictText.decode(fromBase64(value.payload)));
        const why = predicate.reason ?? predicate.note;
        return typeof why === "string" ? why : null;
      } catch { return null; }
    }

    /// What a record says beside its subjects, a sentence each.
    function wordsOf(record) {
      const { predicate, type } = record;
      const plain = (value) => (typeof value === "string" ? value : JSON.stringify(value));
      const text = (name) => (predicate[name] === undefined ? "-" : plain(predicate[name]));
      const labels = (before, behind) => (Array.isArray(predicate.labels) && predicate.labels.length ? [before + predicate.labels.join(", ") + behind] : []);
      const harm = (impacts) => (Array.isArray(impacts) && impacts.length ? `, impact ${impacts.join(", ")}` : "");
      const signed = () => `to ${text("gate")}, signed at ${text("signedAt")}`;
      const kinds = {
        "decision": () => (predicate.deed?.action ? [`lets ${predicate.deed.action} be done: ${predicate.deed.kind ?? "-"}, ${predicate.deed.effect ?? "-"}${harm(predicate.deed.impacts)}`, ...labels("by a delegate labelled ", " only")] : []),
        "approval-given": () => [`yes by ${text("approver")} as ${text("role")} until ${text("expires")}`, signed()],
        "rejection-given": () => [`no by ${text("rejecter")} as ${text("role")}`, signed()],
        "unlock-given": () => [`unlocked by ${text("unlocker")}, role ${text("role")}, forgives up to entry ${text("through")}`, `${text("action")} of ${text("artifact")}, signed at ${text("signedAt")}`],
        "token-revoked": () => [`takes back block ${text("block")} of a token, and what was narrowed from it`, predicate.revoker === undefined ? `said by a hand that handed it on, signed at ${text("signedAt")}`
          : predicate.role === undefined ? `said by ${text("revoker")}, who issued it, signed at ${text("signedAt")}` : `said by ${text("revoker")} as ${text("role")}, signed at ${text("signedAt")}`],
        "waiver-given": () => [`${text("waiver")} granted by ${text("granter")} as ${text("role")} until ${text("expires")}`, `for ${text("clause")} of ${text("gate")}, signed at ${text("signedAt")}`],
        "override-given": () => [`${text("overrider")} answers as ${text("role")} for acting against entry ${text("decision")}`, `${text("gate")} said ${text("outcome")}, until ${text("expires")}`],
        "break-glass-reviewed": () => [`found ${text("verdict")} by ${text("reviewer")} as ${text("role")}`, `${text("action")}, which entry ${text("decision")} let be done`],
        "intent-given": () => (predicate.taken === true ? [`${text("caller")} wants ${text("action")}, and signed that`] : [`${text("caller")} wants ${text("action")}`, `refused: ${text("reason")}`]),
        "permit-issued": () => [`permit for ${text("delegate")} until ${text("expires")}, by the decision in entry ${text("decision")}`, ...labels("which is labelled ", ", as the action asks")],
        "action-result": () => (predicate.outcome === "refused"
          ? [`refused: ${text("reason")}`, `by ${text("delegate")}, by the decision in entry ${text("decision")}`]
          : [predicate.exit === undefined ? `${text("outcome")}` : `${text("outcome")}, exit ${text("exit")}`, `done by ${text("delegate")}, by the decision in entry ${text("decision")}`]),
        "run-begun": () => [`begins ${text("pipeline")} as run ${text("run")}, for ${text("caller")}`,
          ...(predicate.confinement === undefined ? [] : [`programs were kept from keys: ${text("confinement")}`])],
        "run-cancelled": () => [`run ${text("run")} was told to stop at ${text("at")}: ${text("mode")}`,
          predicate.canceller === undefined ? `by ${text("words")}, ${text("how")}` : `by ${text("canceller")}, who signed it`],
        "run-ended": () => [`run ${text("run")}, begun in entry ${text("begun")}, ended: ${text("result")}`, `attempts handed out: ${text("attempts")}`,
          ...(predicate.rollback === undefined ? [] : [`rollback: ${text("rollback")}`]),
          ...(predicate.effectUnknown === true ? ["in doubt: something may have been done of which nobody knows"] : []),
          ...(predicate.needsPerson === true ? ["a person must look at it"] : [])],
        "index": () => [`fixes the newest entry of ${text("subjects")} subjects before entry ${text("size")}`],
        "config": () => [`the clock was right at ${text("clock")}`],
        "erase": () => [`${predicate.digests?.length ?? 0} values can no longer be opened: ${text("ground")}`],
      };
      const others = () => ["act", "vkey", "validFrom", "validTo", "next", "scope", "policy", "language", "engine", "outcome", "exit", "result", "rollback", "reason", "delegate", "decision", "pipeline", "attempts", "verdict", "reviewer"]
        .filter((name) => predicate[name] !== undefined && (predicate[name] === null || typeof predicate[name] !== "object"))
        .map((name) => `${name} ${text(name)}`);
      const kind = /^urn:writ:([a-z-]+):v1$/.exec(type ?? "")?.[1];
      const lines = (kind !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : others)();
      const verb = predicate.begun === undefined ? "takes back" : "was not taken back:";
      for (const one of Array.isArray(predicate.undoes) ? predicate.undoes : []) {
        lines.push(`${verb} ${one?.action} of ${one?.artifact}, which entry ${one?.deed} let be done` + (one?.run === undefined ? "" : ` in run ${one.run}`));
      }
      const place = predicate.run;
      if (place !== null && typeof place === "object") {
        lines.push(`in run ${place.id}, step ${place.step}` + (place.round > 1 ? `, round ${place.round}` : "") + (place.attempt > 1 ? `, attempt ${place.attempt}` : ""));
      }
      const why = shownValues.has(predicate.envelope) ? reasonIn(shownValues.get(predicate.envelope)) : null;
      if (why !== null) lines.push(`because: ${why}`);
      return lines;
    }
    """###
}
