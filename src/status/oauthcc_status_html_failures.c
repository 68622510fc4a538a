
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_html_failures.h"
#include "status/oauthcc_format.h"


void
oauthcc_status_html_failures(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    ngx_uint_t                   i;
    oauthcc_snapshot_failure_t  *failure;

    if (report->nfailures == 0) {
        return;
    }

    oauthcc_writer_put(w, "<section id=\"failures\" aria-labelledby=\"f\">\n"
                          "<div class=\"head\"><h2 id=\"f\">Last failed "
                          "logins</h2></div>\n"
                          "<ol class=\"log bad\">\n");

    for (i = 0; i < report->nfailures; i++) {
        failure = &report->failures[i];

        oauthcc_writer_put(w, "<li>");
        oauthcc_format_time(w, failure->time, report->time);

        oauthcc_format_html(w, "<b>%V</b><span class=\"why\"><code>",
                            &report->providers[failure->provider].name);

        if (failure->status) {
            oauthcc_writer_print(w, "%ui ", failure->status);
        }

        oauthcc_format_html(w, "%V%s</code></span>"
                               "<small class=\"took\">took %M",
                            &failure->error, failure->cut ? "&hellip;" : "",
                            failure->took);

        if (failure->entry.len) {
            oauthcc_format_html(w, ", <code>%V</code>", &failure->entry);
        }

        oauthcc_writer_put(w, "</small></li>\n");
    }

    oauthcc_writer_put(w, "</ol></section>\n");
}
