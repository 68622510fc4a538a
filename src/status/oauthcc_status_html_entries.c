
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_html_entries.h"
#include "status/oauthcc_format.h"
#include "status/oauthcc_metrics.h"
#include "status/oauthcc_status_html_form.h"


typedef struct {
    char  *text;
    char  *class;    /* while a token is there */
    char  *without;  /* while none is */
} oauthcc_status_html_entries_state_t;


static void oauthcc_status_html_entries_entry(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_provider_t *provider,
    oauthcc_snapshot_entry_t *entry);
static uint64_t oauthcc_status_html_entries_metrics(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_html_entries_key(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_html_entries_life(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_html_entries_at(oauthcc_writer_t *w, char *element,
    char *property, uint64_t n, uint64_t all);
static void oauthcc_status_html_entries_login(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_html_entries_error(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_entry_t *entry,
    uint64_t columns);
static void oauthcc_status_html_entries_ago(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, ngx_msec_t ago);
static void oauthcc_status_html_entries_in(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, ngx_msec_t in);


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
oauthcc_status_html_entries(oauthcc_writer_t *w, oauthcc_snapshot_t *report,
    oauthcc_snapshot_provider_t *provider)
{
    ngx_uint_t  i;

    oauthcc_format_html(w,
        "<table>\n"
        "<caption class=\"hide\">Entries of %V</caption>\n"
        "<thead><tr>"
        "<th scope=\"col\">Entry</th>"
        "<th scope=\"col\">State</th>"
        "<th scope=\"col\">Life left</th>"
        "<th scope=\"col\">Last login</th>"
        "<th scope=\"col\">Next refresh</th>", &provider->name);

    (void) oauthcc_status_html_entries_metrics(w, NULL);

    oauthcc_writer_put(w, "</tr></thead>\n");

    for (i = 0; i < provider->nentries; i++) {
        oauthcc_status_html_entries_entry(w, report, provider,
                                          &provider->entries[i]);
    }

    oauthcc_writer_put(w, "</table>\n");
}


static void
oauthcc_status_html_entries_entry(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_provider_t *provider,
    oauthcc_snapshot_entry_t *entry)
{
    uint64_t                              columns;
    oauthcc_status_html_entries_state_t  *state;

    state = &oauthcc_status_html_entries_states[entry->state];

    oauthcc_format_html(w, "<tbody class=\"%s\">\n<tr>",
                        entry->life && entry->left
                        ? state->class : state->without);

    oauthcc_status_html_entries_key(w, entry);
    oauthcc_status_html_form(w, report, provider, entry);

    oauthcc_format_html(w, "</th>\n<td class=\"t\" data-l=\"State\">"
                           "<span class=\"tag\">%s</span></td>", state->text);

    oauthcc_status_html_entries_life(w, entry);
    oauthcc_status_html_entries_login(w, report, entry);

    columns = oauthcc_status_html_entries_metrics(w, entry);

    oauthcc_writer_put(w, "</tr>\n");

    if (entry->error.len || entry->backoff) {
        oauthcc_status_html_entries_error(w, report, entry, columns);
    }

    oauthcc_writer_put(w, "</tbody>\n");
}


/*
 * Those of an entry, which are counts, or, without one, the heads of their
 * columns; how many columns the table has with them.
 */

static uint64_t
oauthcc_status_html_entries_metrics(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry)
{
    uint64_t                   n;
    oauthcc_metrics_t         *metric;
    oauthcc_metrics_series_t  *series;

    n = 5;

    for (metric = oauthcc_metrics_entry; metric->series[0].n; metric++) {

        for (series = metric->series; series->n; series++) {

            if (series->title == NULL) {
                continue;
            }

            n++;

            if (entry) {
                oauthcc_format_html(w, "<td class=\"n\" data-l=\"%s\">%L</td>",
                                    series->title,
                                    oauthcc_metrics_count(series, entry));

            } else {
                oauthcc_format_html(w, "<th scope=\"col\" class=\"n\">%s</th>",
                                    series->title);
            }
        }
    }

    return n;
}


static void
oauthcc_status_html_entries_key(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry)
{
    ngx_uint_t  i, n;
    ngx_str_t  *value[3];

    static char  *names[] = { "scope", "audience", "resource" };

    value[0] = &entry->scope;
    value[1] = &entry->audience;
    value[2] = &entry->resource;

    oauthcc_writer_put(w, "<th scope=\"row\" class=\"key\">");

    for (i = 0, n = 0; i < 3; i++) {

        if (value[i]->len) {
            n++;
            oauthcc_format_html(w, "<span><small>%s</small> <bdi>%V</bdi>"
                                   "</span>", names[i], value[i]);
        }
    }

    oauthcc_format_html(w, "%s<small><code>%V</code></small>",
                        n ? "" : "<span>no scope</span>", &entry->id);
}


/* A bar, with a mark where the refresh is due, and the same in words. */

static void
oauthcc_status_html_entries_life(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry)
{
    uint64_t  mark;

    oauthcc_writer_put(w, "\n<td class=\"life\" data-l=\"Life left\">");

    if (entry->life == 0) {
        oauthcc_writer_put(w, "<span class=\"dim\">no token</span></td>");
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

    oauthcc_format_html(w, entry->left ? "<br>%M" : "<br>over", entry->left);
    oauthcc_format_html(w, " <small>of %M</small></div></td>", entry->life);
}


void
oauthcc_status_html_entries_bar(oauthcc_writer_t *w, uint64_t n, uint64_t all,
    uint64_t mark)
{
    oauthcc_writer_put(w, "<span class=\"bar\" aria-hidden=\"true\">");

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

    permille = all ? ngx_min(n, all) * 1000 / all : 0;

    oauthcc_writer_print(w, "<%s style=\"%s:%uL.%uL%%\"></%s>",
                         element, property, permille / 10,
                         permille % 10, element);
}


/* The last one, and the next. */

static void
oauthcc_status_html_entries_login(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_entry_t *entry)
{
    oauthcc_writer_put(w, "\n<td class=\"t\" data-l=\"Last login\"><div>");

    oauthcc_format_html(w, entry->login_ago == OAUTHCC_NEVER
                           ? "<span class=\"dim\">never</span>" : "%M ago",
                        entry->login_ago);

    if (entry->login_ago != OAUTHCC_NEVER) {
        oauthcc_status_html_entries_ago(w, report, entry->login_ago);
    }

    if (entry->login_time != OAUTHCC_NEVER) {
        oauthcc_format_html(w, " <small>took %M</small>", entry->login_time);
    }

    oauthcc_writer_put(w, "</div></td>\n"
                          "<td class=\"t\" data-l=\"Next refresh\"><div>");

    oauthcc_format_html(w, entry->refresh_in == OAUTHCC_NEVER
                           ? "<span class=\"dim\">none</span>"
                           : entry->refresh_in ? "in %M" : "due",
                        entry->refresh_in);

    if (entry->refresh_in != OAUTHCC_NEVER && entry->refresh_in) {
        oauthcc_status_html_entries_in(w, report, entry->refresh_in);
    }

    oauthcc_writer_put(w, "</div></td>\n");
}


/* A second row, as wide as the table: what went wrong, and what is next. */

static void
oauthcc_status_html_entries_error(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_entry_t *entry,
    uint64_t columns)
{
    char  *meaning;

    oauthcc_format_html(w, "<tr class=\"err\"><th scope=\"row\">Last error"
                           "</th><td colspan=\"%L\">",
                        columns - 1);

    if (entry->error.len) {
        oauthcc_writer_put(w, "<code>");

        if (entry->error_status) {
            oauthcc_writer_print(w, "%ui ", entry->error_status);
        }

        oauthcc_format_html(w, "%V</code>", &entry->error);

        if (entry->error_ago != OAUTHCC_NEVER) {
            oauthcc_format_html(w, " <small>%M ago</small>", entry->error_ago);
            oauthcc_status_html_entries_ago(w, report, entry->error_ago);
        }

        meaning = oauthcc_format_error(&entry->error);

        if (meaning) {
            oauthcc_format_html(w, "<br>%s", meaning);
        }

    } else {
        oauthcc_writer_put(w, "unknown");
    }

    if (entry->backoff) {
        oauthcc_format_html(w, "<br><strong>No login for %M</strong>"
                               " (backing off), next try",
                            entry->backoff);
        oauthcc_status_html_entries_in(w, report, entry->backoff);
    }

    oauthcc_writer_put(w, "</td></tr>\n");
}


/* The time of day of it. */

static void
oauthcc_status_html_entries_ago(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, ngx_msec_t ago)
{
    oauthcc_writer_put(w, " <small>at ");
    oauthcc_format_time(w, report->time - (time_t) (ago / 1000), report->time);
    oauthcc_writer_put(w, "</small>");
}


static void
oauthcc_status_html_entries_in(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, ngx_msec_t in)
{
    oauthcc_writer_put(w, " <small>at ");
    oauthcc_format_time(w, report->time + (time_t) (in / 1000), report->time);
    oauthcc_writer_put(w, "</small>");
}
