/* What is known of the user's own clients: what writers ask of a row. */
#include "report/simulate.h"

#include <string.h>

bool sim_is_own(const struct client *c)
{
	return c->family && !strcmp(c->family, CLIENT_FAMILY_OWN);
}

const char *sim_untold(const struct client *c, size_t i)
{
	static const struct {
		unsigned hides;
		const char *word;
	} words[] = { { HIDES_OLDER, "older_versions" }, { HIDES_ORDER, "suite_order" }, { HIDES_GROUPS, "groups" },
		{ HIDES_GROUPS, "key_shares" } };

	for (size_t k = 0; k < sizeof words / sizeof *words; k++)
		if (c->hides & words[k].hides && !i--)
			return words[k].word;
	return NULL;
}
