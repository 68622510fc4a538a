
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_HEADER_NAMES_H_INCLUDED_
#define _OAUTHCC_HEADER_NAMES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_fields.h"


/*
 * A bit for the length of each name of the fields' headers, kept for the next
 * request; never 0 if there are names.
 */
uint64_t oauthcc_header_names_lengths(oauthcc_fields_t *fields);

/*
 * The headers of a list that have none of these names: the list itself, if all
 * of them are left, or else a single part with copies, from the pool.  With
 * cgi, names are compared as they become names of CGI variables.  NULL if
 * memory runs out.
 */
ngx_list_part_t *oauthcc_header_names_without(ngx_pool_t *pool,
    ngx_list_part_t *part, oauthcc_fields_t *fields, ngx_uint_t cgi);


#endif /* _OAUTHCC_HEADER_NAMES_H_INCLUDED_ */
