/*
 * Public suffixes: the names below which registries sell names, "co.uk" (publicsuffix.org, the part of registries). With
 * libpsl its built-in list is asked; without it only single labels are known to be such.
 */
#ifndef TRUST_SUFFIX_H
#define TRUST_SUFFIX_H

#include "scanner/base/wire.h"

/* `name` has no dot at its ends; letters of either case. */
bool suffix_is_public(struct span name);
bool suffix_list_known(void); /* false: single labels alone */

#endif
