
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CREDENTIAL_H_INCLUDED_
#define _OAUTHCC_CREDENTIAL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "core/oauthcc_provider_conf.h"
#include "core/oauthcc_fields.h"


/*
 * A credential as stored in the zone: the access token, followed by the
 * headers and arguments, unless they are the usual Authorization header.
 */

typedef struct {
    u_char   *data;      /* NULL: there is none */
    uint32_t  len;
    uint32_t  token;     /* so much of it */
    uint32_t  nheaders;
    unsigned  narguments:29;
    unsigned  bound:1;   /* to a key: "DPoP", and no client's DPoP header */
    unsigned  listed:1;  /* they are the others */
    unsigned  tagged:1;  /* a tag of the login comes last */
} oauthcc_packed_t;


/*
 * What an entry keeps behind the bytes of a token, if "tagged", where gateways
 * share a store, see cache/fleet.
 */

typedef struct {
    uint64_t        version;    /* of the login, 0: none */
    oauthcc_time_t  requested;  /* when it began */
} oauthcc_credential_tag_t;


/*
 * The result of a login, ready to be set on requests.  Lives in the worker's
 * memory, one copy for all requests, until the last reference is released;
 * immutable.  Times are milliseconds of the zone's clock.
 */

typedef struct {
    ngx_uint_t        refs;

    uint64_t          serial;      /* of the login */
    oauthcc_time_t    expires;     /* its end */
    oauthcc_time_t    usable;      /* less the margin */
    oauthcc_time_t    refresh;     /* due from here on */
    ngx_msec_t        login_time;  /* how long it took */

    /* tokens of its entry are refused: from when on to tell if it is taken */
    ngx_uint_t        watched;
    oauthcc_time_t    note;

    ngx_str_t         access_token; /* may be empty */
    ngx_str_t         members;     /* of the response, see below */
    oauthcc_fields_t  fields;
    oauthcc_packed_t  packed;      /* the bytes */
    size_t            size;        /* of all, to wipe it */
} oauthcc_credential_t;


/* the result of a login, on its way to the zone; times as above */

typedef struct {
    oauthcc_packed_t  packed;
    oauthcc_time_t    expires;
    oauthcc_time_t    usable;
    oauthcc_time_t    refresh;
    ngx_msec_t        login_time;
    oauthcc_content_t content;  /* of the files it used */
    size_t            scope;    /* bytes behind them, see pack_scope() */
    uint64_t          bound;    /* to a key of this generation, 0: of any */
    ngx_uint_t        reduced;  /* scope; then: nobody was told yet */
    uint64_t          serial;   /* then: of the token that is stored */

    oauthcc_credential_tag_t  tag;

    /* the login was another gateway's */
    ngx_uint_t        imported;
    ngx_uint_t        forced;   /* by a refusal */
    ngx_msec_t        age;      /* since it began */

    /* not 0: it has ended, and is used for so long at most; then: so long */
    ngx_msec_t        ended;
    ngx_msec_t        before;   /* refresh_before */
} oauthcc_issued_t;


/*
 * The bytes of a credential: an access token, which may be empty, and the
 * items to put on requests, with fields NULL the usual "Authorization: Bearer"
 * header; members of the response are pairs, or NULL.  They lie in the pool,
 * or are those of the token.  NGX_ERROR if memory runs out.
 */
ngx_int_t oauthcc_credential_pack(ngx_pool_t *pool, ngx_str_t *access_token,
    oauthcc_fields_t *fields, ngx_array_t *members, oauthcc_packed_t *packed);

/*
 * The same with the scope that was granted behind the bytes.  Where an
 * operator waits for the outcome of this login, they are *len bytes more.  The
 * scope is appended to members.
 */
ngx_int_t oauthcc_credential_pack_scope(ngx_pool_t *pool,
    ngx_str_t *access_token, oauthcc_fields_t *fields, ngx_array_t *members,
    ngx_str_t *scope, oauthcc_packed_t *packed, size_t *len);

/* That scope; 0: it has none. */
ngx_uint_t oauthcc_credential_scope(oauthcc_credential_t *credential,
    ngx_str_t *scope);

#define OAUTHCC_CREDENTIAL_TAG  sizeof(oauthcc_credential_tag_t)

/* How much memory a credential of these bytes takes in a worker. */
size_t oauthcc_credential_size(oauthcc_packed_t *packed);

/* Where in memory of that size they are to be put first. */
u_char *oauthcc_credential_bytes(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed);

/*
 * Makes memory that has them there a credential, with one reference; the
 * points are the caller's to set.  Of packed, data is not looked at.
 */
void oauthcc_credential_unpack(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed);

/*
 * Sets the points of a token that has ended, the n-th in a row from 0: it is
 * used for login->ended, which was the most, from now on.
 */
void oauthcc_credential_ended(oauthcc_issued_t *login, ngx_uint_t n);

/*
 * The next member of the response that was kept, which is taken off rest; 0:
 * there is none.  It begins with the members of a credential.
 */
ngx_uint_t oauthcc_credential_next(ngx_str_t *rest, ngx_str_t *name,
    ngx_str_t *value);

/* The value of a member of the response that was kept; 0: there is none. */
ngx_uint_t oauthcc_credential_member(oauthcc_credential_t *credential,
    ngx_str_t *name, ngx_str_t *value);

/* Drops a reference. */
#define oauthcc_credential_release(credential)                                \
    if (--(credential)->refs == 0) {                                          \
        oauthcc_credential_free(credential);                                  \
    }

/* Wipes it, too. */
void oauthcc_credential_free(oauthcc_credential_t *credential);


#endif /* _OAUTHCC_CREDENTIAL_H_INCLUDED_ */
