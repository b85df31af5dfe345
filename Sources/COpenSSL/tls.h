/* The parts of libssl that WritTransport calls; nothing is compiled from here. */
#include "shim.h"
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
