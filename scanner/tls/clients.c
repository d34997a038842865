#include "scanner/tls/clients.h"

#include <string.h>

#include "scanner/tls/tables.h"

/* ---- the lists, then the clients ------------------------------------------------------------------------------------ */

#define CLIENT(...)
#define LIST(name, ...) static const uint32_t name[] = { __VA_ARGS__ };
#define NAMES(name, ...) static const char *const name[] = { __VA_ARGS__, NULL };
#include "scanner/tls/clients.def"
#undef CLIENT
#undef LIST
#undef NAMES

#define LIST(...)
#define NAMES(...)
#define OF(name) { name, sizeof name / sizeof *name }
#define CLIENT(...) { __VA_ARGS__ },
const struct client clients[] = {
#include "scanner/tls/clients.def"
};

const size_t clients_count = sizeof clients / sizeof *clients;

const struct client *client_find(const char *id)
{
	for (size_t i = 0; i < clients_count; i++)
		if (!strcmp(clients[i].id, id))
			return &clients[i];
	return NULL;
}

bool client_offers(const struct client *c, uint16_t version)
{
	if (c->versions.n)
		return codes_has(c->versions, version);
	return version >= c->oldest && version <= c->newest;
}
