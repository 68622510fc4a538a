
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_HEADER_SYNTAX_H_INCLUDED_
#define _OAUTHCC_HEADER_SYNTAX_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Whether a value is valid in a header or an argument: no control characters,
 * no space at either end.
 */
ngx_uint_t oauthcc_header_syntax_value(ngx_str_t *value);

/* Whether a text is a valid header name (RFC 9110 section 5.1). */
ngx_uint_t oauthcc_header_syntax_name(ngx_str_t *name);

/* Whether nginx sets the header of this name itself. */
ngx_uint_t oauthcc_header_syntax_reserved(ngx_str_t *name);

/* Sets a header; lowcase has room for the name in lower case. */
void oauthcc_header_syntax_make(ngx_table_elt_t *header, ngx_str_t *name,
    u_char *lowcase, ngx_str_t *value);


#endif /* _OAUTHCC_HEADER_SYNTAX_H_INCLUDED_ */
