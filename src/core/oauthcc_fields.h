
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FIELDS_H_INCLUDED_
#define _OAUTHCC_FIELDS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Headers and arguments to set on a request to the upstream, in place of those
 * of the same names.  The first "added" headers are sent, the others only
 * remove those of the request; so do arguments with an empty text.
 */

typedef struct {
    ngx_str_t  name;  /* decoded */
    ngx_str_t  text;  /* name=value, encoded */
} oauthcc_argument_t;

typedef struct {
    ngx_table_elt_t     *headers;
    ngx_uint_t           nheaders;
    ngx_uint_t           added;
    uint64_t             lengths;  /* of the names, see header */
    oauthcc_argument_t  *arguments;
    ngx_uint_t           narguments;
    ngx_uint_t           changes;  /* arguments, or a proof of DPoP */
} oauthcc_fields_t;


#endif /* _OAUTHCC_FIELDS_H_INCLUDED_ */
