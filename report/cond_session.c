/* Conditions over sessions that are taken up again: RFC 5077, RFC 8446 sections 4.6.1 and 8, RFC 8470. */
#include <string.h>

#include "report/cond.h"
#include "report/feature.h"

/* The observations of one key, one after another. */
static const struct obs *next_of(const struct view *v, enum obs_key key, size_t *at)
{
	while (*at < v->record->obs_count) {
		const struct obs *o = &v->record->obs[(*at)++];

		if (o->key == key)
			return o;
	}
	return NULL;
}

static const char *way_text(const struct view *v, const struct obs *o)
{
	return arena_printf(v->arena, "%s, by %s", version_text(o->protocol), o->name ? o->name : "session");
}

/* The same version and way, in another key. */
static const struct obs *beside(const struct view *v, const struct obs *o, enum obs_key key)
{
	const struct obs *other;
	size_t at = 0;

	while ((other = next_of(v, key, &at)))
		if (other->protocol == o->protocol && o->name && other->name && !strcmp(o->name, other->name))
			return other;
	return NULL;
}

static const char *lifetime_text(const struct view *v, const struct obs *o)
{
	if (feature_lifetime_open(o))
		return arena_printf(v->arena, "%s: how long a ticket is good is not specified", version_text(o->protocol));
	return arena_printf(v->arena, "%s: a ticket is good for %lld seconds", version_text(o->protocol),
	        (long long)o->number);
}

struct verdict cond_ticket_lifetime(const struct view *v, const struct cond *c)
{
	bool asked = record_find(v->record, OBS_KEY_SESSION_GIVEN, 0);
	const struct obs *o, *longest = NULL;
	size_t at = 0;

	while ((o = next_of(v, OBS_KEY_TICKET_LIFETIME, &at)))
		if (!longest || o->number > longest->number)
			longest = o;
	if (!longest)
		return asked ? verdict_of(TRI_NA, "no ticket was given") : verdict_unasked(v, OBS_KEY_TICKET_LIFETIME);
	return (struct verdict){ .holds = longest->number > c->number ? TRI_YES : TRI_NO,
		.what = "the lifetime of tickets",
		.because = lifetime_text(v, longest) };
}

struct verdict cond_ticket_key_known(const struct view *v, const struct cond *c)
{
	bool asked = record_find(v->record, OBS_KEY_SESSION_GIVEN, 0);

	(void)c;
	if (asked && !record_find(v->record, OBS_KEY_TICKET_KNOWN_KEY, 0) && !record_find(v->record, OBS_KEY_TICKET_LIFETIME, 0))
		return verdict_of(TRI_NA, "no ticket was given");
	return cond_tri(v, &(struct cond){ .key = OBS_KEY_TICKET_KNOWN_KEY, .value = TRI_YES });
}

/* A server with tickets need not keep ids, nor the other way round: one way is enough in a version. */
static enum tri taken_up_somehow(const struct view *v, const struct obs *given, const struct obs *taken)
{
	const struct obs *o;
	size_t at = 0;

	while ((o = next_of(v, OBS_KEY_RESUMPTION, &at)))
		if (o->protocol == given->protocol && o->tri == TRI_YES)
			return TRI_YES;
	return taken->tri;
}

struct verdict cond_not_taken_up(const struct view *v, const struct cond *c)
{
	const struct obs *given, *taken;
	struct verdict d = verdict_unasked(v, OBS_KEY_RESUMPTION);
	size_t at = 0;

	(void)c;
	while ((given = next_of(v, OBS_KEY_SESSION_GIVEN, &at))) {
		taken = beside(v, given, OBS_KEY_RESUMPTION);
		if (given->tri != TRI_YES || !taken || taken->tri == TRI_UNKNOWN)
			continue;
		d = verdict_of(taken_up_somehow(v, given, taken) == TRI_NO ? TRI_YES : TRI_NO, way_text(v, given));
		if (d.holds == TRI_YES)
			return d;
	}
	if (d.holds == TRI_UNKNOWN && record_find(v->record, OBS_KEY_SESSION_GIVEN, 0))
		d = verdict_of(TRI_NA, "no session was given");
	return d;
}

struct verdict cond_taken_up_at_times(const struct view *v, const struct cond *c)
{
	const struct obs *o;
	struct verdict d = verdict_unasked(v, OBS_KEY_RESUMPTION);
	size_t at = 0;

	(void)c;
	while ((o = next_of(v, OBS_KEY_RESUMPTION, &at))) {
		if (o->tri == TRI_YES && o->reason)
			return (struct verdict){ .holds = TRI_YES, .because = way_text(v, o), .what = "the servers behind this address",
				.evidence = o->evidence, .evidence_count = o->evidence_count };
		if (o->tri != TRI_UNKNOWN)
			d = verdict_of(TRI_NO, NULL);
	}
	return d;
}

/* A question to TLS 1.3 and its tickets: where there are none it does not arise. */
static struct verdict ask_tls13(const struct view *v, enum obs_key key)
{
	const struct obs *given = record_find(v->record, OBS_KEY_SESSION_GIVEN, VER_TLS13);

	if (!record_find(v->record, key, 0) && view_offered(v, VER_TLS13) == TRI_NO)
		return verdict_of(TRI_NA, "TLSv1.3 is not offered");
	if (!record_find(v->record, key, 0) && given && given->tri == TRI_NO)
		return verdict_of(TRI_NA, "no ticket was given");
	return cond_tri(v, &(struct cond){ .key = key, .value = TRI_YES });
}

struct verdict cond_psk_alone(const struct view *v, const struct cond *c)
{
	(void)c;
	return ask_tls13(v, OBS_KEY_PSK_ALONE);
}

/* A server that answers 425 leaves it to the client to say again what must not be replayed (RFC 8470 section 5.2). */
struct verdict cond_early_data(const struct view *v, const struct cond *c)
{
	(void)c;
	if (record_tri(v->record, OBS_KEY_TOO_EARLY, 0) == TRI_YES)
		return verdict_of(TRI_NO, "a request in early data is answered with the status 425");
	return ask_tls13(v, OBS_KEY_EARLY_DATA);
}
