#include "tests/servers/peer.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

void peer_send(struct peer_out *out, const void *p, size_t n)
{
	if (out->cap - out->n < n) {
		out->cap = 2 * (out->n + n);
		out->bytes = mem_grow(out->bytes, out->cap, 1);
	}
	if (n)
		memcpy(out->bytes + out->n, p, n);
	out->n += n;
}

void peer_end(struct peer_out *out, enum peer_end end)
{
	out->end = end;
}

void peer_wait(struct peer_out *out, uint64_t us)
{
	out->wait_us = us ? us : 1;
}

void peer_out_clear(struct peer_out *out)
{
	*out = (struct peer_out){ .bytes = out->bytes, .cap = out->cap };
}

void peer_out_free(struct peer_out *out)
{
	free(out->bytes);
	*out = (struct peer_out){ 0 };
}
