
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_ready.h"
#include "cache/oauthcc_readiness.h"
#include "status/oauthcc_status_http.h"
#include "status/oauthcc_status_json.h"
#include "token/oauthcc_token_types.h"


extern ngx_module_t  ngx_http_oauthcc_module;


/* the names of oauthcc_readiness_e */

static char  *oauthcc_ready_states[] = { "token", "no_token", "failing" };


ngx_int_t
oauthcc_ready_answer(ngx_http_request_t *r, ngx_array_t *providers)
{
    json_t                        *list;
    ngx_int_t                      rc;
    ngx_uint_t                     i, ready;
    oauthcc_writer_t               w;
    oauthcc_provider_t           **provider;
    oauthcc_readiness_e            state;
    ngx_http_oauthcc_main_conf_t  *omcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        rc = oauthcc_status_http_add_header(r, "Allow", "GET, HEAD");

        return rc == NGX_OK ? NGX_HTTP_NOT_ALLOWED
                            : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    oauthcc_writer_init(&w, r->pool);

    list = json_array();
    provider = providers->elts;
    ready = 1;

    for (i = 0; i < providers->nelts; i++) {
        state = oauthcc_readiness_get(omcf->cache,
                                      provider[i]->runtime.local->digest);

        if (state == OAUTHCC_READINESS_FAILING) {
            ready = 0;
        }

        oauthcc_status_json_put(&w, list, NULL,
                  json_pack("{s:o, s:s}", "name",
                            oauthcc_status_json_text(&w, &provider[i]->name,
                                                     NGX_MAX_SIZE_T_VALUE),
                            "state", oauthcc_ready_states[state]));
    }

    oauthcc_status_json_write(&w, json_pack("{s:b, s:o}", "ready", ready,
                                            "providers", list),
                              JSON_INDENT(2));

    if (w.failed) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "no memory for the status page");
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return oauthcc_status_http_send(r, ready ? NGX_HTTP_OK
                                             : NGX_HTTP_SERVICE_UNAVAILABLE,
                                    "application/json", &w);
}
