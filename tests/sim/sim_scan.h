/*
 * The real engine over the simulated network: hosts are added with the config of the test server, the run
 * scans them all and keeps the records. Everything is owned by the sim_scan; sim_scan_free() ends it. What is
 * not set is as the program has it: 5 s to connect and to answer, 60 s for an endpoint, 8 connections at
 * once.
 */
#ifndef SIM_SIM_SCAN_H
#define SIM_SIM_SCAN_H

#include "scanner/run/scan.h"
#include "tests/sim/sim_server.h"

struct sim_target;

struct sim_scan {
	struct scan scan;
	struct net *net;
	struct sim_target *first, *last, *next;
	struct record **records; /* in the order of the targets */
	size_t targets_n, records_n;
	bool drop_records; /* count and free them as they come */
	uint64_t ended_us; /* virtual time of the last record */
};

void sim_scan_init(struct sim_scan *, uint64_t seed);
/* One more host and target, named host-N.test; `config` is the caller's and must outlive the run. */
struct sim_host *sim_scan_add(struct sim_scan *, const struct server_config *);
/* The first target is this one instead; it must outlive the run. */
void sim_scan_target(struct sim_scan *, const struct target *);
void sim_scan_run(struct sim_scan *);
void sim_scan_free(struct sim_scan *);

/* The usual case: one host, one record. */
struct record *sim_scan_one(struct sim_scan *, const struct server_config *);

/* The record as the program writes it, without judgement; freed with free(). */
char *sim_scan_json(const struct record *);

#endif
