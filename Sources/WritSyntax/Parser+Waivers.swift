// The productions of waivers.

import WritText

extension Parser {
  /// Waivable = "waivable" "by" "role" Name ( "except" Sum )? ;
  mutating func waivable() -> WaivableSyntax {
    let start = mark
    advance()
    expect(.by, "after `waivable`")
    expect(.role, "after `by`")
    let role = name("the role's name")
    let except = take(.except) != nil ? sum() : nil
    return WaivableSyntax(role: role, except: except, range: range(from: start))
  }

  /// Waiver = "waiver" Name "of" Name "." Name "for" NodeLiteral ( "and" NodeLiteral )*
  /// "reason" String "expires" ( Date | Instant ) ;
  mutating func waiver() -> WaiverDeclaration {
    let start = mark
    advance()
    let name = name("the waiver's name")
    expect(.of, "and a clause after the waiver's name")
    let gate = self.name("the gate's name")
    expect(.dot, ".", "and a clause's id after the gate's name")
    let clause = dottedName("a clause's id")
    expect(.for, "and a node after the clause")
    var nodes = [waivedNode()]
    while take(.and) != nil { nodes.append(waivedNode()) }
    expect(.reason, "and a text after the node")
    let reason = string("the reason in double quotes")
    expect(.expires, "and a day after the reason")
    let expires = expiry()
    return WaiverDeclaration(
      name: name, gate: gate, clause: clause, nodes: nodes, reason: reason, expires: expires,
      range: range(from: start))
  }

  /// NodeLiteral = Name String ;
  private mutating func waivedNode() -> WaivedNode {
    let start = mark
    let kind = name("the node's kind")
    if isAtName, !at(.reason) {
      // As for nodes in expressions.
      report(.unquotedID(text(of: token), at: range(of: token)))
      let id = self.name(of: advance())
      let literal = StringLiteral(value: id.text, range: id.range)
      return WaivedNode(kind: kind, id: literal, range: range(from: start))
    }
    let id = string("the node's id in double quotes")
    return WaivedNode(kind: kind, id: id, range: range(from: start))
  }

  /// Date | Instant
  private mutating func expiry() -> ExpirySyntax {
    if at(.broken) { return ExpirySyntax(text: nil, isDate: true, range: range(of: advance())) }
    let isDate = at(.date)
    guard isDate || at(.instant) else {
      fail("expected the day on which it is over, such as `2026-12-01`")
      return ExpirySyntax(text: nil, isDate: true, range: place)
    }
    let token = advance()
    return ExpirySyntax(text: text(of: token), isDate: isDate, range: range(of: token))
  }
}
