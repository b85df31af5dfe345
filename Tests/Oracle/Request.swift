// What the oracle is asked with, besides the program and the graph.

public import WritSemantics

/// When something is asked, by whom, and what has been approved.
public struct OracleRequest: Sendable {
  /// Microseconds: drives windows.
  public var now: Int64
  /// Microseconds: drives freshness.
  public var asOf: Int64
  public var caller: NodeName?
  /// Those that are bound to this request.
  public var approvals: [Approval]
  /// Of waivers of the program.
  public var grants: [Grant]
  /// Of the bundle's parameters; the defaults where nil.
  public var parameters: [Constant]?
  /// What a clause may charge.
  public var fuelLimit: Int

  public init(
    now: Int64, asOf: Int64, caller: NodeName? = nil, approvals: [Approval] = [],
    grants: [Grant] = [], parameters: [Constant]? = nil, fuelLimit: Int = 10_000_000
  ) {
    self.now = now
    self.asOf = asOf
    self.caller = caller
    self.approvals = approvals
    self.grants = grants
    self.parameters = parameters
    self.fuelLimit = fuelLimit
  }
}

/// A signed yes to the request at hand.
public struct Approval: Hashable, Sendable {
  public var giver: NodeName
  public var role: String
  /// Microseconds; nil is the request's `now`.
  public var signedAt: Int64?
  /// Microseconds, itself too late; nil is never.
  public var expiry: Int64?

  public init(giver: NodeName, role: String, signedAt: Int64? = nil, expiry: Int64? = nil) {
    self.giver = giver
    self.role = role
    self.signedAt = signedAt
    self.expiry = expiry
  }
}

/// A signed leave for a waiver.
public struct Grant: Hashable, Sendable {
  /// Index into the program's waivers.
  public var waiver: Int
  public var granter: NodeName
  public var role: String
  /// Microseconds; nil is the request's `now`.
  public var signedAt: Int64?
  /// Microseconds, itself too late; nil is never.
  public var expiry: Int64?

  public init(
    waiver: Int, granter: NodeName, role: String, signedAt: Int64? = nil, expiry: Int64? = nil
  ) {
    self.waiver = waiver
    self.granter = granter
    self.role = role
    self.signedAt = signedAt
    self.expiry = expiry
  }
}
