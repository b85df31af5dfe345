// Calls of Linux that Swift's Glibc leaves out, since it is built without _GNU_SOURCE.
#ifndef WRIT_CLINUX_H
#define WRIT_CLINUX_H

/// Makes everything durable that was written to the file system of an open file: syncfs(2).
extern int syncfs(int descriptor);

#endif
