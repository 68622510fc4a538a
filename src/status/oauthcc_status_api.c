
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_status_api.h"
#include "cache/oauthcc_fleet.h"
#include "cache/oauthcc_invalidate.h"
#include "core/oauthcc_notify.h"
#include "core/oauthcc_provider_conf.h"
#include "core/oauthcc_text.h"
#include "status/oauthcc_form_token.h"
#include "status/oauthcc_status_form.h"
#include "status/oauthcc_status_http.h"
#include "status/oauthcc_status_json.h"
#include "status/oauthcc_status_wait.h"
#include "store/oauthcc_store.h"
#include "token/oauthcc_acquire.h"
#include "token/oauthcc_refresh_request.h"


#define OAUTHCC_STATUS_API_TYPE  "application/x-www-form-urlencoded"


extern ngx_module_t  ngx_http_oauthcc_module;


typedef struct {
    ngx_str_t            action;
    ngx_str_t            name;   /* of a provider */
    ngx_str_t            entry;  /* data NULL: all */
    ngx_str_t            wait;   /* data NULL: not at all */
    ngx_str_t            token;  /* of a form on the page */
    ngx_uint_t           form;   /* it is one */

    oauthcc_provider_t  *provider;
    uint64_t            *id;     /* NULL: all */
    uint64_t             value;  /* of the id */
    ngx_msec_t           msec;   /* to wait for logins, 0: not at all */

    /* the answer, or why it is rejected */
    ngx_uint_t           status;
    json_t              *answer;
    char                *error;

    /* logins to wait for */
    oauthcc_outcome_target_t  *targets;
    ngx_uint_t                 ntargets;
} oauthcc_status_api_order_t;


static void oauthcc_status_api_body(ngx_http_request_t *r);
static ngx_int_t oauthcc_status_api_run(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order);
static ngx_int_t oauthcc_status_api_order(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order);
static ngx_int_t oauthcc_status_api_allow(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order);
static ngx_int_t oauthcc_status_api_decline(oauthcc_status_api_order_t *order,
    ngx_uint_t status, char *error);
static void oauthcc_status_api_fields(ngx_http_request_t *r, ngx_str_t *form,
    oauthcc_status_api_order_t *order);
static ngx_int_t oauthcc_status_api_id(ngx_str_t *text, uint64_t *id);
static ngx_int_t oauthcc_status_api_purge(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order);
static char *oauthcc_status_api_purge_store(
    oauthcc_status_api_order_t *order);
static ngx_int_t oauthcc_status_api_refresh(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order);
static void oauthcc_status_api_first(oauthcc_status_api_order_t *order,
    oauthcc_invalidate_order_t *done);
static ngx_int_t oauthcc_status_api_answer(ngx_http_request_t *r,
    ngx_uint_t status, json_t *answer);


ngx_int_t
oauthcc_status_api_handler(ngx_http_request_t *r)
{
    size_t      len;
    ngx_int_t   rc;
    ngx_str_t  *type;

    if (!oauthcc_status_http_same_origin(r)) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "\"oauthcc_status control\" refuses an order from a "
                      "page of another site");

        rc = ngx_http_discard_request_body(r);

        return rc == NGX_OK
               ? oauthcc_status_api_answer(r, NGX_HTTP_FORBIDDEN,
                             json_pack("{s:i, s:s}", "version", 1, "error",
                                       "\"Origin\" is another site"))
               : rc;
    }

    type = oauthcc_status_http_header(r, "content-type");
    len = sizeof(OAUTHCC_STATUS_API_TYPE) - 1;

    if (type == NULL || type->len < len
        || ngx_strncasecmp(type->data, (u_char *) OAUTHCC_STATUS_API_TYPE, len)
           != 0)
    {
        /* what may give no order is not told what one looks like */

        return oauthcc_status_http_header(r, "x-requested-with")
               ? NGX_HTTP_UNSUPPORTED_MEDIA_TYPE : NGX_HTTP_FORBIDDEN;
    }

    if (r->headers_in.content_length_n > OAUTHCC_STATUS_FORM_MAX) {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, oauthcc_status_api_body);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


static void
oauthcc_status_api_body(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    oauthcc_status_api_order_t  order;

    ngx_memzero(&order, sizeof(oauthcc_status_api_order_t));

    rc = oauthcc_status_api_run(r, &order);

    if (rc == NGX_DECLINED) {
        rc = oauthcc_status_api_answer(r, order.status,
                                       json_pack("{s:i, s:s}", "version", 1,
                                                 "error", order.error));
    }

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


/*
 * Carries out an order, and answers.  NGX_DECLINED: it is rejected; NGX_DONE:
 * the answer comes later.
 */

static ngx_int_t
oauthcc_status_api_run(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order)
{
    ngx_int_t  rc;

    rc = oauthcc_status_api_order(r, order);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_text_is(&order->action, "purge")
         ? oauthcc_status_api_purge(r, order)
         : oauthcc_status_api_refresh(r, order);

    if (rc != NGX_OK) {
        return rc;
    }

    if (order->form) {

        /* a reload of the page does not send the form once more */

        json_decref(order->answer);

        return oauthcc_status_http_see_page(r);
    }

    if (order->ntargets) {
        return oauthcc_status_wait(r, order->provider, order->targets,
                                   order->ntargets, order->msec,
                                   order->answer);
    }

    return oauthcc_status_api_answer(r, order->status, order->answer);
}


/* Parses an order; NGX_DECLINED: it has the reason why it is rejected. */

static ngx_int_t
oauthcc_status_api_order(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order)
{
    ngx_int_t                      rc;
    ngx_str_t                      form;
    ngx_http_oauthcc_main_conf_t  *omcf;

    rc = oauthcc_status_form_read(r, &form);

    if (rc != NGX_OK) {
        return rc;
    }

    oauthcc_status_api_fields(r, &form, order);

    rc = oauthcc_status_api_allow(r, order);

    if (rc != NGX_OK) {
        return rc;
    }

    if (!oauthcc_text_is(&order->action, "purge")
        && !oauthcc_text_is(&order->action, "refresh"))
    {
        return oauthcc_status_api_decline(order, NGX_HTTP_BAD_REQUEST,
                            "\"action\" has to be \"purge\" or \"refresh\"");
    }

    if (order->wait.data) {
        rc = ngx_atoi(order->wait.data, order->wait.len);

        if (rc == NGX_ERROR || rc > OAUTHCC_STATUS_WAIT_MAX) {
            return oauthcc_status_api_decline(order, NGX_HTTP_BAD_REQUEST,
                             "\"wait\" has to be a number from 0 to 60");
        }

        order->msec = (ngx_msec_t) rc * 1000;
    }

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    order->provider = oauthcc_main_conf_provider(omcf, &order->name);

    if (order->provider == NULL) {
        return oauthcc_status_api_decline(order, NGX_HTTP_NOT_FOUND,
                                          "there is no such provider");
    }

    if (order->entry.data) {
        order->id = &order->value;

        if (oauthcc_status_api_id(&order->entry, order->id) != NGX_OK) {
            return oauthcc_status_api_decline(order, NGX_HTTP_NOT_FOUND,
                                              "there is no such entry");
        }
    }

    return NGX_OK;
}


/*
 * Neither a form nor a script of another site can set this header, nor does it
 * know a token of a form of ours.
 */

static ngx_int_t
oauthcc_status_api_allow(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order)
{
    u_char                        *dst, *src;
    ngx_http_oauthcc_main_conf_t  *omcf;

    if (oauthcc_status_http_header(r, "x-requested-with")) {
        return NGX_OK;
    }

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    if (order->token.len) {

        /* what a form has is escaped once more, see status_html_form */

        dst = order->name.data;
        src = dst;

        ngx_unescape_uri(&dst, &src, order->name.len, 0);

        order->name.len = dst - order->name.data;
    }

    if (order->token.len && omcf->cache
        && oauthcc_form_token_valid(omcf->cache, &order->name, &order->entry,
                                    &order->token))
    {
        order->form = 1;

        /* the form has the field for all entries as well, which is empty */

        if (order->entry.len == 0) {
            order->entry.data = NULL;
        }

        return NGX_OK;
    }

    if (order->token.len) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "\"oauthcc_status control\" refuses a form whose token "
                      "is not valid, the page may be too old");

        return oauthcc_status_api_decline(order, NGX_HTTP_FORBIDDEN,
                              "the form is too old, or not one of this page: "
                              "reload the page");
    }

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "\"oauthcc_status control\" needs a header "
                  "\"X-Requested-With\"");

    return oauthcc_status_api_decline(order, NGX_HTTP_FORBIDDEN,
                              "the header \"X-Requested-With\" is missing");
}


static ngx_int_t
oauthcc_status_api_decline(oauthcc_status_api_order_t *order,
    ngx_uint_t status, char *error)
{
    order->status = status;
    order->error = error;

    return NGX_DECLINED;
}


static void
oauthcc_status_api_fields(ngx_http_request_t *r, ngx_str_t *form,
    oauthcc_status_api_order_t *order)
{
    oauthcc_status_form_field_t  fields[] = {
        { ngx_string("action"), &order->action },
        { ngx_string("provider"), &order->name },
        { ngx_string("entry"), &order->entry },
        { ngx_string("wait"), &order->wait },
        { ngx_string("token"), &order->token },
        { ngx_null_string, NULL }
    };

    oauthcc_status_form_decode(r, form, fields);
}


static ngx_int_t
oauthcc_status_api_id(ngx_str_t *text, uint64_t *id)
{
    u_char  c;
    size_t  i;

    if (text->len != 2 * sizeof(uint64_t)) {
        return NGX_ERROR;
    }

    *id = 0;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (c >= '0' && c <= '9') {
            c -= '0';

        } else if (c >= 'a' && c <= 'f') {
            c -= 'a' - 10;

        } else {
            return NGX_ERROR;
        }

        *id = *id << 4 | c;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_status_api_purge(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order)
{
    char                *store;
    ngx_uint_t           n;
    oauthcc_provider_t  *provider;

    provider = order->provider;

    /* the store comes first: what is purged here must not be found there */

    store = oauthcc_status_api_purge_store(order);

    n = oauthcc_invalidate_purge(provider->runtime.cache,
                                 provider->runtime.local->digest,
                                 order->id);

    if (n) {
        oauthcc_notify(r->connection->log);
    }

    if (n == 0 && order->id) {
        return oauthcc_status_api_decline(order, NGX_HTTP_NOT_FOUND,
                                          "there is no such entry");
    }

    ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                  "%ui entries were purged by hand, oauthcc provider: \"%V\"",
                  n, &provider->name);

    order->status = NGX_HTTP_OK;
    order->answer = json_pack("{s:i, s:s, s:s%, s:I, s:s*}",
                              "version", 1, "action", "purge",
                              "provider", provider->name.data,
                              provider->name.len,
                              "purged", (json_int_t) n, "store", store);

    return NGX_OK;
}


/* Whether the other gateways are told; NULL: there are none. */

static char *
oauthcc_status_api_purge_store(oauthcc_status_api_order_t *order)
{
    u_char               name[OAUTHCC_STORE_NAME];
    oauthcc_provider_t  *provider;

    provider = order->provider;

    if (provider->store == NULL) {
        return NULL;
    }

    if (order->id
        && oauthcc_fleet_name(provider->runtime.cache,
                              provider->runtime.local->digest, *order->id,
                              name)
           != NGX_OK)
    {
        return NULL;
    }

    return oauthcc_store_purge(provider->store,
                               provider->runtime.local->digest,
                               order->id ? name : NULL)
           == NGX_OK ? "told" : "away";
}


static ngx_int_t
oauthcc_status_api_refresh(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order)
{
    oauthcc_provider_t            *provider;
    ngx_http_oauthcc_main_conf_t  *omcf;
    oauthcc_invalidate_order_t     done;

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    provider = order->provider;

    if (provider->document.per_request) {
        return oauthcc_status_api_decline(order, NGX_HTTP_CONFLICT,
                         "each request logs in: there is nothing to refresh");
    }

    ngx_memzero(&done, sizeof(oauthcc_invalidate_order_t));

    if (order->msec) {
        done.targets = ngx_palloc(r->pool, OAUTHCC_INVALIDATE_ORDERS
                                           * sizeof(oauthcc_outcome_target_t));
        if (done.targets == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    oauthcc_invalidate_refresh(provider->runtime.cache,
                               provider->runtime.local->digest,
                               order->id, &done);

    if (done.found == 0 && order->id) {
        return oauthcc_status_api_decline(order, NGX_HTTP_NOT_FOUND,
                                          "there is no such entry");
    }

    if (done.found == 0 && provider->endpoint.value == NULL) {
        oauthcc_status_api_first(order, &done);

    } else if (done.wanted) {
        oauthcc_refresh_request_grant(&omcf->providers);
        oauthcc_notify(r->connection->log);
    }

    ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                  "%ui of %ui entries are refreshed by hand, "
                  "oauthcc provider: \"%V\"",
                  done.wanted, done.found, &provider->name);

    order->targets = done.targets;
    order->ntargets = done.ntargets;
    order->status = NGX_HTTP_OK;

    if (done.early && done.early == done.found && !order->form) {
        order->status = NGX_HTTP_TOO_MANY_REQUESTS;

        if (oauthcc_status_http_add_header(r, "Retry-After", "1") != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    order->answer = json_pack("{s:i, s:s, s:s%, s:I, s:I, s:I}",
                              "version", 1, "action", "refresh",
                              "provider", provider->name.data,
                              provider->name.len,
                              "refreshed", (json_int_t) done.wanted,
                              "running", (json_int_t) done.running,
                              "too_early", (json_int_t) done.early);

    return NGX_OK;
}


/* Nobody has asked yet: somebody does now. */

static void
oauthcc_status_api_first(oauthcc_status_api_order_t *order,
    oauthcc_invalidate_order_t *done)
{
    ngx_uint_t        place;
    oauthcc_local_t  *local;
    oauthcc_cache_t  *cache;

    local = order->provider->runtime.local;
    cache = order->provider->runtime.cache;

    done->found = 1;
    done->wanted = 1;

    if (done->targets) {
        oauthcc_outcome_next(cache, local->digest, &done->targets[0]);
        done->ntargets = 1;
    }

    (void) oauthcc_acquire_attend(local, &place);

    if (done->targets) {
        oauthcc_outcome_begun(cache, &done->targets[0]);
    }
}


/* Takes the answer, whatever happens. */

static ngx_int_t
oauthcc_status_api_answer(ngx_http_request_t *r, ngx_uint_t status,
    json_t *answer)
{
    oauthcc_writer_t  w;

    oauthcc_writer_init(&w, r->pool);
    oauthcc_status_json_write(&w, answer, 0);

    return oauthcc_status_http_send(r, status, "application/json", &w);
}
