// The witness protocol over HTTP, without a socket: methods, paths, codes and types.
import Foundation
import Synchronization
import Testing
import WritCrypto
import WritEvidence
import WritServers
import WritTransport

/// A witness of one log, and that log's checkpoints.
private final class World {
  let directory: String
  let log: NoteSigner
  let signer: CosignatureSigner
  let handler: WitnessHandler
  let events = Mutex<[String]>([])

  init() throws {
    directory = FileManager.default.temporaryDirectory.path + "/writ-" + UUID().uuidString
    log = NoteSigner(
      name: try #require(KeyName("log.example")),
      key: try #require(Ed25519PrivateKey(seed: Array(0..<32))))
    signer = CosignatureSigner(
      name: try #require(KeyName("w.example")),
      key: try #require(Ed25519PrivateKey(seed: Array(32..<64))))
    let store = try WitnessStore(
      directory: directory, signer: signer, logs: [log.verifierKey])
    handler = WitnessHandler(store, now: { 1_767_225_600 }, tell: { _ in })
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func note(_ size: UInt64, _ root: Digest = Merkle.leafHash(of: [])) -> SignedNote {
    log.sign(Checkpoint(origin: "log.example", size: size, root: root).text)
  }

  func add(_ request: AddCheckpointRequest) -> HTTPResponse {
    answer("POST", "/add-checkpoint", request.bytes)
  }

  func answer(_ method: String, _ target: String, _ body: [UInt8] = []) -> HTTPResponse {
    handler.answer(HTTPRequest(method: method, target: target, body: body))
  }
}

private func path(of origin: String) -> String {
  "/\(Digest(of: Array(origin.utf8)).hex)/checkpoint"
}

@Suite struct WitnessHandlerTests {
  @Test func cosignedAndShown() throws {
    let world = try World()
    #expect(world.answer("GET", path(of: "log.example")).status == 404)
    let note = world.note(1)
    let response = world.add(AddCheckpointRequest(oldSize: 0, hashes: [], note: note))
    #expect(response.status == 200)
    let line = "\(world.signer.cosign(note.text, at: 1_767_225_600))\n"
    #expect(String(decoding: response.body, as: UTF8.self) == line)
    let shown = world.answer("GET", path(of: "log.example"))
    #expect(shown.status == 200)
    #expect(shown.fields.value(of: "content-type") == "text/plain; charset=utf-8")
    #expect(shown.body == note.bytes + Array(line.utf8))
    #expect(world.answer("HEAD", path(of: "log.example")).status == 200)
  }

  @Test func anotherSizeIsToldAsTheProtocolSays() throws {
    let world = try World()
    _ = world.add(AddCheckpointRequest(oldSize: 0, hashes: [], note: world.note(1)))
    let response = world.add(AddCheckpointRequest(oldSize: 0, hashes: [], note: world.note(1)))
    #expect(response.status == 409)
    #expect(response.fields == [HTTPField("Content-Type", "text/x.tlog.size")])
    #expect(response.body == Array("1\n".utf8))
  }

  @Test func refusals() throws {
    let world = try World()
    #expect(world.answer("POST", "/add-checkpoint", []).status == 400)
    let other = NoteSigner(name: try #require(KeyName("other")), key: world.log.keys[0])
    let unknown = other.sign(
      Checkpoint(origin: "other", size: 0, root: Merkle.emptyRoot).text)
    #expect(world.add(AddCheckpointRequest(oldSize: 0, hashes: [], note: unknown)).status == 404)
    let unsigned = SignedNote(text: world.note(1).text, signatures: unknown.signatures)
    #expect(world.add(AddCheckpointRequest(oldSize: 0, hashes: [], note: unsigned)).status == 403)
    _ = world.add(AddCheckpointRequest(oldSize: 0, hashes: [], note: world.note(1)))
    let fork = world.note(1, Merkle.leafHash(of: [1]))
    #expect(world.add(AddCheckpointRequest(oldSize: 1, hashes: [], note: fork)).status == 422)
  }

  @Test func pathsAndMethods() throws {
    let world = try World()
    #expect(world.answer("GET", "/add-checkpoint").status == 405)
    #expect(world.answer("GET", "/add-checkpoint").fields == [HTTPField("Allow", "POST")])
    #expect(world.answer("DELETE", path(of: "log.example")).status == 405)
    let upper = path(of: "log.example").uppercased().replacing("CHECKPOINT", with: "checkpoint")
    for target in [
      "/", "/checkpoint", "/add-checkpoint/", "//add-checkpoint", upper,
      path(of: "log.example") + "/",
      "/" + path(of: "log.example"), "/../" + path(of: "log.example"), "/x/checkpoint",
      path(of: "other"),
    ] {
      #expect(world.answer("GET", target).status == 404, "\(target)")
    }
    // A query says nothing here.
    #expect(world.answer("POST", "/add-checkpoint?x=y", []).status == 400)
  }
}
