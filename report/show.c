#include "report/show.h"

#include <stdlib.h>
#include <string.h>

#include "report/cond.h"
#include "report/policy_judge.h"
#include "scanner/base/text.h"
#include "scanner/facts/record_json.h"

enum { DAY_SECONDS = 86400, NAME_SHOWN = 256, SHORT_LIFE_DAYS = 30 };

static const char *keep(struct arena *a, struct text *t)
{
	const char *s = arena_text(a, text_str(t));

	text_free(t);
	return s;
}

/* ---- the endpoint
 * -------------------------------------------------------------------------------------------- */

const char *show_target(struct arena *a, const struct record *r)
{
	const char *host = r->host && *r->host ? r->host : r->input ? r->input : "?";
	bool v6 = strchr(host, ':') && host[0] != '[' && r->host;

	if (!r->port || !r->host || !*r->host)
		return host;
	return arena_printf(a, v6 ? "[%s]:%u" : "%s:%u", host, (unsigned)r->port);
}

const char *show_address(const struct record *r)
{
	return r->ip && r->host && !strcmp(r->ip, r->host) ? NULL : r->ip;
}

const char *show_error(struct arena *a, const struct record *r)
{
	const char *what = r->error_message ? r->error_message : "no reason was given";

	if (r->error_code)
		return arena_printf(a, "%s: %s (%s)", status_name(r->status), what, r->error_code);
	if (show_nobody_met(r))
		return "scanned only in part: no handshake was carried through, and no certificate was seen";
	return arena_printf(a, "%s: %s", status_name(r->status), what);
}

bool show_nobody_met(const struct record *r)
{
	bool tried = !r->obs_count;

	for (size_t i = 0; i < r->obs_count; i++) {
		if (r->obs[i].key == OBS_KEY_HANDSHAKE && r->obs[i].tri == TRI_YES)
			return false;
		tried |= r->obs[i].key == OBS_KEY_HANDSHAKE;
	}
	return r->status == STATUS_OK && !r->certs_count && tried;
}

bool show_nothing_learnt(const struct record *r)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_PROTOCOL_OFFERED && r->obs[i].tri == TRI_YES)
			return false;
	return r->status != STATUS_OK;
}

/* ---- the grade
 * ----------------------------------------------------------------------------------------------- */

const char *show_letter(const struct grade *g)
{
	const char *name = letter_name(g->letter);

	return name ? name : "?";
}

size_t show_not_evaluated(const struct grade *g, const char *effect)
{
	size_t n = 0;

	for (size_t i = 0; i < g->ledger_count; i++)
		if (g->ledger[i].state == ENTRY_NOT_EVALUATED &&
		        (!effect || !strcmp(g->ledger[i].effect, effect)))
			n++;
	return n;
}

static bool chain_seen(const struct record *r)
{
	const struct obs *o = record_find(r, OBS_KEY_CHAIN_SERVED, 0);

	return o && o->count;
}

const char *show_caveat(struct arena *a, const struct record *r, const struct grade *g)
{
	size_t open = show_not_evaluated(g, "F");

	if (g->letter == LETTER_NONE)
		return chain_seen(r) ? "no letter: too little is known"
		                     : "no letter: no certificate was seen";
	if (g->complete || g->config_letter == LETTER_F)
		return NULL;
	if (r->unstable)
		return "at best: the server's answers contradict each other";
	if (open)
		return arena_printf(a, "at best: %zu rule%s that could make it F %s not tested", open,
		        open == 1 ? "" : "s", open == 1 ? "was" : "were");
	return "at best: the scores are known only in part";
}

const char *show_trust(const struct grade *g)
{
	static const struct {
		const char *trust, *says;
	} rows[] = {
		{ "untrusted", "T: the certificate is not trusted" },
		{ "mismatch", "M: the certificate does not name this host" },
		{ "unknown", "trust is not known" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(g->trust, rows[i].trust))
			return rows[i].says;
	return NULL;
}

/* Rounded down to a tenth: never shown better than it is. */
const char *show_points(struct arena *a, int score)
{
	int tenth = score % SCORE_UNIT * 10 / SCORE_UNIT;

	if (score < 0)
		return "not known";
	if (tenth)
		return arena_printf(a, "%d.%d", score / SCORE_UNIT, tenth);
	return arena_printf(a, "%d", score / SCORE_UNIT);
}

enum mark letter_mark(enum letter l)
{
	if (l == LETTER_NONE)
		return MARK_NONE;
	if (l <= LETTER_A_MINUS)
		return MARK_GOOD;
	return l <= LETTER_C ? MARK_WEAK : MARK_BAD;
}

static const struct {
	const char *effect;
	enum mark mark;
} effect_ranks[] = {
	/* the worst first */
	{ "M", MARK_BAD },
	{ "T", MARK_BAD },
	{ "F", MARK_BAD },
	{ "cap C", MARK_WEAK },
	{ "cap B", MARK_WEAK },
	{ "warning", MARK_WEAK },
	{ "no A+", MARK_NONE },
};

static size_t effect_rank(const char *effect)
{
	size_t i = 0;

	while (i < sizeof effect_ranks / sizeof *effect_ranks && strcmp(effect_ranks[i].effect, effect))
		i++;
	return i;
}

enum mark effect_mark(const char *effect)
{
	size_t i = effect_rank(effect);

	return i < sizeof effect_ranks / sizeof *effect_ranks ? effect_ranks[i].mark : MARK_NONE;
}

static int by_effect(const void *pa, const void *pb)
{
	const struct step *a = pa, *b = pb;
	size_t x = effect_rank(a->effect), y = effect_rank(b->effect);

	if (x != y)
		return x < y ? -1 : 1;
	return strcmp(a->rules, b->rules);
}

static struct step *step_with(struct step *list, size_t count, const char *fix)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].fix, fix))
			return &list[i];
	return NULL;
}

static void step_join(struct arena *a, struct step *s, const struct ledger_entry *e)
{
	s->rules = arena_printf(a, "%s, %s", s->rules, e->rule);
	if (effect_rank(e->effect) >= effect_rank(s->effect))
		return;
	s->effect = e->effect;
	s->because = e->because;
}

struct step *show_steps(struct arena *a, const struct grade *g, size_t *count)
{
	struct step *list = arena_new(a, g->ledger_count + 1, sizeof *list);
	size_t n = 0;

	for (size_t i = 0; i < g->ledger_count; i++) {
		const struct ledger_entry *e = &g->ledger[i];
		struct step *s;

		if (e->state != ENTRY_APPLIED || !strcmp(e->effect, "none") || !e->fix)
			continue;
		s = step_with(list, n, e->fix);
		if (s)
			step_join(a, s, e);
		else
			list[n++] = (struct step){ e->effect, e->fix, e->because ? e->because : "", e->rule, e };
	}
	qsort(list, n, sizeof *list, by_effect);
	*count = n;
	return list;
}

/* ---- lists
 * --------------------------------------------------------------------------------------------------- */

const char *show_order(const char *order)
{
	static const struct {
		const char *order, *says;
	} rows[] = {
		{ "server", "in the server's order" },
		{ "server-chacha", "in the server's order, ChaCha20 first for clients that put it first" },
		{ "client", "the client's order decides" },
		{ "none", "only one" },
	};

	for (size_t i = 0; order && i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(order, rows[i].order))
			return rows[i].says;
	return "whose order decides is not known";
}

/* Whose order, of this list: the observation with this key that is about the same thing; NULL: not known. */
static const char *order_of(const struct record *r, enum obs_key key, const struct obs *list)
{
	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key == key && o->protocol == list->protocol && o->cert == list->cert)
			return o->text;
	}
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/*
 * Two lists that are told as one: what a version says of two types of certificate, or, of lists without an
 * order (OBS_KEYS), what two versions say.
 */
static bool same_list(const struct record *r, const struct obs *a, const struct obs *b, enum obs_key order)
{
	if (a->key != b->key || !a->count || a->count != b->count || !same_text(a->name, b->name) ||
	        !same_text(a->reason, b->reason) || memcmp(a->codes, b->codes, a->count * sizeof *a->codes))
		return false;
	if (order == OBS_KEYS)
		return a->cert == b->cert;
	return a->protocol == b->protocol && a->cert != KEY_NONE && b->cert != KEY_NONE &&
	       same_text(order_of(r, order, a), order_of(r, order, b));
}

/* All lists that are told with this one, itself first; 0: another one has told it. */
static size_t lists_like(
        const struct record *r, const struct obs *o, enum obs_key order, const struct obs **like)
{
	size_t n = 0;

	for (const struct obs *other = r->obs; other < r->obs + r->obs_count; other++) {
		if (other != o && !same_list(r, o, other, order))
			continue;
		if (other < o)
			return 0;
		like[n++] = other;
	}
	return n;
}

static const char *versions_of(struct arena *a, const struct obs **like, size_t n)
{
	struct text t = { 0 };

	for (size_t i = 0; i < n; i++)
		text_fmt(&t, "%s%s", i ? ", " : "", version_text(like[i]->protocol));
	return keep(a, &t);
}

static const char *certs_of(struct arena *a, const struct obs **like, size_t n)
{
	struct text t = { 0 };

	for (size_t i = 0; i < n; i++)
		text_fmt(&t, "%s%s", !i ? "" : i + 1 < n ? ", " : " and ", cert_key_name(like[i]->cert));
	text_add(&t, n > 1 ? " certificates" : " certificate");
	return keep(a, &t);
}

/* The message of an extension list in full. */
static const char *message_word(const char *name)
{
	static const struct {
		const char *name, *word;
	} words[] = { { "SH", "ServerHello" }, { "HRR", "HelloRetryRequest" }, { "EE", "EncryptedExtensions" },
		{ "CT", "Certificate" }, { "CR", "CertificateRequest" }, { "NST", "NewSessionTicket" } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i].name, name))
			return words[i].word;
	return name;
}

const char *show_list_title(struct arena *a, const struct record *r, const struct obs *o, enum obs_key order)
{
	const struct obs **like = arena_new(a, r->obs_count + 1, sizeof *like);
	size_t n = lists_like(r, o, order, like);

	if (!n)
		return NULL;
	if (order == OBS_KEYS)
		return o->name ? arena_printf(a, "%s, %s", versions_of(a, like, n), message_word(o->name)) :
				 versions_of(a, like, n);
	if (o->name)
		return arena_printf(a, "%s, finite field groups", version_text(o->protocol));
	if (o->cert == KEY_NONE)
		return version_text(o->protocol);
	return arena_printf(a, "%s, %s", version_text(o->protocol), certs_of(a, like, n));
}

const char *show_list_note(struct arena *a, const struct record *r, const struct obs *o, enum obs_key order)
{
	const char *whose = o->name || !o->count ? NULL : show_order(order_of(r, order, o));

	return arena_printf(a, "%zu%s%s%s%s%s", o->count, whose ? ", " : "", whose ? whose : "",
	        o->reason ? "; the list may not be whole (" : "", o->reason ? o->reason : "",
	        o->reason ? ")" : "");
}

const char *show_store(struct arena *a, const struct obs *o)
{
	if (o->tri == TRI_YES && o->count > 1)
		return arena_printf(a, "trusted by %zu paths", o->count);
	return o->tri == TRI_YES ? "trusted" : o->tri == TRI_NO ? "not trusted" : "not known";
}

const char *show_list(struct arena *a, const struct obs *o)
{
	struct text t = { 0 };

	for (size_t i = 0; i < o->count; i++)
		text_fmt(&t, "%s%s", i ? ", " : "", o->names[i]);
	return keep(a, &t);
}

static const char *registry_name(enum obs_key key, uint32_t code)
{
	const struct group *g = key == OBS_KEY_GROUPS_LIST ? group_find((uint16_t)code) : NULL;
	bool schemes_of_it = key == OBS_KEY_SCHEMES_LIST || key == OBS_KEY_CLIENT_SCHEMES || key == OBS_KEY_CLIENT_CERT_SCHEMES;
	const struct scheme *s = schemes_of_it ? scheme_find((uint16_t)code) : NULL;
	const struct extension *x = key == OBS_KEY_EXTENSIONS_LIST || key == OBS_KEY_EXTENSIONS_REFUSED ? extension_find((uint16_t)code) : NULL;
	const struct version *v = key == OBS_KEY_PROTOCOL_DRAFTS ? version_find((uint16_t)code) : NULL;

	return g ? g->name : s ? s->name : x ? x->name : v ? v->name : NULL;
}

const char *show_number(struct arena *a, int64_t n)
{
	return arena_printf(a, n < OBS_NUMBER_MAX ? "%lld" : "%lld or more", (long long)n);
}

const char *show_code(struct arena *a, const struct obs *o, size_t i)
{
	const char *name = o->codes[i] <= UINT16_MAX ? registry_name(o->key, o->codes[i]) : NULL;

	return name ? name : arena_printf(a, "0x%04X", (unsigned)o->codes[i]);
}

/* ---- cipher suites
 * ------------------------------------------------------------------------------------------- */

const char *show_kx(struct arena *a, const struct cipher *c)
{
	if (c->protocol == VER_TLS13)
		return "any group";
	if (c->anonymous)
		return arena_printf(a, "%s, anonymous", c->kx);
	return strcmp(c->kx, c->auth) ? arena_printf(a, "%s, %s", c->kx, c->auth) : c->kx;
}

static const struct {
	bool (*is)(const struct cipher *);
	enum mark mark;
	const char *remark;
} remarks[] = {
	{ suite_null, MARK_BAD, "no encryption" },
	{ suite_anonymous, MARK_BAD, "anonymous" },
	{ suite_export, MARK_BAD, "export" },
	{ suite_single_des, MARK_BAD, "key too short" },
	{ suite_rc4, MARK_BAD, "RC4" },
	{ suite_block64, MARK_WEAK, "64-bit blocks" },
	{ suite_no_fs, MARK_WEAK, "no forward secrecy" },
};

enum mark cipher_mark(const struct cipher *c)
{
	if (!c->known)
		return MARK_NONE;
	for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
		if (remarks[i].is(c))
			return remarks[i].mark;
	return MARK_GOOD;
}

const char *cipher_remark(const struct cipher *c)
{
	for (size_t i = 0; c->known && i < sizeof remarks / sizeof *remarks; i++)
		if (remarks[i].is(c))
			return remarks[i].remark;
	return NULL;
}

const char *show_part(struct arena *a, const char **reason)
{
	const char *s = *reason, *end = strstr(s, "; ");
	size_t n = end ? (size_t)(end - s) : strlen(s);

	*reason = end ? end + 2 : s + n;
	return n || end ? arena_textn(a, s, n) : NULL;
}

const char *show_offered(enum tri t)
{
	switch (t) {
	case TRI_YES:
		return "offered";
	case TRI_NO:
		return "not offered";
	case TRI_NA:
		return "not applicable";
	case TRI_UNKNOWN:
	case TRI_ABSENT:
		break;
	}
	return "not known";
}

enum mark protocol_mark(uint16_t version, enum tri offered)
{
	if (offered != TRI_YES)
		return MARK_NONE;
	if (version == VER_TLS12 || version == VER_TLS13)
		return MARK_GOOD;
	return version == VER_TLS10 || version == VER_TLS11 ? MARK_WEAK : MARK_BAD;
}

/* ---- certificates
 * -------------------------------------------------------------------------------------------- */

const char *show_name(struct arena *a, const char *name, const char *otherwise)
{
	return name && *name ? text_cut(a, name, NAME_SHOWN) : otherwise;
}

const char *show_key(struct arena *a, const struct cert_info *c)
{
	if (c->curve)
		return arena_printf(a, "%s %s", cert_key_name(c->key), c->curve);
	if (c->key == KEY_ED25519 || c->key == KEY_ED448 || !c->key_bits)
		return cert_key_name(c->key);
	return arena_printf(a, "%s %u", cert_key_name(c->key), (unsigned)c->key_bits);
}

const char *show_validity(struct arena *a, const struct cert_info *c, int64_t now)
{
	char from[24], until[24];
	int64_t left = (c->not_after - now) / DAY_SECONDS;
	int64_t life = (c->not_after - c->not_before + DAY_SECONDS - 1) / DAY_SECONDS;

	time_text(c->not_before, from);
	time_text(c->not_after, until);
	if (c->not_before > now)
		return arena_printf(a, "%.10s to %.10s, not valid yet", from, until);
	if (c->not_after < now)
		return arena_printf(a, "%.10s to %.10s, expired", from, until);
	if (life < SHORT_LIFE_DAYS)
		return arena_printf(a, "%.10s to %.10s, %lld of %lld days left", from, until, (long long)left, (long long)life);
	return arena_printf(a, "%.10s to %.10s, %lld days left", from, until, (long long)left);
}

const char *show_names(struct arena *a, const struct cert_info *c, size_t most)
{
	size_t all = c->names_count ? c->names_count : c->dns_names_count;
	size_t n = c->dns_names_count < most ? c->dns_names_count : most;
	struct text t = { 0 };

	for (size_t i = 0; i < n; i++)
		text_fmt(&t, "%s%s", i ? ", " : "", show_name(a, c->dns_names[i], "(empty)"));
	if (all > n)
		text_fmt(&t, " and %zu more", all - n);
	return keep(a, &t);
}

/* ---- what it cost
 * -------------------------------------------------------------------------------------------- */

const char *show_duration(struct arena *a, uint64_t ms)
{
	if (ms < 1000)
		return arena_printf(a, "%llu ms", (unsigned long long)ms);
	return arena_printf(
	        a, "%llu.%llu s", (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000 / 100));
}

const char *show_size(struct arena *a, uint64_t bytes)
{
	if (bytes < 1000)
		return arena_printf(a, "%llu bytes", (unsigned long long)bytes);
	return arena_printf(a, "%llu.%llu kB", (unsigned long long)(bytes / 1000),
	        (unsigned long long)(bytes % 1000 / 100));
}

const char *show_cost(struct arena *a, const struct record *r)
{
	return arena_printf(a, "%llu connection%s, %s sent, %s received, %s",
	        (unsigned long long)r->connections, r->connections == 1 ? "" : "s",
	        show_size(a, r->bytes_sent), show_size(a, r->bytes_received),
	        show_duration(a, r->duration_ms));
}

/* ---- findings
 * ------------------------------------------------------------------------------------------------ */

static int state_rank(enum finding_state s)
{
	static const int ranks[] = { [FINDING_FAIL] = 0,
		[FINDING_WAIVED] = 1,
		[FINDING_UNKNOWN] = 2,
		[FINDING_PASS] = 3,
		[FINDING_NA] = 4 };

	return ranks[s];
}

static int by_weight(const void *pa, const void *pb)
{
	const struct finding *a = *(const struct finding *const *)pa, *b = *(const struct finding *const *)pb;

	if (a->state != b->state)
		return state_rank(a->state) - state_rank(b->state);
	if (a->severity != b->severity)
		return (int)b->severity - (int)a->severity;
	return a < b ? -1 : a > b; /* the order of the rules */
}

const struct finding **show_worst_first(struct arena *a, const struct finding *findings, size_t n)
{
	const struct finding **list = arena_new(a, n + 1, sizeof *list);

	for (size_t i = 0; i < n; i++)
		list[i] = &findings[i];
	qsort(list, n, sizeof *list, by_weight);
	return list;
}

const struct finding **show_findings(struct arena *a, const struct judgement *j)
{
	return show_worst_first(a, j->findings, j->findings_count);
}

size_t show_count(const struct judgement *j, enum finding_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < j->findings_count; i++)
		n += j->findings[i].state == state;
	return n;
}

/* ---- how a chain was served
 * ------------------------------------------------------------------------------------- */

static bool same_chain(const struct served *a, const struct served *b)
{
	return a == b || (a->id && b->id && !strcmp(a->id, b->id));
}

static bool same_protocols(const struct served *a, const struct served *b)
{
	return a->protocols_count == b->protocols_count &&
	       !memcmp(a->protocols, b->protocols, a->protocols_count * sizeof *a->protocols);
}

static void add_way(struct text *t, const struct served *s, const char *how)
{
	text_add(t, t->n ? "; " : "");
	for (size_t i = 0; i < s->protocols_count; i++)
		text_fmt(t, "%s, ", version_text(s->protocols[i]));
	text_add(t, how);
}

/* "RSA certificate: " where the server has certificates of several types. */
static const char *whose(const struct view *v, const struct served *s)
{
	for (const struct served *o = v->chains; s->leaf && o < v->chains + v->chains_count; o++)
		if (o->leaf && o->leaf->key != s->leaf->key)
			return arena_printf(v->arena, "%s certificate: ", cert_key_name(s->leaf->key));
	return "";
}

const char *show_served(const struct view *v, const struct served *s)
{
	const struct served *with = NULL, *without = NULL;
	struct text t = { 0 };

	for (const struct served *o = v->chains; o < v->chains + v->chains_count; o++) {
		if (!same_chain(o, s))
			continue;
		if (o < s)
			return NULL;
		*(o->sni == TRI_YES ? &with : &without) = o;
	}
	if (with && without && same_protocols(with, without))
		add_way(&t, with, "with and without a server name");
	else {
		if (with)
			add_way(&t, with, "with a server name");
		if (without)
			add_way(&t, without, "without a server name");
	}
	return arena_printf(v->arena, "%s%s", whose(v, s), keep(v->arena, &t));
}

/* ---- policies
 * ------------------------------------------------------------------------------------------------ */

const char *show_policy(struct arena *a, const struct policy_result *r)
{
	const struct policy *p = r->policy;

	return arena_printf(a, "%s, %s%s%s: %s", p->name, p->edition, strcmp(p->edition, p->date) ? " of " : "",
	        strcmp(p->edition, p->date) ? p->date : "", p->title);
}

const char *show_policy_counts(struct arena *a, const struct policy_result *r)
{
	static const struct {
		enum finding_state state;
		const char *word;
	} states[] = { { FINDING_PASS, "passed" }, { FINDING_FAIL, "failed" }, { FINDING_UNKNOWN, "not known" },
		{ FINDING_NA, "not applicable" } };
	struct text t = { 0 };

	for (enum policy_level l = LEVEL_MUST; l < POLICY_LEVELS; l++) {
		const char *before = arena_printf(a, "%s%s: ", t.n ? "; " : "", policy_level_name(l));

		for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
			size_t n = policy_count(r, l, states[i].state);

			if (n)
				text_fmt(&t, "%s%zu %s", before, n, states[i].word);
			before = n ? ", " : before;
		}
	}
	return keep(a, &t);
}

const char *show_not_checked(struct arena *a, const struct policy_result *r)
{
	struct text t = { 0 };

	for (size_t i = 0; i < r->policy->not_checked_count; i++)
		text_fmt(&t, "%s%s", i ? "; " : "not checked: ", r->policy->not_checked[i]);
	return r->policy->not_checked_count ? keep(a, &t) : NULL;
}
