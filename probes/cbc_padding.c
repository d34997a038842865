/* Records that are wrong in five ways, with one suite for each version, MAC and block size. */
#include "probes/cbc.h"

const struct probe probe_cbc_padding = {
	.id = "cbc_padding",
	.what = "whether what is wrong in a CBC record makes a difference, with one suite for each version, MAC and block size",
	.ref = "RFC 5246 section 6.2.3.2, CVE-2014-8730, CVE-2016-2107, CVE-2019-1559",
	.topics = (const char *const[]){ "vulnerabilities", "oracles", NULL },
	.after = (const char *const[]){ "suites.tls12", "suites.tls11", "suites.tls10", NULL },
	.manners = PROBE_ALARMING,
	.state_size = sizeof(struct oracle_state),
	.when = cbc_when,
	.step = oracle_step,
	.declaration = &cbc_few,
};
