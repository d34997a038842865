/* Addresses as text and back. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/net/net.h"

static bool zone_parse(const char *text, uint32_t *zone)
{
	char *end;
	unsigned long n;

	/* The system takes what follows a colon for an alias, whatever it is. */
	if (strchr(text, ':'))
		return false;
	*zone = if_nametoindex(text);
	if (*zone)
		return true;
	if (*text < '0' || *text > '9')
		return false;
	n = strtoul(text, &end, 10);
	*zone = (uint32_t)n;
	return !*end && n <= UINT32_MAX;
}

static bool ipv6_parse(const char *text, struct net_addr *a)
{
	char literal[INET6_ADDRSTRLEN];
	const char *percent = strchr(text, '%');
	size_t n = percent ? (size_t)(percent - text) : strlen(text);

	if (n >= sizeof(literal))
		return false;
	memcpy(literal, text, n);
	literal[n] = 0;
	if (inet_pton(AF_INET6, literal, a->bytes) != 1)
		return false;
	a->family = NET_IPV6;
	return !percent || zone_parse(percent + 1, &a->zone);
}

bool net_addr_parse(const char *text, struct net_addr *out)
{
	struct net_addr a = { .family = NET_IPV4, .port = out->port };

	if (inet_pton(AF_INET, text, a.bytes) != 1 && !ipv6_parse(text, &a))
		return false;
	*out = a;
	return true;
}

void net_addr_text(const struct net_addr *a, char out[static 64])
{
	char name[IF_NAMESIZE];

	if (a->family == NET_IPV4) {
		inet_ntop(AF_INET, a->bytes, out, 64);
		return;
	}
	inet_ntop(AF_INET6, a->bytes, out, 64);
	if (a->zone && if_indextoname(a->zone, name))
		snprintf(out + strlen(out), 64 - strlen(out), "%%%s", name);
	else if (a->zone)
		snprintf(out + strlen(out), 64 - strlen(out), "%%%u", (unsigned)a->zone);
}

bool net_addr_fits(const struct net_addr *a, int family)
{
	return !family || family == (a->family == NET_IPV4 ? 4 : 6);
}

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
	size_t n = a->family == NET_IPV4 ? 4 : 16;

	return a->family == b->family && a->port == b->port && a->zone == b->zone &&
	       !memcmp(a->bytes, b->bytes, n);
}
