#include "probes/tolerate.h"

#include "probes/offer.h"
#include "probes/verdict.h"
#include "scanner/tls/tables.h"

enum { FEW = 12 };

/* ---- the sound hello ------------------------------------------------------------------------------------------------- */

static void add_new(struct run *r, struct list *l, uint32_t code)
{
	if (code && !list_has(l, code))
		list_add(r->arena, l, code);
}

/* Some that were picked: whatever else is in the hello, the server has something to pick. */
static void add_taken(struct run *r, struct list *l, uint16_t version)
{
	struct codes taken = version ? offer_taken(r->arena, r->facts, version, NULL) : (struct codes){ 0 };

	for (size_t i = 0; i < taken.n && i < FEW; i++)
		add_new(r, l, taken.v[i]);
}

static struct codes suites_of(struct run *r, enum tolerate_base base)
{
	struct list l = { 0 };

	if (base != UP_TO_TLS12 && facts_offers(r->facts, VER_TLS13))
		add_taken(r, &l, VER_TLS13);
	if (base != TLS13_ALONE)
		add_taken(r, &l, facts_newest_clear(r->facts));
	return list_codes(&l);
}

static struct codes groups_of(struct run *r, struct codes common)
{
	struct list l = list_copy(r->arena, common);
	size_t most = l.n + FEW;

	for (size_t i = 0; i < r->facts->count && l.n < most; i++)
		if (choice_picked(&r->facts->choices[i], 0))
			add_new(r, &l, r->facts->choices[i].group);
	return list_codes(&l);
}

static struct hello sound_hello(struct run *r, enum tolerate_base base)
{
	static const uint32_t only_13[] = { VER_TLS13 }, shares[] = { 0x001D };
	struct hello h = hello_ordinary(r->facts);

	h.mimics = true;
	h.suites = suites_of(r, base);
	h.groups = groups_of(r, h.groups);
	h.shares = (struct codes){ shares, 1 };
	if (base == TLS13_ALONE)
		h.versions = (struct codes){ only_13, 1 };
	if (base == UP_TO_TLS12) {
		h.version = facts_newest_clear(r->facts);
		h.versions = h.shares = (struct codes){ 0 };
	}
	return h;
}

/* ---- asking ---------------------------------------------------------------------------------------------------------- */

static enum next put(struct run *r, int at)
{
	struct tolerate_state *s = r->state;
	bool odd = at == ODD_FIRST || at == ODD_SECOND;

	s->at = at;
	ask(r, 0, &(struct ask){ .hello = odd ? &s->odd : &s->sound, .until = UNTIL_HELLO,
			  .sample = odd ? at == ODD_SECOND : control_sample(r) });
	return NEXT_WAIT;
}

/* The value says of an odd hello whether it is borne, of a forbidden one whether it is taken. */
static enum next tell(struct run *r, enum tri value, const char *said)
{
	const struct tolerance *t = r->probe->declaration;
	struct tolerate_state *s = r->state;
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	*e = (struct evidence){ "reaction", said };
	if (value == TRI_UNKNOWN)
		r->trouble = s->reason;
	note(r, &(struct obs){ .key = t->rule == MUST_REFUSE ? OBS_KEY_MALFORMED_TAKEN : OBS_KEY_TOLERANCE, .name = t->name,
			  .tri = value, .reason = value == TRI_UNKNOWN ? reason_name(s->reason) : NULL, .evidence = e,
			  .evidence_count = said != NULL });
	return NEXT_DONE;
}

static enum next leave_open(struct run *r, enum reason why)
{
	struct tolerate_state *s = r->state;

	s->reason = why ? why : REASON_UNSTABLE;
	return tell(r, TRI_UNKNOWN, NULL);
}

/* ---- answers --------------------------------------------------------------------------------------------------------- */

static bool is_taken(const struct answer *a)
{
	return a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY;
}

/* We never came to ask. */
static bool is_ours(const struct answer *a)
{
	return a->kind == ANS_REFUSED || a->kind == ANS_LIMIT;
}

static const char *said_by(struct run *r, const struct answer *a)
{
	switch (a->kind) {
	case ANS_ALERT:
		return arena_printf(r->arena, "alert %u (%s)", (unsigned)a->alert, alert_text(a->alert));
	case ANS_CLOSED:
		return "closed without a word";
	case ANS_RESET:
		return "reset";
	case ANS_TIMEOUT:
		return "no answer";
	default:
		return arena_printf(r->arena, "an answer that breaks the rules: %s", reason_name(a->reason));
	}
}

/* What must be borne: once is enough for yes. */
static enum next borne_first(struct run *r, const struct answer *a)
{
	return is_taken(a) ? tell(r, TRI_YES, NULL) : put(r, SOUND_BEFORE);
}

/* What must be refused: taken, it is put again; refused, the sound one shows that it was for this. */
static enum next refused_first(struct run *r, const struct answer *a)
{
	return put(r, is_taken(a) ? ODD_SECOND : SOUND_AFTER);
}

static enum next odd_answered(struct run *r, const struct answer *a)
{
	const struct tolerance *t = r->probe->declaration;
	struct tolerate_state *s = r->state;

	if (is_ours(a))
		return leave_open(r, a->reason);
	if (!is_taken(a))
		s->said = said_by(r, a);
	s->reason = a->reason;
	if (s->at == ODD_FIRST)
		return t->rule == MUST_REFUSE ? refused_first(r, a) : borne_first(r, a);
	if (is_taken(a) != (t->rule == MUST_REFUSE))
		return leave_open(r, REASON_UNSTABLE);
	return is_taken(a) ? tell(r, TRI_YES, NULL) : put(r, SOUND_AFTER);
}

static enum next sound_answered(struct run *r, const struct answer *a)
{
	struct tolerate_state *s = r->state;

	if (!is_taken(a))
		return leave_open(r, a->reason ? a->reason : s->reason);
	return s->at == SOUND_BEFORE ? put(r, ODD_SECOND) : tell(r, TRI_NO, s->said);
}

/* Where a long name leaves no room for the size that is asked about, nothing is. */
static bool has_its_size(const struct tolerate_state *s)
{
	enum { HEADER = 4 };
	uint8_t message[HELLO_MAX];
	struct wr w = wr_of(message, sizeof message);

	return !s->odd.shape->size || (hello_message(&w, &s->odd, NULL) && w.len == s->odd.shape->size + (size_t)HEADER);
}

static enum next begin(struct run *r)
{
	const struct tolerance *t = r->probe->declaration;
	struct tolerate_state *s = r->state;

	if (t->seen && t->seen(r->facts))
		return tell(r, TRI_YES, NULL);
	s->sound = s->odd = sound_hello(r, t->base);
	s->odd.shape = &t->shape;
	if (t->change)
		t->change(r, &s->odd);
	return has_its_size(s) ? put(r, ODD_FIRST) : leave_open(r, REASON_LIMIT_FLIGHT);
}

enum next tolerate_step(struct run *r, const struct answer *a)
{
	const struct tolerate_state *s = r->state;

	if (!a)
		return begin(r);
	return s->at == ODD_FIRST || s->at == ODD_SECOND ? odd_answered(r, a) : sound_answered(r, a);
}

bool tolerate_when_clear(const struct facts *f)
{
	return facts_newest_clear(f) > VER_SSL3;
}

bool tolerate_when_tls13(const struct facts *f)
{
	return facts_offers(f, VER_TLS13);
}

bool tolerate_when_tls(const struct facts *f)
{
	return tolerate_when_clear(f) || tolerate_when_tls13(f);
}
