/*
 * Fuzz target of scanner/trust/ct: a length of two bytes, a certificate, and the rest is a list of timestamps. Any
 * bytes are read, counted and checked against a log and an issuer; what is pointed to is in the input.
 */
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/ct_policy.h"

enum { CORPUS_TIME = 1795000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_within(struct span part, struct span all)
{
	require(!part.n || (part.p >= all.p && part.p + part.n <= all.p + all.n));
}

/* Whatever log the first timestamp names is known, with the certificate's own key, so that signatures are tried. */
static void check(struct scts *s, const struct cert *c)
{
	struct ct_log log = { .name = "log", .operator = "one", .key = c->spki, .state = CT_LOG_USABLE };
	struct ct_logs logs = { &log, 1, 0, 0 };
	struct arena a = { 0 };

	if (s->n)
		memcpy(log.id, s->v[0].log_id, sizeof log.id);
	scts_check(s, c, c, &logs, CORPUS_TIME);
	for (size_t i = 0; i < s->n; i++)
		require(sct_verdict_name(s->v[i].verdict));
	for (int b = 0; b < CT_BROWSERS && !c->malformed; b++) /* one log is never enough */
		require(ct_policy((enum ct_browser)b, s, c, &logs, CORPUS_TIME, &a).enough != TRI_YES);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size), der = rd_vec(&r, 2);
	struct span in = rd_rest(&der), list = rd_rest(&r), own;
	struct cert *c = cert_parse(in.p, in.n);
	struct scts s = { 0 };

	scts_of_cert(c, &own);
	require_within(own, c->der);
	scts_read(&s, SCT_CERTIFICATE, own);
	scts_read(&s, SCT_HANDSHAKE, list);
	require(s.n <= SCTS_MAX);
	for (size_t i = 0; i < s.n; i++)
		require_within(s.v[i].signature, s.v[i].source == SCT_HANDSHAKE ? list : own);
	check(&s, c);
	cert_free(c);
	return 0;
}
