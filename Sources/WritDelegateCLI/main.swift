// writ-delegate: the worker that alone holds secrets, and refuses to act without a permit.
import Glibc
import WritDelegate

// A peer that goes away is an error of writing, not the end of the program.
signal(SIGPIPE, SIG_IGN)
let words = Array(CommandLine.arguments.dropFirst())
// The same program in its other mode: about to become the one that an order names.
if words.first == Launcher.word { exit(Launcher.run(words)) }
exit(run(words).rawValue)
