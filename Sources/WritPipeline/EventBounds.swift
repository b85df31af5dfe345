// Bounds of what comes from outside, and what is made of what is beyond them.

private func fits(_ text: String) -> Bool { text.utf8.count <= PipelineLimits.nameByteCount }
private func fits(_ texts: [String]) -> Bool {
  texts.count <= PipelineLimits.names && texts.allSatisfy { fits($0) }
    && texts.reduce(0) { $0 + $1.utf8.count } <= PipelineLimits.namesByteCount
}

extension RunStart {
  var fits: Bool {
    WritPipeline.fits(requester) && WritPipeline.fits(contributors)
  }
}

extension Answer {
  var fits: Bool {
    if case .unknown(let why) = self {
      why.utf8.count <= PipelineLimits.detailByteCount
    } else {
      true
    }
  }
}

extension GateDecision {
  var fits: Bool {
    switch outcome {
    case .allow: true
    case .deny(let why): why.utf8.count <= PipelineLimits.detailByteCount
    // What is senseless is for the run to say; what is too much to record is not taken.
    case .hold(let rules, let within):
      rules.count <= PipelineLimits.approvalRules
        && (0...PipelineLimits.microseconds).contains(within)
        && rules.allSatisfy { rule in
          (0...PipelineLimits.approvalRules).contains(rule.count)
            && (0...PipelineLimits.approvalRules).contains(rule.group)
            && WritPipeline.fits(rule.role) && WritPipeline.fits(rule.clause)
            && WritPipeline.fits(rule.excluded)
        }
    }
  }
}

extension Vote {
  var fits: Bool {
    WritPipeline.fits(person) && WritPipeline.fits(roles) && WritPipeline.fits(detail: reason)
  }
}

extension Ending {
  var fits: Bool {
    detail.utf8.count <= PipelineLimits.detailByteCount && Ending.results.contains(result)
      && output.map(fits(output:)) ?? true
      && (wasBegun || !isEffectUnknown && result != .succeeded)
  }

  /// Nothing is given out but by what succeeded.
  private func fits(output: String) -> Bool {
    result == .succeeded && (1...PipelineLimits.outputByteCount).contains(output.utf8.count)
  }
}

// What the world says must end in an event, or a step would wait for ever: what does not fit is cut.

extension Answer {
  var bounded: Answer {
    if case .unknown(let why) = self { .unknown(cut(why)) } else { self }
  }
}

extension GateDecision {
  /// A hold that cannot be recorded denies.
  var bounded: GateDecision {
    switch outcome {
    case _ where fits: self
    case .deny(let why): GateDecision(.deny(cut(why)), action: action, evidence: evidence)
    case .allow, .hold:
      GateDecision(
        .deny("the gate asks for more than can be recorded"), action: action, evidence: evidence)
    }
  }
}

extension Ending {
  /// A result that no worker may report is an error, and so is one that gave out what cannot be recorded.
  var bounded: Ending {
    if let output, !fits(output: output) {
      return Ending(
        result == .succeeded ? .errored : result, outputs: outputs,
        detail: "what it gave out cannot be recorded", isEffectUnknown: isEffectUnknown,
        wasBegun: wasBegun
      ).bounded
    }
    return Ending(
      Ending.results.contains(result) ? result : .errored, outputs: outputs, detail: cut(detail),
      isEffectUnknown: isEffectUnknown,
      wasBegun: wasBegun || isEffectUnknown || result == .succeeded, output: output)
  }
}

/// Bounds of words about why something is so.
func fits(detail: String) -> Bool { detail.utf8.count <= PipelineLimits.detailByteCount }

func cut(_ text: String) -> String {
  guard text.utf8.count > PipelineLimits.detailByteCount else { return text }
  // Half a character at the end becomes at most three signs of replacement, of three bytes each.
  return String(decoding: text.utf8.prefix(PipelineLimits.detailByteCount - 16), as: UTF8.self)
}
