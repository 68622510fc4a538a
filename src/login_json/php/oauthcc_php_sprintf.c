
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_sprintf.h"
#include "login_json/php/oauthcc_php_sprintf_number.h"


/* larger numbers in a format become this, which exceeds every limit */
#define OAUTHCC_PHP_SPRINTF_MAX_NUMBER     1000000

/* pool, args and pos are NULL while a format is only checked */

typedef struct {
    u_char                *format;  /* the rest of the format */
    u_char                *last;

    ngx_pool_t            *pool;
    oauthcc_php_scalar_t  *args;
    ngx_uint_t             n;
    ngx_uint_t             next;

    u_char                *pos;
    size_t                 left;

    char                  *err;
} oauthcc_php_sprintf_ctx_t;


static ngx_int_t oauthcc_php_sprintf_run(oauthcc_php_sprintf_ctx_t *ctx);
static ngx_int_t oauthcc_php_sprintf_parse(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec, ngx_uint_t *arg);
static ngx_int_t oauthcc_php_sprintf_flags(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec);
static ngx_int_t oauthcc_php_sprintf_sizes(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec);
static size_t oauthcc_php_sprintf_count(oauthcc_php_sprintf_ctx_t *ctx);
static ngx_int_t oauthcc_php_sprintf_arg(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec, oauthcc_php_scalar_t *arg);
static ngx_int_t oauthcc_php_sprintf_string(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec, oauthcc_php_scalar_t *arg);
static ngx_int_t oauthcc_php_sprintf_pad(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec, u_char *text, size_t len);
static ngx_int_t oauthcc_php_sprintf_write(oauthcc_php_sprintf_ctx_t *ctx,
    u_char *text, size_t len);
static ngx_int_t oauthcc_php_sprintf_fill(oauthcc_php_sprintf_ctx_t *ctx,
    u_char c, size_t len);
static ngx_int_t oauthcc_php_sprintf_reserve(oauthcc_php_sprintf_ctx_t *ctx,
    size_t len);
static ngx_int_t oauthcc_php_sprintf_declined(oauthcc_php_sprintf_ctx_t *ctx,
    char *err);


#define oauthcc_php_sprintf_digit(c)  ((c) >= '0' && (c) <= '9')


ngx_int_t
oauthcc_php_sprintf(ngx_pool_t *pool, ngx_str_t *format,
    oauthcc_php_scalar_t *args, ngx_uint_t n, ngx_str_t *out, char **err)
{
    size_t                     len;
    u_char                    *buf;
    ngx_int_t                  rc;
    oauthcc_php_sprintf_ctx_t  ctx;

    buf = ngx_alloc(OAUTHCC_PHP_SPRINTF_MAX_LEN, pool->log);
    if (buf == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&ctx, sizeof(oauthcc_php_sprintf_ctx_t));

    ctx.format = format->data;
    ctx.last = format->data + format->len;
    ctx.pool = pool;
    ctx.args = args;
    ctx.n = n;
    ctx.pos = buf;
    ctx.left = OAUTHCC_PHP_SPRINTF_MAX_LEN;

    rc = oauthcc_php_sprintf_run(&ctx);

    len = OAUTHCC_PHP_SPRINTF_MAX_LEN - ctx.left;

    if (rc == NGX_OK) {
        out->len = len;
        out->data = ngx_pnalloc(pool, len);

        if (out->data) {
            ngx_memcpy(out->data, buf, len);

        } else {
            rc = NGX_ERROR;
        }

    } else if (rc == NGX_DECLINED) {
        *err = ctx.err;
    }

    /* the output may contain a secret: wipe it */

    ngx_explicit_memzero(buf, len);
    ngx_free(buf);

    return rc;
}


ngx_int_t
oauthcc_php_sprintf_check(ngx_str_t *format, ngx_uint_t n, char **err)
{
    ngx_int_t                  rc;
    oauthcc_php_sprintf_ctx_t  ctx;

    ngx_memzero(&ctx, sizeof(oauthcc_php_sprintf_ctx_t));

    ctx.format = format->data;
    ctx.last = format->data + format->len;
    ctx.n = n;
    ctx.left = OAUTHCC_PHP_SPRINTF_MAX_LEN;

    rc = oauthcc_php_sprintf_run(&ctx);

    if (rc == NGX_DECLINED) {
        *err = ctx.err;
    }

    return rc;
}


static ngx_int_t
oauthcc_php_sprintf_run(oauthcc_php_sprintf_ctx_t *ctx)
{
    u_char                        *p;
    ngx_int_t                      rc;
    ngx_uint_t                     arg;
    oauthcc_php_sprintf_number_t   spec;

    while (ctx->format < ctx->last) {
        p = ngx_strlchr(ctx->format, ctx->last, '%');

        if (p == NULL) {
            return oauthcc_php_sprintf_write(ctx, ctx->format,
                                             ctx->last - ctx->format);
        }

        rc = oauthcc_php_sprintf_write(ctx, ctx->format, p - ctx->format);
        if (rc != NGX_OK) {
            return rc;
        }

        ctx->format = p + 1;

        if (ctx->format < ctx->last && *ctx->format == '%') {
            rc = oauthcc_php_sprintf_write(ctx, ctx->format++, 1);

        } else {
            rc = oauthcc_php_sprintf_parse(ctx, &spec, &arg);

            if (rc == NGX_OK) {
                rc = oauthcc_php_sprintf_arg(ctx, &spec,
                                           ctx->pos ? &ctx->args[arg] : NULL);
            }
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


/* Reads a specification after its percent sign, with its specifier. */

static ngx_int_t
oauthcc_php_sprintf_parse(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec, ngx_uint_t *arg)
{
    u_char     *p;
    size_t      number;
    ngx_int_t   rc;
    ngx_uint_t  numbered;

    ngx_memzero(spec, sizeof(oauthcc_php_sprintf_number_t));

    spec->padding = ' ';
    numbered = 0;
    number = 0;

    for (p = ctx->format;
         p < ctx->last && oauthcc_php_sprintf_digit(*p);
         p++)
    {
        /* void */
    }

    if (p < ctx->last && *p == '$') {
        numbered = 1;
        number = oauthcc_php_sprintf_count(ctx);
        ctx->format++;

        if (number == 0) {
            return oauthcc_php_sprintf_declined(ctx,
                                       "the number of an argument is zero");
        }
    }

    rc = oauthcc_php_sprintf_flags(ctx, spec);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_php_sprintf_sizes(ctx, spec);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->format < ctx->last && *ctx->format == 'l') {
        ctx->format++;
    }

    if (ctx->format == ctx->last) {
        return oauthcc_php_sprintf_declined(ctx,
                                            "the format ends in a specifier");
    }

    spec->type = *ctx->format++;

    switch (spec->type) {

    /* a "%" that is not directly behind another takes an argument */

    case 's': case 'd': case 'u': case 'c': case '%':
    case 'x': case 'X': case 'o': case 'b':
    case 'f': case 'F': case 'e': case 'E':
    case 'g': case 'G': case 'h': case 'H':
        break;

    default:
        return oauthcc_php_sprintf_declined(ctx,
                                            "unknown specifier in the format");
    }

    *arg = numbered ? number - 1 : ctx->next++;

    if (*arg >= ctx->n) {
        return oauthcc_php_sprintf_declined(ctx,
                                       "too few arguments for the format");
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_sprintf_flags(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec)
{
    for ( /* void */ ; ctx->format < ctx->last; ctx->format++) {

        switch (*ctx->format) {

        case ' ':
        case '0':
            spec->padding = *ctx->format;
            break;

        case '-':
            spec->left = 1;
            break;

        case '+':
            spec->plus = 1;
            break;

        case '\'':
            ctx->format++;

            if (ctx->format == ctx->last) {
                return oauthcc_php_sprintf_declined(ctx,
                                       "the format ends in a specifier");
            }

            spec->padding = *ctx->format;
            break;

        default:
            return NGX_OK;
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_sprintf_sizes(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec)
{
    spec->width = oauthcc_php_sprintf_count(ctx);

    if (spec->width > OAUTHCC_PHP_SPRINTF_MAX_WIDTH) {
        return oauthcc_php_sprintf_declined(ctx,
                                            "too big a width in the format");
    }

    if (ctx->format == ctx->last || *ctx->format != '.') {
        return NGX_OK;
    }

    ctx->format++;

    /* a point without digits is no precision */

    if (ctx->format == ctx->last
        || !oauthcc_php_sprintf_digit(*ctx->format))
    {
        return NGX_OK;
    }

    spec->precise = 1;
    spec->precision = oauthcc_php_sprintf_count(ctx);

    if (spec->precision > OAUTHCC_PHP_SPRINTF_MAX_WIDTH) {
        return oauthcc_php_sprintf_declined(ctx,
                                       "too big a precision in the format");
    }

    return NGX_OK;
}


/* Reads a number; 0 without digits. */

static size_t
oauthcc_php_sprintf_count(oauthcc_php_sprintf_ctx_t *ctx)
{
    size_t  number;

    number = 0;

    for ( /* void */ ;
         ctx->format < ctx->last
         && oauthcc_php_sprintf_digit(*ctx->format);
         ctx->format++)
    {
        number = number * 10 + (*ctx->format - '0');
        number = ngx_min(number, OAUTHCC_PHP_SPRINTF_MAX_NUMBER);
    }

    return number;
}


static ngx_int_t
oauthcc_php_sprintf_arg(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec, oauthcc_php_scalar_t *arg)
{
    u_char  c, *last, text[1 + OAUTHCC_PHP_SPRINTF_NUMBER_LEN];

    switch (spec->type) {

    case '%':
    case 'c':

        /* %c is one byte, whatever its width */

        c = '%';

        if (spec->type == 'c' && arg) {
            c = (u_char) oauthcc_php_scalar_integer(arg);
        }

        return oauthcc_php_sprintf_write(ctx, &c, 1);

    default:
        break;
    }

    if (arg == NULL) {

        /* the minimum length of a value that is not known yet */

        return oauthcc_php_sprintf_reserve(ctx, spec->width);
    }

    if (spec->type == 's') {
        return oauthcc_php_sprintf_string(ctx, spec, arg);
    }

    last = oauthcc_php_sprintf_number(text, spec, arg);

    return oauthcc_php_sprintf_pad(ctx, spec, text, last - text);
}


static ngx_int_t
oauthcc_php_sprintf_string(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec, oauthcc_php_scalar_t *arg)
{
    ngx_str_t  text;

    if (oauthcc_php_scalar_string(ctx->pool, arg, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    if (spec->precise) {
        text.len = ngx_min(text.len, spec->precision);
    }

    return oauthcc_php_sprintf_pad(ctx, spec, text.data, text.len);
}


/* A sign stays before padding zeros. */

static ngx_int_t
oauthcc_php_sprintf_pad(oauthcc_php_sprintf_ctx_t *ctx,
    oauthcc_php_sprintf_number_t *spec, u_char *text, size_t len)
{
    size_t     fill;
    ngx_int_t  rc;

    fill = (len < spec->width) ? spec->width - len : 0;

    if (spec->left) {
        rc = oauthcc_php_sprintf_write(ctx, text, len);

        if (rc == NGX_OK) {
            rc = oauthcc_php_sprintf_fill(ctx, spec->padding, fill);
        }

        return rc;
    }

    if (spec->sign && spec->padding == '0') {
        rc = oauthcc_php_sprintf_write(ctx, text, 1);
        if (rc != NGX_OK) {
            return rc;
        }

        text++;
        len--;
    }

    rc = oauthcc_php_sprintf_fill(ctx, spec->padding, fill);

    if (rc == NGX_OK) {
        rc = oauthcc_php_sprintf_write(ctx, text, len);
    }

    return rc;
}


static ngx_int_t
oauthcc_php_sprintf_write(oauthcc_php_sprintf_ctx_t *ctx, u_char *text,
    size_t len)
{
    if (oauthcc_php_sprintf_reserve(ctx, len) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ctx->pos && len) {
        ctx->pos = ngx_cpymem(ctx->pos, text, len);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_sprintf_fill(oauthcc_php_sprintf_ctx_t *ctx, u_char c, size_t len)
{
    if (oauthcc_php_sprintf_reserve(ctx, len) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ctx->pos) {
        ngx_memset(ctx->pos, c, len);
        ctx->pos += len;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_sprintf_reserve(oauthcc_php_sprintf_ctx_t *ctx, size_t len)
{
    if (len > ctx->left) {
        return oauthcc_php_sprintf_declined(ctx, "the result is too long");
    }

    ctx->left -= len;

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_sprintf_declined(oauthcc_php_sprintf_ctx_t *ctx, char *err)
{
    ctx->err = err;

    return NGX_DECLINED;
}
