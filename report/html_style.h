/* The style of the HTML report, in pieces; ends with NULL. */
#ifndef REPORT_HTML_STYLE_H
#define REPORT_HTML_STYLE_H

extern const char *const html_style[];

#endif
