/* The published malformed premaster secrets, with one suite. */
#include "probes/pkcs1.h"

const struct probe probe_robot = {
	.id = "robot",
	.what = "whether wrong padding under RSA makes a difference, with one suite",
	.ref = "ROBOT, RFC 5246 section 7.4.7.1",
	.topics = (const char *const[]){ "vulnerabilities", "oracles", NULL },
	.after = (const char *const[]){ "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.manners = PROBE_ALARMING,
	.state_size = sizeof(struct oracle_state),
	.when = pkcs1_when,
	.step = oracle_step,
	.declaration = &pkcs1_few,
};
