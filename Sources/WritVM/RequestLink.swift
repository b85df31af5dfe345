// What a request brings, with the tables that were linked for it last.

public import WritGraph

/// An overlay, ready to be asked about again and again. For one thread at a time, and the machines of one prepared program.
public final class RequestLink {
  /// `nil`: not even what requests bring is there.
  public let overlay: Overlay?
  private var linked: (epoch: LinkedEpoch, graph: LinkedGraph)?
  private var names: RequestNames?

  public init(_ overlay: Overlay?) {
    self.overlay = overlay
  }

  /// The tables of an epoch with those of the request.
  func graph(_ prepared: PreparedProgram, _ epoch: LinkedEpoch) -> LinkedGraph {
    if let linked, linked.epoch === epoch { return linked.graph }
    var linker = Linker(prepared, epoch, overlay)
    linker.link(prepared.parts)
    linked = (epoch, linker.graph)
    return linker.graph
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
  let globals: [Slot]
  let strings: StringTable
}
