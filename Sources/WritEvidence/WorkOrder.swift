// What a control plane hands to a delegate: what is to be done, the leave to do it, and the proof
// that it was decided.
//
//     {"assignment":{…},"consistency":{"hashes":["<base64>",…],"size":40},"permit":{…},
//      "proof":"c2sp.org/tlog-proof@v1\n…"}
//
// `proof` is a tlog-proof of the decision's entry, with the entry in it (ProofBundle.swift); an
// action with a production effect needs one. `consistency` leads from the checkpoint of `size`
// entries that the delegate has seen last to that of the proof; it is left out where the delegate
// has seen none or that very one. Nothing is verified by reading.
public import WritCrypto
public import WritModel

/// Why bytes are no work order; says what was expected.
public struct WorkOrderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Lower case, no full stop.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// From the checkpoint that somebody saw last to a newer one.
public struct CheckpointStep: Hashable, Sendable {
  /// Entries in the older tree.
  public let oldSize: UInt64
  /// At most `Limits.proofHashes`.
  public let hashes: [Digest]

  /// A step, not yet verified.
  public init(oldSize: UInt64, hashes: [Digest]) {
    self.oldSize = oldSize
    self.hashes = hashes
  }
}

/// An assignment with its permit, which nobody has verified yet.
public struct WorkOrder: Hashable, Sendable {
  /// What is to be done.
  public let assignment: Assignment
  /// The envelope of a permit.
  public let permit: JSONValue
  /// That the decision is in the log.
  public let proof: ProofBundle?
  /// That the log only grew.
  public let consistency: CheckpointStep?

  /// An order as it is sent.
  public init(
    assignment: Assignment, permit: Envelope, proof: ProofBundle? = nil,
    consistency: CheckpointStep? = nil
  ) {
    self.assignment = assignment
    self.permit = permit.json
    self.proof = proof
    self.consistency = consistency
  }

  /// The order as it is written.
  public var json: JSONValue {
    // An assignment's bytes were JSON when it was read.
    let assignment = (try? JSONValue(parsing: assignment.bytes)) ?? .null
    var members = [JSONMember("assignment", assignment)]
    if let consistency {
      let hashes = consistency.hashes.map { JSONValue.string(Base64.encode($0.bytes)) }
      members.append(
        JSONMember(
          "consistency",
          ["hashes": .array(hashes), "size": .integer(Int64(clamping: consistency.oldSize))]))
    }
    members.append(JSONMember("permit", permit))
    if let proof {
      members.append(JSONMember("proof", .string(String(decoding: proof.bytes, as: UTF8.self))))
    }
    return .object(members)
  }

  /// Reads an order of at most `Limits.workOrderByteCount` bytes.
  public init(_ bytes: [UInt8]) throws(WorkOrderError) {
    let limits = JSONLimits(depth: 16, byteCount: Limits.workOrderByteCount)
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes, limits: limits)
    } catch {
      throw WorkOrderError("no JSON: \(error)")
    }
    try self.init(value)
  }

  /// Reads an order; members that are not known are refused.
  public init(_ value: JSONValue) throws(WorkOrderError) {
    let known = ["assignment", "consistency", "permit", "proof"]
    guard let members = value.object, members.allSatisfy({ known.containsBytes(of: $0.name) })
    else { throw WorkOrderError("expected assignment, permit, proof and consistency alone") }
    guard let assignment = value["assignment"], let bytes = try? assignment.canonicalBytes()
    else { throw WorkOrderError("expected `assignment`") }
    do throws(AssignmentError) {
      self.assignment = try Assignment(bytes)
    } catch {
      throw WorkOrderError("its assignment is none: \(error)")
    }
    guard let permit = value["permit"], permit.object != nil else {
      throw WorkOrderError("it has no permit")
    }
    self.permit = permit
    proof = try value["proof"].map { (value) throws(WorkOrderError) in
      try WorkOrder.proof(value)
    }
    consistency = try value["consistency"].map { (value) throws(WorkOrderError) in
      try WorkOrder.step(value)
    }
  }

  private static func proof(_ value: JSONValue) throws(WorkOrderError) -> ProofBundle {
    guard let text = value.string else { throw WorkOrderError("expected `proof`, a text") }
    do throws(ProofBundleError) {
      return try ProofBundle(Array(text.utf8))
    } catch {
      throw WorkOrderError("its proof is none: \(error)")
    }
  }

  private static func step(_ value: JSONValue) throws(WorkOrderError) -> CheckpointStep {
    guard value.object?.count == 2, let size = value["size"]?.integer, size > 0,
      let list = value["hashes"]?.array, list.count <= Limits.proofHashes
    else { throw WorkOrderError("expected `consistency` with hashes and a size") }
    let hashes = list.compactMap { $0.string.flatMap(Base64.decode).flatMap { Digest($0) } }
    guard hashes.count == list.count else {
      throw WorkOrderError("expected the hashes of `consistency` in base64")
    }
    return CheckpointStep(oldSize: UInt64(size), hashes: hashes)
  }
}
