// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.

extension DiagnosticPages {
  /// As they are there.
  static let part6 = [
    #"""
    # W0806: a text that does not begin with `policy`

    A text begins with its name and version. The name is what others import, and what stands before the
    name of a gate; the version goes into every bundle. A text that is empty is refused for the same
    reason: a bundle without a policy would allow nothing and deny nothing.

    ```writ
    gate ship(tier: Int) {
      require important: tier == 1
    }
    ```

    Write a name and a version first.

    ```writ
    policy shop version 1

    gate ship(tier: Int) {
      require important: tier == 1
    }
    ```
    """#
  ]
}
