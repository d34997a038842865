/* The id that somebody may have meant who wrote another one. */
#ifndef REPORT_NEAR_H
#define REPORT_NEAR_H

/* Of the findings and the grade's rules: the one that is nearest, when it is near; NULL when none is. */
const char *near_id(const char *word);

#endif
