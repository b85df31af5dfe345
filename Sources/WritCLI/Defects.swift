// A crash is a defect in Writ and says so: exit code 70, never the shell's number of a signal.

@preconcurrency import Glibc

private let notice: StaticString =
  "writ: error: a defect in Writ; please report what you did and the lines above\n"

/// Only what is safe in a signal handler: one write, then the end.
private func reportDefect(_: Int32) {
  _ = Glibc.write(STDERR_FILENO, notice.utf8Start, notice.utf8CodeUnitCount)
  _exit(ExitCode.defect.rawValue)
}

/// A file that may not grow any more is an error of writing like any other, not the end of the program.
func ignoreSignals() {
  signal(SIGXFSZ, SIG_IGN)
}

/// Makes traps and stack overflows end with the exit code of a defect.
func catchDefects() {
  let size = 1 << 16
  var stack = stack_t()
  // Kept until the program ends: the handler runs on it when the other stack is full.
  stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
  stack.ss_size = size
  sigaltstack(&stack, nil)
  var action = sigaction()
  action.__sigaction_handler.sa_handler = reportDefect
  action.sa_flags = SA_ONSTACK
  for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] {
    sigaction(signal, &action, nil)
  }
}
