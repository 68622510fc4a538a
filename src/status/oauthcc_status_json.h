
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


/* changes when a field goes or means something else, not when one comes */
#define OAUTHCC_STATUS_JSON_VERSION  1


/*
 * The report in JSON, all of it ASCII.  Every field is always there; a time
 * that there is not is null, and so is an error.
 */
void oauthcc_status_json(oauthcc_writer_t *w, oauthcc_snapshot_t *report);

/* A document and a line end.  It is taken; NULL: memory has run out. */
void oauthcc_status_json_write(oauthcc_writer_t *w, json_t *root,
    size_t flags);


#endif /* _OAUTHCC_STATUS_JSON_H_INCLUDED_ */
