/*
 * Padding oracles of CBC records up to TLS 1.2, searched for in general: records that are wrong in one way or another, behind
 * a handshake that went through, and a request inside, so that a record that is taken is answered with data.
 *
 * The MAC stands before the padding (encrypt-then-MAC is not offered), and RFC 5246 section 6.2.3.2 asks for one reaction,
 * whatever is wrong. What a difference is called follows from the two records that make it, and from how:
 *
 *   padding wrong, MAC right      taken: POODLE over TLS (CVE-2014-8730); told apart: Zombie POODLE
 *   MAC wrong, padding right      told apart from both wrong: GOLDENDOODLE; taken: the MAC is not checked
 *   no content, MAC wrong         told apart from both wrong: 0-length (CVE-2019-1559)
 *   padding longer than it may be record_overflow instead of bad_record_mac: CVE-2016-2107
 *   any of them                   by silence: Sleeping POODLE
 *
 * Zombie POODLE, GOLDENDOODLE: C. Young, 2019. SSL 3.0, whose padding nobody can check, is not asked.
 */
#ifndef PROBES_CBC_H
#define PROBES_CBC_H

#include "probes/oracle.h"

/* One suite for each version, MAC and block size; and every suite, and every byte of its MAC. */
extern const struct oracle cbc_few, cbc_all;

bool cbc_when(const struct facts *);

#endif
