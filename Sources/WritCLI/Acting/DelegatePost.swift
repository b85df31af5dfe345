// Where delegates connect, and one takes orders.

@preconcurrency import Glibc
import WritCrypto
import WritEvidence
import WritModel
import WritTransport

/// A socket at which delegates are waited for. One thread.
final class DelegatePost {
  let listener: Listener
  private let tls: TLSContext?
  /// Who has connected and has not shown who they are.
  private var doorstep = Doorstep()
  /// Why the last of them was sent away.
  private var refusal: Failure?
  private let delegates: [VerifierKey]
  private let permitKey: Ed25519PrivateKey
  /// How long is waited, in microseconds.
  let patience: Int64

  /// Listens at `--listen`, for as long as `--wait` says.
  init(_ invocation: Invocation, _ keys: ActingKeys) throws(Failure) {
    let text = try invocation.required("--listen")
    guard let wanted = Endpoint(text) else {
      throw .usage("`--listen \(text)` is no address", remedy: "write it as unix:/run/writ.sock")
    }
    tls = try delegateTLS(invocation, at: wanted, keys)
    delegates = keys.delegates
    permitKey = keys.permitKey
    patience = try invocation.duration("--wait") ?? 30_000_000
    signal(SIGPIPE, SIG_IGN)
    do throws(TransportError) {
      listener = try Listener(wanted)
    } catch {
      throw Failure(.broken, "\(error)")
    }
  }

  /// To wait for, beside others.
  var descriptors: [Int32] { [listener.descriptor] + doorstep.descriptors }

  /// A delegate that has connected and shown who it is since. Waits for nobody; throws why one was sent away.
  func waiting() throws(Failure) -> DelegateLine? {
    try doorstep.open { () throws(Failure) in
      guard let connection = listener.connection(milliseconds: 0, under: tls) else { return nil }
      return try DelegateLine(connection, delegates, permitKey)
    }
    return try doorstep.known()
  }

  /// The first delegate that shows who it is and is wanted; others are sent away.
  func meet(_ isWanted: (VerifierKey) -> Bool) throws(Failure) -> DelegateLine {
    let (end, isTooLong) = currentTime().addingReportingOverflow(patience)
    let deadline = isTooLong ? .max : end
    while true {
      do throws(Failure) {
        if let line = try waiting(), line.delegate.map(isWanted) == true { return line }
      } catch {
        refusal = error
      }
      let left = (deadline - currentTime()) / 1000
      guard left > 0 else { throw nobody() }
      var polls = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      poll(&polls, nfds_t(polls.count), Int32(clamping: min(left, 250)))
    }
  }

  /// Who is waited for, in words.
  private var wanted: String {
    (delegates.count == 1 ? "the delegate " : "any of the delegates ")
      + delegates.map { "`\($0.name)`" }.joined(separator: ", ")
  }

  /// Why there is no delegate.
  private func nobody() -> Failure {
    if let refusal {
      return Failure(
        .broken,
        "whoever connected is not \(wanted), or does not trust this permit key: \(refusal.message)")
    }
    return Failure(
      .broken, "\(wanted) did not connect to \(listener.endpoint)",
      remedy: "start it: writ-delegate serve DIR --connect \(listener.endpoint)")
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
          line = try meet { $0 == line.delegate }
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
