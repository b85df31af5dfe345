// Where in a run a decision was asked for, and what binds the run.

public import WritCrypto
public import WritEvidence

/// A place in a run, and what binds the run: `run.json`.
public struct RunContext: Hashable, Sendable {
  public let place: RunPlace
  /// Of the run's `run.json` in canonical form.
  public let head: Digest

  public init(_ place: RunPlace, head: Digest) {
    self.place = place
    self.head = head
  }

  /// The run as what a record is about.
  public var subject: Subject { RunContext.subject(ofRun: place.id, head: head) }

  /// A run as what a record is about.
  public static func subject(ofRun id: String, head: Digest) -> Subject {
    Subject(name: RunPlace.subjectName(of: id), sha256: head)
  }
}
