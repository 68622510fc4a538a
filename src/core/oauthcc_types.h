
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TYPES_H_INCLUDED_
#define _OAUTHCC_TYPES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


#define OAUTHCC_VERSION       "0.1.0"

#define OAUTHCC_DIGEST_LEN    32

/* of the text of an error; kept in the zone, shown in $oauthcc_error */
#define OAUTHCC_ERROR_LEN     64


/* a name and its value; the bytes belong to whoever made the pair */

typedef struct {
    ngx_str_t  name;
    ngx_str_t  value;
} oauthcc_pair_t;


typedef enum {
    OAUTHCC_VALUE_LITERAL = 0,
    OAUTHCC_VALUE_FILE,
    OAUTHCC_VALUE_ENV
} oauthcc_value_e;


/* a value of the configuration; lives as long as the pool it was read into */

typedef struct {
    oauthcc_value_e  type;
    ngx_str_t        text;    /* the bytes themselves */
    ngx_str_t        source;  /* the path, or the name */

    /* of a file: as it was when it was read, and where to, if by a worker */
    ngx_file_info_t  info;
    ngx_pool_t      *pool;
    ngx_uint_t       unreadable;
    ngx_uint_t       line;    /* no control characters */
} oauthcc_value_t;


/* a param or header directive; life of the provider */

typedef struct {
    ngx_str_t        name;
    oauthcc_value_t  value;
} oauthcc_named_t;


typedef enum {
    OAUTHCC_CLIENT_AUTH_BASIC = 0,
    OAUTHCC_CLIENT_AUTH_POST,
    OAUTHCC_CLIENT_AUTH_NONE,
    OAUTHCC_CLIENT_AUTH_KEY_JWT,
    OAUTHCC_CLIENT_AUTH_SECRET_JWT,
    OAUTHCC_CLIENT_AUTH_TLS,
    OAUTHCC_CLIENT_AUTH_SELF_SIGNED_TLS,
    OAUTHCC_CLIENT_AUTH_ASSERTION        /* client_assertion says so */
} oauthcc_client_auth_e;


typedef struct oauthcc_signing_key_s  oauthcc_signing_key_t;


/* how a provider proves who it is and what for, besides id and secret */

typedef struct {
    oauthcc_signing_key_t  *key;  /* NULL: no JWT of ours */
    oauthcc_value_t         key_file;
    oauthcc_value_t         key_password;
    oauthcc_value_t         certificate;
    ngx_str_t               alg;
    ngx_str_t               kid;
    ngx_str_t               audience;

    oauthcc_value_t         assertion; /* client_assertion */
    ngx_str_t               assertion_type;

    ngx_str_t               grant_type;
    oauthcc_value_t         username;
    oauthcc_value_t         password;
} oauthcc_client_auth_t;


/*
 * What is put on a request to the upstream, in place of what it has of these
 * names.  The first "added" headers are sent, the others only keep those of
 * the request away; so do arguments whose text is empty.
 */

typedef struct {
    ngx_str_t  name;  /* decoded */
    ngx_str_t  text;  /* name=value, encoded */
} oauthcc_argument_t;

typedef struct {
    ngx_table_elt_t     *headers;
    ngx_uint_t           nheaders;
    ngx_uint_t           added;
    uint64_t             lengths;  /* of names, see header */
    oauthcc_argument_t  *arguments;
    ngx_uint_t           narguments;
} oauthcc_fields_t;


/*
 * What a login gave, ready to be put on requests.  Lives in the worker's own
 * memory, one copy for all its requests, until the last reference is dropped;
 * never changes.  All points are milliseconds of the monotonic clock.
 */

typedef struct {
    ngx_uint_t        refs;

    uint64_t          serial;      /* of the login */
    ngx_msec_t        expires;     /* its end */
    ngx_msec_t        usable;      /* less the margin */
    ngx_msec_t        refresh;     /* due from here on */
    ngx_msec_t        login_time;  /* how long it took */

    /* tokens of its entry are refused: from when on to tell if it is taken */
    ngx_uint_t        watched;
    ngx_msec_t        note;

    ngx_str_t         access_token; /* may be empty */
    oauthcc_fields_t  items;
    size_t            size;        /* of all, to wipe it */
} oauthcc_credential_t;


/*
 * The bytes of a credential as the zone keeps them: the access token, and
 * behind it the headers and arguments, if there are others than the usual
 * Authorization header.
 */

typedef struct {
    u_char   *data;      /* NULL: there is none */
    uint32_t  len;
    uint32_t  token;     /* so much of it */
    uint32_t  nheaders;
    unsigned  narguments:31;
    unsigned  listed:1;  /* they are the others */
} oauthcc_packed_t;


/* what a login gave, on its way to the zone; the points as above */

typedef struct {
    oauthcc_packed_t  packed;
    ngx_msec_t        expires;
    ngx_msec_t        usable;
    ngx_msec_t        refresh;
    ngx_msec_t        login_time;
    uint64_t          content;  /* of the files it used */
} oauthcc_issued_t;


/*
 * The word that the hot path loads: changes whenever its entry does.  Words
 * are carved from blocks that are never given back, and their values are
 * never used twice in a zone, so a worker may load one at any time, whatever
 * has become of the entry.
 */

typedef struct {
    volatile uint64_t  generation;
} oauthcc_version_t;

#define oauthcc_version_load(word)                                            \
    __atomic_load_n(&(word)->generation, __ATOMIC_ACQUIRE)


/* a zone as this cycle sees it; shared and shpool live in the zone */

typedef struct {
    ngx_str_t         name;
    void             *shared;
    ngx_slab_pool_t  *shpool;
    size_t            size;  /* of all of it */
} oauthcc_cache_t;


typedef struct oauthcc_provider_s  oauthcc_provider_t;
typedef struct oauthcc_document_request_s  oauthcc_document_request_t;


/* an attr directive: a value of a document's config; life of the provider */

typedef struct {
    ngx_str_t        name;
    oauthcc_value_t  value;
    ngx_uint_t       used;
} oauthcc_attr_t;


/* a login request; lives in the pool that it was built in */

typedef struct {
    ngx_uint_t   method;     /* NGX_HTTP_POST, ... */
    ngx_str_t    method_name;
    ngx_str_t    url;
    ngx_str_t    authority;  /* for Host */
    ngx_str_t    host;       /* for TLS */
    in_port_t    port;
    ngx_array_t  headers;    /* pairs */
    ngx_str_t    body;
    unsigned     owned:1;    /* all bytes are its */
} oauthcc_http_request_t;


/* a token endpoint in its parts; lives as long as the configuration */

typedef struct {
    ngx_str_t   url;       /* as it was written */
    ngx_str_t   file;      /* where it was, and */
    ngx_str_t   authority; /* host[:port], for Host */
    ngx_str_t   host;      /* or a socket's path */
    ngx_str_t   name;      /* of it, for TLS */
    ngx_str_t   uri;       /* with arguments */
    in_port_t   port;
    ngx_uint_t  line;      /* in which line */
    unsigned    https:1;
    unsigned    local:1;   /* a unix socket */
    unsigned    address:1; /* it needs no DNS */
    unsigned    loopback:1;
    unsigned    localhost:1; /* or below it */
    unsigned    no_port:1;
    unsigned    varied:1;  /* variables in the host */
} oauthcc_url_t;


/* what is known of an issuer; private to the worker, its pool NULL at first */

typedef struct {
    ngx_pool_t     *pool;
    oauthcc_url_t  *endpoint;
    ngx_str_t       url;  /* what is passed to */
    ngx_msec_t      until;
} oauthcc_metadata_t;


typedef enum {
    OAUTHCC_CACHE_STATUS_NONE = 0,
    OAUTHCC_CACHE_STATUS_HIT,
    OAUTHCC_CACHE_STATUS_MISS,       /* it made the login, and waited */
    OAUTHCC_CACHE_STATUS_WAIT,       /* it waited for another's login */
    OAUTHCC_CACHE_STATUS_REFRESH,    /* it started one, did not wait */
    OAUTHCC_CACHE_STATUS_ERROR,
    OAUTHCC_CACHE_STATUS_BYPASS,
    OAUTHCC_CACHE_STATUSES
} oauthcc_cache_status_e;


/* what a worker has counted and the zone does not know yet */

typedef struct {
    ngx_queue_t  queue;
    ngx_uint_t   queued;
    uint64_t     requests[OAUTHCC_CACHE_STATUSES];
    uint64_t     replays;
} oauthcc_local_stats_t;


/*
 * A worker's copy of an entry, and who waits for it there.  Private to the
 * worker since the fork.  The provider's own lives as long as the provider;
 * one of a request's parameters until it is idle and its entry gone, or
 * others need the room.
 */

typedef struct {
    ngx_str_node_t         sn;        /* by parameters */
    ngx_queue_t            queue;     /* least recent last */
    ngx_uint_t             refs;      /* requests, a login */

    oauthcc_provider_t    *provider;
    u_char                 digest[OAUTHCC_DIGEST_LEN];

    /* of variables in token_endpoint; NULL: the provider's own */
    ngx_pool_t            *pool;
    oauthcc_url_t         *endpoint;
    ngx_str_t              url;       /* what is passed to */

    /* what a request has set in place of the provider's */
    oauthcc_pair_t        *parameters;
    ngx_uint_t             nparameters;

    /* good while the word is of this generation and attention not reached */
    oauthcc_version_t     *word;
    uint64_t               generation;
    ngx_msec_t             attention;
    oauthcc_credential_t  *credential;

    oauthcc_local_stats_t  counts;

    ngx_queue_t            waiters;
    ngx_uint_t             nwaiters;
    void                  *presence;  /* of them, in the zone */
    ngx_uint_t             crowded;   /* they wait for room */
    ngx_event_t            poll;
    ngx_event_t            warm;      /* keep_warm */
} oauthcc_local_t;


/* an oauthcc_provider block: lives as long as its cycle */

struct oauthcc_provider_s {
    ngx_str_node_t               sn;        /* in the tree of names */
    ngx_str_t                    name;
    ngx_str_t                    file;      /* where it begins */
    ngx_uint_t                   line;
    ngx_http_conf_ctx_t         *ctx;       /* the hidden server */
    ngx_log_t                   *log;       /* of nginx -t, names it */
    oauthcc_fields_t             absent;    /* of credentials, names */
    ngx_str_t                    url;       /* what it passes to */
    ngx_uint_t                   next;      /* proxy_next_upstream */

    oauthcc_url_t                endpoint;
    ngx_http_complex_value_t    *endpoint_value; /* with variables */
    ngx_uint_t                   issuer;    /* endpoint is one */
    oauthcc_metadata_t           metadata;  /* of it, in this worker */
    ngx_flag_t                   allow_http;
    ngx_flag_t                   ssl_verify;
    ngx_flag_t                   keep_warm;
    ngx_uint_t                   system_ca;
    oauthcc_value_t              client_id;
    oauthcc_value_t              client_secret;
    ngx_uint_t                   auth_method;
    ngx_uint_t                   raw;       /* basic_encoding */
    oauthcc_client_auth_t        auth;
    ngx_str_t                    scope;
    oauthcc_value_t              audience;
    ngx_array_t                  resources; /* ngx_str_t */
    ngx_array_t                  params;    /* named_t */
    ngx_array_t                  headers;   /* named_t */
    ngx_array_t                  directives; /* directive_t, by rank */
    ngx_array_t                  values;    /* provider_value_t, of all */
    ngx_array_t                  transport; /* ngx_str_t: proxy_* */
    ngx_uint_t                   certificate; /* it shows one */
    ngx_str_t                    token_type;

    oauthcc_document_request_t  *login_json; /* instead of all these */
    ngx_str_t                    document;  /* its file */
    ngx_array_t                  attrs;     /* attr_t */
    ngx_uint_t                   each;      /* a login a request */
    uint64_t                     content;   /* of files, 0: none */
    ngx_msec_t                   read_at;   /* when they changed */

    ngx_msec_t                   default_expires;
    ngx_msec_t                   refresh_before;
    ngx_msec_t                   expiry_margin;
    ngx_msec_t                   timeout;
    ngx_msec_t                   wait_timeout;
    ngx_msec_t                   backoff_min;
    ngx_msec_t                   backoff_max;
    ngx_msec_t                   replay_interval;
    size_t                       max_response;
    ngx_int_t                    max_logins;
    ngx_int_t                    max_waiters; /* 0: the default */

    oauthcc_cache_t             *cache;
    void                        *tally;     /* in the zone */
    oauthcc_local_t              local;

    /* in this worker: copies for parameters of requests, and who waits */
    ngx_rbtree_t                 locals;
    ngx_rbtree_node_t            sentinel;
    ngx_queue_t                  recent;
    ngx_uint_t                   nlocals;
    ngx_uint_t                   waiting;

    /* in this worker, during a backoff: looks at files, see rotation */
    ngx_event_t                  watch;
    ngx_msec_t                   watch_until;
};


/* what a failed login leaves behind, for who waited and for who comes next */

typedef struct {
    uint16_t  status;  /* for the client */
    uint16_t  len;
    u_char    text[OAUTHCC_ERROR_LEN];
} oauthcc_failure_t;


typedef void (*oauthcc_resume_pt)(void *data);


/* a suspended request's place in the queue; lives in the request's pool */

typedef struct {
    ngx_queue_t        queue;
    oauthcc_local_t   *local;
    oauthcc_resume_pt  resume;
    void              *data;
    ngx_event_t        timer;  /* wait_timeout */
    ngx_event_t        wake;   /* posted to resume */
    uint64_t           lease;  /* it waits for this one */
    unsigned           queued:1;
    unsigned           timed_out:1;
} oauthcc_waiter_t;


typedef struct oauthcc_per_request_s  oauthcc_per_request_t;


/* a request's credential, or why it has none; lives in its context */

typedef struct {
    oauthcc_credential_t   *credential; /* a reference */
    oauthcc_waiter_t       *waiter;   /* NULL: never waited */
    oauthcc_per_request_t  *each;     /* its own login */

    /* the upstream refused the credential with this serial (0: none did) */
    uint64_t                refused;
    uint64_t                awaited;  /* the lease so given */

    oauthcc_failure_t      *failure;
    ngx_uint_t              slow;     /* it took too long */
    ngx_msec_t              retry_after;
    oauthcc_cache_status_e  status;
} oauthcc_acquire_t;


#endif /* _OAUTHCC_TYPES_H_INCLUDED_ */
