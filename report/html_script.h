/* The script of the index, report/index.js, and the hash by which the page's policy allows it and nothing else. */
#ifndef REPORT_HTML_SCRIPT_H
#define REPORT_HTML_SCRIPT_H

#include <stdint.h>

enum { HTML_SCRIPT_SHA256 = 32 };

extern const char html_script[];
extern const uint8_t html_script_sha256[HTML_SCRIPT_SHA256];

#endif
