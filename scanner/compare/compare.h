/*
 * Endpoints beside one another. Each record is shown to the comparison in the order of the report; what there is to say
 * of a name with several addresses is handed over when another name comes, and what there is to say of the run at its
 * end. A pure function of the records: saved ones give the same groups.
 *
 * A name is a host, port, dialect and server name; records of one name that stand behind one another are one group. Of
 * one name at most COMPARE_ADDRESSES_MAX addresses are kept. Nothing here grows with the number of records.
 */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include "report/group.h"

enum { COMPARE_ADDRESSES_MAX = 32 };

struct compare;

/* The sink gets each group for the time of the call, to judge it and to write it. */
struct compare *compare_new(void (*sink)(void *owner, struct group_record *), void *owner);
/* Before the record is written: the group of the name before it comes first. */
void compare_endpoint(struct compare *, const struct record *, const struct judgement *);
void compare_end(struct compare *); /* the last groups; frees */

#endif
