// What a desk answers, as tools for a model.

import Writ
import WritBytecode
import WritEvidence
import WritModel
import WritServers

/// The tools of one agent. It cannot say who it is: whoever serves it does.
final class PolicyTools: ToolProvider {
  private let desk: PolicyDesk
  private let caller: ActingCaller

  /// For who is named by `--caller`. Reads every key that is named, once.
  init(_ invocation: Invocation) throws(Failure) {
    caller = try ActingCaller(invocation)
    let current = CurrentWorld(invocation)
    let keys = try ActingKeys(ifNamed: invocation, try current.now().engine.bundle)
    desk = PolicyDesk(invocation, keys, current)
  }

  /// For somebody who only asks, over the bundle and the graph that the command line names, and facts of a run.
  init(_ invocation: Invocation, asking caller: ActingCaller, over facts: [JSONValue]) {
    self.caller = caller
    desk = PolicyDesk(invocation, nil, CurrentWorld(invocation), over: facts)
  }

  func tools() throws(ToolProviderError) -> [Tool] {
    do throws(Failure) {
      return desk.catalogue(try desk.world()).map(\.tool)
    } catch {
      throw ToolProviderError(error.text)
    }
  }

  func call(_ name: String, _ arguments: JSONValue) -> ToolAnswer? {
    do throws(Failure) {
      let answer = try desk.answer(name, arguments, by: caller, try desk.world())
      return answer.map { .answered(text: $0.text(), $0.json) }
    } catch {
      return .failed(error.text)
    }
  }
}

extension Failure {
  /// What went wrong and what to do, without the words of a command line.
  var text: String { message + (remedy.map { "; \($0)" } ?? "") }
}
