/* The story as JSON: report/schema/tlsassay-handshake-1.schema.json. */
#include "scanner/facts/json.h"
#include "scanner/story/story.h"

static struct json_object *fields_json(const struct fields *);

static struct json_object *value_json(const struct field *f)
{
	struct json_object *list;

	switch (f->kind) {
	case FIELD_TEXT:
		return json_text(f->text);
	case FIELD_COUNT:
		return json_count(f->count);
	case FIELD_FLAG:
		return json_flag(f->count != 0);
	default:
		break;
	}
	list = json_list();
	for (size_t i = 0; i < f->n; i++)
		json_push(list, f->kind == FIELD_LIST ? json_text(f->items[i]) : fields_json(&f->rows[i]));
	return list;
}

static struct json_object *fields_json(const struct fields *all)
{
	struct json_object *o = json_map();

	for (size_t i = 0; i < all->n; i++)
		json_set(o, all->v[i].key, value_json(&all->v[i]));
	return o;
}

static struct json_object *message_json(const struct told *m)
{
	struct json_object *o = json_map();

	json_set(o, "from", json_text(m->ours ? "client" : "server"));
	json_set(o, "message", json_text(m->name));
	json_set(o, "sealed", json_flag(m->sealed));
	json_set(o, "keys", json_text(story_keys_name(m->keys)));
	json_set(o, "keys_changed", json_flag(m->keys_changed));
	json_set(o, "size_bytes", json_count(m->bytes));
	json_set(o, "at_ms", json_count(m->at_ms));
	json_set(o, "says", json_text(m->meaning));
	json_set(o, "fields", fields_json(&m->fields));
	return o;
}

struct json_object *story_error_json(const struct story_error *e)
{
	struct json_object *o;

	if (!e->code)
		return NULL;
	o = json_map();
	json_set(o, "code", json_text(e->code));
	json_set(o, "stage", json_text(e->stage));
	json_set(o, "after", json_text(e->after));
	json_set(o, "alert", json_text(e->alert));
	json_set(o, "message", json_text(e->message));
	return o;
}

/* What was picked. */
static void picks(struct json_object *o, const struct hs_result *r)
{
	const struct version *v = version_find(r->version);
	const struct suite *s = r->suite ? suite_find(r->suite) : NULL;
	const struct group *g = group_find(r->group);
	const struct scheme *scheme = scheme_find(r->scheme);

	json_set(o, "protocol", json_text(v ? v->name : NULL));
	json_set(o, "suite", json_text(s ? s->name : NULL));
	json_set(o, "group", json_text(r->group && g ? g->name : NULL));
	json_set(o, "scheme", json_text(r->scheme && scheme ? scheme->name : NULL));
	json_set(o, "signature", json_text(r->signature_right ? "right" : r->signature_checked ? "wrong" : "not_checked"));
}

static void price(struct json_object *o, const struct story *s)
{
	json_set(o, "bytes_sent", json_count(s->result->sent));
	json_set(o, "bytes_received", json_count(s->result->received));
	json_set(o, "chain_bytes", json_count(s->chain_bytes));
	json_set(o, "hello_bytes", json_count(s->hello_bytes));
	json_set(o, "tickets", json_count(s->tickets));
	json_set(o, "ticket_bytes", json_count(s->ticket_bytes));
	json_set(o, "round_trips", s->complete ? json_count(s->round_trips) : NULL);
	json_set(o, "connect_ms", json_count(s->connect_ms));
	json_set(o, "handshake_ms", json_count(s->handshake_ms));
}

struct json_object *story_json(const struct story *s)
{
	struct json_object *o = json_map(), *messages = json_list();

	for (size_t i = 0; i < s->messages_n; i++)
		json_push(messages, message_json(&s->messages[i]));
	json_set(o, "connected", json_flag(s->connected));
	json_set(o, "complete", json_flag(s->complete));
	json_set(o, "resumed", json_flag(s->resumed));
	json_set(o, "error", story_error_json(&s->error));
	picks(o, s->result);
	price(o, s);
	json_set(o, "messages", messages);
	return o;
}

struct json_object *story_savings_json(const struct savings *all)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < all->n; i++) {
		struct json_object *o = json_map();

		json_set(o, "id", json_text(all->v[i].id));
		json_set(o, "text", json_text(all->v[i].text));
		json_set(o, "saves_bytes", json_count(all->v[i].bytes));
		json_set(o, "saves_round_trips", json_count(all->v[i].round_trips));
		json_set(o, "basis", json_text(all->v[i].estimated ? "estimated" : "measured"));
		json_push(list, o);
	}
	return list;
}
