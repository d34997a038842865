/* The man page, in roff with the macros of man(7): groff and mandoc both read it. */
#include <stdio.h>
#include <string.h>

#include "probes/probe.h"
#include "report/writer.h"
#include "report/policy_shelf.h"
#include "scanner/option.h"
#include "scanner/page.h"
#include "scanner/usage.h"

static const char head[] =
	".TH TLSASSAY 1 2026-11-21 \"tlsassay " TLSASSAY_VERSION "\" \"User Commands\"\n"
	".SH NAME\n"
	"tlsassay \\- what a TLS server accepts, and what that is worth\n";

static const char description[] =
	".SH DESCRIPTION\n"
	"tlsassay looks at a TLS server from outside: which versions, cipher suites, key exchange groups, signature schemes, "
	"extensions and certificates it has, in whose order, and how much that is worth.\n"
	"It writes its own hellos over plain sockets, and reports facts, findings with advice, and a grade.\n"
	".PP\n"
	"A target is a host, host:port, https://host/, [address]:port, or name@address; a scheme such as smtp:// has TLS asked for "
	"in that protocol\\(aqs words.\n";

static const struct {
	const char *name, *what;
} environment[] = {
	{ "NO_COLOR", "When it is set, text is not coloured." },
	{ "COLUMNS", "The width that text is folded to, from 60 up, where no terminal says one." },
	{ "SSL_CERT_FILE, SSL_CERT_DIR", "Where the system\\(aqs trust anchors are, when not in the usual places." },
	{ "GITHUB_STEP_SUMMARY", "With the format github: the file that the summary is added to." },
};

/* Text that roff leaves alone: a backslash and a hyphen are as they stand, and no line begins with a request. */
static void add_plain(struct text *t, const char *s)
{
	if (*s == '.' || *s == '\'')
		text_add(t, "\\&");
	for (; *s; s++)
		if (*s == '\\')
			text_add(t, "\\e");
		else if (*s == '-')
			text_add(t, "\\-");
		else if (*s == '\'')
			text_add(t, "\\(aq");
		else
			text_char(t, *s);
}

/* A paragraph under a tag in bold. */
static void paragraph(struct text *t, const char *tag, const char *what)
{
	text_add(t, ".TP\n\\fB");
	add_plain(t, tag);
	text_add(t, "\\fR\n");
	add_plain(t, what);
	text_char(t, '\n');
}

static void synopsis(struct text *t)
{
	text_add(t, ".SH SYNOPSIS\n.nf\n");
	for (const struct command *c = commands; c->name; c++) {
		text_fmt(t, c == commands ? "\\fBtlsassay\\fR [%s] [\\fIoption\\fR...] " : "\\fBtlsassay %s\\fR [\\fIoption\\fR...] ",
			c->name);
		add_plain(t, c->arguments);
		text_char(t, '\n');
	}
	text_add(t, ".fi\n");
}

static void option(struct text *t, const struct option *o)
{
	text_add(t, ".TP\n");
	if (o->letter)
		text_fmt(t, "\\fB\\-%c\\fR, ", o->letter);
	text_add(t, "\\fB\\-\\-");
	add_plain(t, o->name);
	text_add(t, !o->argument ? "\\fR" : option_is_optional(o) ? "\\fR=\\fI" : "\\fR \\fI");
	add_plain(t, o->argument ? o->argument : "");
	text_add(t, o->argument ? "\\fR\n" : "\n");
	add_plain(t, o->help);
	text_char(t, '\n');
}

static void section(struct text *t, const char *name)
{
	text_fmt(t, ".SS %s\n", name);
	for (size_t i = 0; i < options_count; i++)
		if (!strcmp(options[i].section, name))
			option(t, &options[i]);
}

static void all_options(struct text *t)
{
	text_add(t, ".SH OPTIONS\nAn argument in brackets may be left out; one that is given stands behind \\(lq=\\(rq.\n");
	for (const char *const *s = option_sections; *s; s++)
		section(t, *s);
}

static void all_probes(struct text *t)
{
	text_add(t, ".SH PROBES\n");
	for (size_t i = 0; probes[i]; i++)
		paragraph(t, probes[i]->id, probes[i]->what);
}

static void all_formats(struct text *t)
{
	text_add(t, ".SH FORMATS\n");
	for (size_t i = 0; writers[i]; i++)
		paragraph(t, writers[i]->name, writers[i]->what);
}

static void all_policies(struct text *t)
{
	text_add(t, ".SH POLICIES\nWithout an edition the newest one is meant.\n.PP\n");
	for (const struct policy_text *p = policy_texts; p->name; p++) {
		add_plain(t, p->name);
		text_char(t, '@');
		add_plain(t, p->edition);
		text_add(t, p[1].name ? ",\n" : ".\n");
	}
}

static void statuses(struct text *t)
{
	char number[12];

	text_add(t, ".SH EXIT STATUS\n");
	for (const struct exit_status *e = exit_statuses; e->what; e++) {
		snprintf(number, sizeof number, "%d", e->status);
		paragraph(t, number, e->what);
	}
}

void page_man(struct text *t)
{
	text_add(t, head);
	synopsis(t);
	text_add(t, description);
	text_add(t, ".SH COMMANDS\n");
	for (const struct command *c = commands; c->name; c++)
		paragraph(t, c->name, c->what);
	all_options(t);
	all_probes(t);
	all_formats(t);
	all_policies(t);
	statuses(t);
	text_add(t, ".SH ENVIRONMENT\n");
	for (size_t i = 0; i < sizeof environment / sizeof *environment; i++)
		text_fmt(t, ".TP\n\\fB%s\\fR\n%s\n", environment[i].name, environment[i].what);
}
