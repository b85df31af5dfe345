// Who has connected and has not shown who they are: many may stand there and say nothing, and a delegate gets past them all the same.
//
// Nobody waits for anybody. Who says nothing has little time; who has spoken has more. Where there is no room for another the one that
// has stood there longest goes, those that said nothing first: a delegate says at once who it is.

@preconcurrency import Glibc
import WritCrypto
import WritEvidence
import WritTransport

/// Connections whose other end is not known yet. One thread.
struct Doorstep {
  private struct Stranger {
    let line: DelegateLine
    /// When they came, in microseconds.
    let since: Int64
    /// Whether anything has come of them, if only the end.
    var hasSpoken = false
  }

  /// In the order in which they came.
  private var strangers: [Stranger] = []
  /// What was said of strangers lately, and when.
  private var told: [(reason: String, time: Int64)] = []

  /// How many may stand there at a time.
  static let most = 64
  /// How many are let in before those that stand there are looked at.
  private static let mostAtOnce = most / 2
  /// How long somebody may say nothing, in microseconds.
  static let silence: Int64 = 2_000_000
  /// How long each has to show who they are, in microseconds.
  static let greeting = 1000 * TLSLimits.handshakeMilliseconds
  /// How often in this many microseconds something is said of strangers, the same thing once.
  private static let mostTold = (times: 8, within: Int64(10_000_000))

  /// To wait for, beside others.
  var descriptors: [Int32] { strangers.map(\.line.descriptor) }

  /// Lets in whoever knocks.
  mutating func open(
    _ next: () throws(Failure) -> DelegateLine?
  ) throws(Failure) {
    listen()
    for _ in 0..<Doorstep.mostAtOnce {
      guard let line = try next() else { return }
      if strangers.count >= Doorstep.most {
        strangers.remove(at: strangers.firstIndex { !$0.hasSpoken } ?? 0)
      }
      strangers.append(Stranger(line: line, since: currentTime()))
    }
  }

  /// Who has shown by now that they are a delegate; throws why somebody was sent away, where that is worth saying.
  mutating func known() throws(Failure) -> DelegateLine? {
    listen()
    let now = currentTime()
    for place in strangers.indices.reversed() {
      let stranger = strangers[place]
      do throws(Failure) {
        if stranger.hasSpoken, try stranger.line.greet() {
          strangers.remove(at: place)
          return stranger.line
        }
        let time = stranger.hasSpoken ? Doorstep.greeting : Doorstep.silence
        guard now - stranger.since < time else {
          throw Failure(.broken, "it does not say who it is")
        }
      } catch {
        strangers.remove(at: place)
        if isNews(error.message, at: now) { throw error }
      }
    }
    return nil
  }

  /// Notices who has spoken.
  private mutating func listen() {
    let silent = strangers.indices.filter { !strangers[$0].hasSpoken }
    guard !silent.isEmpty else { return }
    var polls = silent.map {
      pollfd(fd: strangers[$0].line.descriptor, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&polls, nfds_t(polls.count), 0) > 0 else { return }
    for (place, found) in zip(silent, polls) where found.revents != 0 {
      strangers[place].hasSpoken = true
    }
  }

  /// Whether it was not said lately: nobody fills a screen by knocking.
  private mutating func isNews(_ reason: String, at now: Int64) -> Bool {
    told.removeAll { now - $0.time >= Doorstep.mostTold.within }
    guard told.count < Doorstep.mostTold.times, !told.contains(where: { $0.reason == reason })
    else { return false }
    told.append((reason, now))
    return true
  }
}
