#include "scanner/page.h"

const struct page pages[] = {
	{ "man", "the man page, roff", page_man },
	{ "bash", "completions for bash", page_bash },
	{ "zsh", "completions for zsh", page_zsh },
	{ "fish", "completions for fish", page_fish },
	{ 0 },
};
