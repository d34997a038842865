/* What is written before its place in the document is known waits in a temporary file. */
#ifndef REPORT_SPOOL_H
#define REPORT_SPOOL_H

#include <stdbool.h>
#include <stdio.h>

/* All of `from`, from its beginning, behind what is in `to`; false when something was lost. */
bool spool_copy(FILE *from, FILE *to);

#endif
