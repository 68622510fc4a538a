
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_RESPONSE_H_INCLUDED_
#define _OAUTHCC_RESPONSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* how a login over the wire ended; lives as long as its subrequest */

typedef struct {
    /* no complete response: a static text says what happened */
    char       *failure;
    ngx_str_t   where;      /* of what address and host, behind it */
    ngx_uint_t  timed_out;
    ngx_uint_t  unresolved; /* a name server has not answered in time */
    ngx_uint_t  unreached;  /* no address, or no connection to one */
    ngx_uint_t  refused;    /* a connection, at once */
    ngx_uint_t  handshake;  /* the last thing was that of TLS */

    /* the worker ends before the login does: it says nothing of the server */
    ngx_uint_t  aborted;

    /* the request was sent, and nginx would have the time to repeat it */
    ngx_uint_t  again;
    ngx_uint_t  kept;   /* by an old connection */
    ngx_uint_t  tries;  /* left: other servers */

    /* how many servers the request has reached, wholly or in part */
    ngx_uint_t  reached;
    ngx_uint_t  begun;  /* the last one has sent something */
    ngx_uint_t  reset;  /* and then reset the connection */

    ngx_uint_t  status;
    ngx_str_t   body;
    ngx_str_t   retry_after;
    time_t      date;   /* seconds since the epoch, 0: none */
    ngx_list_t *headers;
} oauthcc_response_t;


/*
 * What a finished in-memory subrequest has received; rc is the code that it
 * was finalized with.  The response of a server may have any status; one that
 * is not complete, or was not made by the server, is a failure.
 */
void oauthcc_response_read(ngx_http_request_t *sr, ngx_int_t rc,
    oauthcc_response_t *response);


#endif /* _OAUTHCC_RESPONSE_H_INCLUDED_ */
