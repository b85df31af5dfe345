// All commands, in the order in which people meet them.

extension Command {
  /// Commands that belong together, under a heading of the overview.
  struct Group: Sendable {
    let title: String
    let commands: [Command]
  }

  static let groups: [Group] = [
    Group(title: "Policies", commands: [.check, .format]),
    Group(title: "Graph", commands: [.graphImport, .graphInfo]),
    Group(title: "Evidence", commands: [.keyNew]),
  ]

  static let all: [Command] = groups.flatMap(\.commands)
}
