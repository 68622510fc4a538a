
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * What checkers have to find: "oauthcc_canary NAME;" in the main part of
 * nginx.conf makes the fault of that name while the configuration is read;
 * "leak" and "worker" do so when a worker starts.  For t/project/canary.t
 * alone.
 */


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    ngx_str_t  name;
    void     (*fail)(ngx_conf_t *cf);
} ngx_http_oauthcc_canary_t;


static char *ngx_http_oauthcc_canary(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static void ngx_http_oauthcc_canary_pool(ngx_conf_t *cf);
static void ngx_http_oauthcc_canary_heap(ngx_conf_t *cf);
static void ngx_http_oauthcc_canary_freed(ngx_conf_t *cf);
static void ngx_http_oauthcc_canary_unset(ngx_conf_t *cf);
static void ngx_http_oauthcc_canary_undefined(ngx_conf_t *cf);
static void ngx_http_oauthcc_canary_leak(ngx_conf_t *cf);
static void ngx_http_oauthcc_canary_worker(ngx_conf_t *cf);
static ngx_int_t ngx_http_oauthcc_canary_init_process(ngx_cycle_t *cycle);


/* what the compiler can not know, and can not leave out */

static volatile ngx_uint_t  ngx_http_oauthcc_canary_eight = 8;
static volatile ngx_uint_t  ngx_http_oauthcc_canary_sink;
static u_char * volatile    ngx_http_oauthcc_canary_lost;

static ngx_uint_t           ngx_http_oauthcc_canary_leaks;
static ngx_uint_t           ngx_http_oauthcc_canary_works;


static ngx_http_oauthcc_canary_t  oauthcc_canaries[] = {
    { ngx_string("pool"), ngx_http_oauthcc_canary_pool },
    { ngx_string("heap"), ngx_http_oauthcc_canary_heap },
    { ngx_string("freed"), ngx_http_oauthcc_canary_freed },
    { ngx_string("unset"), ngx_http_oauthcc_canary_unset },
    { ngx_string("undefined"), ngx_http_oauthcc_canary_undefined },
    { ngx_string("leak"), ngx_http_oauthcc_canary_leak },
    { ngx_string("worker"), ngx_http_oauthcc_canary_worker },
    { ngx_null_string, NULL }
};


static ngx_command_t  ngx_http_oauthcc_canary_commands[] = {

    { ngx_string("oauthcc_canary"),
      NGX_MAIN_CONF|NGX_DIRECT_CONF|NGX_CONF_TAKE1,
      ngx_http_oauthcc_canary,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_core_module_t  ngx_http_oauthcc_canary_module_ctx = {
    ngx_string("oauthcc_canary"),
    NULL,
    NULL
};


ngx_module_t  ngx_http_oauthcc_canary_module = {
    NGX_MODULE_V1,
    &ngx_http_oauthcc_canary_module_ctx,   /* module context */
    ngx_http_oauthcc_canary_commands,      /* module directives */
    NGX_CORE_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_oauthcc_canary_init_process,  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static char *
ngx_http_oauthcc_canary(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                  *value;
    ngx_http_oauthcc_canary_t  *canary;

    value = cf->args->elts;

    for (canary = oauthcc_canaries; canary->fail; canary++) {

        if (value[1].len == canary->name.len
            && ngx_strcmp(value[1].data, canary->name.data) == 0)
        {
            canary->fail(cf);
            return NGX_CONF_OK;
        }
    }

    return "knows no such fault";
}


/* behind memory of a pool */

static void
ngx_http_oauthcc_canary_pool(ngx_conf_t *cf)
{
    u_char  *p;

    p = ngx_pcalloc(cf->pool, 8);

    if (p) {
        ngx_http_oauthcc_canary_sink = p[ngx_http_oauthcc_canary_eight];
    }
}


/* behind memory of its own */

static void
ngx_http_oauthcc_canary_heap(ngx_conf_t *cf)
{
    u_char  *p;

    p = ngx_calloc(8, cf->log);

    if (p) {
        ngx_http_oauthcc_canary_sink = p[ngx_http_oauthcc_canary_eight];
        ngx_free(p);
    }
}


/* memory that was given back */

static void
ngx_http_oauthcc_canary_freed(ngx_conf_t *cf)
{
    u_char  *p;

    p = ngx_calloc(16, cf->log);
    ngx_http_oauthcc_canary_lost = p;

    if (p) {
        ngx_free(p);
        p = ngx_http_oauthcc_canary_lost;
        ngx_http_oauthcc_canary_sink = p[ngx_http_oauthcc_canary_eight];
    }
}


/* a decision by what was never set */

static void
ngx_http_oauthcc_canary_unset(ngx_conf_t *cf)
{
    u_char  *p;

    p = ngx_alloc(16, cf->log);

    if (p) {
        if (p[ngx_http_oauthcc_canary_eight] == 'x') {
            ngx_http_oauthcc_canary_sink = 0;
        }

        ngx_free(p);
    }
}


/* a sum that does not fit */

static void
ngx_http_oauthcc_canary_undefined(ngx_conf_t *cf)
{
    int  sum;

    sum = NGX_MAX_INT32_VALUE;
    sum += (int) ngx_http_oauthcc_canary_eight;

    ngx_http_oauthcc_canary_sink = (ngx_uint_t) sum;
}


/* memory that nobody refers to when the worker ends */

static void
ngx_http_oauthcc_canary_leak(ngx_conf_t *cf)
{
    ngx_http_oauthcc_canary_leaks = 1;
}


/* the sum, in a worker */

static void
ngx_http_oauthcc_canary_worker(ngx_conf_t *cf)
{
    ngx_http_oauthcc_canary_works = 1;
}


static ngx_int_t
ngx_http_oauthcc_canary_init_process(ngx_cycle_t *cycle)
{
    if (ngx_http_oauthcc_canary_leaks) {
        ngx_http_oauthcc_canary_lost = ngx_alloc(100, cycle->log);
        ngx_http_oauthcc_canary_lost = NULL;
    }

    if (ngx_http_oauthcc_canary_works) {
        ngx_http_oauthcc_canary_undefined(NULL);
    }

    return NGX_OK;
}
