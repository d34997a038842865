#include "report/cost.h"

#include <string.h>

#include "report/show.h"
#include "scanner/base/text.h"

/* ---- certificates --------------------------------------------------------------------------------------------------------- */

static bool is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Bytes behind the first line of a PEM text: three for four characters, and the rest that is not padding. */
static size_t der_size(const char *pem)
{
	const char *s = pem ? strchr(pem, '\n') : NULL;
	size_t n = 0;

	for (; s && *s && *s != '-'; s++)
		n += is_base64(*s);
	return n / 4 * 3 + n % 4 * 3 / 4;
}

size_t cost_of_chain(const struct view *v, const struct served *s, uint16_t version)
{
	size_t each = version >= VER_TLS13 ? 3 + 2 : 3, n = version >= VER_TLS13 ? 1 + 3 : 3;

	for (size_t i = 0; i < s->names_count; i++) {
		const struct cert_info *c = view_cert(v, s, i);
		size_t der = c ? der_size(c->pem) : 0;

		if (!der)
			return 0;
		n += each + der;
	}
	return s->names_count ? n : 0;
}

static bool is_served_in(const struct served *s, uint16_t version)
{
	for (size_t i = 0; i < s->protocols_count; i++)
		if (s->protocols[i] == version)
			return true;
	return false;
}

static const char *certificates(const struct view *v, uint16_t version)
{
	const char *list = NULL;

	for (size_t i = 0; i < v->chains_count; i++) {
		const struct served *s = &v->chains[i];
		size_t bytes = s->judged && s->leaf && is_served_in(s, version) ? cost_of_chain(v, s, version) : 0;

		if (bytes)
			list = arena_printf(v->arena, "%s%s%s bytes of certificates (%s)", list ? list : "", list ? " or " : "",
				show_number(v->arena, (int64_t)bytes), cert_key_name(s->leaf->key));
	}
	return list ? list : "how many bytes of certificates is not known";
}

/* ---- round trips ---------------------------------------------------------------------------------------------------------- */

/* Yes by one means is enough. ABSENT: it was not asked. */
static enum tri taken_up(const struct view *v, uint16_t version)
{
	enum tri is = TRI_ABSENT;

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key != OBS_KEY_RESUMPTION || o->protocol != version || is == TRI_YES)
			continue;
		if (o->tri == TRI_YES || o->tri == TRI_UNKNOWN || is == TRI_ABSENT)
			is = o->tri;
	}
	return is;
}

/* RFC 8446 section 2.3: early data goes with the first flight. RFC 5246 section 7.3: the abbreviated handshake. */
static const char *resumed(const struct view *v, uint16_t version)
{
	switch (taken_up(v, version)) {
	case TRI_YES:
		if (version >= VER_TLS13 && record_tri(v->record, OBS_KEY_EARLY_DATA, version) == TRI_YES)
			return "no round trip for early data, else 1; no certificates";
		return "1 round trip, no certificates";
	case TRI_NO:
	case TRI_NA:
		return "not taken up: every handshake is a new one";
	case TRI_UNKNOWN:
	case TRI_ABSENT:
		break;
	}
	return "whether sessions are taken up again is not known";
}

static void add(const struct view *v, struct cost **list, size_t *n, uint16_t version, const char *trips)
{
	*list = arena_push(v->arena, *list, *n, sizeof **list);
	(*list)[(*n)++] = (struct cost){ version, trips, certificates(v, version), resumed(v, version) };
}

struct cost *costs_of(const struct view *v, size_t *count)
{
	struct cost *list = NULL;

	*count = 0;
	if (view_offered(v, VER_TLS13) == TRI_YES)
		add(v, &list, count, VER_TLS13, "1 round trip, 2 where the client sends no share of a group that the server takes");
	for (uint16_t version = VER_TLS12; version >= VER_SSL3; version--)
		if (view_offered(v, version) == TRI_YES) {
			add(v, &list, count, version, "2 round trips");
			break;
		}
	return list;
}
