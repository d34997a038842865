/* A token bucket: at most `rate` a second, `burst` at once. Time is a parameter, in microseconds. */
#ifndef RUN_LIMIT_H
#define RUN_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	uint32_t rate, burst;
	uint64_t level_us; /* how much of the burst is used, as time it takes to flow off */
	uint64_t last_us;
};

/* Takes one; or returns false and the time when one will be there. */
bool bucket_take(struct bucket *, uint64_t now_us, uint64_t *ready_us);

#endif
