// writ-delegate: the worker that alone holds secrets, and refuses to act without a permit.
import Glibc
import WritDelegate

// A peer that goes away is an error of writing, not the end of the program.
signal(SIGPIPE, SIG_IGN)
let words = Array(CommandLine.arguments.dropFirst())
// The same program in its other mode: about to become the one that an order names.
if words.first == Launcher.word { exit(Launcher.run(words)) }
// A pipe must not become a standard stream of whoever closed theirs.
while true {
  let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
  guard 0...2 ~= descriptor else {
    close(descriptor)
    break
  }
}
exit(run(words).rawValue)
