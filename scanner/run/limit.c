#include "scanner/run/limit.h"

bool bucket_take(struct bucket *b, uint64_t now_us, uint64_t *ready_us)
{
	uint64_t cost = 1000000 / (b->rate ? b->rate : 1), room = cost * (b->burst ? b->burst : 1);
	uint64_t passed = now_us > b->last_us ? now_us - b->last_us : 0;

	b->level_us = b->level_us > passed ? b->level_us - passed : 0;
	b->last_us = now_us;
	if (b->level_us + cost > room) {
		*ready_us = now_us + b->level_us + cost - room;
		return false;
	}
	b->level_us += cost;
	return true;
}
