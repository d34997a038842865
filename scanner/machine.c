#include "scanner/machine.h"

#include <stdlib.h>
#include <sys/resource.h>

/* Refused: what cannot be opened waits (REASON_LOCAL_LIMIT). */
static void raise_descriptors(uint64_t connections)
{
	enum { OURS = 64 };
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur == RLIM_INFINITY || r.rlim_cur >= connections + OURS)
		return;
	r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > connections + OURS ? (rlim_t)(connections + OURS) : r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

/* One slow name server would hold up everybody: threads that wait cost little, and no look-up waits for half a minute. */
static void widen_lookups(void)
{
	setenv("UV_THREADPOOL_SIZE", "64", 0);
	setenv("RES_OPTIONS", "timeout:3 attempts:2", 0);
}

void machine_prepare(uint64_t connections, int many)
{
	raise_descriptors(connections);
	if (many)
		widen_lookups();
}
