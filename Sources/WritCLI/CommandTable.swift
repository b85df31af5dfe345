// All commands, in the order in which people meet them.

extension Command {
  /// Commands that belong together, under a heading of the overview.
  struct Group: Sendable {
    let title: String
    let commands: [Command]
  }

  static let groups: [Group] = [
    Group(title: "Policies", commands: [.check, .format, .test, .build, .disassemble, .assemble]),
    Group(
      title: "Graph",
      commands: [.graphImport, .graphApply, .graphInfo, .graphHistory, .graphAt]),
    Group(title: "Decisions", commands: [.decide, .approve, .waive, .score, .query, .bench]),
    Group(
      title: "Actions",
      commands: [
        .ask, .act, .plan, .run, .runShow, .runCancel, .runUnlock, .modelContext,
        .serve,
      ]),
    Group(
      title: "Keys",
      commands: [
        .keyNew, .keyShow, .keyEncrypt, .keyDecrypt, .keyTLS, .tokenMint, .tokenNarrow, .tokenShow,
        .tokenRevoke,
      ]),
    Group(
      title: "Evidence",
      commands: [
        .logInit, .logSearch, .logShow, .logProve, .logReport, .logVerify, .logAttest, .logRotate,
        .logKeys, .logClock, .logReadmit, .logContinue, .logArchive, .logPrune, .logErase,
        .logOverride, .logReview, .logReviews, .logStats, .logTrouble, .logFsck, .replayDecision,
      ]),
    Group(title: "Witnesses", commands: [.witnessServe, .logCosign, .logWatch]),
    Group(title: "Elsewhere", commands: [.demo]),
  ]

  static let all: [Command] = groups.flatMap(\.commands)
}
