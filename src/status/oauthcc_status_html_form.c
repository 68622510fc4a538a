
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_html_form.h"
#include "status/oauthcc_escape.h"
#include "status/oauthcc_format.h"


/*
 * The name of a provider is escaped like a part of a URL: any bytes come back
 * as they are, whatever a browser takes them for.
 */

void
oauthcc_status_html_form(oauthcc_writer_t *w, oauthcc_snapshot_t *report,
    oauthcc_snapshot_provider_t *provider, oauthcc_snapshot_entry_t *entry)
{
    char       *all;
    u_char      token[OAUTHCC_FORM_TOKEN_LEN];
    ngx_str_t   id;

    if (report->form == NULL) {
        return;
    }

    ngx_str_null(&id);

    if (entry) {
        id = entry->id;
    }

    if (oauthcc_form_token_write(report->form, &provider->name, &id, token)
        != NGX_OK)
    {
        w->failed = 1;
        return;
    }

    oauthcc_writer_put(w, "<form method=\"post\" class=\"do\">"
                          "<input type=\"hidden\" name=\"provider\" "
                          "value=\"");
    oauthcc_escape_uri(w, &provider->name);

    oauthcc_format_html(w, "\"><input type=\"hidden\" name=\"entry\" "
                           "value=\"%V\">"
                           "<input type=\"hidden\" name=\"token\" value=\"",
                        &id);
    oauthcc_writer_bytes(w, token, OAUTHCC_FORM_TOKEN_LEN);

    all = entry || provider->all < 2 ? "" : " all";

    oauthcc_writer_put(w, "\">");

    if (!provider->per_request) {
        oauthcc_format_html(w, "<button name=\"action\" value=\"refresh\">"
                               "%s%s</button>",
                            entry || provider->all ? "Refresh" : "Log in now",
                            all);
    }

    if (entry || provider->all) {
        oauthcc_format_html(w, "<button name=\"action\" value=\"purge\">"
                               "Purge%s</button>", all);
    }

    oauthcc_writer_put(w, "</form>");
}
