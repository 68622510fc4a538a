
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "cache/oauthcc_turn.h"
#include "cache/oauthcc_lease.h"


/* waiters ask again within this time, milliseconds */
#define OAUTHCC_TURN_WAITS    1000

/* one of this many places of max_logins is reserved for new entries */
#define OAUTHCC_TURN_KEPT     4


/* how often waiters of a class were overtaken; class 0 has no limit */
#define oauthcc_turn_passed(client, class)  (client)->passed[(class) - 1]

/* time since then, from the low 32 bits of the clock */
#define oauthcc_turn_age(at)  ((uint32_t) oauthcc_clock_msec() - (at))


static ngx_uint_t oauthcc_turn_behind(oauthcc_client_node_t *client,
    oauthcc_turn_e class, ngx_uint_t limited, oauthcc_turn_ask_t *ask);
static ngx_uint_t oauthcc_turn_overdue(oauthcc_client_node_t *client,
    ngx_uint_t class);
static ngx_uint_t oauthcc_turn_waits(oauthcc_turn_t *turn);
static void oauthcc_turn_note(oauthcc_client_node_t *client,
    oauthcc_turn_e class, oauthcc_turn_ask_t *ask);


/* how often other classes may overtake a waiter of this one; 0: always */

static u_char  oauthcc_turn_patience[OAUTHCC_TURNS] = { 0, 3, 15 };


oauthcc_turn_e
oauthcc_turn_class(oauthcc_entry_t *entry)
{
    oauthcc_history_t  *history;

    history = &entry->history;

    if (history->failing) {
        return OAUTHCC_TURN_RETRY;
    }

    return entry->serial ? OAUTHCC_TURN_RENEW : OAUTHCC_TURN_NEW;
}


ngx_uint_t
oauthcc_turn_come(oauthcc_client_node_t *client, oauthcc_turn_e class,
    ngx_uint_t max, oauthcc_turn_ask_t *ask)
{
    ngx_uint_t  n, fresh, limited;

    n = oauthcc_lease_count(client, &fresh);

    limited = (n - fresh >= max - max / OAUTHCC_TURN_KEPT);

    if (n < max && !(limited && class != OAUTHCC_TURN_NEW)) {

        if (!oauthcc_turn_behind(client, class, limited, ask)) {
            return 1;
        }

        client->passed_over = 1;
    }

    client->waited = oauthcc_clock_msec();

    if (ask->first) {
        oauthcc_turn_note(client, class, ask);
    }

    return 0;
}


ngx_uint_t
oauthcc_turn_taken(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_turn_e class, ngx_uint_t max)
{
    ngx_uint_t  i, fresh;

    for (i = 0; i < OAUTHCC_TURNS; i++) {

        if (i == class || oauthcc_turn_patience[i] == 0) {
            continue;
        }

        if (oauthcc_turn_passed(client, i) < oauthcc_turn_patience[i]
            && oauthcc_turn_waits(&client->turns[i]))
        {
            oauthcc_turn_passed(client, i)++;
        }
    }

    if (oauthcc_turn_patience[class]) {
        oauthcc_turn_passed(client, class) = 0;
    }

    if (oauthcc_lease_count(client, &fresh) >= max) {

        /* no place is left: the end of a login will wake the others */

        client->passed_over = 0;
    }

    return oauthcc_turn_leave(cache, client, class);
}


ngx_uint_t
oauthcc_turn_leave(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_turn_e class)
{
    if (client->turns[class].worker == ngx_pid) {
        client->turns[class].worker = 0;
    }

    if (!client->passed_over) {
        return 0;
    }

    client->passed_over = 0;

    oauthcc_lease_free_place(cache, client);

    return 1;
}


ngx_uint_t
oauthcc_turn_wanted(oauthcc_client_node_t *client)
{
    return oauthcc_turn_age(client->waited) < OAUTHCC_TURN_WAITS;
}


/* Whether another waiter that could use the place comes first. */

static ngx_uint_t
oauthcc_turn_behind(oauthcc_client_node_t *client, oauthcc_turn_e class,
    ngx_uint_t limited, oauthcc_turn_ask_t *ask)
{
    ngx_uint_t       i, overdue;
    oauthcc_turn_t  *turn;

    /* within a worker, no request overtakes an earlier waiter */

    if (!ask->first && (ask->queues & ((2 << class) - 1))) {
        return 1;
    }

    overdue = oauthcc_turn_overdue(client, class);

    for (i = 0; i < OAUTHCC_TURNS; i++) {
        turn = &client->turns[i];

        if (!oauthcc_turn_waits(turn)
            || (limited && i != OAUTHCC_TURN_NEW))
        {
            continue;
        }

        if (i == class) {

            if (turn->worker != ngx_pid
                && (int32_t) (turn->since - (uint32_t) ask->since) < 0)
            {
                return 1;
            }

        } else if (oauthcc_turn_overdue(client, i) != overdue) {

            if (!overdue) {
                return 1;
            }

        } else if (i < class) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
oauthcc_turn_overdue(oauthcc_client_node_t *client, ngx_uint_t class)
{
    return oauthcc_turn_patience[class]
           && oauthcc_turn_passed(client, class)
              >= oauthcc_turn_patience[class];
}


static ngx_uint_t
oauthcc_turn_waits(oauthcc_turn_t *turn)
{
    return turn->worker
           && oauthcc_turn_age(turn->asked) < OAUTHCC_TURN_WAITS
           && oauthcc_lease_alive(turn->worker);
}


static void
oauthcc_turn_note(oauthcc_client_node_t *client, oauthcc_turn_e class,
    oauthcc_turn_ask_t *ask)
{
    oauthcc_turn_t  *turn;

    turn = &client->turns[class];

    if (!oauthcc_turn_waits(turn)) {

        if (oauthcc_turn_patience[class]) {
            oauthcc_turn_passed(client, class) = 0;
        }

    } else if (turn->worker != ngx_pid
               && (int32_t) (turn->since - (uint32_t) ask->since) <= 0)
    {
        return;
    }

    turn->worker = ngx_pid;
    turn->since = ask->since;
    turn->asked = oauthcc_clock_msec();
}
