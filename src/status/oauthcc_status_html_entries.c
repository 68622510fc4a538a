
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
    char    *text;
    char    *class;     /* while a token is there */
    char    *without;   /* while none is */
} ngx_http_oauthcc_status_table_state_t;


static void ngx_http_oauthcc_status_table_entry(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry);
static void ngx_http_oauthcc_status_table_key(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry);
static void ngx_http_oauthcc_status_table_parameter(
    ngx_http_oauthcc_writer_t *w, char *name, ngx_str_t *value);
static void ngx_http_oauthcc_status_table_life(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry);
static void ngx_http_oauthcc_status_table_at(ngx_http_oauthcc_writer_t *w,
    char *element, char *property, uint64_t n, uint64_t all);
static void ngx_http_oauthcc_status_table_login(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry);
static void ngx_http_oauthcc_status_table_refresh(
    ngx_http_oauthcc_writer_t *w, ngx_http_oauthcc_report_entry_t *entry);
static void ngx_http_oauthcc_status_table_number(ngx_http_oauthcc_writer_t *w,
    char *label, uint64_t n);
static void ngx_http_oauthcc_status_table_error(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry);


/* of each ngx_http_oauthcc_report_state_e: words, and classes of the style */

static ngx_http_oauthcc_status_table_state_t
    ngx_http_oauthcc_status_table_states[] =
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
ngx_http_oauthcc_status_table(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_provider_t *provider)
{
    ngx_uint_t  i;

    ngx_http_oauthcc_writer_put(w,
        "<table>\n"
        "<caption class=\"hide\">Entries of ");
    ngx_http_oauthcc_escape_html(w, &provider->name,
                                 NGX_HTTP_OAUTHCC_REPORT_TEXT);
    ngx_http_oauthcc_writer_put(w,
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
        ngx_http_oauthcc_status_table_entry(w, &provider->entries[i]);
    }

    ngx_http_oauthcc_writer_put(w, "</table>\n");
}


static void
ngx_http_oauthcc_status_table_entry(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry)
{
    ngx_http_oauthcc_status_table_state_t  *state;

    state = &ngx_http_oauthcc_status_table_states[entry->state];

    ngx_http_oauthcc_writer_print(w, "<tbody class=\"%s\">\n<tr>",
                                  entry->life && entry->left
                                  ? state->class : state->without);

    ngx_http_oauthcc_status_table_key(w, entry);

    ngx_http_oauthcc_writer_print(w,
        "\n<td class=\"t\" data-l=\"State\"><span class=\"tag\">%s</span>"
        "</td>", state->text);

    ngx_http_oauthcc_status_table_life(w, entry);
    ngx_http_oauthcc_status_table_login(w, entry);
    ngx_http_oauthcc_status_table_refresh(w, entry);

    ngx_http_oauthcc_writer_put(w, "\n");

    ngx_http_oauthcc_status_table_number(w, "Hits", entry->hits);
    ngx_http_oauthcc_status_table_number(w, "Logins", entry->logins);
    ngx_http_oauthcc_status_table_number(w, "Failures", entry->failures);
    ngx_http_oauthcc_status_table_number(w, "Replays", entry->replays);
    ngx_http_oauthcc_status_table_number(w, "Waiters", entry->waiters);

    ngx_http_oauthcc_writer_put(w, "</tr>\n");

    if (entry->error.len || entry->backoff) {
        ngx_http_oauthcc_status_table_error(w, entry);
    }

    ngx_http_oauthcc_writer_put(w, "</tbody>\n");
}


static void
ngx_http_oauthcc_status_table_key(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry)
{
    ngx_http_oauthcc_writer_put(w, "<th scope=\"row\" class=\"key\">");

    ngx_http_oauthcc_status_table_parameter(w, "scope", &entry->scope);
    ngx_http_oauthcc_status_table_parameter(w, "audience", &entry->audience);
    ngx_http_oauthcc_status_table_parameter(w, "resource", &entry->resource);

    if (entry->scope.len == 0
        && entry->audience.len == 0
        && entry->resource.len == 0)
    {
        ngx_http_oauthcc_writer_put(w, "<span>no scope</span>");
    }

    ngx_http_oauthcc_writer_put(w, "<small><code>");
    ngx_http_oauthcc_escape_html(w, &entry->id, NGX_HTTP_OAUTHCC_REPORT_TEXT);
    ngx_http_oauthcc_writer_put(w, "</code></small></th>");
}


static void
ngx_http_oauthcc_status_table_parameter(ngx_http_oauthcc_writer_t *w,
    char *name, ngx_str_t *value)
{
    if (value->len == 0) {
        return;
    }

    ngx_http_oauthcc_writer_print(w, "<span><small>%s</small> <bdi>", name);
    ngx_http_oauthcc_escape_html(w, value, NGX_HTTP_OAUTHCC_REPORT_TEXT);
    ngx_http_oauthcc_writer_put(w, "</bdi></span>");
}


/* A bar, with a mark where the refresh is due, and the same in words. */

static void
ngx_http_oauthcc_status_table_life(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry)
{
    uint64_t  mark;

    ngx_http_oauthcc_writer_put(w,
        "\n<td class=\"life\" data-l=\"Life left\">");

    if (entry->life == 0) {
        ngx_http_oauthcc_writer_put(w, "<span class=\"dim\">no token</span>"
                                       "</td>");
        return;
    }

    ngx_http_oauthcc_writer_put(w, "<div>");

    mark = 0;

    if (entry->refresh_in != NGX_HTTP_OAUTHCC_REPORT_NEVER
        && entry->refresh_in
        && entry->refresh_in < entry->left)
    {
        mark = entry->left - entry->refresh_in;
    }

    ngx_http_oauthcc_status_table_bar(w, entry->left, entry->life, mark);

    ngx_http_oauthcc_writer_put(w, "<br>");

    if (entry->left) {
        ngx_http_oauthcc_human_duration(w, entry->left);

    } else {
        ngx_http_oauthcc_writer_put(w, "over");
    }

    ngx_http_oauthcc_writer_put(w, " <small>of ");
    ngx_http_oauthcc_human_duration(w, entry->life);
    ngx_http_oauthcc_writer_put(w, "</small></div></td>");
}


void
ngx_http_oauthcc_status_table_bar(ngx_http_oauthcc_writer_t *w, uint64_t n,
    uint64_t all, uint64_t mark)
{
    ngx_http_oauthcc_writer_put(w, "<span class=\"bar\" "
                                   "aria-hidden=\"true\">");

    ngx_http_oauthcc_status_table_at(w, "i", "width", n, all);

    if (mark) {
        ngx_http_oauthcc_status_table_at(w, "b", "left", mark, all);
    }

    ngx_http_oauthcc_writer_put(w, "</span>");
}


/* An element that is so wide or stands there. */

static void
ngx_http_oauthcc_status_table_at(ngx_http_oauthcc_writer_t *w, char *element,
    char *property, uint64_t n, uint64_t all)
{
    uint64_t  permille;

    permille = 0;

    if (all) {
        permille = ngx_min(n, all) * 1000 / all;
    }

    ngx_http_oauthcc_writer_print(w, "<%s style=\"%s:%uL.%uL%%\"></%s>",
                                  element, property, permille / 10,
                                  permille % 10, element);
}


static void
ngx_http_oauthcc_status_table_login(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry)
{
    ngx_http_oauthcc_writer_put(w,
        "\n<td class=\"t\" data-l=\"Last login\"><div>");

    if (entry->login_ago == NGX_HTTP_OAUTHCC_REPORT_NEVER) {
        ngx_http_oauthcc_writer_put(w, "<span class=\"dim\">never</span>");

    } else {
        ngx_http_oauthcc_human_duration(w, entry->login_ago);
        ngx_http_oauthcc_writer_put(w, " ago");
    }

    if (entry->login_time != NGX_HTTP_OAUTHCC_REPORT_NEVER) {
        ngx_http_oauthcc_writer_put(w, " <small>took ");
        ngx_http_oauthcc_human_duration(w, entry->login_time);
        ngx_http_oauthcc_writer_put(w, "</small>");
    }

    ngx_http_oauthcc_writer_put(w, "</div></td>");
}


static void
ngx_http_oauthcc_status_table_refresh(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry)
{
    ngx_http_oauthcc_writer_put(w,
        "\n<td class=\"t\" data-l=\"Next refresh\">");

    if (entry->refresh_in == NGX_HTTP_OAUTHCC_REPORT_NEVER) {
        ngx_http_oauthcc_writer_put(w, "<span class=\"dim\">none</span>");

    } else if (entry->refresh_in == 0) {
        ngx_http_oauthcc_writer_put(w, "due");

    } else {
        ngx_http_oauthcc_writer_put(w, "in ");
        ngx_http_oauthcc_human_duration(w, entry->refresh_in);
    }

    ngx_http_oauthcc_writer_put(w, "</td>");
}


static void
ngx_http_oauthcc_status_table_number(ngx_http_oauthcc_writer_t *w, char *label,
    uint64_t n)
{
    ngx_http_oauthcc_writer_print(w, "<td class=\"n\" data-l=\"%s\">", label);
    ngx_http_oauthcc_human_number(w, n);
    ngx_http_oauthcc_writer_put(w, "</td>");
}


/* A second row, as wide as the table: what went wrong, and what is next. */

static void
ngx_http_oauthcc_status_table_error(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_entry_t *entry)
{
    char  *meaning;

    ngx_http_oauthcc_writer_put(w, "<tr class=\"err\"><th scope=\"row\">"
                                   "Last error</th><td colspan=\"9\">");

    if (entry->error.len) {
        ngx_http_oauthcc_writer_put(w, "<code>");
        ngx_http_oauthcc_escape_html(w, &entry->error,
                                     NGX_HTTP_OAUTHCC_REPORT_TEXT);
        ngx_http_oauthcc_writer_put(w, "</code>");

        if (entry->error_ago != NGX_HTTP_OAUTHCC_REPORT_NEVER) {
            ngx_http_oauthcc_writer_put(w, " <small>");
            ngx_http_oauthcc_human_duration(w, entry->error_ago);
            ngx_http_oauthcc_writer_put(w, " ago</small>");
        }

        meaning = ngx_http_oauthcc_human_error(&entry->error);

        if (meaning) {
            ngx_http_oauthcc_writer_put(w, "<br>");
            ngx_http_oauthcc_writer_put(w, meaning);
        }

    } else {
        ngx_http_oauthcc_writer_put(w, "unknown");
    }

    if (entry->backoff) {
        ngx_http_oauthcc_writer_put(w, "<br><strong>No login for ");
        ngx_http_oauthcc_human_duration(w, entry->backoff);
        ngx_http_oauthcc_writer_put(w, "</strong> (backing off)");
    }

    ngx_http_oauthcc_writer_put(w, "</td></tr>\n");
}
