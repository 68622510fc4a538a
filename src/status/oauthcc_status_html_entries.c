
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_html_entries.h"
#include "status/oauthcc_escape.h"
#include "status/oauthcc_format.h"
#include "status/oauthcc_snapshot.h"
#include "core/oauthcc_writer.h"


typedef struct {
    char  *text;
    char  *class;    /* while a token is there */
    char  *without;  /* while none is */
} oauthcc_status_html_entries_state_t;


static void oauthcc_status_html_entries_entry(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_html_entries_key(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_html_entries_parameter(oauthcc_writer_t *w,
    char *name, ngx_str_t *value);
static void oauthcc_status_html_entries_life(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_html_entries_at(oauthcc_writer_t *w, char *element,
    char *property, uint64_t n, uint64_t all);
static void oauthcc_status_html_entries_login(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_html_entries_refresh(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_html_entries_number(oauthcc_writer_t *w,
    char *label, uint64_t n);
static void oauthcc_status_html_entries_error(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);


/* of each oauthcc_snapshot_state_e: words, and classes of the style */

static oauthcc_status_html_entries_state_t
    oauthcc_status_html_entries_states[] =
{
    { "empty", "idle", "idle" },
    { "fresh", "ok", "ok" },
    { "refresh due", "busy", "busy" },
    { "logging in", "busy", "busy" },
    { "refreshing", "busy", "busy" },
    { "failing", "warn", "bad" },
    { "backing off", "warn", "bad" }
};


void
oauthcc_status_html_entries(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider)
{
    ngx_uint_t  i;

    oauthcc_writer_put(w,
        "<table>\n"
        "<caption class=\"hide\">Entries of ");
    oauthcc_escape_html(w, &provider->name, OAUTHCC_TEXT);
    oauthcc_writer_put(w,
        "</caption>\n"
        "<thead><tr>"
        "<th scope=\"col\">Entry</th>"
        "<th scope=\"col\">State</th>"
        "<th scope=\"col\">Life left</th>"
        "<th scope=\"col\">Last login</th>"
        "<th scope=\"col\">Next refresh</th>"
        "<th scope=\"col\" class=\"n\">Hits</th>"
        "<th scope=\"col\" class=\"n\">Logins</th>"
        "<th scope=\"col\" class=\"n\">Failures</th>"
        "<th scope=\"col\" class=\"n\">Replays</th>"
        "<th scope=\"col\" class=\"n\">Waiters</th>"
        "</tr></thead>\n");

    for (i = 0; i < provider->nentries; i++) {
        oauthcc_status_html_entries_entry(w, &provider->entries[i]);
    }

    oauthcc_writer_put(w, "</table>\n");
}


static void
oauthcc_status_html_entries_entry(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry)
{
    oauthcc_status_html_entries_state_t  *state;

    state = &oauthcc_status_html_entries_states[entry->state];

    oauthcc_writer_print(w, "<tbody class=\"%s\">\n<tr>",
                         entry->life && entry->left
                         ? state->class : state->without);

    oauthcc_status_html_entries_key(w, entry);

    oauthcc_writer_print(w,
        "\n<td class=\"t\" data-l=\"State\"><span class=\"tag\">%s</span>"
        "</td>", state->text);

    oauthcc_status_html_entries_life(w, entry);
    oauthcc_status_html_entries_login(w, entry);
    oauthcc_status_html_entries_refresh(w, entry);

    oauthcc_writer_put(w, "\n");

    oauthcc_status_html_entries_number(w, "Hits", entry->hits);
    oauthcc_status_html_entries_number(w, "Logins", entry->logins);
    oauthcc_status_html_entries_number(w, "Failures", entry->failures);
    oauthcc_status_html_entries_number(w, "Replays", entry->replays);
    oauthcc_status_html_entries_number(w, "Waiters", entry->waiters);

    oauthcc_writer_put(w, "</tr>\n");

    if (entry->error.len || entry->backoff) {
        oauthcc_status_html_entries_error(w, entry);
    }

    oauthcc_writer_put(w, "</tbody>\n");
}


static void
oauthcc_status_html_entries_key(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry)
{
    oauthcc_writer_put(w, "<th scope=\"row\" class=\"key\">");

    oauthcc_status_html_entries_parameter(w, "scope", &entry->scope);
    oauthcc_status_html_entries_parameter(w, "audience", &entry->audience);
    oauthcc_status_html_entries_parameter(w, "resource", &entry->resource);

    if (entry->scope.len == 0
        && entry->audience.len == 0
        && entry->resource.len == 0)
    {
        oauthcc_writer_put(w, "<span>no scope</span>");
    }

    oauthcc_writer_put(w, "<small><code>");
    oauthcc_escape_html(w, &entry->id, OAUTHCC_TEXT);
    oauthcc_writer_put(w, "</code></small></th>");
}


static void
oauthcc_status_html_entries_parameter(oauthcc_writer_t *w, char *name,
    ngx_str_t *value)
{
    if (value->len == 0) {
        return;
    }

    oauthcc_writer_print(w, "<span><small>%s</small> <bdi>", name);
    oauthcc_escape_html(w, value, OAUTHCC_TEXT);
    oauthcc_writer_put(w, "</bdi></span>");
}


/* A bar, with a mark where the refresh is due, and the same in words. */

static void
oauthcc_status_html_entries_life(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry)
{
    uint64_t  mark;

    oauthcc_writer_put(w, "\n<td class=\"life\" data-l=\"Life left\">");

    if (entry->life == 0) {
        oauthcc_writer_put(w, "<span class=\"dim\">no token</span>"
                                       "</td>");
        return;
    }

    oauthcc_writer_put(w, "<div>");

    mark = 0;

    if (entry->refresh_in != OAUTHCC_NEVER
        && entry->refresh_in
        && entry->refresh_in < entry->left)
    {
        mark = entry->left - entry->refresh_in;
    }

    oauthcc_status_html_entries_bar(w, entry->left, entry->life, mark);

    oauthcc_writer_put(w, "<br>");

    if (entry->left) {
        oauthcc_format_duration(w, entry->left);

    } else {
        oauthcc_writer_put(w, "over");
    }

    oauthcc_writer_put(w, " <small>of ");
    oauthcc_format_duration(w, entry->life);
    oauthcc_writer_put(w, "</small></div></td>");
}


void
oauthcc_status_html_entries_bar(oauthcc_writer_t *w, uint64_t n, uint64_t all,
    uint64_t mark)
{
    oauthcc_writer_put(w, "<span class=\"bar\" "
                                   "aria-hidden=\"true\">");

    oauthcc_status_html_entries_at(w, "i", "width", n, all);

    if (mark) {
        oauthcc_status_html_entries_at(w, "b", "left", mark, all);
    }

    oauthcc_writer_put(w, "</span>");
}


/* An element that is so wide or stands there. */

static void
oauthcc_status_html_entries_at(oauthcc_writer_t *w, char *element,
    char *property, uint64_t n, uint64_t all)
{
    uint64_t  permille;

    permille = 0;

    if (all) {
        permille = ngx_min(n, all) * 1000 / all;
    }

    oauthcc_writer_print(w, "<%s style=\"%s:%uL.%uL%%\"></%s>",
                         element, property, permille / 10,
                         permille % 10, element);
}


static void
oauthcc_status_html_entries_login(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry)
{
    oauthcc_writer_put(w, "\n<td class=\"t\" data-l=\"Last login\"><div>");

    if (entry->login_ago == OAUTHCC_NEVER) {
        oauthcc_writer_put(w, "<span class=\"dim\">never</span>");

    } else {
        oauthcc_format_duration(w, entry->login_ago);
        oauthcc_writer_put(w, " ago");
    }

    if (entry->login_time != OAUTHCC_NEVER) {
        oauthcc_writer_put(w, " <small>took ");
        oauthcc_format_duration(w, entry->login_time);
        oauthcc_writer_put(w, "</small>");
    }

    oauthcc_writer_put(w, "</div></td>");
}


static void
oauthcc_status_html_entries_refresh(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry)
{
    oauthcc_writer_put(w, "\n<td class=\"t\" data-l=\"Next refresh\">");

    if (entry->refresh_in == OAUTHCC_NEVER) {
        oauthcc_writer_put(w, "<span class=\"dim\">none</span>");

    } else if (entry->refresh_in == 0) {
        oauthcc_writer_put(w, "due");

    } else {
        oauthcc_writer_put(w, "in ");
        oauthcc_format_duration(w, entry->refresh_in);
    }

    oauthcc_writer_put(w, "</td>");
}


static void
oauthcc_status_html_entries_number(oauthcc_writer_t *w, char *label,
    uint64_t n)
{
    oauthcc_writer_print(w, "<td class=\"n\" data-l=\"%s\">", label);
    oauthcc_format_number(w, n);
    oauthcc_writer_put(w, "</td>");
}


/* A second row, as wide as the table: what went wrong, and what is next. */

static void
oauthcc_status_html_entries_error(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry)
{
    char  *meaning;

    oauthcc_writer_put(w, "<tr class=\"err\"><th scope=\"row\">"
                                   "Last error</th><td colspan=\"9\">");

    if (entry->error.len) {
        oauthcc_writer_put(w, "<code>");
        oauthcc_escape_html(w, &entry->error, OAUTHCC_TEXT);
        oauthcc_writer_put(w, "</code>");

        if (entry->error_ago != OAUTHCC_NEVER) {
            oauthcc_writer_put(w, " <small>");
            oauthcc_format_duration(w, entry->error_ago);
            oauthcc_writer_put(w, " ago</small>");
        }

        meaning = oauthcc_format_error(&entry->error);

        if (meaning) {
            oauthcc_writer_put(w, "<br>");
            oauthcc_writer_put(w, meaning);
        }

    } else {
        oauthcc_writer_put(w, "unknown");
    }

    if (entry->backoff) {
        oauthcc_writer_put(w, "<br><strong>No login for ");
        oauthcc_format_duration(w, entry->backoff);
        oauthcc_writer_put(w, "</strong> (backing off)");
    }

    oauthcc_writer_put(w, "</td></tr>\n");
}
