#include "scanner/trust/suffix.h"

#ifdef HAVE_PSL

#include <libpsl.h>

enum { NAME_MAX_BYTES = 253 };

static bool is_listed(struct span name)
{
	char text[NAME_MAX_BYTES + 1];

	if (!psl_builtin() || name.n > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < name.n; i++)
		text[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + ('a' - 'A') : name.p[i]);
	text[name.n] = 0;
	return psl_is_public_suffix2(psl_builtin(), text, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

bool suffix_list_known(void)
{
	return psl_builtin() != NULL;
}

#else

static bool is_listed(struct span name)
{
	(void)name;
	return false;
}

bool suffix_list_known(void)
{
	return false;
}

#endif

bool suffix_is_public(struct span name)
{
	return !name.n || !memchr(name.p, '.', name.n) || is_listed(name);
}
