// Where a jump goes: the one place that says from where its distance is counted.

extension Instruction {
  /// The word that a forward jump at `index` goes to: a distance of 0 is the next word.
  public func target(from index: Int) -> Int { index + 1 + distance }

  /// The word that `repeat` or `closureRepeat` at `index` goes back to: a distance of 1 is the word
  /// before.
  public func loopStart(from index: Int) -> Int { index - distance }
}
