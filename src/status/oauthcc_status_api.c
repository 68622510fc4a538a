
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_status_api.h"
#include "cache/oauthcc_invalidate.h"
#include "core/oauthcc_notify.h"
#include "core/oauthcc_provider_conf.h"
#include "status/oauthcc_status_http.h"
#include "status/oauthcc_status_json.h"
#include "token/oauthcc_acquire.h"
#include "token/oauthcc_refresh_request.h"


/* maximum size of a form, in bytes */
#define OAUTHCC_STATUS_API_FORM  4096

#define OAUTHCC_STATUS_API_TYPE  "application/x-www-form-urlencoded"


extern ngx_module_t  ngx_http_oauthcc_module;


typedef struct {
    ngx_str_t            action;
    ngx_str_t            name;   /* of a provider */
    ngx_str_t            entry;  /* data NULL: all */
    oauthcc_provider_t  *provider;
    uint64_t            *id;     /* NULL: all */
    uint64_t             value;  /* of the id */

    /* why it is rejected */
    ngx_uint_t           status;
    char                *error;
} oauthcc_status_api_order_t;


static void oauthcc_status_api_body(ngx_http_request_t *r);
static ngx_int_t oauthcc_status_api_order(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order);
static ngx_int_t oauthcc_status_api_decline(oauthcc_status_api_order_t *order,
    ngx_uint_t status, char *error);
static ngx_int_t oauthcc_status_api_form(ngx_http_request_t *r,
    ngx_str_t *form);
static void oauthcc_status_api_fields(ngx_http_request_t *r, ngx_str_t *form,
    oauthcc_status_api_order_t *order);
static ngx_uint_t oauthcc_status_api_is(ngx_str_t *text, char *word);
static ngx_int_t oauthcc_status_api_id(ngx_str_t *text, uint64_t *id);
static ngx_int_t oauthcc_status_api_purge(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order);
static ngx_int_t oauthcc_status_api_refresh(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order);
static ngx_int_t oauthcc_status_api_answer(ngx_http_request_t *r,
    ngx_uint_t status, json_t *answer);


ngx_int_t
oauthcc_status_api_handler(ngx_http_request_t *r)
{
    size_t      len;
    ngx_int_t   rc;
    ngx_str_t  *type;

    /* neither a form nor a script of another site can set this header */

    if (oauthcc_status_http_header(r, "x-requested-with") == NULL) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "\"oauthcc_status control\" needs a header "
                      "\"X-Requested-With\"");
        return NGX_HTTP_FORBIDDEN;
    }

    type = oauthcc_status_http_header(r, "content-type");
    len = sizeof(OAUTHCC_STATUS_API_TYPE) - 1;

    if (type == NULL || type->len < len
        || ngx_strncasecmp(type->data, (u_char *) OAUTHCC_STATUS_API_TYPE, len)
           != 0)
    {
        return NGX_HTTP_UNSUPPORTED_MEDIA_TYPE;
    }

    if (r->headers_in.content_length_n > OAUTHCC_STATUS_API_FORM) {
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

    rc = oauthcc_status_api_order(r, &order);

    if (rc == NGX_OK) {
        rc = oauthcc_status_api_is(&order.action, "purge")
             ? oauthcc_status_api_purge(r, &order)
             : oauthcc_status_api_refresh(r, &order);
    }

    if (rc == NGX_DECLINED) {
        rc = oauthcc_status_api_answer(r, order.status,
                                       json_pack("{s:i, s:s}", "version", 1,
                                                 "error", order.error));
    }

    ngx_http_finalize_request(r, rc);
}


/* Parses an order; NGX_DECLINED: it has the reason why it is rejected. */

static ngx_int_t
oauthcc_status_api_order(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order)
{
    ngx_int_t                      rc;
    ngx_str_t                      form;
    ngx_http_oauthcc_main_conf_t  *omcf;

    rc = oauthcc_status_api_form(r, &form);

    if (rc != NGX_OK) {
        return rc;
    }

    oauthcc_status_api_fields(r, &form, order);

    if (!oauthcc_status_api_is(&order->action, "purge")
        && !oauthcc_status_api_is(&order->action, "refresh"))
    {
        return oauthcc_status_api_decline(order, NGX_HTTP_BAD_REQUEST,
                            "\"action\" has to be \"purge\" or \"refresh\"");
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


static ngx_int_t
oauthcc_status_api_decline(oauthcc_status_api_order_t *order,
    ngx_uint_t status, char *error)
{
    order->status = status;
    order->error = error;

    return NGX_DECLINED;
}


/* Reads the body: from one buffer, from two, or from a file. */

static ngx_int_t
oauthcc_status_api_form(ngx_http_request_t *r, ngx_str_t *form)
{
    u_char       *p;
    size_t        n;
    ssize_t       read;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    p = ngx_pnalloc(r->pool, OAUTHCC_STATUS_API_FORM);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    form->data = p;
    form->len = 0;

    if (r->request_body == NULL) {
        return NGX_OK;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;
        n = ngx_buf_size(b);

        if (n > OAUTHCC_STATUS_API_FORM - form->len) {
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        }

        if (b->in_file) {
            read = ngx_read_file(b->file, p, n, b->file_pos);

            if (read != (ssize_t) n) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

        } else if (n) {
            ngx_memcpy(p, b->pos, n);
        }

        p += n;
        form->len += n;
    }

    return NGX_OK;
}


/*
 * Decodes the fields of the form in place.  A form is encoded as arguments
 * are, and nginx parses those; find all of them before the first one is
 * changed.
 */

static void
oauthcc_status_api_fields(ngx_http_request_t *r, ngx_str_t *form,
    oauthcc_status_api_order_t *order)
{
    u_char     *p, *dst, *src;
    ngx_str_t   args, *value[3];
    ngx_uint_t  i;

    static ngx_str_t  names[] = {
        ngx_string("action"), ngx_string("provider"), ngx_string("entry")
    };

    value[0] = &order->action;
    value[1] = &order->name;
    value[2] = &order->entry;

    args = r->args;
    r->args = *form;

    for (i = 0; i < 3; i++) {

        if (ngx_http_arg(r, names[i].data, names[i].len, value[i]) != NGX_OK) {
            ngx_str_null(value[i]);
        }
    }

    r->args = args;

    for (i = 0; i < 3; i++) {

        if (value[i]->len == 0) {
            continue;
        }

        dst = value[i]->data;
        src = dst;

        for (p = src; p < src + value[i]->len; p++) {
            if (*p == '+') {
                *p = ' ';
            }
        }

        ngx_unescape_uri(&dst, &src, value[i]->len, 0);

        value[i]->len = dst - value[i]->data;
    }
}


static ngx_uint_t
oauthcc_status_api_is(ngx_str_t *text, char *word)
{
    return text->len == ngx_strlen(word)
           && ngx_strncmp(text->data, word, text->len) == 0;
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
    ngx_uint_t           n;
    oauthcc_provider_t  *provider;

    provider = order->provider;

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

    return oauthcc_status_api_answer(r, NGX_HTTP_OK,
                                     json_pack("{s:i, s:s, s:s%, s:I}",
                                               "version", 1, "action", "purge",
                                               "provider", provider->name.data,
                                               provider->name.len,
                                               "purged", (json_int_t) n));
}


static ngx_int_t
oauthcc_status_api_refresh(ngx_http_request_t *r,
    oauthcc_status_api_order_t *order)
{
    ngx_uint_t                     place, status;
    oauthcc_provider_t            *provider;
    ngx_http_oauthcc_main_conf_t  *omcf;
    oauthcc_invalidate_order_t     done;

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    provider = order->provider;

    if (provider->document.per_request) {
        return oauthcc_status_api_decline(order, NGX_HTTP_CONFLICT,
                         "each request logs in: there is nothing to refresh");
    }

    oauthcc_invalidate_refresh(provider->runtime.cache,
                               provider->runtime.local->digest,
                               order->id, &done);

    if (done.found == 0 && order->id) {
        return oauthcc_status_api_decline(order, NGX_HTTP_NOT_FOUND,
                                          "there is no such entry");
    }

    if (done.found == 0 && provider->endpoint.value == NULL) {

        /* nobody has asked yet: somebody does now */

        done.found = 1;
        done.wanted = 1;

        (void) oauthcc_acquire_attend(provider->runtime.local, &place);

    } else if (done.wanted) {
        oauthcc_refresh_request_grant(&omcf->providers);
        oauthcc_notify(r->connection->log);
    }

    ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                  "%ui of %ui entries are refreshed by hand, "
                  "oauthcc provider: \"%V\"",
                  done.wanted, done.found, &provider->name);

    status = NGX_HTTP_OK;

    if (done.early && done.early == done.found) {
        status = NGX_HTTP_TOO_MANY_REQUESTS;

        if (oauthcc_status_http_add_header(r, "Retry-After", "1") != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    return oauthcc_status_api_answer(r, status,
                             json_pack("{s:i, s:s, s:s%, s:I, s:I, s:I}",
                                       "version", 1, "action", "refresh",
                                       "provider", provider->name.data,
                                       provider->name.len,
                                       "refreshed", (json_int_t) done.wanted,
                                       "running", (json_int_t) done.running,
                                       "too_early", (json_int_t) done.early));
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
