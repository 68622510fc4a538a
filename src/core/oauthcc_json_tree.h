
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_JSON_TREE_H_INCLUDED_
#define _OAUTHCC_JSON_TREE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>


/* JSON trees that may contain secrets. */


/*
 * How many digits (from "digits" to 17) the reals of a tree need to read back
 * as the same values, so that 0.1 is written as 0.1.  Each is tried alone: a
 * parser leaves in memory what it reads.
 */
ngx_uint_t oauthcc_json_tree_digits(json_t *value, ngx_uint_t digits);

/*
 * Why a body is no valid JSON; NULL if memory runs out.  jansson's own message
 * would quote the text near the error.
 */
char *oauthcc_json_tree_reason(json_error_t *error);

/* Frees a tree and wipes its strings. */
void oauthcc_json_tree_free(json_t *root);


#endif /* _OAUTHCC_JSON_TREE_H_INCLUDED_ */
