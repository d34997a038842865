/* More forms, and every suite with RSA key exchange: they may be served by different code. */
#include "probes/pkcs1.h"

const struct probe probe_robot_all = {
	.id = "robot.all",
	.what = "whether wrong padding under RSA makes a difference, with every suite (only with --intrusive)",
	.ref = "ROBOT, RFC 5246 section 7.4.7.1",
	.topics = (const char *const[]){ "vulnerabilities", "oracles", NULL },
	.after = (const char *const[]){ "robot", NULL },
	.manners = PROBE_INTRUSIVE,
	.state_size = sizeof(struct oracle_state),
	.when = pkcs1_when,
	.step = oracle_step,
	.declaration = &pkcs1_all,
};
