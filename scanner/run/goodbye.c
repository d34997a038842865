#include "scanner/run/goodbye.h"

/* One answered goodbye shows that the server knows how; a reset or a deadline is no answer at all. */
static enum tri answered(const struct facts *f, uint16_t version, const char **probe)
{
	enum tri value = TRI_ABSENT;

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];

		if (!choice_picked(c, version) || c->close_notify == TRI_ABSENT || value == TRI_YES)
			continue;
		value = c->close_notify;
		*probe = c->probe;
	}
	return value;
}

void goodbye_conclude(struct record *r, const struct facts *f)
{
	for (uint16_t v = VER_TLS13; v >= VER_SSL3; v--) {
		const char *probe = NULL;
		enum tri value = answered(f, v, &probe);

		if (value != TRI_ABSENT)
			record_add(r, &(struct obs){ .key = OBS_KEY_CLOSE_NOTIFY, .protocol = v, .tri = value, .probe = probe });
	}
}
