/* The two servers that costs are told by, as configs of the test server. */
#ifndef SIM_STANDARD_H
#define SIM_STANDARD_H

/* Mozilla's intermediate configuration on nginx. */
extern const char standard_modern[];
/* All that an OpenSSL 3 can be talked into without a DSA certificate, with an order of its own: 3 + 77 + 23 +
 * 23 suites. */
extern const char standard_legacy[];

#endif
