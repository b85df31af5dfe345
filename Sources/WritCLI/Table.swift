// Rows of cells in line.

/// One line a row; every column as wide as its widest cell, two spaces between. Cells that are
/// numbers in all rows stand to the right. No line ends in space. A cell that is wider than `widest` scalars
/// pushes the rest of its own line to the right, and of no other.
func aligned(_ rows: [[String]], header: [String]? = nil, widest: Int = .max) -> [String] {
  let all = (header.map { [$0] } ?? []) + rows.map { $0.map(printable) }
  let columns = all.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    min(widest, all.map { column < $0.count ? $0[column].unicodeScalars.count : 0 }.max() ?? 0)
  }
  let areNumbers = (0..<columns).map { column in
    !rows.isEmpty && rows.allSatisfy { column >= $0.count || isNumber($0[column]) }
  }
  return all.map { row in
    var line = ""
    for (column, cell) in row.enumerated() {
      let padding = String(
        repeating: " ", count: max(0, widths[column] - cell.unicodeScalars.count))
      line += (column == 0 ? "" : "  ") + (areNumbers[column] ? padding + cell : cell + padding)
    }
    while line.utf8.last == 0x20 { line.removeLast() }
    return line
  }
}

private func isNumber(_ text: String) -> Bool {
  guard let first = text.utf8.first, first == 0x2D || (0x30...0x39).contains(first) else {
    return false
  }
  return text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2C }
}

/// A field of comma-separated values (RFC 4180).
func csvField(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2C && $0 != 0x0A && $0 != 0x0D }
  return isPlain
    ? text
    : "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
}

/// A line of comma-separated values.
func csvLine(_ fields: [String]) -> String {
  fields.map(csvField).joined(separator: ",") + "\n"
}

/// `1 node`, `2 nodes`, `1,000 nodes`.
func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
  "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
}

/// A number with a comma between every three digits.
func grouped(_ number: Int) -> String {
  var digits = Array(String(number.magnitude))
  var place = digits.count - 3
  while place > 0 {
    digits.insert(",", at: place)
    place -= 3
  }
  return (number < 0 ? "-" : "") + String(digits)
}
