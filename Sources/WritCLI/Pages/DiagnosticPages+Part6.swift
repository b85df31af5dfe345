// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.

extension DiagnosticPages {
  /// As they are there.
  static let part6 = [
    #"""
    # W0703: a declaration is too large to compile

    A gate, scorecard or query is compiled to one piece of bytecode, which has limits: registers,
    instructions, constants, 16 loops in a clause or query, and how deep the rules that it calls lie
    within each other: 2,000 expressions, 1,000,000 in all.

    ```writ
    // a gate whose rules unfold to more than fits
    gate ship(s: Service) { deny big: s.tier > 1 }
    ```

    Split the declaration: more gates, or rules that share less.

    ```writ
    gate ship(s: Service) { deny big: s.tier > 1 }
    ```
    """#,
    #"""
    # W0801: an import of no text

    No text among those that were given has that policy name.

    ```writ
    import bse
    ```

    Write the name as it stands after `policy`, and give the text to the command too.

    ```writ
    import base
    ```
    """#,
    #"""
    # W0802: imports that go round

    A text cannot import one that imports it, not through others either. The message shows the way
    round.

    ```writ
    policy left version 1
    import right      // which imports left
    ```

    Move what both need into a text of its own.

    ```writ
    policy left version 1
    import base
    ```
    """#,
    #"""
    # W0803: two texts with one policy name

    An import names a text by its policy name, so no two texts may have the same one.

    ```writ
    policy base version 2      // while another text is `base` too
    ```

    Give each its own name, or leave one of them out.

    ```writ
    policy base.next version 2
    ```
    """#,
    #"""
    # W0804: a pin that is no digest

    A pin is the digest of the text that is imported: `sha256:` and 64 digits, 0 to 9 and a to f.

    ```writ
    import base pinned "sha256:12ab"
    ```

    Write the whole digest.

    ```writ
    import base pinned "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    ```
    """#,
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
