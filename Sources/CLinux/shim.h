// Calls of Linux that Swift's Glibc leaves out, since it is built without _GNU_SOURCE.
#ifndef WRIT_CLINUX_H
#define WRIT_CLINUX_H

#include <sys/eventfd.h>
#include <sys/signalfd.h>

/// Makes everything durable that was written to the file system of an open file: syncfs(2).
extern int syncfs(int descriptor);

/// Accepts a connection with flags: accept4(2). Its address is left untyped, since none is asked for.
extern int accept4(int descriptor, void *address, void *length, int flags);

#endif
