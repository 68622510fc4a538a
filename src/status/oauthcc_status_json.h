
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


/*
 * The report in JSON, all ASCII.  All fields are always present; a missing
 * time or error is null.
 */
void oauthcc_status_json(oauthcc_writer_t *w, oauthcc_snapshot_t *report);

/* Serializes a document and a line end, and frees it; NULL: out of memory. */
void oauthcc_status_json_write(oauthcc_writer_t *w, json_t *root,
    size_t flags);


#endif /* _OAUTHCC_STATUS_JSON_H_INCLUDED_ */
