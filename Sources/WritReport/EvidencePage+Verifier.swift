// The second verifier: the argument of a proof in JavaScript, as it stands in an evidence page.

extension EvidencePage {
  /// Shares nothing with `writ-verify` but docs/decisions/0003-records-and-proofs.md.
  static let verifier = ###"""
    "use strict";
    // Verifies the proof in this page with the browser's own SHA-256 and Ed25519, and shows what it proves.
    // It follows docs/decisions/0003-records-and-proofs.md and shares no code with writ-verify.

    const LIMIT = Number.MAX_SAFE_INTEGER;
    const strictText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const utf8 = new TextEncoder();

    /// What broke, at which step of the argument.
    class Broken extends Error {
      constructor(step, message) { super(message); this.step = step; }
    }

    const steps = {
      file: "The file is a proof in its one spelling",
      checkpoint: "The log has signed its size and its root",
      quorum: "The witnesses that the policy asks for have cosigned it",
      entries: "Every record lies in the log at its place",
      tail: "No record after the index is left out",
      head: "The index says where the history of the subject begins",
      chain: "The history is whole over the span that was asked about",
      disclosed: "What is disclosed is what the records hold by digest",
      claim: "What is claimed is so",
    };

    // Bytes

    const bytesOf = (text) => utf8.encode(text);
    const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

    function join(...parts) {
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) { whole.set(part, at); at += part.length; }
      return whole;
    }

    function isSame(left, right) {
      return left.length === right.length && left.every((byte, place) => byte === right[place]);
    }

    /// Standard base64 with padding, in its one spelling; null for anything else.
    function fromBase64(text) {
      if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) return null;
      const binary = atob(text);
      const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
      return toBase64(bytes) === text ? bytes : null;
    }

    function toBase64(bytes) {
      let binary = "";
      for (const byte of bytes) binary += String.fromCharCode(byte);
      return btoa(binary);
    }

    async function sha256(...parts) {
      return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
    }

    const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
    const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

    /// By UTF-8 bytes, as names are sorted.
    function precedes(left, right) {
      const [one, other] = [bytesOf(left), bytesOf(right)];
      for (let place = 0; place < Math.min(one.length, other.length); place += 1) {
        if (one[place] !== other[place]) return one[place] < other[place];
      }
      return one.length < other.length;
    }

    // Canonical JSON (RFC 8785) of texts and whole numbers

    function canonical(value) {
      if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
      if (value !== null && typeof value === "object") {
        const names = Object.keys(value).sort();
        return "{" + names.map((name) => JSON.stringify(name) + ":" + canonical(value[name])).join(",") + "}";
      }
      return JSON.stringify(value);
    }

    const isCount = (value) => Number.isInteger(value) && value >= 0 && value <= LIMIT;

    // Notes and keys

    /// `name+id+base64`, the ID recomputed, and perhaps the sizes that it counts for: `120`, or `0..140`.
    async function readKey(text) {
      const match = /^(\S+)(?: (0|[1-9][0-9]*)(?:\.\.(0|[1-9][0-9]*))?)?$/.exec(text);
      if (!match) return null;
      const line = match[1];
      const from = Number(match[2] ?? 0);
      const to = match[3] === undefined ? LIMIT : Number(match[3]);
      if (!isCount(from) || !isCount(to) || from > to) return null;
      const parts = line.split("+");
      const name = parts[0];
      const key = fromBase64(parts.slice(2).join("+"));
      if (parts.length < 3 || !name || /\s/.test(name) || !key || key.length !== 33) return null;
      const type = key[0];
      if (type !== 1 && type !== 4) return null;
      const id = (await sha256(bytesOf(name), Uint8Array.of(10), key)).slice(0, 4);
      if (hex(id) !== parts[1]) return null;
      return { name, id, type, key: key.slice(1), line, from, to };
    }

    function readNote(text) {
      const broken = (what) => new Broken("checkpoint", what);
      if (/[\u0000-\u0009\u000b-\u001f]/.test(text) || !text.endsWith("\n")) throw broken("it is no signed note");
      const end = text.lastIndexOf("\n\n");
      if (end < 0) throw broken("nothing parts its text from its signatures");
      const signatures = text.slice(end + 2, -1).split("\n").map((line) => {
        const match = /^\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)$/.exec(line);
        const bytes = match && fromBase64(match[2]);
        if (!bytes || bytes.length < 5) throw broken("a line below its text is no signature");
        return { name: match[1], id: bytes.slice(0, 4), bytes: bytes.slice(4) };
      });
      return { text: text.slice(0, end + 1), signatures };
    }

    async function isSigned(message, signature, key) {
      try {
        const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
        return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
      } catch (error) {
        if (error.name === "NotSupportedError") throw new Broken("checkpoint", "this browser knows no Ed25519; use writ-verify");
        return false;
      }
    }

    /// The checkpoint, once one of the keys is shown to have signed it as the log.
    async function openCheckpoint(text, keys) {
      const note = readNote(text);
      const message = bytesOf(note.text);
      const signers = [];
      for (const signature of note.signatures) {
        const key = keys.find((known) => known.name === signature.name && isSame(known.id, signature.id));
        if (!key) continue;
        let signed = message;
        let bytes = signature.bytes;
        let time = null;
        if (key.type === 4) {
          if (bytes.length !== 72) throw new Broken("checkpoint", `the cosignature of ${key.name} is cut short`);
          time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
          signed = bytesOf(`cosignature/v1\ntime ${time}\n${note.text}`);
          bytes = bytes.slice(8);
        }
        if (bytes.length !== 64 || !(await isSigned(signed, bytes, key.key))) {
          throw new Broken("checkpoint", `the signature of ${key.name} does not verify: something in the checkpoint was changed`);
        }
        signers.push({ key, time });
      }
      if (!signers.some((signer) => signer.key.type === 1)) {
        throw new Broken("checkpoint", "the key that was pasted has not signed it: it is another log's key, or the signature was changed");
      }
      const lines = note.text.split("\n");
      const [origin, sizeText] = lines;
      const root = fromBase64(lines[2]);
      const size = Number(sizeText);
      if (lines.length < 4 || lines.slice(0, -1).some((line) => !line) || lines.at(-1) !== "" || !root || root.length !== 32
        || !/^(0|[1-9][0-9]*)$/.test(sizeText) || !isCount(size)) {
        throw new Broken("checkpoint", "its text is no checkpoint");
      }
      if (!signers.some((signer) => signer.key.type === 1 && signer.key.name === origin)) {
        throw new Broken("checkpoint", `it is of the log ${origin}, the key is another one's`);
      }
      const counting = signers.filter((signer) => signer.key.from <= size && size <= signer.key.to);
      if (!counting.some((signer) => signer.key.type === 1)) {
        throw new Broken("checkpoint", `no key that counts for size ${size} has signed it`);
      }
      return { origin, size, root, signers: counting };
    }

    // Whom the auditor believes: verifier keys, or a policy of logs and witnesses (C2SP tlog-policy)

    const isPolicy = (text) => /^[ \t]*(log|witness|group|quorum)[ \t]/m.test(text);

    async function readKeys(text) {
      const keys = [];
      for (const line of text.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"))) {
        const key = await readKey(line);
        if (!key) throw new Broken("checkpoint", "what was pasted is no verifier key: it looks like name+1234abcd+base64");
        keys.push(key);
      }
      if (!keys.length) throw new Broken("checkpoint", "paste the verifier key of the log first");
      return keys;
    }

    /// Keys, and who of them must have signed: `holds(signers)`. A name is defined before it is used, and a member of one group at most.
    async function readPolicy(text) {
      const [keys, members, used] = [[], new Map(), new Set()];
      let quorum = null;
      const lines = text.replace(/\r/g, "").split("\n");
      for (const [place, line] of lines.entries()) {
        const broken = (what) => new Broken("checkpoint", `line ${place + 1} of the policy: ${what}`);
        const words = line.split(/[ \t]+/).filter((word) => word);
        if (!words.length || words[0].startsWith("#")) continue;
        const [what, ...rest] = words;
        const define = (name, holds) => {
          if (name === "none" || members.has(name)) throw broken(`${name} cannot be defined here`);
          members.set(name, holds);
        };
        const member = (name) => {
          if (!members.has(name)) throw broken(`no witness or group ${name} is defined before`);
          return members.get(name);
        };
        const takeKey = async (line, type, owner) => {
          const key = line === undefined ? null : await readKey(line);
          if (!key || key.type !== type || keys.some((known) => isSame(known.key, key.key) && known.type === type)) throw broken(`expected the key of ${owner}, once`);
          keys.push(key);
          return (signers) => signers.some((signer) => signer.key === key);
        };
        if (what === "log" && rest.length >= 1 && rest.length <= 2) await takeKey(rest[0], 1, "a log");
        else if (what === "witness" && rest.length >= 2 && rest.length <= 3) define(rest[0], await takeKey(rest[1], 4, "a witness"));
        else if (what === "group" && rest.length >= 3) {
          const [name, count, ...names] = rest;
          const parts = names.map(member);
          if (names.some((one) => used.has(one)) || new Set(names).size < names.length) throw broken("a member stands in two groups");
          names.forEach((one) => used.add(one));
          const threshold = count === "all" ? parts.length : count === "any" ? 1 : /^[1-9][0-9]*$/.test(count) ? Number(count) : 0;
          if (threshold < 1 || threshold > parts.length) throw broken("expected all, any, or a number of its members");
          define(name, (signers) => parts.filter((part) => part(signers)).length >= threshold);
        } else if (what === "quorum" && rest.length === 1 && quorum === null) {
          quorum = { name: rest[0], holds: rest[0] === "none" ? () => true : member(rest[0]) };
        } else throw broken("expected log, witness, group or one quorum");
      }
      if (quorum === null || !keys.some((key) => key.type === 1)) throw new Broken("checkpoint", "the policy names no log, or no quorum");
      return { keys, quorum };
    }

    // Merkle proofs (RFC 9162, 2.1.3.2)

    /// The hashes on the way to the root, or null where the path does not lead to it.
    async function climb(index, size, leaf, path, root) {
      if (index >= size) return null;
      let [node, last, hash] = [BigInt(index), BigInt(size) - 1n, leaf];
      const way = [];
      for (const sibling of path) {
        if (last === 0n) return null;
        const isRight = (node & 1n) === 1n || node === last;
        hash = isRight ? await nodeHash(sibling, hash) : await nodeHash(hash, sibling);
        way.push({ sibling, isLeft: isRight, hash });
        if (isRight && (node & 1n) === 0n) {
          while (node !== 0n && (node & 1n) === 0n) { node >>= 1n; last >>= 1n; }
        }
        node >>= 1n;
        last >>= 1n;
      }
      return last === 0n && isSame(hash, root) ? way : null;
    }

    // The two kinds of file

    function readPath(list, where) {
      const path = Array.isArray(list) && list.length <= 63 ? list.map(fromBase64) : null;
      if (!path || path.some((hash) => !hash || hash.length !== 32)) throw new Broken("file", `${where} has no path of hashes`);
      return path;
    }

    /// Nothing stands there but what is meant to.
    function holdsOnly(value, names, optional = []) {
      const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
      const found = isObject ? Object.keys(value) : [];
      if (isObject && names.every((name) => Object.hasOwn(value, name))
        && found.every((name) => names.includes(name) || optional.includes(name))) return;
      throw new Broken("file", "a member is missing, or one is there that means nothing");
    }

    const asciiOf = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

    /// Disclosures of SD-JWT (RFC 9901, section 4.2): base64url of `[salt, name, value]`.
    function readDisclosures(texts) {
      const broken = () => new Broken("file", "something that it discloses cannot be read");
      if (!Array.isArray(texts)) throw broken();
      return texts.map((text) => {
        let parts = null;
        try {
          const padded = text.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (text.length % 4)) % 4);
          parts = JSON.parse(strictText.decode(fromBase64(padded)));
        } catch { throw broken(); }
        if (!Array.isArray(parts) || parts.length !== 3 || typeof parts[0] !== "string" || parts[0].length < 22 || typeof parts[1] !== "string") throw broken();
        return { text, name: parts[1], value: parts[2] };
      });
    }

    const digestsOf = (record) => (Array.isArray(record.predicate._sd) ? record.predicate._sd : []);

    /// Each is what a record of the answer holds by its digest; in the answer to a question they rise.
    async function verifyDisclosures(proof, answer) {
      let last = "";
      for (const one of proof.disclosures) {
        const hash = await sha256(bytesOf(one.text));
        one.digest = toBase64(hash).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
        const holders = answer.filter((item) => digestsOf(item.record).includes(one.digest));
        if (!holders.length) throw new Broken("disclosed", `${one.name}: no record of the answer holds that digest`);
        if (proof.kind === "question" && hex(hash) <= last) throw new Broken("disclosed", `${one.name} does not stand in order`);
        last = hex(hash);
        for (const item of holders) item.disclosed = [...(item.disclosed ?? []), one];
      }
      return proof.disclosures.map((one) => one.name).join(", ");
    }

    /// `urn:writ:proof:v1`: the answer to a question.
    function readQuestionProof(text) {
      const broken = (what) => new Broken("file", what);
      let json;
      try { json = JSON.parse(text); } catch { throw broken("it is no JSON"); }
      if (json === null || typeof json !== "object" || canonical(json) !== text) throw broken("it is not spelt as it was written: a byte was changed");
      holdsOnly(json, ["checkpoint", "entries", "head", "objects", "question", "type"], ["claim", "disclosures"]);
      if (json.type !== "urn:writ:proof:v1") throw broken("it is no proof that this page knows");
      const question = json.question;
      holdsOnly(question, ["from", "subject", "to"]);
      if (typeof question.subject !== "string" || !question.subject || microseconds(question.from) === null || microseconds(question.to) === null || microseconds(question.from) > microseconds(question.to)) {
        throw broken("it does not say what is asked");
      }
      if (typeof json.checkpoint !== "string") throw broken("it has no checkpoint");
      for (const list of [json.entries, json.head, json.objects]) if (!Array.isArray(list)) throw broken("one of its lists is none");
      if (Object.hasOwn(json, "claim") && (typeof json.claim !== "string" || !/.\../s.test(json.claim))) throw broken("its claim is none");
      const entries = json.entries.map((item) => {
        holdsOnly(item, ["entry", "index", "path"]);
        const entry = fromBase64(item.entry);
        if (!entry || !isCount(item.index)) throw broken("one of its entries cannot be read");
        return { entry, index: item.index, path: readPath(item.path, `entry ${item.index}`), record: readRecord(entry) };
      });
      const heads = json.head.map((item) => {
        holdsOnly(item, ["last", "name", "path", "place"]);
        if (typeof item.name !== "string" || !isCount(item.last) || !isCount(item.place)) throw broken("one of its heads cannot be read");
        return { name: item.name, last: item.last, place: item.place, path: readPath(item.path, `the head of ${item.name}`) };
      });
      const objects = json.objects.map(fromBase64);
      if (objects.some((object) => !object)) throw broken("one of its objects cannot be read");
      const disclosures = Object.hasOwn(json, "disclosures") ? readDisclosures(json.disclosures) : [];
      return { kind: "question", question, claim: json.claim ?? null, checkpoint: json.checkpoint, entries, heads, objects, disclosures };
    }

    /// `c2sp.org/tlog-proof@v1`: one entry.
    function readEntryProof(text) {
      const broken = (what) => new Broken("file", what);
      const end = text.indexOf("\n\n");
      if (end < 0) throw broken("nothing parts the proof from the checkpoint");
      const lines = text.slice(0, end).split("\n");
      const extra = lines[1]?.startsWith("extra ") ? fromBase64(lines[1].slice(6)) : null;
      const indexLine = lines[2] ?? "";
      const index = Number(indexLine.slice(6));
      if (!extra || !/^index (0|[1-9][0-9]*)$/.test(indexLine) || !isCount(index)) throw broken("it holds no entry and its place");
      const path = readPath(lines.slice(3), "the entry");
      // What is disclosed stands behind the entry, between tildes; an entry of Writ's is an object.
      const entryEnd = extra[extra.length - 1] === 0x7e ? extra.lastIndexOf(0x7d) + 1 : 0;
      const entry = entryEnd > 0 ? extra.subarray(0, entryEnd) : extra;
      const disclosures = entryEnd > 0 ? readDisclosures(asciiOf(extra.subarray(entryEnd + 1, -1)).split("~")) : [];
      const entries = [{ entry, index, path, record: readRecord(entry) }];
      return { kind: "entry", question: null, claim: null, checkpoint: text.slice(end + 2), entries, heads: [], objects: [], disclosures };
    }

    function readProof(bytes) {
      let text;
      try { text = strictText.decode(bytes); } catch { throw new Broken("file", "it is no text: a byte was changed"); }
      if (text.startsWith("{")) return readQuestionProof(text);
      if (text.startsWith("c2sp.org/tlog-proof@v1\n")) return readEntryProof(text);
      throw new Broken("file", "it is no proof that this page knows");
    }

    /// A time in UTC as microseconds, exactly.
    function microseconds(text) {
      const match = typeof text === "string" && /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{0,5}[1-9]))?Z$/.exec(text);
      const seconds = match ? Date.parse(match[1] + "Z") : NaN;
      // Browsers also read the 30th of February, and 24 o'clock.
      if (Number.isNaN(seconds) || new Date(seconds).toISOString().slice(0, 19) !== match[1]) return null;
      return BigInt(seconds) * 1000n + BigInt((match[2] ?? "").padEnd(6, "0"));
    }

    /// What an entry says, as far as it is a record.
    function readRecord(entry) {
      let json = null;
      try { json = JSON.parse(strictText.decode(entry)); } catch { /* No record: it has no subjects. */ }
      const isStatement = json !== null && typeof json === "object" && json._type === "https://in-toto.io/Statement/v1";
      const predicate = isStatement && json.predicate !== null && typeof json.predicate === "object" ? json.predicate : {};
      const subjects = isStatement && Array.isArray(json.subject) ? json.subject.filter((subject) => typeof subject?.name === "string") : [];
      const result = predicate.result ?? {};
      return {
        type: isStatement ? json.predicateType : "unreadable",
        json, predicate, result, subjects,
        logged: microseconds(predicate.logged),
        isDecision: isStatement && json.predicateType === "urn:writ:decision:v1",
        isAbout: (name) => subjects.some((subject) => subject.name === name),
        previous: (name) => {
          const index = predicate.prev && Object.hasOwn(predicate.prev, name) ? predicate.prev[name] : undefined;
          return index === -1 ? -1 : isCount(index) ? index : null;
        },
      };
    }

    // The argument, step by step

    async function verifyEntries(proof, checkpoint) {
      let next = 0;
      for (const item of proof.entries) {
        if (item.index < next) throw new Broken("entries", `entry ${item.index} does not stand in order`);
        next = item.index + 1;
        item.leaf = await leafHash(item.entry);
        item.way = await climb(item.index, checkpoint.size, item.leaf, item.path, checkpoint.root);
        if (!item.way) throw new Broken("entries", `entry ${item.index} is not the one that was logged, or its path was changed`);
      }
      return `${counted(proof.entries.length, "record")}, hashed up to the signed root`;
    }

    function findIndexLeaf(proof, checkpoint) {
      for (let place = proof.entries.length - 1; place >= 0; place -= 1) {
        const { index, record } = proof.entries[place];
        const { size, subjects, root } = record.predicate;
        const rootBytes = /^sha256:([0-9a-f]{64})$/.exec(root ?? "");
        if (record.type !== "urn:writ:index:v1" || record.subjects.length || size !== index || !isCount(subjects) || !rootBytes) continue;
        if (proof.entries.length - place - 1 !== checkpoint.size - index - 1) {
          throw new Broken("tail", `a record after the index at ${index} is missing`);
        }
        return { size: index, count: subjects, root: Uint8Array.from(rootBytes[1].match(/../g), (pair) => parseInt(pair, 16)) };
      }
      throw new Broken("tail", "no index of the log is among the entries");
    }

    /// The newest record about the subject before the index, null where there is none.
    async function findHead(proof, leaf) {
      const name = proof.question.subject;
      for (const head of proof.heads) {
        const hash = await leafHash(bytesOf(canonical([head.name, head.last])));
        if (!(await climb(head.place, leaf.count, hash, head.path, leaf.root)) || head.last >= leaf.size) {
          throw new Broken("head", `${head.name} is not in the index as the file says`);
        }
      }
      const [first, second] = proof.heads;
      if (proof.heads.length === 1 && first.name === name) return first.last;
      const isAbsent =
        proof.heads.length === 0 ? leaf.count === 0
        : proof.heads.length === 1 ? first.place === (precedes(first.name, name) ? leaf.count - 1 : 0) && first.name !== name
        : proof.heads.length === 2 && first.place + 1 === second.place && precedes(first.name, name) && precedes(name, second.name);
      if (!isAbsent) throw new Broken("head", `it shows neither where ${name} stands in the index nor that it does not`);
      return null;
    }

    /// The records of the subject, newest first, as far back as the question needs.
    function followHistory(proof, leaf, head) {
      const name = proof.question.subject;
      const broken = (what) => new Broken("chain", what);
      const byIndex = new Map(proof.entries.map((item) => [item.index, item]));
      const after = proof.entries.filter((item) => item.index > leaf.size && item.record.isAbout(name)).reverse();
      after.forEach((item, place) => {
        const expected = place + 1 < after.length ? after[place + 1].index : head ?? -1;
        if (item.record.previous(name) !== expected) throw broken(`record ${item.index} does not name the one before it`);
      });
      const from = microseconds(proof.question.from);
      const history = [];
      let newest = null;
      let index = after.length ? after[0].index : head ?? -1;
      let isToStart = true;
      while (index >= 0) {
        const item = byIndex.get(index);
        if (!item) throw broken(`record ${index} about ${name} is missing`);
        if (!item.record.isAbout(name)) throw broken(`record ${index} is about something else`);
        if (item.record.logged === null || (newest !== null && item.record.logged > newest)) throw broken(`record ${index} was not logged before those after it`);
        newest = item.record.logged;
        history.push(item);
        if (newest < from) { isToStart = false; break; }
        const previous = item.record.previous(name);
        if (previous === null || previous >= index) throw broken(`record ${index} does not say which came before it`);
        index = previous;
      }
      const needed = new Set(history.map((item) => item.index));
      for (const item of proof.entries) {
        if (item.index < leaf.size && !needed.has(item.index)) throw broken(`record ${item.index} is no part of the argument`);
      }
      return { history, isToStart };
    }

    /// What a record names of what its clauses read: a reading each, or one document of all.
    function namesOfReadings(item) {
      const trace = item.record.predicate.replay?.trace;
      if (!Array.isArray(trace)) return typeof trace === "string" ? [trace] : [];
      return trace.length <= 64 && trace.every((one) => typeof one === "string") ? trace : [];
    }

    const hasMembers = (value, count) => value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === count;

    function isReading(one) {
      return hasMembers(one, 3) && typeof one.clause === "string" && typeof one.outcome === "string" && Array.isArray(one.facts)
        && one.facts.every((fact) => typeof fact?.fact === "string");
    }

    function isDocument(one) { return hasMembers(one, 2) && typeof one.gate === "string" && Array.isArray(one.clauses); }

    /// A reading with the nodes that arguments name in the place of their parameters.
    function namedReading(clause, values) {
      const named = (fact) => typeof fact.fact === "string" && fact.fact.startsWith("$") && typeof values[fact.fact.slice(1)] === "string"
        ? { ...fact, fact: values[fact.fact.slice(1)] } : fact;
      return { ...clause, facts: (clause.facts ?? []).map(named) };
    }

    async function readTraces(proof, answer) {
      const named = new Set(answer.flatMap(namesOfReadings));
      const readings = new Map();
      let last = "";
      for (const object of proof.objects) {
        const digest = "sha256:" + hex(await sha256(object));
        if (!named.has(digest) || digest <= last) throw new Broken("claim", "a document in the file belongs to no record of the answer, or was changed");
        last = digest;
        let read = null;
        try {
          const text = strictText.decode(object);
          read = JSON.parse(text);
          if (canonical(read) !== text) read = null;
        } catch { throw new Broken("claim", "a document of what was read cannot be read"); }
        if (!isReading(read) && !isDocument(read)) throw new Broken("claim", "a document of what was read has another form");
        readings.set(digest, read);
      }
      for (const item of answer) {
        const found = namesOfReadings(item).map((digest) => readings.get(digest));
        if (found.some((one) => one === undefined)) continue;
        const trace = item.record.predicate.replay?.trace;
        if (!Array.isArray(trace)) item.trace = isDocument(found[0]) ? found[0] : null;
        else if (found.every(isReading)) {
          item.trace = { gate: item.record.result.gate, clauses: found.map((one) => namedReading(one, item.record.predicate.arguments ?? {})) };
        }
      }
    }

    /// Why the claim fails, or null.
    function failureOfClaim(claim, answer) {
      const dot = claim.lastIndexOf(".");
      const [gate, clause] = [claim.slice(0, dot), claim.slice(dot + 1)];
      const decisions = answer.filter((item) => item.record.isDecision && item.record.result.gate === gate && item.record.result.question !== true);
      const allowed = decisions.filter((item) => item.record.result.outcome === "allow");
      if (!allowed.length) return `no decision of ${gate} allowed anything in this time`;
      for (const item of allowed) {
        const found = item.trace?.gate === gate ? (item.trace.clauses ?? []).filter((one) => one.clause === clause) : null;
        if (!found) return `record ${item.index} does not show what it rests on`;
        if (found.length !== 1) return `in record ${item.index} the gate had no clause ${clause}`;
        if (found[0].outcome !== "passed") return `in record ${item.index} the clause ${clause} ${found[0].outcome}`;
      }
      return null;
    }

    /// Goes through the whole argument; `report(step, text)` after each step that holds.
    async function verify(bytes, keyText, report) {
      const { keys, quorum } = isPolicy(keyText) ? await readPolicy(keyText) : { keys: await readKeys(keyText), quorum: null };
      const proof = readProof(bytes);
      report("file", proof.kind === "question" ? "the answer to a question" : "the proof of one entry");
      const checkpoint = await openCheckpoint(proof.checkpoint, keys);
      const names = checkpoint.signers.map((signer) => signer.key.name + (signer.time === null ? "" : ", a witness"));
      report("checkpoint", `${checkpoint.origin}: ${counted(checkpoint.size, "entry", "entries")}, signed by ${names.join("; ")}`);
      if (quorum !== null) {
        const cosigners = checkpoint.signers.filter((signer) => signer.time !== null).map((signer) => signer.key.name);
        if (!quorum.holds(checkpoint.signers)) throw new Broken("quorum", `the quorum ${quorum.name} has not cosigned it: ${cosigners.length ? "only " + cosigners.join(", ") : "no witness of the policy has"}`);
        report("quorum", quorum.name === "none" ? "the policy asks for none" : `${quorum.name}: ${cosigners.join(", ")}`);
      }
      report("entries", await verifyEntries(proof, checkpoint));
      if (proof.kind === "entry") {
        if (proof.disclosures.length) report("disclosed", await verifyDisclosures(proof, proof.entries));
        return { proof, checkpoint, answer: proof.entries, history: null, claimFailure: null };
      }
      const leaf = findIndexLeaf(proof, checkpoint);
      report("tail", `the index is entry ${leaf.size}, and all that follow are here`);
      const head = await findHead(proof, leaf);
      report("head", head === null ? `${proof.question.subject} had no record before the index` : `its newest record before the index is ${head}`);
      const { history, isToStart } = followHistory(proof, leaf, head);
      const [from, to] = [microseconds(proof.question.from), microseconds(proof.question.to)];
      const answer = history.filter((item) => item.record.logged >= from && item.record.logged < to).reverse();
      const way = history.map((item) => item.index).join(" → ") || "no record at all";
      report("chain", `${way}${isToStart ? ", the first one" : ", which lies before the span"}`);
      await readTraces(proof, answer);
      if (proof.disclosures.length) report("disclosed", await verifyDisclosures(proof, answer));
      const claimFailure = proof.claim === null ? null : failureOfClaim(proof.claim, answer);
      if (proof.claim !== null && claimFailure === null) report("claim", proof.claim);
      return { proof, checkpoint, answer, history, claimFailure };
    }

    function counted(count, one, many = one + "s") {
      return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
    }
    """###
}
