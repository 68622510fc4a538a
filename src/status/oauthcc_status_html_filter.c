
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_html_filter.h"
#include "status/oauthcc_escape.h"
#include "status/oauthcc_format.h"
#include "status/oauthcc_status_query.h"


/* of such states that there are, or that are shown, there is a link */

typedef struct {
    char        *name;    /* argument; NULL: all */
    char        *text;
    char        *class;
    ngx_uint_t   states;  /* a bit each */
    ngx_uint_t   part;    /* of those in error */
} oauthcc_status_html_filter_t;


static void oauthcc_status_html_filter_states(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_filter_shown(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_filter_form(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);


static oauthcc_status_html_filter_t  oauthcc_status_html_filters[] = {

    { NULL, "all", "idle", OAUTHCC_SNAPSHOT_ALL, 0 },

    { OAUTHCC_STATUS_QUERY_ERROR, "failing or backing off", "bad",
      OAUTHCC_SNAPSHOT_ERROR, 0 },

    { "failing", "failing", "warn",
      oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_FAILING), 1 },

    { "backing_off", "backing off", "warn",
      oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_BACKOFF), 1 },

    { "fresh", "fresh", "ok",
      oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_FRESH), 0 },

    { "refresh_due", "refresh due", "busy",
      oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_DUE), 0 },

    { "logging_in", "logging in", "busy",
      oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_LOGIN), 0 },

    { "refreshing", "refreshing", "busy",
      oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_REFRESH), 0 },

    { "empty", "empty", "idle",
      oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_EMPTY), 0 },

    { NULL, NULL, NULL, 0, 0 }
};


void
oauthcc_status_html_filter(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    oauthcc_status_query_t  query;

    oauthcc_writer_put(w, "<nav aria-label=\"What is shown\">\n");

    oauthcc_status_html_filter_states(w, report);

    query = *report->query;
    query.paused = !query.paused;

    oauthcc_format_html(w, "<p class=\"dim\">%s <a href=\"",
                        report->query->paused
                        ? "Not reloaded."
                        : "Reloaded every 5 seconds.");
    oauthcc_status_query_link(w, &query);
    oauthcc_format_html(w, "\">%s</a>",
                        report->query->paused ? "Resume"
                                              : "Pause, and search");

    if (report->nfailures) {
        oauthcc_format_html(w, " &middot; <a href=\"#failures\">"
                               "Last failed logins: %L</a>",
                            (uint64_t) report->nfailures);
    }

    oauthcc_writer_put(w, "</p>\n");

    if (oauthcc_status_query_filters(report->query)) {
        oauthcc_status_html_filter_shown(w, report);
    }

    /* a reload would wipe what is being typed */

    if (report->query->paused) {
        oauthcc_status_html_filter_form(w, report);
    }

    oauthcc_writer_put(w, "</nav>\n");
}


static void
oauthcc_status_html_filter_states(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report)
{
    uint64_t                       n, error;
    ngx_uint_t                     i, shown;
    oauthcc_status_query_t         query;
    oauthcc_status_html_filter_t  *filter;

    error = 0;

    oauthcc_writer_put(w, "<ul>\n");

    for (filter = oauthcc_status_html_filters; filter->text; filter++) {
        n = 0;

        for (i = 0; i < OAUTHCC_SNAPSHOT_STATES; i++) {
            if (filter->states & oauthcc_snapshot_bit(i)) {
                n += report->states[i];
            }
        }

        shown = (filter->states == report->query->filter.states);

        if ((n == 0 || (filter->part && n == error)) && !shown
            && filter->name)
        {
            continue;
        }

        if (filter->states == OAUTHCC_SNAPSHOT_ERROR) {
            error = n;
        }

        query = *report->query;
        query.state = filter->name;

        oauthcc_format_html(w, "<li class=\"%s\"><a href=\"", filter->class);
        oauthcc_status_query_link(w, &query);
        oauthcc_format_html(w, "\"%s>%s %L</a></li>\n",
                            shown ? " aria-current=\"true\"" : "",
                            filter->text, n);
    }

    oauthcc_writer_put(w, "</ul>\n");
}


static void
oauthcc_status_html_filter_shown(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report)
{
    oauthcc_status_query_t      query;
    oauthcc_snapshot_filter_t  *filter;

    filter = &report->query->filter;

    oauthcc_format_html(w, "<p class=\"shown\">%L of %L entries match",
                        report->matching, report->entries);

    if (filter->provider.data) {
        oauthcc_format_html(w, ", provider <strong>%V</strong>",
                            &filter->provider);
    }

    if (filter->scope.len) {
        oauthcc_format_html(w, ", scope with <strong>%V</strong>",
                            &filter->scope);
    }

    if (report->query->state) {
        oauthcc_format_html(w, ", state <strong>%s</strong>",
                            report->query->state);
    }

    query = *report->query;
    query.state = NULL;
    ngx_str_null(&query.filter.provider);
    ngx_str_null(&query.filter.scope);

    oauthcc_writer_put(w, ". <a href=\"");
    oauthcc_status_query_link(w, &query);
    oauthcc_writer_put(w, "\">Show all</a></p>\n");
}


/* A value of a form comes back as it is, so none is cut. */

static void
oauthcc_status_html_filter_form(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report)
{
    ngx_str_t                     *name;
    ngx_uint_t                     i;
    oauthcc_status_query_t        *query;
    oauthcc_status_html_filter_t  *filter;

    query = report->query;

    oauthcc_writer_put(w, "<form method=\"get\">"
                          "<input type=\"hidden\" name=\"pause\" "
                          "value=\"1\">");

    if (query->format) {
        oauthcc_writer_put(w, "<input type=\"hidden\" name=\"format\" "
                              "value=\"html\">");
    }

    if (query->limited) {
        oauthcc_writer_print(w, "<input type=\"hidden\" name=\"limit\" "
                                "value=\"%ui\">", query->filter.limit);
    }

    oauthcc_writer_put(w, "\n<label>Provider <select name=\"provider\">"
                          "<option value=\"\">all</option>");

    for (i = 0; i < report->nproviders; i++) {
        name = &report->providers[i].name;

        oauthcc_writer_put(w, "<option value=\"");
        oauthcc_escape_html(w, name, name->len);
        oauthcc_format_html(w, "\"%s>%V</option>",
                            query->filter.provider.data
                            && !report->providers[i].hidden
                            ? " selected" : "", name);
    }

    oauthcc_writer_put(w, "</select></label>\n"
                          "<label>State <select name=\"state\">");

    for (filter = oauthcc_status_html_filters; filter->text; filter++) {
        oauthcc_format_html(w, "<option value=\"%s\"%s>%s</option>",
                            filter->name ? filter->name : "",
                            filter->states == query->filter.states
                            ? " selected" : "", filter->text);
    }

    oauthcc_writer_put(w, "</select></label>\n"
                          "<label>Scope with <input type=\"search\" "
                          "name=\"scope\" value=\"");
    oauthcc_escape_html(w, &query->filter.scope, query->filter.scope.len);
    oauthcc_writer_put(w, "\"></label>\n<button>Show</button></form>\n");
}
