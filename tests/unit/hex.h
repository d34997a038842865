/* Known answers are published as hex: spans of their bytes, in a ring of buffers, and comparing with them. */
#ifndef UNIT_HEX_H
#define UNIT_HEX_H

#include <string.h>

#include "scanner/base/wire.h"

enum { HEX_MAX = 1024, HEX_RING = 32 };

static inline uint8_t hex_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* Valid until HEX_RING more were made. */
static inline struct span hex(const char *text)
{
	static uint8_t ring[HEX_RING][HEX_MAX];
	static size_t next;
	uint8_t *out = ring[next++ % HEX_RING];
	size_t n = strlen(text) / 2;

	assert_true(n <= HEX_MAX);
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
	return (struct span){ out, n };
}

#define assert_hex(found, text)                                                                              \
	do {                                                                                                 \
		struct span expected_ = hex(text);                                                           \
		assert_memory_equal(found, expected_.p, expected_.n);                                        \
	} while (0)

#endif
