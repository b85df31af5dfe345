// The built program, run as a person runs it.
