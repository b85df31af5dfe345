// Where a watched log is read: a directory, or a server of static files.

import WritEvidence
import WritTransport

/// A log that somebody else writes.
enum WatchedSource: LogSource {
  case directory(LogStore)
  case server(HTTPURL)

  /// `http://…` is a server, everything else the path of a directory.
  init(_ text: String) throws(Failure) {
    guard text.contains("://") else {
      self = .directory(LogStore(directory: text))
      return
    }
    do throws(URLError) {
      self = .server(try HTTPURL(text))
    } catch {
      throw .usage("`\(text)` cannot be watched: \(error)")
    }
  }

  /// All bytes of a file, from either.
  func file(_ path: String, limit: Int) throws(LogError) -> [UInt8]? {
    switch self {
    case .directory(let store): return try store.file(path, limit: limit)
    case .server(let url):
      let file = url.appending(path)
      var limits = HTTPLimits()
      limits.bodyByteCount = limit
      let response: HTTPResponse
      do throws(TransportError) {
        response = try HTTPClient(limits: limits).get(file)
      } catch {
        throw .unreachable(path: "\(file)", reason: "\(error)")
      }
      switch response.status {
      case 200: return response.body
      case 404, 410: return nil
      case let status: throw .unreachable(path: "\(file)", reason: "it answered \(status)")
      }
    }
  }
}
