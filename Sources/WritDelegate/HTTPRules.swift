// Whom a delegate asks over HTTP: nobody, unless its own settings name them.
//
//     "http": {"authorities": "/etc/writ/ca.pem", "origins": ["https://pager.example", "http://127.0.0.1:8080"]}
//
// A policy says what is asked, and whoever owns the delegate who may be: both must agree, and neither can be talked into the
// other's part.
public import WritModel

/// Which servers may be asked, and how they are known.
public struct HTTPRules: Hashable, Sendable {
  /// Scheme, host and port, each as it is.
  public let origins: [HTTPOrigin]
  /// A file with the certificates of authorities, in PEM; `nil` for those of the system.
  public let authorities: String?

  /// Nobody may be asked.
  public static let none = HTTPRules(origins: [], authorities: nil)

  /// Rules of these parts.
  public init(origins: [HTTPOrigin], authorities: String?) {
    self.origins = origins
    self.authorities = authorities
  }

  /// How many origins there can be.
  static let originLimit = 1_000

  /// Reads the settings; says what was expected.
  init(_ json: JSONValue) throws(HTTPRulesError) {
    guard let members = json.object,
      members.allSatisfy({ $0.name == "origins" || $0.name == "authorities" })
    else { throw HTTPRulesError("expected an object with `origins` and `authorities`") }
    guard let texts = json["origins"]?.array?.map(\.string), texts.count <= HTTPRules.originLimit
    else { throw HTTPRulesError("expected a list of at most \(HTTPRules.originLimit) `origins`") }
    var origins: [HTTPOrigin] = []
    for text in texts {
      guard let origin = text.flatMap({ HTTPOrigin($0) }) else {
        throw HTTPRulesError(
          "expected an origin such as `https://pager.example`, small letters, no path, no usual port, "
            + "found `\(text ?? "no text")`")
      }
      origins.append(origin)
    }
    let path = json["authorities"]
    guard path == nil || path?.string?.hasPrefix("/") == true else {
      throw HTTPRulesError("expected the absolute path of a file as `authorities`")
    }
    self.init(origins: origins, authorities: path?.string)
  }

  /// What a command asks for, if it may; `nil`: it is no request.
  func request(of command: [String]) throws(HTTPRefusal) -> HTTPOrder? {
    guard command.first == HTTPOrder.program else { return nil }
    let order: HTTPOrder
    do throws(HTTPOrderError) {
      order = try HTTPOrder(words: command)
    } catch {
      throw HTTPRefusal(code: "noRequest", reason: error.description)
    }
    guard origins.contains(order.origin) else {
      throw HTTPRefusal(
        code: "originNotAllowed",
        reason: "this delegate does not ask \(order.origin): its owner names whom it may")
    }
    return order
  }
}

/// What is wrong with the settings.
struct HTTPRulesError: Error {
  let expectation: String

  init(_ expectation: String) { self.expectation = expectation }
}

/// Why a request is not made.
struct HTTPRefusal: Error {
  let code: String
  let reason: String
}
