// Pages of docs/diagnostics, written by `WRIT_UPDATE=1 swift test`.

extension DiagnosticPages {
  /// All parts.
  static let parts = [part0, part1, part2, part3, part4, part5, part6]

  /// As they are there.
  static let part0 = [
    #"""
    # W0001: the text is not UTF-8

    A policy is UTF-8 text without a byte order mark. Some bytes of this one are no character, most
    often because the file was saved in another encoding.

    Save the file as UTF-8. The message names the first byte that does not fit.
    """#,
    #"""
    # W0002: the text has a U+0000

    The character U+0000 stands in no policy, not even in a string or a comment: programs that read C
    strings would see another text than Writ does.

    Remove the character. An editor that shows control characters finds it.
    """#,
    #"""
    # W0003: a character that means nothing here

    The character starts no word and no sign of the language.

    ```writ
    rule total(s: Service) = s.tier @ 2;
    ```

    ```text
    example.writ:1:33: error W0003: `@` means nothing here
       1 | rule total(s: Service) = s.tier @ 2;
         |                                 ^

    example.writ:1:36: error W0003: `;` means nothing here: nothing need end a line
       1 | rule total(s: Service) = s.tier @ 2;
         |                                    ^
      fix: remove `;`
    ```

    Remove the character. A comment starts with `//`, a string stands in double quotes, and nothing need
    end a line.

    ```writ
    rule total(s: Service) = s.tier + 2
    ```
    """#,
    #"""
    # W0004: a string that does not end on its line

    A string starts and ends on one line. The quote that should end this one is missing, or a `\` before
    it takes it into the string.

    ```writ
    rule name() = "checkout
    ```

    ```text
    example.writ:1:15: error W0004: expected `"` at the end of the string, found the end of the line
       1 | rule name() = "checkout
         |               ^^^^^^^^^
    ```

    Add the closing `"`. A line break within a string is written `\n`.

    ```writ
    rule name() = "checkout"
    ```
    """#,
    #"""
    # W0005: an escape that does not exist

    After a `\` in a string stands one of `"`, `\`, `n`, `t`, `{`, `}`, or `u{…}` with the hexadecimal
    number of a character, which is neither U+0000 nor a surrogate.

    ```writ
    rule pattern() = "a\d"
    ```

    ```text
    example.writ:1:20: error W0005: expected one of `\"`, `\\`, `\n`, `\t`, `\{`, `\}`, `\u{…}` with a character's number
       1 | rule pattern() = "a\d"
         |                    ^^
    ```

    Write `\\` for a backslash.

    ```writ
    rule pattern() = "a\\d"
    ```
    """#,
    #"""
    # W0006: a quoted name that does not end

    A name in backticks starts and ends on one line and is not empty.

    ```writ
    rule `source = 1
    ```

    ```text
    example.writ:1:6: error W0006: expected a backtick at the end of the quoted name
       1 | rule `source = 1
         |      ^^^^^^^

    example.writ:1:14: error W0101: expected the parameters in parentheses, `()` if none
       1 | rule `source = 1
         |              ^
      fix: insert `() `
    ```

    Add the closing backtick.

    ```writ
    rule `source`() = 1
    ```
    """#,
    #"""
    # W0007: a number that cannot be read

    A number may have `_` between two digits before its point, and at most six digits after it; a
    decimal has no unit.

    ```writ
    rule limit() = 1__000
    ```

    ```text
    example.writ:1:16: error W0007: expected `_` only between two digits before the point
       1 | rule limit() = 1__000
         |                ^^^^^^
    ```

    Write the number with single `_`, or with fewer digits. Instead of `1.5h` write `90m`.

    ```writ
    rule limit() = 1_000
    ```
    """#,
    #"""
    # W0008: a duration whose unit does not exist

    Letters right after an integer are a unit of time. The units are `us`, `ms`, `s`, `m`, `h`, `d` and
    `w`: microseconds to weeks. There are no months or years, whose length is not fixed, and no
    hexadecimal numbers.

    ```writ
    source scanner fresh 3days
    ```

    ```text
    example.writ:1:23: error W0008: `days` is no unit of time: expected one of `us`, `ms`, `s`, `m`, `h`, `d`, `w`
       1 | source scanner fresh 3days
         |                       ^^^^
    ```

    Use one of the units, in lower case and without a space.

    ```writ
    source scanner fresh 3d
    ```
    """#,
    #"""
    # W0009: a date or time that does not exist

    A date is written `2026-11-19`, a moment `2026-11-19T10:00:00Z`: with seconds, at most six digits
    after their point, and a zone, `Z` or `+02:00`. The day must be in the calendar and the time on the
    clock; there are no leap seconds.

    ```writ
    rule start() = 2026-02-30
    ```

    ```text
    example.writ:1:16: error W0009: there is no such day
       1 | rule start() = 2026-02-30
         |                ^^^^^^^^^^
    ```

    Correct the date, or add the zone.

    ```writ
    rule start() = 2026-02-28
    ```
    """#,
    #"""
    # W0010: the text is too long

    A policy has at most 16 MiB. A longer text is not read at all.

    Split the policy and import its parts.
    """#,
    #"""
    # W0011: the text has too many words and signs

    A policy has at most two million words and signs. A text with more is not read.

    Split the policy and import its parts.
    """#,
    #"""
    # W0012: too many errors to go on

    After a hundred errors in one text the rest is not shown: most likely it follows from those before,
    or the text is no policy.

    Mend the errors that are shown and compile again.
    """#,
    #"""
    # W0013: a character that makes the text look like another

    Some characters make a text look other than it is read. Those that change the direction of writing,
    U+202A to U+202E and U+2066 to U+2069, put words in another order on the screen: they can stand nowhere
    in a text. Those that many programs show as a line break, U+000B, U+000C, U+0085, U+2028, U+2029 and a
    carriage return without a line feed, make what follows them look like the next line: they can stand in
    no comment, no string and no quoted name.

    Remove the character, or write a line break. Where a string needs one of them, say it as an escape, such
    as `\u{2028}`.
    """#,
    #"""
    # W0101: something else was expected here

    The grammar wants something else at this place. The message says what was expected and what stands
    there.

    ```writ
    param minimum Int = 1
    ```

    ```text
    example.writ:1:15: error W0101: expected `:` after the param's name, found `Int`
       1 | param minimum Int = 1
         |               ^^^
    ```

    Write what was expected. If the place looks right, look at what stands just before it.

    ```writ
    param minimum: Int = 1
    ```
    """#,
    #"""
    # W0102: a declaration was expected

    Outside of declarations there is nothing but declarations. Each starts with its keyword: `enum`,
    `source`, `role`, `node`, `param`, `rule`, `scorecard`, `gate`, `query`, `fixture` or `test`.

    ```writ
    let limit = 5
    ```

    ```text
    example.writ:1:1: error W0102: expected a declaration, such as `gate` or `rule`, found `let`
       1 | let limit = 5
         | ^^^
    ```

    Remove what stands there, or make it part of a declaration.

    ```writ
    param limit: Int = 5
    ```
    """#,
    #"""
    # W0103: an item of a body was expected

    A body holds items of its own kind: a gate `let`, `require`, `deny` and `when`; a scorecard `let`,
    `check` and `level`; a fixture facts; a test `given` and `expect`.

    ```writ
    gate ship(r: Release) {
      for x in r.changes
    }
    ```

    ```text
    example.writ:2:3: error W0103: expected `let`, `require`, `deny` or `when`, found `for`
       2 |   for x in r.changes
         |   ^^^
    ```

    Start the item with its keyword. Look also whether the item before it ends too early.

    ```writ
    gate ship(r: Release) {
      deny change: for x in r.changes
    }
    ```
    """#,
    #"""
    # W0104: a name was expected

    A name starts with a letter or `_` and goes on with letters, digits and `_`; any other name stands
    in backticks.

    ```writ
    rule (s: Service) = s.tier
    ```

    ```text
    example.writ:1:6: error W0104: expected the rule's name, found `(`
       1 | rule (s: Service) = s.tier
         |      ^
    ```

    Write the name that the message speaks of.

    ```writ
    rule tier(s: Service) = s.tier
    ```
    """#,
    #"""
    # W0105: a reserved word used as a name

    Words such as `source`, `count` or `in` are reserved: they cannot be names, except after a dot.

    ```writ
    node Package {
      source: String
    }
    ```

    ```text
    example.writ:2:3: error W0105: expected a field or an edge, found the reserved word `source`; put it in backticks
       2 |   source: String
         |   ^^^^^^
      fix: replace `source` with "`source`"
    ```

    Put the name in backticks, here and wherever it is not after a dot, or choose another.

    ```writ
    node Package {
      `source`: String
    }
    ```
    """#,
    #"""
    # W0106: an expression was expected

    At this place stands a value: a name, a literal, a call, a list, or an expression in parentheses.
    `not`, `any`, `all`, `no` and `approval` start a condition, which is an operand of `and` and `or`
    only.

    ```writ
    gate ship(r: Release) {
      require tier: r.tier ==
    }
    ```

    ```text
    example.writ:2:26: error W0106: expected an expression, found the end of the line
       2 |   require tier: r.tier ==
         |                          ^
    ```

    Add the missing value, or put the condition in parentheses.

    ```writ
    gate ship(r: Release) {
      require tier: r.tier == 1
    }
    ```
    """#,
    #"""
    # W0107: a bracket that is not closed

    Every `(`, `[` and `{` has its counterpart. The note shows where the bracket is opened; what stands
    at the place of the error cannot be within it.

    ```writ
    rule total(s: Service) = count(s.incidents
    ```

    ```text
    example.writ:2:1: error W0107: expected `)`, found the end of the text
       2 | 
         | ^
      example.writ:1:31: note: `(` is opened here
       1 | rule total(s: Service) = count(s.incidents
         |                               ^
    ```

    Close the bracket, or remove the one that closes nothing. Between the items of a list stands a
    comma.

    ```writ
    rule total(s: Service) = count(s.incidents)
    ```
    """#,
    #"""
    # W0108: `=` where `==` is meant

    `=` gives a name its meaning, in `let`, `param` and `rule`. Values are compared with `==`.

    ```writ
    rule isFirst(s: Service) = s.tier = 1
    ```

    ```text
    example.writ:1:35: error W0108: expected `==` to compare, found `=`
       1 | rule isFirst(s: Service) = s.tier = 1
         |                                   ^
      fix: replace `=` with `==`
    ```

    Write `==`.

    ```writ
    rule isFirst(s: Service) = s.tier == 1
    ```
    """#,
    #"""
    # W0109: an operator of another language

    Conditions are joined with the words `and` and `or` and turned round with `not`. The rest of the
    text is read as if they stood there.

    ```writ
    rule isFine(s: Service) = s.a && !s.b
    ```

    ```text
    example.writ:1:31: error W0109: expected `and`, found `&&`
       1 | rule isFine(s: Service) = s.a && !s.b
         |                               ^^
      fix: replace `&&` with `and`

    example.writ:1:34: error W0109: expected `not`, found `!`
       1 | rule isFine(s: Service) = s.a && !s.b
         |                                  ^
      fix: replace `!` with `not `
    ```

    Write the word.

    ```writ
    rule isFine(s: Service) = s.a and not s.b
    ```
    """#,
    #"""
    # W0110: a sign that touches on its left alone

    `a.b+` and `a.b*` are all that can be reached along the edge `b`. There the sign touches what is
    before it and nothing after it. In a sum or a product space stands on both sides of the sign, or on
    neither.

    ```writ
    rule next(s: Service) = s.tier+ 1
    ```

    ```text
    example.writ:1:31: error W0110: `+` touches the name before it, so it means reachability, but an operand follows
       1 | rule next(s: Service) = s.tier+ 1
         |                               ^
      fix: insert a space
    ```

    Put a space before the sign to add or to multiply.

    ```writ
    rule next(s: Service) = s.tier + 1
    ```
    """#,
    #"""
    # W0111: `else` missing before a message, or one too many

    The message of a `require` is what is said where it does not hold, so it stands after `else`. A
    `deny` says its message when it fires: no `else`.

    ```writ
    gate ship(r: Release) {
      require tested: r.coverage >= 80 "run the tests"
    }
    ```

    ```text
    example.writ:2:36: error W0111: expected `else` before the message of a `require`
       2 |   require tested: r.coverage >= 80 "run the tests"
         |                                    ^^^^^^^^^^^^^^^
      fix: insert `else `
    ```

    Add the `else`, or remove it.

    ```writ
    gate ship(r: Release) {
      require tested: r.coverage >= 80 else "run the tests"
    }
    ```
    """#,
    #"""
    # W0112: a keyword in the wrong case or misspelt

    Keywords are written as they are in the grammar: in lower case, but for a few such as `onFailure`. A word near a keyword, where only a
    keyword can stand, is read as that keyword, so that the rest of the text can be looked at.

    ```writ
    gaet ship(r: Release) {}
    ```

    ```text
    example.writ:1:1: error W0112: expected a declaration, found `gaet`; did you mean `gate`?
       1 | gaet ship(r: Release) {}
         | ^^^^
      fix: replace `gaet` with `gate`
    ```

    Write the keyword as the message has it.

    ```writ
    gate ship(r: Release) {}
    ```
    """#,
    #"""
    # W0113: comparisons in a row

    A comparison yields true, false or unknown, which cannot be compared further; `1 < x < 5` does not
    mean what it means in mathematics.

    ```writ
    rule isMiddle(s: Service) = 1 < s.tier < 5
    ```

    ```text
    example.writ:1:40: error W0113: comparisons do not chain: join two of them with `and`
       1 | rule isMiddle(s: Service) = 1 < s.tier < 5
         |                                        ^
      example.writ:1:29: note: the first comparison is this
       1 | rule isMiddle(s: Service) = 1 < s.tier < 5
         |                             ^^^^^^^^^^
    ```

    Join two comparisons with `and`, or write `x in 1 ..< 5`.

    ```writ
    rule isMiddle(s: Service) = 1 < s.tier and s.tier < 5
    ```
    """#,
    #"""
    # W0114: nesting that is too deep

    Brackets, bodies and prefix operators lie at most 256 deep within each other.

    Give inner parts names with `let` or `rule`.
    """#,
    #"""
    # W0115: an expression with too many terms in a row

    An expression is at most 1,000 operators, members or filters deep. A longer row, such as a thousand
    names joined with `or`, is most often data and no condition.

    Use a list and `in`, or put the data into the graph.
    """#,
  ]
}
