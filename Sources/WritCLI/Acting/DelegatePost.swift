// Where one delegate connects, and takes orders.

@preconcurrency import Glibc
import WritCrypto
import WritEvidence
import WritModel
import WritTransport

/// A socket at which a delegate is waited for.
struct DelegatePost {
  let listener: Listener
  private let delegate: VerifierKey
  private let permitKey: Ed25519PrivateKey
  /// How long is waited, in microseconds.
  let patience: Int64

  /// Listens at `--listen`, for as long as `--wait` says.
  init(_ invocation: Invocation, _ keys: ActingKeys) throws(Failure) {
    let text = try invocation.required("--listen")
    guard let wanted = Endpoint(text) else {
      throw .usage("`--listen \(text)` is no address", remedy: "write it as unix:/run/writ.sock")
    }
    guard case .unix = wanted else {
      throw .usage(
        "`--listen \(text)` is no Unix socket", remedy: "over a network there is no TLS yet")
    }
    delegate = keys.delegate
    permitKey = keys.permitKey
    patience = try invocation.duration("--wait") ?? 30_000_000
    signal(SIGPIPE, SIG_IGN)
    do throws(TransportError) {
      listener = try Listener(wanted)
    } catch {
      throw Failure(.broken, "\(error)")
    }
  }

  /// The delegate, if it has just connected.
  func waiting() throws(Failure) -> DelegateLine? {
    try DelegateLine.waiting(delegate, at: listener, permitKey)
  }

  /// The delegate, once it has shown who it is.
  func meet() throws(Failure) -> DelegateLine {
    let (deadline, isTooLong) = currentTime().addingReportingOverflow(patience)
    return try DelegateLine.meet(
      delegate, at: listener, permitKey, until: isTooLong ? .max : deadline)
  }

  /// Hands an order over and waits for the result. A connection that breaks is made again and the same order offered again: a
  /// delegate does it once, and says what became of it.
  ///
  /// - Parameter refused: Gets the delegate's word where it did not take the first offer: nothing was done.
  func carryOut(
    _ order: PermittedOrder, over first: DelegateLine, _ show: (OutputStream, [UInt8]) -> Void,
    refused: (String) throws(Failure) -> Void
  ) throws(Failure) -> (result: StepResult, envelope: JSONValue, line: DelegateLine) {
    var line = first
    var attempt = 1
    while true {
      do throws(Failure) {
        try line.offer(order)
        let (result, envelope) = try self.result(
          over: line, isFirst: attempt == 1, show, refused: refused)
        return (result, envelope, line)
      } catch {
        // A refusal of the first offer is an answer: nothing was done.
        if attempt == 1, error.code != .broken { throw error }
        guard error.code == .broken, attempt < 3 else { throw unknown(order, error) }
        attempt += 1
        do throws(Failure) {
          line = try meet()
        } catch { throw unknown(order, error) }
      }
    }
  }

  private func unknown(_ order: PermittedOrder, _ error: Failure) -> Failure {
    Failure(
      .broken, "nobody knows what became of permit \(order.permit.id): \(error.message)",
      remedy: "ask the delegate's own files; the permit works at most once")
  }

  private func result(
    over line: DelegateLine, isFirst: Bool, _ show: (OutputStream, [UInt8]) -> Void,
    refused: (String) throws(Failure) -> Void
  ) throws(Failure) -> (StepResult, JSONValue) {
    while true {
      switch try line.next() {
      case .result(let result, let envelope): return (result, envelope)
      case .refused(let code, let reason):
        // An order that was under way before is refused for another reason than that nothing was done.
        guard isFirst else {
          throw Failure(.refused, "the delegate refuses it now: \(reason)")
        }
        try refused(code)
        throw Failure(.refused, "the delegate refuses: \(reason) (\(code))")
      case .output(_, let stream, let bytes): show(stream, bytes)
      case .known, .accepted, .heartbeat: continue
      }
    }
  }
}
