#include "scanner/run/sentinel.h"

/* What the answers in one version carry. */
struct marks {
	bool any, none, right, other; /* an answer at all, one without, with the version's own mark, with the other */
};

static enum sentinel own_mark(uint16_t version)
{
	return version == VER_TLS12 ? SENTINEL_KNOWS_TLS13 : SENTINEL_KNOWS_TLS12;
}

static struct marks marks_of(const struct facts *f, uint16_t version)
{
	struct marks m = { 0 };

	for (size_t i = 0; i < f->count; i++) {
		enum sentinel s = f->choices[i].sentinel;

		if (!choice_picked(&f->choices[i], version))
			continue;
		m.any = true;
		m.none |= s == SENTINEL_NONE;
		m.right |= s == own_mark(version);
		m.other |= s != SENTINEL_NONE && s != own_mark(version);
	}
	return m;
}

/* Does the server speak a version that binds it to mark this one? Drafts of TLS 1.3 have the same rule. */
static enum tri is_bound(const struct record *r, uint16_t version)
{
	const struct obs *drafts = record_find(r, OBS_KEY_PROTOCOL_DRAFTS, 0);
	enum tri tls13 = drafts && drafts->count ? TRI_YES : record_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13);
	enum tri tls12 = version < VER_TLS12 ? record_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12) : TRI_NO;

	if (tls13 == TRI_YES || tls12 == TRI_YES)
		return TRI_YES;
	return tls13 == TRI_NO && tls12 == TRI_NO ? TRI_NO : TRI_UNKNOWN;
}

static void add(struct record *r, enum obs_key key, uint16_t version, enum tri value)
{
	record_add(r, &(struct obs){ .key = key, .protocol = version, .tri = value, .probe = "conclude",
			      .reason = value == TRI_UNKNOWN ? reason_name(REASON_NOT_ASKED_PREREQUISITE) : NULL });
}

static void add_version(struct record *r, uint16_t version, const struct marks *m)
{
	enum tri bound = is_bound(r, version);
	enum tri marked = m->none || m->other ? TRI_NO : TRI_YES;
	enum tri wrong = !m->right || bound == TRI_YES ? TRI_NO : bound == TRI_NO ? TRI_YES : TRI_UNKNOWN;

	add(r, OBS_KEY_DOWNGRADE_SENTINEL, version,
		bound == TRI_YES ? marked : bound == TRI_NO ? TRI_NA : TRI_UNKNOWN);
	add(r, OBS_KEY_DOWNGRADE_SENTINEL_WRONG, version, m->other ? TRI_YES : wrong);
}

void sentinel_conclude(struct record *r, const struct facts *f)
{
	for (uint16_t v = VER_TLS12; v >= VER_SSL3; v--) {
		struct marks m = marks_of(f, v);

		if (m.any)
			add_version(r, v, &m);
	}
}
