
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_JSON_H_INCLUDED_
#define _OAUTHCC_STATUS_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "core/oauthcc_writer.h"
#include "status/oauthcc_snapshot.h"


/* incremented when a field is removed or changes its meaning */
#define OAUTHCC_STATUS_JSON_VERSION  1


/* names of oauthcc_result_e */
extern char  *oauthcc_status_json_results[];


/*
 * The report in JSON, all ASCII.  All fields are always present; a missing
 * time or error is null.
 */
void oauthcc_status_json(oauthcc_writer_t *w, oauthcc_snapshot_t *report);

/* Serializes a document and a line end, and frees it; NULL: out of memory. */
void oauthcc_status_json_write(oauthcc_writer_t *w, json_t *root,
    size_t flags);

/* Seconds of milliseconds; null of OAUTHCC_NEVER. */
json_t *oauthcc_status_json_seconds(ngx_msec_t msec);

/*
 * A text of at most "max" bytes, and what goes into an array or, with a name,
 * into an object.  If memory runs out, w->failed is set at the latest by
 * write().
 */
json_t *oauthcc_status_json_text(oauthcc_writer_t *w, ngx_str_t *text,
    size_t max);
void oauthcc_status_json_put(oauthcc_writer_t *w, json_t *to, char *name,
    json_t *value);


#endif /* _OAUTHCC_STATUS_JSON_H_INCLUDED_ */
