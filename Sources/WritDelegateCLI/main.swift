// writ-delegate: the worker that alone holds secrets, and refuses to act without a permit.
import Glibc
import WritDelegate

let words = Array(CommandLine.arguments.dropFirst())
// The same program in its other mode, which starts others. Before anything is set that these would inherit.
if words.first == LauncherProcess.word { exit(LauncherProcess.run(words)) }
// And in a third, which makes one request.
if words.first == HTTPProgram.word { exit(HTTPProgram.run(words)) }
// A peer that goes away is an error of writing, not the end of the program.
signal(SIGPIPE, SIG_IGN)
// A pipe must not become a standard stream of whoever closed theirs.
while true {
  let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
  guard 0...2 ~= descriptor else {
    close(descriptor)
    break
  }
}
exit(run(words).rawValue)
