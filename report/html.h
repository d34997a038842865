/*
 * The HTML report's page, and the sections that are put on it. A section is a function of the page: it adds its
 * part of the endpoint's report to the text, or nothing where the record does not say anything about its subject.
 * What is not ours goes through html_add() alone.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/feature.h"
#include "report/show.h"
#include "report/writer.h"
#include "scanner/base/text.h"

struct page {
	struct text t;
	const struct record *r;
	const struct judgement *j;
	struct arena arena;
	struct view view;
	size_t number; /* of the endpoint on the page, from 1 */
};

/* Text as it stands between tags. */
void html_escape(struct text *, const char *);
void html_add(struct text *, const char *template, ...); /* see html_text.c for what may stand in a template */
const char *html_class(enum mark);
void html_chip(struct page *, enum mark, const char *says);
void html_reason(struct page *, const char *text);
/* Opens a table whose heads are these words, ended by NULL; its caption is for who hears the page. */
void html_table(struct page *, const char *class, const char *caption, const char *const *heads);
void html_caption(struct page *, const struct obs *, const char *title, enum obs_key order);

void html_top(struct page *);
void html_gates(struct page *);
void html_next(struct page *);
void html_paste(struct page *);
void html_protocols(struct page *);
void html_features(struct page *, enum feature_part, const char *title);
void html_suites(struct page *);
void html_groups(struct page *);
void html_codes(struct page *, const char *title, enum obs_key list, enum obs_key order);
void html_chains(struct page *);
void html_findings(struct page *);
void html_policies(struct page *);
void html_clients(struct page *);
void html_pq(struct page *);
void html_cost(struct page *);

enum mark severity_mark(enum severity);
/* A row of the index for the endpoint on the page, added to the rows before; the index of all rows. letters: how many have each. */
void html_index_row(struct page *, struct text *rows);
void html_index(FILE *, const char *rows, const size_t *letters);

void html_group(struct page *, const struct group_record *, size_t number);

#endif
