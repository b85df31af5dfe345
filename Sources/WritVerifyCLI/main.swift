// writ-verify: the auditor's offline check of one proof. No network, no policy engine, no log
// needed.
import Glibc

// A reader that goes away is an error of writing, not the end of the program.
signal(SIGPIPE, SIG_IGN)
exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
