// Adding to what can be erased, while nobody else adds or erases.
public import WritCrypto
public import WritModel

/// A store of disclosures that is open for adding. Nothing is on disk before `commit`. For one thread.
public final class DisclosureSession {
  private let store: DisclosureStore
  private let lockFile: OpenFile
  private var isOpen = true
  private var lines: DisclosureLines
  private var isChanged = false
  private var sealed: [HeldDisclosure] = []
  private var forms: [RememberedForm]?

  init(_ store: DisclosureStore, _ lockFile: OpenFile) throws(LogError) {
    self.store = store
    self.lockFile = lockFile
    let bytes = try store.disk.read(store.values, limit: Limits.objectByteCount) ?? []
    do throws(DisclosureLines.DamagedLine) {
      lines = try DisclosureLines(bytes)
    } catch {
      throw .damaged(path: store.values, reason: "line \(error.number) is no disclosure")
    }
  }

  /// The digest that stands for a value, the same each time until it is erased.
  ///
  /// - Parameter of: the nodes that it goes with.
  public func digest(
    of value: JSONValue, name: String, of nodes: [String] = []
  ) throws(LogError) -> DisclosureDigest {
    let held = HeldDisclosure(try disclosure(value, name), of: nodes)
    if let known = lines.digest(ofSameAs: held) { return known }
    lines.append(held)
    isChanged = true
    return held.disclosure.digest
  }

  /// The digest that stands for a value which nothing else will stand for.
  public func seal(
    _ value: JSONValue, name: String, of nodes: [String]
  ) throws(LogError) -> DisclosureDigest {
    let held = HeldDisclosure(try disclosure(value, name), of: nodes)
    sealed.append(held)
    return held.disclosure.digest
  }

  private func disclosure(_ value: JSONValue, _ name: String) throws(LogError) -> Disclosure {
    let disclosure: Disclosure
    do throws(CryptoError) {
      disclosure = try Disclosure(name: name, value: value)
    } catch {
      throw .file(path: store.values, act: "make a salt for", code: 11)
    }
    guard disclosure.text.utf8.count <= Limits.disclosureByteCount else { throw .tooMuch }
    return disclosure
  }

  /// The text that a digest stands for, `nil` if that is no text or not here.
  public func text(_ digest: DisclosureDigest) -> String? { lines.text(digest) }

  /// Makes all that was added durable.
  public func commit() throws(LogError) {
    precondition(isOpen, "the session is over")
    if isChanged {
      try store.replace(store.values, lines.bytes)
      isChanged = false
    }
    for held in sealed {
      let path = store.path(of: held.disclosure.digest)
      try store.disk.makeDurableDirectory(parentDirectory(of: path))
      try store.replace(path, held.bytes)
    }
    sealed = []
  }

  /// Lets others add or erase.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    store.disk.close(lockFile)
  }

  deinit { close() }
}

/// The committed form of a snapshot.
public enum CommittedForm: Hashable, Sendable {
  /// Nothing in it can be erased: it is kept as it is.
  case same
  /// The object that is kept in its place.
  case object(Digest)
}

private struct RememberedForm {
  let key: String
  let form: CommittedForm

  init(key: String, form: CommittedForm) {
    self.key = key
    self.form = form
  }

  init?(_ line: ArraySlice<UInt8>) {
    let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
    guard words.count == 2 else { return nil }
    key = words[0]
    if words[1] == "same" {
      form = .same
    } else if let digest = Digest(words[1]) {
      form = .object(digest)
    } else {
      return nil
    }
  }

  var line: String {
    switch form {
    case .same: "\(key) same\n"
    case .object(let digest): "\(key) \(digest)\n"
    }
  }
}

// The snapshots whose committed form need not be made again. An erasure removes the file: it would tell
// whether a guess at an erased value is right.
extension DisclosureSession {
  /// The committed form of a snapshot, where it is remembered.
  public func form(of key: Digest) throws(LogError) -> CommittedForm? {
    try remembered().last { $0.key == key.description }?.form
  }

  /// Remembers the committed form of a snapshot, on disk before this returns.
  public func remember(_ form: CommittedForm, of key: Digest) throws(LogError) {
    let kept = try remembered().suffix(Limits.rememberedSnapshots - 1)
    let all = kept + [RememberedForm(key: key.description, form: form)]
    forms = Array(all)
    try store.replace(store.snapshots, Array(all.map(\.line).joined().utf8))
  }

  private func remembered() throws(LogError) -> [RememberedForm] {
    if let forms { return forms }
    let bytes = try store.disk.read(store.snapshots, limit: 65_536) ?? []
    let read = bytes.split(separator: 0x0a).compactMap { RememberedForm($0) }
    forms = read
    return read
  }
}
