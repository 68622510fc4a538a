
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_TYPES_H_INCLUDED_
#define _OAUTHCC_STORE_TYPES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "core/oauthcc_value.h"


/* bytes of a name: half a digest; it is written as hexadecimal digits */
#define OAUTHCC_STORE_NAME    16

/* characters of an error code of a token endpoint, with a zero */
#define OAUTHCC_STORE_ERROR   48

/* "GATEWAY.NUMBER": 16 hexadecimal digits, 20 digits */
#define OAUTHCC_STORE_OWNER   37

/* bytes of a key that seals, and of its id */
#define OAUTHCC_STORE_KEY     32
#define OAUTHCC_STORE_KEY_ID  4

/* a key file has at least so many bytes, without its last line end */
#define OAUTHCC_STORE_KEY_MIN 32


typedef struct oauthcc_store_command_s  oauthcc_store_command_t;
typedef struct oauthcc_store_worker_s   oauthcc_store_worker_t;
typedef struct oauthcc_store_shared_s   oauthcc_store_shared_t;
typedef struct oauthcc_store_news_s     oauthcc_store_news_t;

typedef void (*oauthcc_store_news_pt)(oauthcc_store_t *store,
    oauthcc_store_news_t *news);


/* a server of oauthcc_store{}: lives as long as the configuration */

typedef struct {
    ngx_str_t     url;        /* as it is shown: without a user */
    ngx_str_t     host;       /* without brackets; of a socket its path */
    in_port_t     port;
    ngx_str_t     user;       /* of the URL */
    ngx_str_t     database;   /* its number; empty: 0 */
    ngx_addr_t   *addrs;      /* of nginx's start, */
    ngx_uint_t    naddrs;     /* or 0: to be resolved by each connect */
    unsigned      tls:1;
    unsigned      local:1;    /* unix socket, or loopback */
} oauthcc_store_server_t;


/* what a key file gives */

typedef struct {
    u_char  bytes[OAUTHCC_STORE_KEY];
    u_char  id[OAUTHCC_STORE_KEY_ID];
} oauthcc_store_key_bytes_t;


/* the oauthcc_store block; a worker adds what it has at run time */

struct oauthcc_store_s {
    ngx_array_t              servers;   /* server_t, in order of trying */
    ngx_str_t                user;
    oauthcc_value_t          password;
    ngx_array_t              keys;      /* key_bytes_t, the first one seals */
    ngx_str_t                prefix;    /* of all names */
    ngx_str_t                channel;
    ngx_msec_t               timeout;
    ngx_resolver_t          *resolver;  /* NULL: as found at the start */
    ngx_msec_t               resolver_timeout;
    ngx_ssl_t               *ssl;       /* NULL: no server has TLS */
    ngx_flag_t               ssl_verify;
    ngx_str_t                ssl_name;  /* to be verified in place of a host */
    ngx_str_t                ssl_trusted;
    ngx_str_t                ssl_certificate;
    ngx_str_t                ssl_key;
    ngx_str_t                file;      /* line of its block */
    ngx_uint_t               line;

    oauthcc_store_shared_t  *shared;    /* in a zone of its own */
    oauthcc_store_worker_t  *worker;    /* NULL: not started */
    oauthcc_store_news_pt    news;      /* see listen() */
};


#endif /* _OAUTHCC_STORE_TYPES_H_INCLUDED_ */
