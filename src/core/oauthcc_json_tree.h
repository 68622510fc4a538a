
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_JSON_TREE_H_INCLUDED_
#define _OAUTHCC_JSON_TREE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>


/* Values of JSON with secrets in them: what is done with a whole tree. */


/*
 * How many digits its numbers take to read back as the same ones, from so
 * many on, 17 at most: 0.1 is 0.1.  Each is read back alone, for what a parser
 * reads it leaves in memory.
 */
ngx_uint_t oauthcc_json_tree_digits(json_t *value, ngx_uint_t digits);

/*
 * What is wrong with a body that could not be read; NULL if memory ran out.
 * What jansson itself says would show what stands near the error.
 */
char *oauthcc_json_tree_reason(json_error_t *error);

/* Gives it back, and wipes its strings. */
void oauthcc_json_tree_free(json_t *root);


#endif /* _OAUTHCC_JSON_TREE_H_INCLUDED_ */
