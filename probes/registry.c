#include <string.h>

#include "probes/probe.h"

#define PROBE(name) extern const struct probe probe_##name;
#define TOLERANCE(id, ...) extern const struct probe probe_tolerance_##id;
#include "probes/probes.def"
#include "probes/tolerance.def"
#undef TOLERANCE
#undef PROBE

const struct probe *const probes[] = {
#define PROBE(name) &probe_##name,
#define TOLERANCE(id, ...) &probe_tolerance_##id,
#include "probes/probes.def"
#include "probes/tolerance.def"
#undef TOLERANCE
#undef PROBE
	NULL,
};

const struct probe *probe_find(const char *id)
{
	for (size_t i = 0; probes[i]; i++)
		if (!strcmp(probes[i]->id, id))
			return probes[i];
	return NULL;
}

static bool is_front_of(const char *word, const char *id)
{
	size_t n = strlen(word);

	return !strncmp(word, id, n) && (id[n] == 0 || id[n] == '.');
}

bool probe_matches(const struct probe *p, const char *word)
{
	if (is_front_of(word, p->id))
		return true;
	for (const char *const *t = p->topics; t && *t; t++)
		if (!strcmp(*t, word))
			return true;
	return false;
}
