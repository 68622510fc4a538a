
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FIELDS_H_INCLUDED_
#define _OAUTHCC_FIELDS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


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


#endif /* _OAUTHCC_FIELDS_H_INCLUDED_ */
