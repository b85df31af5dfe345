// Edges into their order, and the offsets by which they are found.

/// Sorts by counting: `order` rearranged so that `key` ascends, equal keys as they were; keys are
/// below `bound`.
func countingSorted(_ order: [UInt32], by key: [UInt32], below bound: Int) -> [UInt32] {
  if order.count < 2 { return order }
  guard order.count * 8 > bound else {
    // Too few for a table of all keys. The place breaks ties, so that equal keys stay as they were.
    return order.enumerated()
      .sorted {
        let left = key[Int($0.element)]
        let right = key[Int($1.element)]
        return left != right ? left < right : $0.offset < $1.offset
      }
      .map(\.element)
  }
  var starts = [UInt32](repeating: 0, count: bound + 1)
  for element in order { starts[Int(key[Int(element)]) + 1] &+= 1 }
  for index in stride(from: 1, to: starts.count, by: 1) { starts[index] &+= starts[index - 1] }
  var sorted = [UInt32](repeating: 0, count: order.count)
  for element in order {
    let slot = Int(key[Int(element)])
    sorted[Int(starts[slot])] = element
    starts[slot] &+= 1
  }
  return sorted
}

/// Where each row begins in ascending row numbers, and where the last ends.
func offsets(ofRows rows: some Sequence<UInt32>, count: Int) -> [UInt32] {
  var offsets = [UInt32](repeating: 0, count: count + 1)
  for row in rows { offsets[Int(row) + 1] &+= 1 }
  for index in stride(from: 1, through: count, by: 1) { offsets[index] &+= offsets[index - 1] }
  return offsets
}
