/*
 * A model of leases, places and waiters: cache/place, cache/turn, cache/lease,
 * token/login_queue, token/worker.
 *
 * Each worker has a request for each entry.  A step below an atomic is what the
 * code does under the lock of the zone; between two steps anything may happen
 * in other workers.  A worker may be killed at any step, and in the middle of
 * one: then the store is torn until somebody resets it; the master starts
 * another worker, with new requests.
 *
 * What is shown, by t/model/run:
 *
 *      at most one login of an entry is in flight,
 *      at most as many as there are places,
 *      a place is given to nobody before one who has waited longer, as far as
 *          the zone knows,
 *      a dead leader is replaced, and a dead waiter not waited for,
 *      a torn store is reset before anything is read in it,
 *      nobody waits for ever; without polling either, if nobody is killed.
 *
 * The variable FAULT of the environment plants a fault, which has to be found;
 * PLACES says how many there are, instead of one.
 */

#define DEAD_LEADS  1   /* whether a leader lives is not asked */
#define TWO_LEAD    2   /* nor whether there is one */
#define NO_RESET    3   /* a torn store is used */
#define NO_ORDER    4   /* who came first is not asked */
#define DEAD_WAITS  5   /* nor whether he lives */
#define NO_PLACE    6   /* that a place is free is not told */
#define NO_TELL     7   /* nor to those who were passed over */
#define NO_LOOK     8   /* who waits does not look after the leader */

#ifndef KILLS
#define KILLS    1
#endif

/* logins that are aborted, and clients that leave */

#ifndef ABORTS
#define ABORTS   0
#endif

#ifndef LEAVES
#define LEAVES   0
#endif

#ifndef POLL
#define POLL     1
#endif

#define WORKERS  2
#define ENTRIES  2
#define NONE     255

/* a worker, and the one that is started when it was killed */
#define pid(w)    ((w) + WORKERS * age[w])
#define alive(p)  (age[(p) % WORKERS] == (p) / WORKERS)

/* of a request */
#define ASKS      0     /* posted: it will ask */
#define AWAITS    1     /* the end of a login */
#define QUEUED    2     /* for a place */
#define SERVED    3

byte age[WORKERS];
byte kills;
byte leaves;
byte fault;
byte places_most = 1;
byte aborts;
bool torn;

/* the zone: entries */
bool token[ENTRIES];
byte leader[ENTRIES] = NONE;

/* of who waits for a place, the first that the zone knows of */
byte turn = NONE;
byte turn_since;
bool passed_over;

/* words that were changed since this worker has looked, and the eventfd */
bool changed[WORKERS * ENTRIES];
bool places[WORKERS];
bool notified[WORKERS];

/* the workers */
byte request[WORKERS * ENTRIES];
byte since[WORKERS * ENTRIES];
byte arrivals;

/* logins in flight, and those that were when the store was reset */
bool login[WORKERS * ENTRIES];
bool forgotten[WORKERS * ENTRIES];

#define at(w, e)      ((w) * ENTRIES + (e))
#define stands(w, e)                                                          \
    (request[at(w, e)] == AWAITS || request[at(w, e)] == QUEUED)

/* of one step: no part of the state */
hidden byte f;
hidden byte i;
hidden byte n;
hidden byte behind;
hidden byte queued;


inline notify()
{
    notified[0] = true;
    notified[1] = true
}


inline change(e)
{
    /* who asks will see it anyway */
    changed[at(0, e)] = stands(0, e);
    changed[at(1, e)] = stands(1, e)
}


inline free_place()
{
    if
    :: fault == NO_PLACE -> skip
    :: else ->
        places[0] = request[at(0, 0)] == QUEUED || request[at(0, 1)] == QUEUED;
        places[1] = request[at(1, 0)] == QUEUED || request[at(1, 1)] == QUEUED
    fi
}


/* who takes the lock looks whether a worker has died with it */

inline enter()
{
    if
    :: torn && fault != NO_RESET ->
        for (i : 0 .. ENTRIES - 1) {
            token[i] = false;
            leader[i] = NONE;
            change(i)
        }
        for (i : 0 .. WORKERS * ENTRIES - 1) {
            forgotten[i] = forgotten[i] || login[i];
            login[i] = false
        }
        turn = NONE; turn_since = 0;
        passed_over = false;
        free_place();
        torn = false;
        notify()
    :: else -> skip
    fi;

    assert(!torn)
}


inline count()
{
    n = 0;

    for (i : 0 .. ENTRIES - 1) {
        if
        :: leader[i] != NONE && (alive(leader[i]) || fault == DEAD_LEADS) -> n++
        :: else -> skip
        fi
    }
}


/* whether another one is to have the place first */

inline look_behind(w, e, first)
{
    behind = turn != NONE && turn != pid(w) &&
             (alive(turn) || fault == DEAD_WAITS) &&
             turn_since < since[at(w, e)];

    if
    :: behind && fault == NO_ORDER -> behind = false
    :: else -> skip
    fi;

    if
    :: !first ->
        for (i : 0 .. ENTRIES - 1) {
            behind = behind || (i != e && request[at(w, i)] == QUEUED &&
                                since[at(w, i)] < since[at(w, e)])
        }
    :: else -> skip
    fi
}


/* somebody who was passed over may have a place now */

inline tell()
{
    if
    :: passed_over && fault != NO_TELL ->
        free_place();
        notify()
    :: else -> skip
    fi;

    passed_over = false
}


inline ask(w, e, first)
{
    enter();
    changed[at(w, e)] = false;

    if
    :: token[e] ->
        request[at(w, e)] = SERVED;
        since[at(w, e)] = 0

    :: !token[e] && leader[e] != NONE &&
       (alive(leader[e]) || fault == DEAD_LEADS) && fault != TWO_LEAD ->
        request[at(w, e)] = AWAITS

    :: else ->
        count();
        look_behind(w, e, first);

        if
        :: n < places_most && !behind ->
            assert(!login[at(0, e)] && !login[at(1, e)]);
            assert(turn == NONE || turn == pid(w) || !alive(turn) ||
                   turn_since >= since[at(w, e)]);

            leader[e] = pid(w);
            login[at(w, e)] = true;
            request[at(w, e)] = AWAITS;

            assert(login[0] + login[1] + login[2] + login[3] <= places_most);

            if
            :: turn == pid(w) -> turn = NONE; turn_since = 0
            :: else -> skip
            fi;

            if
            :: n + 1 < places_most -> tell()
            :: else -> passed_over = false
            fi

        :: else ->
            passed_over = passed_over || n < places_most;
            request[at(w, e)] = QUEUED;

            if
            :: (first && (turn == NONE || turn == pid(w) || !alive(turn) ||
                         since[at(w, e)] < turn_since)) ->
                if
                :: fault == DEAD_WAITS && turn != NONE && !alive(turn) -> skip
                :: else ->
                    turn = pid(w);
                    turn_since = since[at(w, e)]
                fi
            :: else -> skip
            fi
        fi
    fi
}


/* the first of the worker's queue, or ENTRIES */

inline find_first(w)
{
    f = ENTRIES;

    for (i : 0 .. ENTRIES - 1) {
        if
        :: request[at(w, i)] == QUEUED &&
           (f == ENTRIES || since[at(w, i)] < since[at(w, f % ENTRIES)]) -> f = i
        :: else -> skip
        fi
    }
}


/* asks for the first, then for the next, until there is no place */

inline ask_first(w)
{
    places[w] = false;
    find_first(w);

    do
    :: f < ENTRIES ->
        ask(w, f, true);
        if
        :: request[at(w, f)] == QUEUED -> break
        :: else -> find_first(w)
        fi
    :: else ->
        if
        :: turn == pid(w) ->
            enter();
            turn = NONE; turn_since = 0;
            tell()
        :: else -> skip
        fi;
        break
    od
}


/* with a token, or, once, aborted; one that was forgotten is stored, too */

inline end_login(w, e)
{
    enter();

    if
    :: login[at(w, e)] ->
        login[at(w, e)] = false;

        if
        :: leader[e] == pid(w) -> leader[e] = NONE; free_place()
        :: else -> skip
        fi

    :: else -> forgotten[at(w, e)] = false
    fi;

    if
    :: true -> token[e] = true
    :: aborts < ABORTS -> aborts++
    fi;

    change(e);
    notify()
}


inline killed(w)
{
    kills++;

    if
    :: true -> torn = true      /* in the middle of a change */
    :: true -> skip
    fi;

    age[w]++;
    notified[w] = false;
    places[w] = false;

    for (i : 0 .. ENTRIES - 1) {
        login[at(w, i)] = false;
        forgotten[at(w, i)] = false;
        since[at(w, i)] = 0;
        changed[at(w, i)] = false
    }

    /* its clients come again, or do not */

    if
    :: true -> request[at(w, 0)] = ASKS; request[at(w, 1)] = ASKS
    :: true -> request[at(w, 0)] = SERVED; request[at(w, 1)] = SERVED
    fi
}


inline resume(w, e)
{
    if
    :: since[at(w, e)] == 0 -> arrivals++; since[at(w, e)] = arrivals
    :: else -> skip
    fi;

    queued = false;

    for (i : 0 .. ENTRIES - 1) {
        queued = queued || request[at(w, i)] == QUEUED
    }

    ask(w, e, false);

    /* alone in the queue it asks again, as its first */

    if
    :: request[at(w, e)] == QUEUED && !queued -> ask_first(w)
    :: else -> skip
    fi
}


/* who waits for an entry that was changed asks again */

inline look(w)
{
    for (i : 0 .. ENTRIES - 1) {
        if
        :: stands(w, i) && changed[at(w, i)] ->
            request[at(w, i)] = ASKS
        :: else -> skip
        fi
    }
}


inline look_leaders(w)
{
    for (i : 0 .. ENTRIES - 1) {
        if
        :: request[at(w, i)] == AWAITS && !login[at(w, i)] &&
           (leader[i] == NONE || !alive(leader[i])) && fault != NO_LOOK ->
            request[at(w, i)] = ASKS
        :: else -> skip
        fi
    }
}


inline leave(w, e)
{
    leaves++;
    request[at(w, e)] = SERVED;
    since[at(w, e)] = 0;
    changed[at(w, e)] = false;
    ask_first(w)
}


inline poll(w)
{
    look(w);
    look_leaders(w);
    ask_first(w)
}


#define answers(w, e)  (login[at(w, e)] || forgotten[at(w, e)])

#define waits(w)                                                              \
    (request[at(w, 0)] == AWAITS || request[at(w, 1)] == AWAITS || \
     request[at(w, 0)] == QUEUED || request[at(w, 1)] == QUEUED)

#define all_served                                                            \
    (request[0] == SERVED && request[1] == SERVED && \
     request[2] == SERVED && request[3] == SERVED)


/* requests and the wake-up */

proctype worker(byte w)
{
    do
    :: atomic { request[at(w, 0)] == ASKS -> resume(w, 0) }
    :: atomic { request[at(w, 1)] == ASKS -> resume(w, 1) }

    :: atomic {
        notified[w] ->
        notified[w] = false;
        look(w);

        if
        :: places[w] -> ask_first(w)
        :: else -> skip
        fi
    }

    :: atomic { leaves < LEAVES && stands(w, 0) -> leave(w, 0) }
    :: atomic { kills < KILLS && w == 0 && !all_served -> killed(w) }
    :: atomic { all_served -> break }
    od
}


/* the token endpoint, which answers some time */

proctype endpoint()
{
    do
    :: atomic { answers(0, 0) -> end_login(0, 0) }
    :: atomic { answers(0, 1) -> end_login(0, 1) }
    :: atomic { answers(1, 0) -> end_login(1, 0) }
    :: atomic { answers(1, 1) -> end_login(1, 1) }
    :: atomic { all_served -> break }
    od
}


/* the timers, each 250 ms while anybody waits */

proctype timer()
{
    do
    :: atomic { waits(0) || waits(1) -> poll(0); poll(1) }
    :: atomic { all_served -> break }
    od
}


init
{
    atomic {
        c_code {
            if (getenv("FAULT")) {
                now.fault = atoi(getenv("FAULT"));
            }

            if (getenv("PLACES")) {
                now.places_most = atoi(getenv("PLACES"));
            }
        };

        run worker(0);
        run worker(1);
        run endpoint();

        if
        :: POLL -> run timer()
        :: !POLL -> skip
        fi
    }
}


ltl nobody_waits_for_ever { <> all_served }
