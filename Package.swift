// swift-tools-version: 6.2
// The rooms of the house and the doors between them; nothing else. docs/architecture.md says why each stands where it does.
import PackageDescription

/// Warnings are errors everywhere; the Swift 6 language mode comes with the tools version.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error), .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Threaded dispatch for the executor's one big `switch` (docs/performance.md), and no look at run time whether a machine's
/// properties are used by two at once, which its one thread cannot: about 5 % of a decision.
let dispatch: [SwiftSetting] = [
  .unsafeFlags(
    ["-Xllvm", "-tail-dup-pred-size=512", "-Xllvm", "-tail-dup-succ-size=512"]
      + ["-enforce-exclusivity=unchecked"],
    .when(configuration: .release))
]

/// A library room and the rooms that it may import.
func room(_ name: String, _ doors: [Target.Dependency] = [], _ more: [SwiftSetting] = []) -> Target
{
  .target(name: name, dependencies: doors, swiftSettings: strict + more)
}

/// Lines of a program run once or so: what is hot is in the rooms, and small code is made in a fifth less time.
let small: [SwiftSetting] = [.unsafeFlags(["-Osize"], .when(configuration: .release))]

/// A program and the rooms that it calls.
func program(_ name: String, _ doors: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: doors, swiftSettings: strict + small)
}

/// What only tests may link: under Tests/, so that no product can.
func yard(_ name: String, _ path: String, _ doors: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: doors, path: path, swiftSettings: strict)
}

/// Tests are not optimised where rooms are (docs/architecture.md): most of their lines run once, and take longer to optimise than to run.
let plain: [SwiftSetting] = [.unsafeFlags(["-Onone"], .when(configuration: .release))]

/// A test target and the rooms that it looks at. Programs are none of them: tests run these as users do, and are compiled while they are.
func tests(_ name: String, _ doors: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: doors, swiftSettings: strict + plain)
}

let package = Package(
  name: "writ",
  products: [
    .executable(name: "writ", targets: ["WritCLI"]),
    .executable(name: "writ-verify", targets: ["WritVerifyCLI"]),
    .executable(name: "writ-delegate", targets: ["WritDelegateCLI"]),
  ],
  targets: [
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLinux"),
    room("WritText"),
    room("WritModel"),
    room("WritCrypto", ["COpenSSL", "WritModel"]),
    room("WritSyntax", ["WritText"]),
    room("WritSemantics", ["WritText", "WritModel", "WritSyntax"]),
    room("WritBytecode", ["WritModel", "WritCrypto"]),
    room("WritGraph", ["WritModel", "WritCrypto"]),
    room("WritEvidence", ["WritModel", "WritCrypto", "CLinux"]),
    room("WritTransport", ["WritCrypto", "COpenSSL", "CLinux"]),
    room("WritDelegate", ["WritModel", "WritCrypto", "WritEvidence", "WritTransport", "CLinux"]),
    room("WritPipeline", ["WritModel", "WritCrypto", "WritEvidence"]),
    room("WritIR", ["WritText", "WritModel", "WritSemantics"]),
    room("WritVM", ["WritModel", "WritBytecode", "WritGraph"], dispatch),
    room("WritBackends", ["WritText", "WritModel", "WritSemantics", "WritIR", "WritBytecode"]),
    room(
      "Writ",
      ["WritText", "WritModel", "WritCrypto", "WritSyntax", "WritSemantics", "WritBytecode"]
        + ["WritGraph", "WritEvidence", "WritPipeline", "WritIR", "WritVM", "WritBackends"]),
    room("WritReport", ["WritModel", "WritCrypto"]),
    room(
      "WritServers", ["WritModel", "WritCrypto", "WritEvidence", "WritTransport", "WritPipeline"]),
    program(
      "WritCLI",
      ["WritText", "WritModel", "WritCrypto", "WritSyntax", "WritSemantics", "WritBytecode"]
        + ["WritGraph", "WritEvidence", "WritTransport", "WritVM", "Writ", "WritReport"]
        + ["WritServers", "WritPipeline", "WritDelegate"]),
    program("WritVerifyCLI", ["WritEvidence", "WritModel"]),
    program(
      "WritDelegateCLI",
      ["WritDelegate", "WritTransport", "WritEvidence", "WritCrypto", "WritModel"]),

    yard("WritTesting", "Tests/Support", []),
    yard("WritGraphTesting", "Tests/GraphSupport", ["WritGraph"]),
    yard("WritOracle", "Tests/Oracle", ["WritText", "WritModel", "WritSemantics"]),
    yard(
      "WritGeneration", "Tests/Generation",
      ["WritText", "WritModel", "WritSemantics", "WritOracle"]),
    yard(
      "WritSimulation", "Tests/SimulatedDisk",
      ["WritModel", "WritCrypto", "WritEvidence", "WritTesting"]),
    .executableTarget(
      name: "LogWorker", dependencies: ["WritEvidence", "WritCrypto", "WritSimulation"],
      path: "Tests/LogWorker", swiftSettings: strict),
    yard(
      "WritFuzz", "Tests/Fuzz",
      ["Writ", "WritText", "WritModel", "WritCrypto", "WritSyntax", "WritSemantics"]
        + ["WritBytecode", "WritGraph", "WritEvidence", "WritTransport", "WritVM"]
        + ["WritDelegate", "WritPipeline", "WritServers", "WritSimulation", "WritGraphTesting"]),
    .executableTarget(
      name: "WritBenchmarks",
      dependencies: ["Writ", "WritText", "WritModel", "WritGraph", "WritVM"]
        + ["WritEvidence", "WritCrypto"],
      path: "Tests/Benchmarks", swiftSettings: strict),
    tests("HouseTests", ["WritTesting"]),
    tests("FuzzTests", ["WritFuzz", "WritTesting"]),
    tests("TextTests", ["WritText"]),
    tests("ModelTests", ["WritModel"]),
    tests("CryptoTests", ["WritCrypto", "WritModel"]),
    tests("SyntaxTests", ["WritText", "WritSyntax", "WritTesting"]),
    tests(
      "SemanticsTests", ["WritText", "WritModel", "WritSyntax", "WritSemantics", "WritTesting"]),
    tests("BytecodeTests", ["WritBytecode", "WritModel", "WritCrypto"]),
    tests(
      "GraphTests", ["WritGraph", "WritCrypto", "WritModel", "WritTesting", "WritGraphTesting"]),
    tests(
      "EvidenceTests", ["WritEvidence", "WritCrypto", "WritModel", "WritSimulation", "WritTesting"]),
    tests(
      "PipelineTests",
      ["WritPipeline", "WritEvidence", "WritCrypto", "WritModel", "WritSimulation", "WritTesting"]),
    tests("TransportTests", ["WritTransport", "WritCrypto", "WritTesting"]),
    tests(
      "ServersTests",
      ["WritServers", "WritTransport", "WritPipeline", "WritEvidence", "WritCrypto", "WritModel"]
        + ["WritTesting"]),
    tests("VerifyCLITests", ["WritEvidence", "WritCrypto", "WritModel"]),
    tests(
      "DelegateTests",
      ["WritDelegate", "WritTransport", "WritEvidence", "WritCrypto", "WritModel", "WritTesting"]),
    tests(
      "OracleTests",
      ["WritText", "WritModel", "WritSyntax", "WritSemantics", "WritOracle", "WritGeneration"]),
    tests(
      "DifferentialTests",
      ["WritModel", "WritSemantics", "WritIR", "WritBackends", "WritBytecode", "WritGraph"]
        + ["WritVM", "WritOracle", "WritGeneration"]),
    tests("VMTests", ["WritVM", "WritTesting"]),
    tests("ReportTests", ["WritReport", "WritEvidence", "WritModel"]),
    tests(
      "EngineTests",
      ["Writ", "WritText", "WritModel", "WritBytecode", "WritGraph", "WritVM", "WritPipeline"]
        + ["WritCrypto", "WritEvidence", "WritTesting"]),
    tests(
      "PolicyTests",
      ["Writ", "WritText", "WritModel", "WritCrypto", "WritSyntax", "WritSemantics", "WritGraph"]
        + ["WritEvidence", "WritIR", "WritBackends", "WritBytecode", "WritOracle"]
        + ["WritGeneration", "WritTesting"]),
    tests(
      "CLITests",
      ["WritEvidence", "WritCrypto", "WritModel", "WritTransport", "WritTesting"]),
  ]
)
