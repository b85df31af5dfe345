// Calls of Linux that Swift's Glibc leaves out; nothing is compiled from here.
#ifndef WRIT_CLINUX_H
#define WRIT_CLINUX_H

#include <sys/eventfd.h>
#include <sys/signalfd.h>

/// Accepts a connection with flags: accept4(2). Declared by hand, since _GNU_SOURCE would turn its
/// address into a type that Swift cannot make.
extern int accept4(int descriptor, void *address, void *length, int flags);

#endif
