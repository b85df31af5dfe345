// The built program, run as a person runs it.

import Foundation
import WritTesting

/// What a run of the program left behind.
struct Outcome {
  let output: String
  let messages: String
  let code: Int32
}

/// The program beside the tests.
enum Program {
  /// The folder in which the build put this test bundle, or the usual one.
  static let folder: String = {
    let own = CommandLine.arguments.first.map { URL(fileURLWithPath: $0) }
    let beside = own?.deletingLastPathComponent().path ?? ""
    let usual = [beside, Corpus.root + "/.build/debug", Corpus.root + "/.build/release"]
    return usual.first { FileManager.default.isExecutableFile(atPath: $0 + "/writ") } ?? ""
  }()

  /// Runs a program of the build in a folder. Standard output goes to `sink` where one is given.
  static func run(
    _ words: [String], in directory: String, program: String = "writ", input: [UInt8] = [],
    sink: String? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    try start(
      words, in: directory, program: program, input: input, sink: sink, environment: environment
    ).outcome()
  }

  /// Starts a program of the build in a folder.
  static func start(
    _ words: [String], in directory: String, program: String = "writ", input: [UInt8] = [],
    sink: String? = nil, environment: [String: String] = [:]
  ) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: folder + "/" + program)
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given }
    // Files instead of pipes: nothing can fill up while nobody reads.
    let scratch = try Scratch()
    let output = sink ?? scratch.path + "/output"
    let messages = scratch.path + "/messages"
    try Data(input).write(to: URL(fileURLWithPath: scratch.path + "/input"))
    for path in [output, messages] where sink != path {
      try Data().write(to: URL(fileURLWithPath: path))
    }
    process.standardInput = FileHandle(forReadingAtPath: scratch.path + "/input")
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: messages)
    try process.run()
    return Running(process: process, scratch: scratch, hasSink: sink != nil)
  }
}

/// A program under way.
struct Running {
  fileprivate let process: Process
  fileprivate let scratch: Scratch
  fileprivate let hasSink: Bool

  /// Whether it has not ended.
  var isRunning: Bool { process.isRunning }

  /// What it has written to standard output so far.
  func output() throws -> String {
    String(decoding: try scratch.bytes("output"), as: UTF8.self)
  }

  /// Asks it to end, as Ctrl-C does.
  func interrupt() { process.interrupt() }

  /// Waits for the end.
  func outcome() throws -> Outcome {
    process.waitUntilExit()
    return Outcome(
      output: hasSink ? "" : String(decoding: try scratch.bytes("output"), as: UTF8.self),
      messages: String(decoding: try scratch.bytes("messages"), as: UTF8.self),
      code: process.terminationReason == .exit ? process.terminationStatus : -1)
  }
}

/// An empty folder for the time of a test.
final class Scratch {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "writ-tests-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    let url = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Only the owner may read the file, as `writ key new` leaves it.
  func keepSecret(_ name: String) throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: path + "/" + name)
  }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }
}
