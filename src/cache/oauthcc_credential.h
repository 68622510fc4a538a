
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
 * The form of a credential in the zone: the access token, then headers and
 * arguments unless "Authorization" is the only one, members of the response,
 * and a tag.
 */

typedef struct {
    u_char   *data;      /* NULL: there is no credential */
    uint32_t  len;
    uint32_t  token;     /* length of the access token */
    uint32_t  nheaders;
    unsigned  narguments:29;
    unsigned  bound:1;   /* to a key: the scheme is "DPoP" */
    unsigned  listed:1;  /* headers and arguments follow */
    unsigned  tagged:1;  /* a tag comes last */
} oauthcc_packed_t;


/* the tag of a token that gateways share through a store, see cache/fleet */

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
    oauthcc_time_t    expires;
    oauthcc_time_t    usable;      /* expires less expiry_margin */
    oauthcc_time_t    refresh;     /* a refresh is due from then on */
    ngx_msec_t        login_time;  /* duration of the login */

    /* its entry has refusals: after "note" the next success is reported */
    ngx_uint_t        watched;
    oauthcc_time_t    note;

    ngx_str_t         access_token; /* may be empty */
    ngx_str_t         members;     /* of the response, see next() */
    oauthcc_fields_t  fields;
    oauthcc_packed_t  packed;
    size_t            size;        /* of this memory, to wipe it */
} oauthcc_credential_t;


/* the result of a login, on its way to the zone; times as above */

typedef struct {
    oauthcc_packed_t  packed;
    oauthcc_time_t    expires;
    oauthcc_time_t    usable;
    oauthcc_time_t    refresh;
    ngx_msec_t        login_time;
    oauthcc_content_t content;  /* of the secret files that it used */
    size_t            scope;    /* bytes of the scope, see pack_scope() */
    uint64_t          bound;    /* generation of the zone's key, 0: no such */
    ngx_uint_t        reduced;  /* less scope than requested; result: log it */
    uint64_t          serial;   /* result: of the stored token */

    oauthcc_credential_tag_t  tag;

    /* the token is that of another gateway's login */
    ngx_uint_t        imported;
    ngx_uint_t        forced;   /* by a refusal */
    ngx_msec_t        age;      /* time since it began */

    /* not 0: the token came expired; the longest time to use it; result: the
       time that it is used */
    ngx_msec_t        ended;
    ngx_msec_t        before;   /* refresh_before */
} oauthcc_issued_t;


/*
 * Packs a credential: an access token, which may be empty, the headers and
 * arguments for requests (fields NULL: "Authorization: Bearer"), and members
 * of the response (pairs, or NULL).  packed->data is in the pool, or the token
 * itself.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_credential_pack(ngx_pool_t *pool, ngx_str_t *access_token,
    oauthcc_fields_t *fields, ngx_array_t *members, oauthcc_packed_t *packed);

/*
 * The same with the granted scope, which is appended to members.  Its *len
 * bytes follow those of packed->len, and are added if an operator waits for
 * the outcome of the login.
 */
ngx_int_t oauthcc_credential_pack_scope(ngx_pool_t *pool,
    ngx_str_t *access_token, oauthcc_fields_t *fields, ngx_array_t *members,
    ngx_str_t *scope, oauthcc_packed_t *packed, size_t *len);

/* Gets that scope; 0: there is none. */
ngx_uint_t oauthcc_credential_scope(oauthcc_credential_t *credential,
    ngx_str_t *scope);

#define OAUTHCC_CREDENTIAL_TAG  sizeof(oauthcc_credential_tag_t)

/* The size of the memory that a worker needs for a credential. */
size_t oauthcc_credential_size(oauthcc_packed_t *packed);

/* The place in such memory where its packed bytes have to be copied to. */
u_char *oauthcc_credential_bytes(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed);

/*
 * Initializes a credential in such memory after that, with one reference; the
 * caller sets serial, times, and watched.  packed->data is not used.
 */
void oauthcc_credential_unpack(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed);

/*
 * Sets the times of a token that came expired, the n-th in a row from 0: it is
 * used for up to login->ended from now on.
 */
void oauthcc_credential_ended(oauthcc_issued_t *login, ngx_uint_t n);

/*
 * Gets the next member of the response and removes it from rest, which is
 * credential->members at first; 0: there is none.
 */
ngx_uint_t oauthcc_credential_next(ngx_str_t *rest, ngx_str_t *name,
    ngx_str_t *value);

/* Gets the value of a member of the response; 0: it was not kept. */
ngx_uint_t oauthcc_credential_member(oauthcc_credential_t *credential,
    ngx_str_t *name, ngx_str_t *value);

/* Wipes and frees a credential without references. */
void oauthcc_credential_free(oauthcc_credential_t *credential);

/* Releases a reference. */
static ngx_inline void
oauthcc_credential_release(oauthcc_credential_t *credential)
{
    if (--credential->refs == 0) {
        oauthcc_credential_free(credential);
    }
}


#endif /* _OAUTHCC_CREDENTIAL_H_INCLUDED_ */
