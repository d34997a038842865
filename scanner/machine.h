/* What this machine allows the process, before the first connection: descriptors, and names looked up side by side. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

/* For so many connections at once. `many`: of a list of targets, whose names are looked up by more than four threads. */
void machine_prepare(uint64_t connections, int many);

#endif
