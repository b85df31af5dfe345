// The program that makes one request: the delegate's own, in a mode of its own.
//
//     writ-delegate --http writ:http POST url text:https://pager.example/v2/ …
//
// It is started as any other program is, and so held to the same limits, stopped and killed in the same way, and what it says
// is redacted. What a server sends is read by a process that has no key of the delegate, and no secret but those of this
// request, which are variables of its environment.
//
// Standard output has what the request says of the answer, and nothing else; standard error what happened.
import Glibc
import WritModel
import WritTransport

/// A delegate's program in its mode for requests.
public enum HTTPProgram {
  /// The first argument.
  public static let word = "--http"
  /// The variable with the file of authorities, where there is one.
  static let authorities = "WRIT_HTTP_AUTHORITIES"
  /// Milliseconds that a request may take where its action says nothing.
  static let usualTimeout: Int64 = 60_000

  /// How it ends; the numbers are those of sysexits.h.
  enum End: Int32 {
    case good = 0
    /// The answer is none of those that are wanted.
    case unwanted = 1
    /// The words are no request, or a value does not fit where it stands.
    case noRequest = 64
    /// What was answered is not what is given out.
    case unusable = 65
    case unknownHost = 68
    /// Nobody answers at all.
    case unreachable = 69
    case notWritten = 74
    /// The connection was lost, or time ran out, before the answer was there.
    case noAnswer = 75
    /// What came is no answer of HTTP within its limits.
    case noHTTP = 76
    /// The server is not vouched for, or speaks no TLS.
    case noTLS = 77

    /// In words; empty where the answer says it all.
    var reason: String {
      switch self {
      case .good, .unwanted: ""
      case .noRequest: "the request cannot be made"
      case .unusable: "the answer is not what is to be given out"
      case .unknownHost: "the host is not known"
      case .unreachable: "nobody answers there"
      case .notWritten: "the answer could not be handed on"
      case .noAnswer: "no answer came: whether the request was heeded is not known"
      case .noHTTP: "what came is no answer that is taken"
      case .noTLS: "no TLS with the server"
      }
    }
  }

  /// Makes the request that the words say; returns what to exit with.
  public static func run(_ words: [String]) -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    let (end, text) = outcome(Array(words.dropFirst()))
    guard write(text.isEmpty ? "" : "\(text)\n", to: 2) else { return End.notWritten.rawValue }
    return end.rawValue
  }

  private static func outcome(_ words: [String]) -> (End, String) {
    let (order, request): (HTTPOrder, HTTPRequest)
    do throws(HTTPOrderError) {
      order = try HTTPOrder(words: words)
      request = try HTTPRequest(order)
    } catch {
      return (.noRequest, "\(error)")
    }
    let response: HTTPResponse
    do throws(TransportError) {
      response = try answer(to: request, order.origin)
    } catch {
      return (End(error), "\(order.origin): \(error)")
    }
    guard order.isGood(response.status) else {
      return (.unwanted, "\(order.origin) answers \(response.status)")
    }
    guard let wanted = order.answer else {
      return (.good, "\(order.origin) answers \(response.status)")
    }
    do throws(UnusableAnswer) {
      try response.refuseCoding(wanted)
      let value = try response.value(wanted)
      return write(value.compact, to: 1) ? (.good, "") : (.notWritten, "")
    } catch {
      return (.unusable, "\(order.origin) answers \(response.status): \(error.reason)")
    }
  }

  private static func answer(
    to request: HTTPRequest, _ origin: HTTPOrigin
  ) throws(TransportError) -> HTTPResponse {
    var tls: TLSContext?
    if origin.isSecure {
      do throws(TLSError) {
        tls = try TLSContext(authorities: variable(authorities))
      } catch {
        throw .tls(error)
      }
    }
    var limits = HTTPLimits()
    limits.headByteCount = 32 << 10
    // Whoever started this ends it when its time is up.
    limits.exchangeMilliseconds = DelegateLimits.longestTimeout
    let exchange = HTTPExchange(
      with: .tcp(host: origin.host, port: origin.port), limits: limits)
    return try exchange.answer(to: request, host: origin.hostField, under: tls)
  }

  /// A variable of the environment, which whoever started this made.
  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }
}

extension HTTPProgram.End {
  init(_ error: TransportError) {
    switch error {
    case .unknownHost: self = .unknownHost
    case .system(let act, _): self = act.hasPrefix("connect to ") ? .unreachable : .noAnswer
    case .inUse, .timeout, .closed: self = .noAnswer
    case .message: self = .noHTTP
    case .tls: self = .noTLS
    }
  }
}

extension HTTPRequest {
  /// The request with its secrets.
  fileprivate init(_ order: HTTPOrder) throws(HTTPOrderError) {
    var fields: [HTTPField] = []
    for header in order.headers {
      var text = ""
      for piece in header.pieces {
        switch piece {
        case .text(let part), .value(let part), .number(let part): text += part
        case .secret(let name):
          guard let secret = HTTPProgram.variable(name) else {
            throw HTTPOrderError("there is no secret `\(name)`")
          }
          text += secret
        }
      }
      // Never a word of what it is: a secret may be in it.
      guard HTTPOrder.isHeaderText(text) else {
        throw HTTPOrderError("the header `\(header.name)` is not one line of ASCII")
      }
      fields.append(HTTPField(header.name, text))
    }
    let body = try order.bodyText()
    if body != nil, !order.fields.isEmpty, fields.value(of: "Content-Type") == nil {
      fields.append(HTTPField("Content-Type", "application/json"))
    }
    if fields.value(of: "User-Agent") == nil {
      fields.append(HTTPField("User-Agent", "writ-delegate"))
    }
    self.init(
      method: order.method, target: try order.target(), fields: fields,
      body: Array((body ?? "").utf8))
  }
}

/// An answer that is good, and has not what is given out.
private struct UnusableAnswer: Error {
  let reason: String
}

extension HTTPResponse {
  /// A body that is packed is not what the server means.
  fileprivate func refuseCoding(_ wanted: HTTPOrder.Answer) throws(UnusableAnswer) {
    guard wanted != .status, let coding = fields.value(of: "Content-Encoding"),
      coding.lowercased() != "identity"
    else { return }
    throw UnusableAnswer(reason: "its body is packed, and was not asked to be")
  }

  fileprivate func value(_ wanted: HTTPOrder.Answer) throws(UnusableAnswer) -> JSONValue {
    switch wanted {
    case .status: return .integer(Int64(status))
    case .body:
      guard let text = String(validating: body, as: UTF8.self) else {
        throw UnusableAnswer(reason: "its body is no UTF-8")
      }
      return .string(text)
    case .json(let pointer):
      let json: JSONValue
      do throws(JSONError) {
        json = try JSONValue(parsing: body)
      } catch {
        throw UnusableAnswer(reason: "its body is no JSON: \(error)")
      }
      guard let value = json.at(pointer) else {
        throw UnusableAnswer(reason: "its body has nothing at `\(pointer)`")
      }
      return value
    }
  }
}

extension JSONValue {
  /// RFC 6901; `nil` where it leads nowhere.
  fileprivate func at(_ pointer: String) -> JSONValue? {
    var value = self
    for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      let name = String(token.replacing("~1", with: "/").replacing("~0", with: "~"))
      let next: JSONValue?
      if let array = value.array {
        next = Int(name).flatMap { index in
          array.indices.contains(index) && String(index) == name ? array[index] : nil
        }
      } else {
        next = value[name]
      }
      guard let next else { return nil }
      value = next
    }
    return value
  }
}
