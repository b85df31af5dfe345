// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.

extension DiagnosticPages {
  /// As they are there.
  static let part6 = [
    #"""
    # W0805: a pin of another text

    The text with that policy name has another digest than the import is pinned to: it was changed, or
    it is another one.

    ```writ
    import base pinned "sha256:2222222222222222222222222222222222222222222222222222222222222222"
    ```

    Look at what has changed, and pin the new digest if it is right.

    ```writ
    import base pinned "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    ```
    """#,
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
    """#,
  ]
}
