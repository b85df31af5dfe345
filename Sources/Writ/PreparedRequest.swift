// A request, read and matched to its engine: ready to be asked again and again.

import WritCrypto
import WritGraph
public import WritModel
import WritVM

/// A request with all of it that does not depend on when and by whom it is asked. For one thread at a time.
public final class PreparedRequest {
  /// Of a request that was read off its bytes, the bytes, and where in them its arguments are.
  private let bytes: [UInt8]
  private let places: [(name: Range<Int>, value: Range<Int>)]
  private var whole: Request?
  /// The arguments as a record has them: in canonical form.
  private lazy var recordedArguments =
    readArguments ?? (try? JSONValue.object(arguments).ownCanonicalBytes()) ?? []
  /// Of a request that was read off its bytes.
  private let readArguments: [UInt8]?
  /// Whose numbers the overlay and the arguments are.
  let engine: PreparedEngine
  let gate: Int
  /// What it brings; `nil` where that is nothing.
  let link: RequestLink?
  let approvals: [CheckedApproval]
  let grants: [CheckedGrant]
  /// Of the request in its canonical form, as a decision names it.
  private(set) lazy var digest = contentDigest.description
  /// The same as JSON.
  private(set) lazy var digestText = contentDigest.json
  private let contentDigest: Digest
  /// The arguments, once they were resolved; those of an engine whose gate takes a string are resolved for each decision, since
  /// the numbers of strings are not.
  var slots: [Slot]?
  /// What was said of it before; `nil` where its gate takes a string, for the same reason.
  private(set) lazy var memory = hasMemory ? DecisionMemory() : nil
  private let hasMemory: Bool
  /// What was written for it last, where it was asked more than once.
  var run: WrittenRun?
  var writtenCount = 0

  init(
    _ request: Request, _ engine: PreparedEngine, gate: Int, overlay: Overlay?,
    approvals: [CheckedApproval], grants: [CheckedGrant], digest: Digest, hasMemory: Bool
  ) {
    self.hasMemory = hasMemory
    bytes = []
    places = []
    readArguments = nil
    whole = request
    self.engine = engine
    self.gate = gate
    link = overlay.map { RequestLink($0) }
    self.approvals = approvals
    self.grants = grants
    contentDigest = digest
  }

  /// Of a request that was read off its bytes.
  init(
    _ bytes: [UInt8], _ scan: RequestScan, _ engine: PreparedEngine, gate: Int,
    overlay: Overlay?, digest: Digest, hasMemory: Bool
  ) {
    self.hasMemory = hasMemory
    self.bytes = bytes
    places = scan.arguments
    readArguments = scan.recordedArguments
    self.engine = engine
    self.gate = gate
    link = overlay.map { RequestLink($0) }
    approvals = []
    grants = []
    contentDigest = digest
  }

  /// The time that the request asks of, in microseconds; what is read off its bytes asks of none.
  public var now: Int64? { whole?.now }

  /// Whether it asks for an action; what is read off its bytes does not.
  var callsAction: Bool { whole?.call != nil }

  /// Whether it says why the glass is broken; what is read off its bytes does not.
  var breaksGlass: Bool { whole?.reason != nil }

  /// Whether its action asks for delegates that are labelled; a request that was read off its bytes names none.
  var asksForLabels: Bool { whole.map { !engine.engine.labels(of: $0).isEmpty } ?? false }

  /// The arguments as the request gives them.
  var arguments: [JSONMember] {
    if let whole { return whole.arguments }
    return places.map { name, value in
      JSONMember(
        String(decoding: bytes[name], as: UTF8.self),
        .string(String(decoding: bytes[value], as: UTF8.self)))
    }
  }

  /// Whether a record has those arguments: what the parameters in readings stand for.
  func hasArguments(_ recorded: UnsafeBufferPointer<UInt8>) -> Bool {
    recordedArguments.withUnsafeBufferPointer { hasSameBytes($0, recorded) }
  }

  /// The text of an argument of a request that was read off its bytes; `nil` where it has none of that name or was read whole.
  func text(ofArgument name: String) -> ArraySlice<UInt8>? {
    places.first { isSame(name, bytes[$0.name]) }.map { bytes[$0.value] }
  }

  /// How many texts `text(ofArgument:)` can find.
  var argumentTextCount: Int { places.count }

  /// The request as values.
  public var request: Request {
    if let whole { return whole }
    guard let json = try? JSONValue(parsing: bytes), let request = try? Request(json) else {
      preconditionFailure("a request that was read off its bytes can be read whole")
    }
    whole = request
    return request
  }
}

/// Whether a name has those bytes.
func isSame(_ name: String, _ bytes: ArraySlice<UInt8>) -> Bool {
  guard name.utf8.count == bytes.count else { return false }
  var name = name
  return name.withUTF8 { name in bytes.withUnsafeBufferPointer { hasSameBytes(name, $0) } }
}
