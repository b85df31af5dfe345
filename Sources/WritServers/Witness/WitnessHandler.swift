// The witness protocol over HTTP: C2SP tlog-witness. Translates a request, asks the witness, and
// translates its answer back.
//
//     POST /add-checkpoint                     a cosignature line
//     GET  /<hex SHA-256 of origin>/checkpoint what was cosigned last
import WritCrypto
public import WritEvidence
public import WritTransport

/// What became of a request, for whoever runs the witness.
public enum WitnessEvent: Sendable {
  /// A new or the same checkpoint was cosigned.
  case cosigned(Checkpoint)
  /// A request was turned down.
  case refused(WitnessRefusal)
  /// The memory could not be read or written: nothing was cosigned.
  case failed(LogError)
}

/// Answers the requests to one witness.
public struct WitnessHandler: Sendable {
  private let store: WitnessStore
  private let now: @Sendable () -> UInt64
  private let tell: @Sendable (WitnessEvent) -> Void

  /// Answers for the witness of that memory.
  ///
  /// - Parameters:
  ///   - now: POSIX seconds.
  ///   - tell: is told of every request to cosign.
  public init(
    _ store: WitnessStore, now: @escaping @Sendable () -> UInt64,
    tell: @escaping @Sendable (WitnessEvent) -> Void
  ) {
    self.store = store
    self.now = now
    self.tell = tell
  }

  /// The answer to a request.
  public func answer(_ request: HTTPRequest) -> HTTPResponse {
    let path = String(request.target.prefix { $0 != "?" })
    if path == "/add-checkpoint" {
      guard request.method == "POST" else { return notAllowed("POST") }
      return addCheckpoint(request.body)
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[2] == "checkpoint", let digest = Digest(hex: String(parts[1]))
    else { return HTTPResponse(status: 404, text: "there is nothing here\n") }
    guard request.method == "GET" || request.method == "HEAD" else {
      return notAllowed("GET, HEAD")
    }
    return checkpoint(digest)
  }

  private func addCheckpoint(_ body: [UInt8]) -> HTTPResponse {
    do throws(WitnessError) {
      let (line, checkpoint) = try store.cosign(body, at: now())
      tell(.cosigned(checkpoint))
      return HTTPResponse(status: 200, text: "\(line)\n")
    } catch {
      switch error {
      case .refused(let refusal):
        tell(.refused(refusal))
        return response(to: refusal)
      case .store(let failure):
        tell(.failed(failure))
        return HTTPResponse(status: 500, text: "the witness cannot remember\n")
      }
    }
  }

  private func response(to refusal: WitnessRefusal) -> HTTPResponse {
    guard case .otherSize(let size) = refusal else {
      return HTTPResponse(status: refusal.status, text: "\(refusal)\n")
    }
    return HTTPResponse(
      status: refusal.status, fields: [HTTPField("Content-Type", "text/x.tlog.size")],
      body: Array("\(size)\n".utf8))
  }

  /// What was cosigned last of the origin with that digest.
  private func checkpoint(_ originDigest: Digest) -> HTTPResponse {
    do throws(LogError) {
      guard let signed = try store.latest(originDigest: originDigest) else {
        return HTTPResponse(status: 404, text: "no checkpoint of this log was cosigned\n")
      }
      return HTTPResponse(
        status: 200,
        fields: [
          HTTPField("Content-Type", "text/plain; charset=utf-8"),
          HTTPField("Cache-Control", "no-cache"),
        ], body: signed.note.bytes)
    } catch {
      tell(.failed(error))
      return HTTPResponse(status: 500, text: "the witness cannot remember\n")
    }
  }

  private func notAllowed(_ methods: String) -> HTTPResponse {
    HTTPResponse(status: 405, fields: [HTTPField("Allow", methods)])
  }
}
