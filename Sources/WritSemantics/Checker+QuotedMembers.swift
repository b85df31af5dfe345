// A text in quotes where a member of an enum belongs: what to say, and the mend where it is sure.

import WritModel
import WritSyntax
import WritText

/// A member of an enum that stands in quotes, or a text that is no member.
struct QuotedMember {
  /// What follows the message.
  let hint: String
  /// What replaces the text; `nil` if it is no member.
  let member: String?
  /// Where the text stands.
  let range: SourceRange

  /// The diagnostic with the change that mends it.
  func mending(_ diagnostic: Diagnostic) -> Diagnostic {
    member.map { diagnostic.fixing(range, with: $0) } ?? diagnostic
  }
}

extension Checker {
  /// `nil` unless the value is a literal of a text and the type an enum.
  ///
  /// - Parameter isFact: It stands in a fact, where no other names are in sight.
  func quotedMember(
    _ value: TypedExpression, for type: ValueType, isFact: Bool = false
  ) -> QuotedMember? {
    guard case .constant(.string(let text)) = value.form,
      case .enumeration(let position) = type.element ?? type.unwrapped
    else { return nil }
    let enumeration = index.schema.enums[position]
    guard index.ordinals[position][text] != nil else {
      return QuotedMember(hint: membersHint(enumeration), member: nil, range: value.range)
    }
    let name = spelled(text)
    let member = !isFact && isBound(text) ? "\(enumeration.name).\(name)" : name
    let shown = member.contains("`") ? "\"\(member)\"" : "`\(member)`"
    return QuotedMember(
      hint: "; a member stands without quotes: \(shown)", member: member, range: value.range)
  }

  /// The first text of a list where members of an enum belong; only a list of one is surely mended.
  func quotedElement(of list: TypedExpression, for type: ValueType) -> QuotedMember? {
    var list = list
    if case .distinct(let inner) = list.form { list = inner }
    guard case .elements(let elements) = list.form, let first = elements.first,
      let slip = quotedMember(first, for: type)
    else { return nil }
    return QuotedMember(
      hint: slip.hint, member: elements.count == 1 ? slip.member : nil, range: slip.range)
  }

  /// The name as a text has it: in backticks if it is a reserved word or has other characters.
  private func spelled(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
      default: false
      }
    }
    let isReserved = Keyword(rawValue: name)?.isReserved == true
    return isPlain && !isReserved ? name : "`\(name)`"
  }
}
