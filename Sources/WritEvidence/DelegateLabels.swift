// Labels of delegates in what is signed and recorded: what an action asks of the delegate that does it.
//
//     "labels":["eu","production"]
//
// The decision's record, the permit and its record have them, each once and in the policy's order, where the action asks for any. That the
// delegate has them, the bundle says that the decision names.
public import WritModel

extension DelegateLabel {
  /// The member of a record or a permit.
  public static func json(of labels: [String]) -> JSONValue { .array(labels.map { .string($0) }) }

  /// Reads what `json` writes; `nil` of no labels, too many, one that cannot be, or one twice.
  public static func labels(_ value: JSONValue) -> [String]? {
    guard let list = value.array, 1...most ~= list.count else { return nil }
    let labels = list.compactMap(\.string).filter(isName)
    return labels.count == list.count && Set(labels).count == labels.count ? labels : nil
  }
}

extension LoggedRecord {
  /// What the delegate must be labelled that does what is decided on, and is labelled to which a permit was given; none where any may.
  public var labels: [String] { predicate["labels"].flatMap { DelegateLabel.labels($0) } ?? [] }
}
