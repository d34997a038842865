/* Every CBC suite, and every byte of its MAC. */
#include "probes/cbc.h"

const struct probe probe_cbc_padding_all = {
	.id = "cbc_padding.all",
	.what = "whether what is wrong in a CBC record makes a difference, with every suite and byte of the MAC (only with --intrusive)",
	.ref = "RFC 5246 section 6.2.3.2, CVE-2014-8730, CVE-2016-2107, CVE-2019-1559",
	.topics = (const char *const[]){ "vulnerabilities", "oracles", NULL },
	.after = (const char *const[]){ "cbc_padding", NULL },
	.manners = PROBE_INTRUSIVE,
	.state_size = sizeof(struct oracle_state),
	.when = cbc_when,
	.step = oracle_step,
	.declaration = &cbc_all,
};
