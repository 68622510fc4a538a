/*
 * A model of one entry of a store that several gateways share: the scripts ASK,
 * PUT, FAIL, RELEASE and PURGE of src/store, and the steps of token/login_store
 * that use them.
 *
 * Each script is one atomic step, as it is in the store; between two steps
 * anything may happen at the other gateways.  Time is left out: a lock may
 * be lost and a token may end at any moment.  A version is a number in the
 * order in which the server gave the tokens out.
 *
 * What is shown, by t/model/run:
 *
 *      at most one login is in flight, besides those whose lock was lost,
 *      an older token never replaces a newer one, unless a lock was lost,
 *      what was purged does not come back,
 *      the trouble of one gateway does not keep another one from logging in,
 *      nobody waits for a login that is not made, or is stuck.
 *
 * Variables of the environment say what may happen: LOSSES of locks while
 * their holder lives, CRASHES of gateways, PURGES, TROUBLE of gateway 0 at each
 * of its logins.  FAULT plants a fault, which has to be found.
 */

#define NO_LOCK      1  /* ASK does not look at the lock */
#define NO_EPOCH     2  /* PUT does not look at the epoch */
#define NO_OWNER     3  /* PUT takes what comes without the lock */
#define NOT_MINE     4  /* PUT deletes whatever lock there is */
#define NO_VERSION   5  /* ASK answers with the token that was refused */
#define ALL_WAIT     6  /* the trouble of one gateway is that of all */
#define LEAK         7  /* a failed login keeps its lock */

#ifndef GATEWAYS
#define GATEWAYS  2
#endif

#define LOGINS    5     /* as many are explored */
#define NOBODY    255

byte fault;
byte losses_most;
byte crashes_most;
byte purges_most;
byte trouble_most;

/* the store: the token, its lock, the epoch; the last gateway in trouble */
byte token;
byte token_epoch;
byte lock = NOBODY;
byte epoch;
byte troubled = NOBODY;
bool backoff;

byte version = 1;       /* of the next token */

/* of each gateway: what it uses, and of which epoch */
byte uses[GATEWAYS];
byte uses_epoch[GATEWAYS];

/* for what is to hold */
byte inflight;
byte orphans;           /* of them, those whose lock was lost */
bool orphan[GATEWAYS];
bool logging_in[GATEWAYS];
byte losses;
byte crashes;
byte purges;
byte troubles;
byte purged_before[LOGINS + 2]; /* purges when the login of a version began */

#define there         (token != 0 && token_epoch == epoch)
#define of_the_epoch  (of_epoch == epoch || fault == NO_EPOCH)


inline lost(w) {
    if
    :: w != NOBODY && logging_in[w] && !orphan[w] ->
        orphan[w] = 1;
        orphans++
    :: else
    fi
}


inline ended(w) {
    inflight--;
    logging_in[w] = 0;

    if
    :: orphan[w] ->
        orphan[w] = 0;
        orphans--
    :: else
    fi
}


inline unlock(w) {
    if
    :: lock == w || fault == NOT_MINE -> lock = NOBODY
    :: else
    fi
}


proctype gateway(byte me)
{
    byte have;
    byte of_epoch;
    byte mine;
    byte began;

idle:
    do
    :: version > LOGINS || backoff -> goto done

        /* a refresh, a refusal, or nothing is there: "have" is no answer */

    :: atomic { have = uses[me]; goto ask }
    :: atomic { uses[me] != 0 -> uses[me] = 0; have = 0; goto ask }

        /* messages: of another token, of a purge */

    :: atomic { there && uses[me] != 0 && token != uses[me] ->
            uses[me] = token;
            uses_epoch[me] = token_epoch
        }
    :: atomic { uses[me] != 0 && uses_epoch[me] != epoch -> uses[me] = 0 }

        /* it ends in the store */

    :: atomic { token != 0 -> token = 0 }

    :: atomic { purges < purges_most ->
            purges++;
            epoch++;
            token = 0;
            lost(lock);
            lock = NOBODY
        }
    :: atomic { crashes < crashes_most -> crashes++; uses[me] = 0 }
    od;

ask:
    atomic {
        if
        :: there && (token != have || fault == NO_VERSION) ->

            /* of what was refused there is no end */

            assert(token != have);

            uses[me] = token;
            uses_epoch[me] = token_epoch;
            goto idle

        :: (!(there && (token != have || fault == NO_VERSION))
            && (lock == NOBODY || fault == NO_LOCK) && version <= LOGINS) ->

            lock = me;
            of_epoch = epoch;
            began = purges;

            assert(inflight == orphans);

            inflight++;
            logging_in[me] = 1;
            goto login

        :: backoff || version > LOGINS -> goto done

        :: !(there && token != have) && lock != NOBODY && lock != me ->

            /* for somebody who logs in */

            assert(logging_in[lock])
        fi
    };

    goto ask;       /* WAIT: by a message, or by a timer */

login:
    if
    :: atomic { version <= LOGINS ->
            mine = version;
            purged_before[mine] = began;
            version++;
            goto put
        }

        /* other gateways have used them up */

    :: atomic { version > LOGINS -> ended(me); unlock(me); goto done }

        /* no route, a wrong secret: it is left to the others */

    :: atomic { me == 0 && troubles < trouble_most ->
            troubles++;
            ended(me);

            if
            :: fault != LEAK -> unlock(me)
            :: else
            fi;

            if
            :: (troubled != NOBODY && troubled != me) || fault == ALL_WAIT ->
                backoff = 1
            :: else
            fi;

            troubled = me;

            /* gateway 0 alone is in trouble */

            assert(!backoff);
            goto idle
        }

        /* the lock ends by its time */

    :: atomic { crashes < crashes_most ->
            crashes++;
            ended(me);
            uses[me] = 0;

            if
            :: lock == me -> lock = NOBODY
            :: else
            fi;

            goto idle
        }
    fi;

put:
    /* its own requests have it at once */

    atomic {
        uses[me] = mine;
        uses_epoch[me] = of_epoch
    };

    atomic {
        ended(me);

        if
        :: !of_the_epoch ->                                 /* PURGED */
            unlock(me);
            uses[me] = 0

        :: (of_the_epoch && (lock == me || fault == NO_OWNER)) ->  /* DONE */

            assert(!there || token < mine || lock == me);
            assert(losses > 0 || crashes > 0 || !there || token < mine);

            token = mine;
            token_epoch = epoch;
            troubled = NOBODY;
            unlock(me)

        :: (of_the_epoch && lock != me && fault != NO_OWNER && there
            && token != have) ->                            /* NEWER */
            uses[me] = token;
            uses_epoch[me] = token_epoch;

            if
            :: fault == NOT_MINE -> lock = NOBODY
            :: else
            fi

        :: (of_the_epoch && lock != me && fault != NO_OWNER
            && !(there && token != have)) ->                /* DONE */
            token = mine;
            token_epoch = epoch;
            troubled = NOBODY;

            if
            :: fault == NOT_MINE -> lock = NOBODY
            :: else
            fi
        fi;

        assert(!there || purged_before[token] == purges)
    };

    goto idle;

done:
    skip
}


proctype store()
{
end:
    do
    :: atomic { losses < losses_most && lock != NOBODY ->
            losses++;
            lost(lock);
            lock = NOBODY
        }
    :: timeout -> break
    od
}


init
{
    byte i;

    atomic {
        c_code {
            if (getenv("FAULT")) {
                now.fault = atoi(getenv("FAULT"));
            }

            if (getenv("LOSSES")) {
                now.losses_most = atoi(getenv("LOSSES"));
            }

            if (getenv("CRASHES")) {
                now.crashes_most = atoi(getenv("CRASHES"));
            }

            if (getenv("PURGES")) {
                now.purges_most = atoi(getenv("PURGES"));
            }

            if (getenv("TROUBLE")) {
                now.trouble_most = atoi(getenv("TROUBLE"));
            }
        };

        run store();

        for (i : 0 .. GATEWAYS - 1) {
            run gateway(i)
        }
    }
}
