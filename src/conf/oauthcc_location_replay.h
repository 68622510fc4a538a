
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCATION_REPLAY_H_INCLUDED_
#define _OAUTHCC_LOCATION_REPLAY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/* The oauthcc_replay directive: what a refusal of the upstream looks like. */
char *oauthcc_location_replay(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* What it is by default. */
extern oauthcc_replay_rules_t  oauthcc_location_replay_default;


#endif /* _OAUTHCC_LOCATION_REPLAY_H_INCLUDED_ */
