/* A list of codes of a registry, in somebody's order. It owns nothing. */
#ifndef TLS_CODES_H
#define TLS_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct codes {
	const uint32_t *v;
	size_t n;
};

bool codes_has(struct codes, uint32_t code);

#endif
