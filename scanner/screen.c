#include "scanner/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static unsigned columns_asked(void)
{
	const char *text = getenv("COLUMNS");
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	return n >= SCREEN_LEAST && n <= SCREEN_MOST ? (unsigned)n : 0;
}

unsigned screen_width(FILE *f)
{
	struct winsize size;

	if (!isatty(fileno(f)) || ioctl(fileno(f), TIOCGWINSZ, &size) || !size.ws_col)
		return columns_asked();
	return size.ws_col;
}

bool screen_colour(const struct cli *c, FILE *f)
{
	const char *no_colour = getenv("NO_COLOR");

	if (strcmp(c->colour, "auto"))
		return !strcmp(c->colour, "always");
	return isatty(fileno(f)) && !(no_colour && *no_colour);
}
