// Programs of a run's steps are kept from keys and log, and within bounds; where they are not, that is said and on record.

import Foundation
import Testing
import WritDelegate
import WritModel
import WritTesting

@Suite("Bounds of programs", .serialized)
final class RunBoundsTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.expect("mkdir work")
    // One that works says so where it may write.
    for name in ["once", "again"] {
      try site.program("work/\(name).sh", "echo \(name) >> done")
    }
  }

  private let local = "local --arg service=Service/web"

  private func begun() throws -> JSONValue {
    let shown = try site.expect("writ log show log --index 0 --json")
    return try #require(try JSONValue(parsing: Array(shown.utf8))["predicate"])
  }

  @Test(
    "a program reads no key and no log, and writes nothing outside of its folder",
    .enabled(if: Confinement.kernelVersion >= Confinement.wholeVersion, "needs Landlock 3"))
  func confines() throws {
    let path = site.scratch.path
    try site.program(
      "work/once.sh",
      """
      cat "\(path)/permit.key" "\(path)/log.key" "\(path)/ines.key" "\(path)/eu-1/delegate.key"
      cat "\(path)/log/.writ/config.json" "\(path)/log/checkpoint" "\(path)"/runs/*/run.json
      cp "\(path)/permit.key" stolen; ln "\(path)/log.key" linked; ln -s "\(path)/log.key" soft; cat soft
      echo x >> "\(path)/log/checkpoint"; rm -rf "\(path)/log" "\(path)/runs"; touch "\(path)/outside"
      env | sort > seen; ls -A > listed; grep -h '^Cap' /proc/self/status > rights
      for one in /proc/[0-9]*/environ; do tr '\\0' '\\n' < $one | grep '^SECRET_OF_THE_RUNNER'; done 2> /dev/null
      echo once >> done
      """)
    let output = try site.expect(
      "export SECRET_OF_THE_RUNNER=sesame; " + site.run("\(local) --work work --confined"),
      says: "SUCCEEDED")
    let rights = String(decoding: try site.scratch.bytes("work/rights"), as: UTF8.self)
    #expect(
      rights.split(separator: "\n").count == 5
        && rights.split(separator: "\n").allSatisfy { $0.hasSuffix("\t0000000000000000") },
      "a program has a capability: \(rights)")
    for word in ["PRIVATE KEY", "\"keys\"", "log.example\n", "sesame"] {
      #expect(!output.contains(word), "\(word): \(output)")
    }
    #expect(String(decoding: try site.scratch.bytes("work/done"), as: UTF8.self) == "once\nagain\n")
    let listed = String(decoding: try site.scratch.bytes("work/listed"), as: UTF8.self)
    #expect(!listed.contains("stolen") && !listed.contains("linked"), "\(listed)")
    #expect(!FileManager.default.fileExists(atPath: path + "/outside"))
    let names = String(decoding: try site.scratch.bytes("work/seen"), as: UTF8.self)
      .split(separator: "\n").map { String($0.prefix { $0 != "=" }) }
    #expect(
      Set(names).isSubset(of: ["HOME", "LANG", "PATH", "PWD", "TMPDIR", "OLDPWD", "SHLVL", "_"]),
      "\(names)")
    #expect(try begun()["confinement"] == "whole")
    try site.expect("writ log verify log --vkey log.key.pub")
  }

  @Test(
    "where keys lie in the folder that programs work in, that is said, on record, and refused if it must not be",
    .enabled(if: Confinement.kernelVersion >= Confinement.wholeVersion, "needs Landlock 3"))
  func tells() throws {
    try site.expect(
      site.run("\(local) --confined"), 1, says: "name other folders with --work")
    #expect(try site.kinds().isEmpty)
    let told = try site.expect(site.run(local), says: "SUCCEEDED")
    #expect(told.contains("programs of steps may read and write log, log.key, permit.key"))
    #expect(try begun()["confinement"] == "partial")
  }

  @Test(
    "programs of a delegate that confines them do not reach its keys, and it does not serve where they would",
    .enabled(if: Confinement.kernelVersion >= Confinement.aloneVersion, "needs Landlock 6"))
  func delegates() throws {
    let path = site.scratch.path
    func confine(_ rules: String) throws {
      try site.expect("sed -i '/^{\"confine/s|.*|{|' eu-1/delegate.json")
      try site.expect("sed -i '1s|^{|{\"confine\": \(rules),\\n|' eu-1/delegate.json")
    }
    try site.program(
      "eu-1/work/deploy.sh",
      """
      cat ../delegate.key ../spent ../delegate.json "\(path)/permit.key"; ls ../secrets
      echo x >> ../delegate.json; touch made "\(path)/outside"
      kill -0 $(cat "\(path)/delegate.pid") && echo reached; exit 0
      """)
    try confine(#"{"alone": true, "write": ["\#(path)/ran"]}"#)
    let output = try site.expect(site.run("one --arg service=Service/web"), says: "SUCCEEDED")
    #expect(try site.ran() == ["deploy", "look"])
    for word in ["PRIVATE KEY", "\"type\":\"begin\"", "permitKey", "reached"] {
      #expect(!output.contains(word), "\(word): \(output)")
    }
    let files = FileManager.default
    #expect(files.fileExists(atPath: path + "/eu-1/work/made"))
    #expect(!files.fileExists(atPath: path + "/outside"))
    for rules in [#"{"write": ["/"]}"#, #"{"read": ["charts"]}"#, #"{"reads": []}"#, "true"] {
      try confine(rules)
      let outcome = try site.run(
        "timeout 20 writ-delegate serve eu-1 --connect unix:\(path)/nobody" as String)
      #expect(outcome.code == 65 && outcome.messages.contains("`confine`"), "\(rules): \(outcome)")
    }
  }

  @Test("what is given to be read or written is, and nothing that is not there")
  func grants() throws {
    let path = site.scratch.path
    try site.expect("mkdir -p \(path)/charts \(path)/cache; echo chart > \(path)/charts/web")
    try site.program(
      "work/once.sh",
      "cat '\(path)/charts/web' && echo kept > '\(path)/cache/kept' && echo x > '\(path)/charts/new'; echo once >> done"
    )
    let options = "--work work --may-read charts --may-write cache"
    #expect(try site.expect(site.run("\(local) \(options)")).contains("chart"))
    #expect(try site.scratch.bytes("cache/kept") == Array("kept\n".utf8))
    if Confinement.kernelVersion >= Confinement.wholeVersion {
      #expect(!FileManager.default.fileExists(atPath: path + "/charts/new"))
    }
    try site.expect(site.run("\(local) --may-read nowhere"), 66, says: "is not there")
  }

  @Test("bounds are the kernel's, each can be said otherwise, and a runaway ends the step")
  func limits() throws {
    try site.program("work/once.sh", "cat /proc/self/limits; echo once >> done")
    let usual = try site.expect(site.run("\(local) --work work"), says: "SUCCEEDED")
    func bound(_ name: String, _ text: String) -> Substring? {
      text.split(separator: "\n").first { $0.contains(name) }?
        .split(separator: " ").dropFirst(name.split(separator: " ").count).first { Int($0) != nil }
    }
    #expect(bound("Max cpu time", usual) == "14400")
    #expect(bound("Max address space", usual) == "\(16 << 30)")
    #expect(bound("Max open files", usual) == "4096")
    let told = try site.expect(
      site.run("\(local) --work work --limit cpu=60 --limit files=99 --limit file=1048576"))
    #expect(bound("Max cpu time", told) == "60" && bound("Max open files", told) == "99")
    #expect(bound("Max file size", told) == "1048576")
    for (words, says) in [
      ("--limit speed=1", "there is no limit `speed`"), ("--limit cpu=fast", "is no number"),
    ] {
      try site.expect(site.run("\(local) \(words)"), 64, says: says)
    }
    try site.program(
      "work/once.sh", "i=0; while [ $i -lt 200 ]; do sleep 20 & i=$((i+1)); done; wait")
    let bomb: String = site.run("\(local) --work work --limit processes=30")
    let ended: Outcome = try site.run(bomb)
    // Whom the kernel counts is told that it cannot fork, and whom it does not is killed, which is then said.
    #expect([1, 74].contains(ended.code), "\(ended.output)")
    let words = "killed: it had more than the limit of 30 processes"
    #expect(getuid() != 0 || ended.output.contains(words), "\(ended.output)")
  }
}
