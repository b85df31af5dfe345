// A process that appends until it is killed, and another that checks what it has promised.
@preconcurrency import Glibc
import WritEvidence
import WritSimulation

func appendUntilKilled(_ arguments: [String]) throws {}
func checkAfterKill(_ arguments: [String]) throws {}
