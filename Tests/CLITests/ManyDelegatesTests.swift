// Runs with more than one delegate: who may do what, side by side, and what becomes of one that is away.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs with more than one delegate", .serialized)
final class ManyDelegatesTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.expect(
      "writ-delegate init us-1 --name us-1 --permit-key permit.key.pub --log-vkey log.key.pub")
    for delegate in ["eu-1", "us-1"] {
      for action in ["deploy", "roll"] { try program(delegate, action, "") }
    }
  }

  /// A program of a delegate that adds to `who` where it ran.
  private func program(_ delegate: String, _ action: String, _ more: String) throws {
    try site.program(
      "\(delegate)/work/\(action).sh",
      "cd \(site.scratch.path); echo '\(delegate) \(action)' >> who\n\(more)")
  }

  private var who: Set<String> {
    let bytes = (try? site.scratch.bytes("who")) ?? []
    return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  /// The command with delegates beside it, both named unless another list is given.
  private func run(
    _ words: String, serving: [String], named: [String] = ["eu-1", "us-1"], wait: String = "20s"
  ) -> String {
    let socket = "unix:\(site.scratch.path)/sock"
    let serve = serving.map { name in
      "writ-delegate serve \(name) --connect \(socket) 2>> \(name).err & echo $! > \(name).pid"
    }
    let delegates = named.map { "--delegate \($0)/delegate.pub" }.joined(separator: " ")
    return """
      \(serve.joined(separator: "\n"))
      code=0
      writ run \(words) --bundle b --graph g --caller Identity/bot --log log --permit-key permit.key \
        \(delegates) --listen \(socket) --wait \(wait) || code=$?
      kill \(serving.map { "$(cat \($0).pid)" }.joined(separator: " ")) 2> /dev/null || true
      exit $code
      """
  }

  @Test("two delegates work side by side")
  func sideBySide() throws {
    for delegate in ["eu-1", "us-1"] {
      for (action, other) in [("deploy", "roll"), ("roll", "deploy")] {
        // Each waits until the other has begun: one after another that would never be.
        try program(
          delegate, action,
          "for i in $(seq 2000); do grep -q \(other) who && exit 0; sleep 0.01; done; exit 1")
      }
    }
    try site.expect(
      run("both --arg service=Service/web", serving: ["eu-1", "us-1"]), says: "SUCCEEDED")
    let ran = who
    #expect(ran == ["eu-1 deploy", "us-1 roll"] || ran == ["us-1 deploy", "eu-1 roll"], "\(ran)")
    try site.expect("writ log verify log --vkey log.key.pub")
  }

  @Test("an action goes only where its route leads")
  func routes() throws {
    try site.expect(
      run(
        "both --arg service=Service/web --route shop.deploy=us-1 --route shop.roll=us-1",
        serving: ["eu-1", "us-1"]), says: "SUCCEEDED")
    #expect(who == ["us-1 deploy", "us-1 roll"])
  }

  @Test("a delegate that is away keeps what only it may do, and nothing else")
  func away() throws {
    try site.expect(
      run(
        "both --arg service=Service/web --route shop.deploy=us-1 --route shop.roll=eu-1,us-1",
        serving: ["eu-1"], wait: "2s"), 74)
    #expect(who == ["eu-1 roll"])
    try site.expect(
      "writ run show \(try site.runName()) --runs runs", 74,
      says: "the delegate `us-1` did not connect")
  }

  @Test("an order is asked after where it was given, and nowhere else")
  func killedWithOrder() throws {
    try program("us-1", "deploy", "kill -9 $(cat us-1.pid); exec sleep 60")
    let routed = "one --arg service=Service/web --route shop.deploy=us-1"
    try site.expect(
      run(routed, serving: ["eu-1", "us-1"], wait: "2s"), 74, says: "has the order of")
    let resume = "--resume \(try site.runName())"
    try site.expect(
      run(resume, serving: ["eu-1"], named: ["eu-1"], wait: "2s"), 74,
      says: "the delegate `us-1` has the order of")
    #expect(who == ["us-1 deploy"])
    try site.expect(
      run(resume, serving: ["eu-1", "us-1"]), 74, says: "an effect is unknown: a person must look")
    #expect(who == ["us-1 deploy"])
  }

  @Test("routes and delegates that are not there are told before anything begins")
  func usage() throws {
    let words = "both --arg service=Service/web"
    try site.expect(
      run("\(words) --route shop.nothing=eu-1", serving: []), 64, says: "names no action")
    try site.expect(
      run("\(words) --route shop.deploy=eu-2", serving: []), 64, says: "no delegate `eu-2`")
    try site.expect(
      run(words, serving: [], named: ["eu-1", "eu-1"]), 65, says: "two delegates are called")
    #expect(who.isEmpty)
  }
}
