// What a request brings, with the tables that were linked for it last.

import WritBytecode
public import WritGraph

/// An overlay, ready to be asked about again and again. For one thread at a time, and the machines of one prepared program.
public final class RequestLink {
  /// `nil`: not even what requests bring is there.
  public let overlay: Overlay?
  private var linked: (epoch: LinkedEpoch, graph: LinkedGraph)?
  private var names: RequestNames?
  private var isAskedAgain = false

  public init(_ overlay: Overlay?) {
    self.overlay = overlay
  }

  /// Puts the tables of an epoch, with those of the request over them, where a machine works with them.
  ///
  /// A request that is asked once leaves nothing behind: its tables take the place of the last one's, as far as these are of the
  /// same epoch. One that is asked again keeps them.
  ///
  /// - Parameter isOfEpoch: What is there already are the tables of this epoch with those of some request.
  func link(
    _ prepared: PreparedProgram, _ epoch: LinkedEpoch,
    into graph: UnsafeMutablePointer<LinkedGraph>, isOfEpoch: Bool
  ) {
    if let linked, linked.epoch === epoch {
      graph.pointee = linked.graph
      return
    }
    let linker = Linker(prepared, epoch, overlay, into: graph, isOfEpoch: isOfEpoch)
    linker.link(prepared.parts)
    if isAskedAgain { linked = (epoch, graph.pointee) }
    isAskedAgain = true
  }

  /// The same in every epoch.
  func names(_ machine: Machine) -> RequestNames {
    if let names { return names }
    let made = machine.names(over: overlay)
    names = made
    return made
  }
}

/// Numbers for what a program names.
struct RequestNames {
  /// Parameters, then constants.
  var globals: [Slot]
  var strings: StringTable
}

/// The same over a snapshot alone.
struct SnapshotNames {
  let names: RequestNames
  /// Those that a request can change: strings that the snapshot lacks, nodes that requests bring.
  let unsettled: [(place: Int, value: ConstantValue)]
}
