/*
 * What the fields of an HTTP head say: Strict-Transport-Security, security headers, cookies, software. Tables of names;
 * nothing that changes from one response to the next is kept: no cookie's value, no nonce, no date.
 */
#ifndef PROBES_HTTP_FIELDS_H
#define PROBES_HTTP_FIELDS_H

#include "probes/probe.h"
#include "scanner/base/http.h"

void http_fields_note(struct run *, const struct http_head *);

#endif
