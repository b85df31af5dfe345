// Calls of Linux that Swift's Glibc leaves out, since it is built without _GNU_SOURCE.
#ifndef WRIT_CLINUX_H
#define WRIT_CLINUX_H

#include <linux/prctl.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

/// Makes everything durable that was written to the file system of an open file: syncfs(2).
extern int syncfs(int descriptor);

/// Accepts a connection with flags: accept4(2). Its address is left untyped, since none is asked for.
extern int accept4(int descriptor, void *address, void *length, int flags);

/// A pipe with flags: pipe2(2).
extern int pipe2(int descriptors[2], int flags);

/// What a process asks of the kernel for itself: prctl(2), whose declaration Swift cannot read since its arguments are open.
extern int writ_prctl(int option, unsigned long first, unsigned long second, unsigned long third, unsigned long fourth)
    __asm__("prctl");

/// Sets the capabilities of this thread: capset(2).
extern int capset(void *header, const void *data);

/// A call of the kernel by its number, for those that the C library has no name for: syscall(2), whose declaration Swift cannot
/// read since its arguments are open.
extern long writ_syscall(
    long number, unsigned long first, unsigned long second, unsigned long third, unsigned long fourth)
    __asm__("syscall");

/// Makes a second process of this one: fork(2), which Swift hides since only the calling thread comes through it.
extern int writ_fork(void) __asm__("fork");

/// Makes a second process that runs a function on a stack of its own, given by its upper end: clone(2), whose declaration Swift
/// cannot read since its arguments are open. Returns the process's number, or -1.
extern int writ_clone(int (*body)(void *), void *stack, int flags, void *argument) __asm__("clone");

/// Closes all descriptors of a range: close_range(2).
extern int close_range(unsigned int first, unsigned int last, int flags);

#endif
