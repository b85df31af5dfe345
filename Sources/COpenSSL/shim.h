/* The parts of libcrypto that WritCrypto calls; nothing is compiled from here. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
