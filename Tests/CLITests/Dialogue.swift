// A program at a terminal of its own, and what a person types there.

import Foundation
import Glibc
import Testing

/// A program that is asked and answered; it ends with the object.
final class Dialogue {
  private let process = Process()
  private let master: Int32
  /// All that has been on the screen.
  private(set) var seen = ""
  private var read = 0

  /// Starts a program of the build with a new terminal; `nil` where the machine cannot make one.
  init?(_ words: [String], in directory: String, kind: String = "dumb") throws {
    let setsid = "/usr/bin/setsid"
    var pair: (master: Int32, slave: Int32) = (-1, -1)
    let isMade = openpty(&pair.master, &pair.slave, nil, nil, nil) == 0
    master = pair.master
    for descriptor in [pair.master, pair.slave] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    guard isMade, FileManager.default.isExecutableFile(atPath: setsid) else { return nil }
    let terminal = FileHandle(fileDescriptor: pair.slave, closeOnDealloc: true)
    process.executableURL = URL(fileURLWithPath: setsid)
    process.arguments = ["-c", "-w", Program.folder + "/" + words[0]] + words.dropFirst()
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.environment = ["PATH": "/usr/bin:/bin", "TERM": kind]
    (process.standardInput, process.standardOutput, process.standardError) =
      (terminal, terminal, terminal)
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
    close(master)
  }

  /// Waits for a prompt and types.
  func answer(
    _ prompt: String, with text: String, location: SourceLocation = #_sourceLocation
  ) {
    while !seen.dropFirst(read).contains(prompt) {
      guard receive() else {
        Issue.record("expected `\(prompt)`, saw \(seen)", sourceLocation: location)
        return
      }
    }
    read = seen.count
    let bytes = Array(text.utf8)
    #expect(write(master, bytes, bytes.count) == bytes.count, sourceLocation: location)
  }

  /// Waits for the end and returns the exit code. The end of the terminal says nothing: a program that another test
  /// starts just then may hold it, too.
  func end() -> Int32 {
    process.waitUntilExit()
    while receive(withinMilliseconds: 0) {}
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }

  /// Takes what is on the screen; `false` at the end, or where nothing comes for so long.
  private func receive(withinMilliseconds limit: Int32 = 60_000) -> Bool {
    var request = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, limit) > 0 else { return false }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(master, &buffer, buffer.count)
    guard count > 0 else { return false }
    seen += String(decoding: buffer[..<count], as: UTF8.self)
    return true
  }
}
