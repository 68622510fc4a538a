
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sha1.h>
#include "store/oauthcc_store_script.h"


/*
 * Names, all in one slot of a cluster by the tag in braces:
 *
 *     {PREFIX}:t:ENTRY    the sealed token, see store_value; ends with it
 *     {PREFIX}:l:ENTRY    "GATEWAY.NUMBER EPOCH" of the login, for the lease,
 *                         or, after a failure that is the entry's own, "-" and
 *                         that, see store_failure
 *     {PREFIX}:s:ACCOUNT  of a provider: purges e and e:ENTRY, the last ones
 *                         at w and w:ENTRY; its failure x, of the time y,
 *                         after which one tries, q: "UNTIL GATEWAY"; the last
 *                         gateway g that had a failure k of its own
 *     {PREFIX}:c          the channel: "t GATEWAY ENTRY VERSION", "f GATEWAY
 *                         ENTRY", "r GATEWAY ENTRY", "p GATEWAY ACCOUNT ENTRY"
 *
 * KEYS are t, l and s.  Times are the store's, in milliseconds.
 */

#define OAUTHCC_STORE_SCRIPT_NOW                                              \
    "local t = redis.call('TIME')\n"                                          \
    "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"

/* a token or a lease of another epoch was there before a purge */

#define OAUTHCC_STORE_SCRIPT_EPOCH                                            \
    "local e = string.format('%08x%08x', s[1] or 0, s[2] or 0)\n"

/* whether the lease is the owner's */

#define OAUTHCC_STORE_SCRIPT_MINE                                             \
    "local mine = string.match(redis.call('GET', KEYS[2]) or '', '^%S+')"     \
                " == ARGV[1]\n"

/* what is known of a provider lives for 30 days, longer than any token */

#define OAUTHCC_STORE_SCRIPT_KEEP                                             \
    "redis.call('PEXPIRE', KEYS[3], 2592000000)\n"

/* the server answers */

#define OAUTHCC_STORE_SCRIPT_WELL                                             \
    "redis.call('HDEL', KEYS[3], 'x', 'y', 'q', 'g', 'k')\n"


/*
 * ARGV: owner, version that is no answer, not after, lease, ENTRY, leave, time
 * of a login of this gateway that succeeded, whether it makes no other one.
 * What the gateway knows itself counts, as the store may have been away when
 * it was to be told: a failure from before that login is over, and a try of
 * this gateway has ended if it makes none.
 */

#define OAUTHCC_STORE_SCRIPT_ASK_TEXT                                         \
    OAUTHCC_STORE_SCRIPT_NOW                                                  \
    "if now > tonumber(ARGV[3]) then return {'LATE', now} end\n"              \
    "local s = redis.call('HMGET', KEYS[3], 'e', 'e:' .. ARGV[5],"            \
                        " 'x', 'q', 'y')\n"                                   \
    OAUTHCC_STORE_SCRIPT_EPOCH                                                \
    "local v = redis.call('GET', KEYS[1])\n"                                  \
    "if v and string.sub(v, 26, 41) == e"                                     \
    " and string.sub(v, 10, 25) ~= ARGV[2] then\n"                            \
    "  return {'HIT', now, v}\n"                                              \
    "end\n"                                                                   \
    "local l = redis.call('GET', KEYS[2]) or ''\n"                            \
    "local o = string.match(l, '^(%x+)%.%d+ ' .. e .. '$')\n"                 \
    "if o and o ~= string.sub(ARGV[1], 1, 16) then\n"                         \
    "  return {'WAIT', now, redis.call('PTTL', KEYS[2])}\n"                   \
    "end\n"                                                                   \
    "local x = s[3] or ''\n"                                                  \
    "local q, g = string.match(s[4] or '', '^(%d+) (%x+)$')\n"                \
    "if g == string.sub(ARGV[1], 1, 16) and ARGV[8] == '1' then q = 0 end\n"  \
    "if s[5] and (tonumber(s[5]) or 0) < tonumber(ARGV[7]) then\n"            \
    OAUTHCC_STORE_SCRIPT_WELL                                                 \
    "  x, q = '', 0\n"                                                        \
    "end\n"                                                                   \
    "local u, n = string.match(l, '^%-(%d+) (%d+) ')\n"                       \
    "if u and tonumber(u) > now then\n"                                       \
    "  return {'FAIL', now, u - now, string.sub(l, 2), 'e'}\n"                \
    "end\n"                                                                   \
    "local p, m = string.match(x, '^(%d+) (%d+) ')\n"                         \
    "local till = math.max(p or 0, q or 0)\n"                                 \
    "if till > now then\n"                                                    \
    "  return {'FAIL', now, till - now, x, 'p'}\n"                            \
    "end\n"                                                                   \
    "if ARGV[6] == '1' then return {'LEAVE', now} end\n"                      \
    "if p then\n"                                                             \
    "  redis.call('HSET', KEYS[3], 'q',"                                      \
                " now + ARGV[4] .. ' ' .. string.sub(ARGV[1], 1, 16))\n"      \
    "end\n"                                                                   \
    "redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. e, 'PX', ARGV[4])\n"        \
    "return {'LEAD', now, e, tonumber(n or m or 0)}\n"

/*
 * ARGV: owner, version that is no answer, value, ENTRY, channel, offer.  Who
 * has lost the lease gives way to a newer token.  No life is above 24 days.
 * An offer is a token of an earlier login: its epoch is of now, so the time of
 * the last purge counts.
 */

#define OAUTHCC_STORE_SCRIPT_PUT_TEXT                                         \
    OAUTHCC_STORE_SCRIPT_NOW                                                  \
    "local s = redis.call('HMGET', KEYS[3], 'e', 'e:' .. ARGV[4],"            \
                        " 'w', 'w:' .. ARGV[4])\n"                            \
    OAUTHCC_STORE_SCRIPT_EPOCH                                                \
    OAUTHCC_STORE_SCRIPT_MINE                                                 \
    "local ttl = math.min(string.sub(ARGV[3], 55, 67) - now, 2073600000)\n"   \
    "local made = tonumber(string.sub(ARGV[3], 42, 54))\n"                    \
    "if string.sub(ARGV[3], 26, 41) ~= e or ARGV[6] == '1'"                   \
    " and made <= math.max(s[3] or 0, s[4] or 0) then\n"                      \
    "  if mine then redis.call('DEL', KEYS[2]) end\n"                         \
    "  return {'PURGED', now}\n"                                              \
    "end\n"                                                                   \
    "if ttl <= 0 then\n"                                                      \
    "  if mine then redis.call('DEL', KEYS[2]) end\n"                         \
    "  return {'LATE', now}\n"                                                \
    "end\n"                                                                   \
    "if not mine then\n"                                                      \
    "  local v = redis.call('GET', KEYS[1])\n"                                \
    "  if v and string.sub(v, 26, 41) == e"                                   \
    " and string.sub(v, 10, 25) ~= ARGV[2] then\n"                            \
    "    return {'HIT', now, v}\n"                                            \
    "  end\n"                                                                 \
    "end\n"                                                                   \
    "redis.call('SET', KEYS[1], ARGV[3], 'PX', ttl)\n"                        \
    "if mine then redis.call('DEL', KEYS[2]) end\n"                           \
    "redis.call('HDEL', KEYS[3], 'q')\n"                                      \
    "if ARGV[6] ~= '1' then\n"                                                \
    OAUTHCC_STORE_SCRIPT_WELL                                                 \
    "end\n"                                                                   \
    "redis.call('PUBLISH', ARGV[5], 't ' .. string.sub(ARGV[1], 1, 16)"       \
               " .. ' ' .. ARGV[4] .. ' ' .. string.sub(ARGV[3], 10, 25))\n"  \
    "return {'DONE', now}\n"

/*
 * ARGV: owner, wait, whose (p: the provider's, e: the entry's, g: of this
 * gateway), status and code, the failure, ENTRY, channel, whether the server
 * has answered.  A gateway's own becomes the provider's when a second gateway
 * has the same next, and then stays so.
 */

#define OAUTHCC_STORE_SCRIPT_FAIL_TEXT                                        \
    OAUTHCC_STORE_SCRIPT_NOW                                                  \
    OAUTHCC_STORE_SCRIPT_MINE                                                 \
    "if not mine then return {'LOST'} end\n"                                  \
    "local g = string.sub(ARGV[1], 1, 16)\n"                                  \
    "local from = 'f '\n"                                                     \
    "if ARGV[3] == 'e' then\n"                                                \
    "  redis.call('SET', KEYS[2], '-' .. ARGV[5], 'PX', ARGV[2] + 600000)\n"  \
    "  if ARGV[8] == '1' then\n"                                              \
    OAUTHCC_STORE_SCRIPT_WELL                                                 \
    "  end\n"                                                                 \
    "else\n"                                                                  \
    "  redis.call('DEL', KEYS[2])\n"                                          \
    "  redis.call('HDEL', KEYS[3], 'q')\n"                                    \
    "  local s = redis.call('HMGET', KEYS[3], 'g', 'k', 'x')\n"               \
    "  local all = string.match(s[3] or '', '^%d+ %d+ (%d+ %S*) ')"           \
                " == ARGV[4]\n"                                               \
    "  if ARGV[3] == 'g' and not all"                                         \
    " and (s[2] ~= ARGV[4] or s[1] == g) then\n"                              \
    "    redis.call('HSET', KEYS[3], 'g', g, 'k', ARGV[4])\n"                 \
    "    from = 'r '\n"                                                       \
    "  else\n"                                                                \
    "    redis.call('HSET', KEYS[3], 'x', ARGV[5], 'y', now)\n"               \
    "  end\n"                                                                 \
    OAUTHCC_STORE_SCRIPT_KEEP                                                 \
    "end\n"                                                                   \
    "redis.call('PUBLISH', ARGV[7], from .. g .. ' ' .. ARGV[6])\n"           \
    "return {from == 'r ' and 'LEFT' or 'DONE'}\n"

/* ARGV: owner, lease */

#define OAUTHCC_STORE_SCRIPT_RENEW_TEXT                                       \
    OAUTHCC_STORE_SCRIPT_MINE                                                 \
    "if not mine then return {'LOST'} end\n"                                  \
    "redis.call('PEXPIRE', KEYS[2], ARGV[2])\n"                               \
    "return {'DONE'}\n"

/* ARGV: owner, ENTRY, channel, whether the server has answered */

#define OAUTHCC_STORE_SCRIPT_RELEASE_TEXT                                     \
    OAUTHCC_STORE_SCRIPT_MINE                                                 \
    "if not mine then return {'LOST'} end\n"                                  \
    "redis.call('DEL', KEYS[2])\n"                                            \
    "redis.call('HDEL', KEYS[3], 'q')\n"                                      \
    "if ARGV[4] == '1' then\n"                                                \
    OAUTHCC_STORE_SCRIPT_WELL                                                 \
    "end\n"                                                                   \
    "redis.call('PUBLISH', ARGV[3], 'r ' .. string.sub(ARGV[1], 1, 16)"       \
               " .. ' ' .. ARGV[2])\n"                                        \
    "return {'DONE'}\n"

/* ARGV: gateway, ENTRY or *, ACCOUNT, channel */

#define OAUTHCC_STORE_SCRIPT_PURGE_TEXT                                       \
    OAUTHCC_STORE_SCRIPT_NOW                                                  \
    "local of = ''\n"                                                         \
    "if ARGV[2] ~= '*' then\n"                                                \
    "  of = ':' .. ARGV[2]\n"                                                 \
    "  redis.call('DEL', KEYS[1], KEYS[2])\n"                                 \
    "end\n"                                                                   \
    "redis.call('HINCRBY', KEYS[3], 'e' .. of, 1)\n"                          \
    "redis.call('HSET', KEYS[3], 'w' .. of, now)\n"                           \
    OAUTHCC_STORE_SCRIPT_KEEP                                                 \
    "redis.call('PUBLISH', ARGV[4], 'p ' .. ARGV[1] .. ' ' .. ARGV[3]"        \
               " .. ' ' .. ARGV[2])\n"                                        \
    "return {'DONE'}\n"


#define OAUTHCC_STORE_SCRIPT_SHA  40


typedef struct {
    ngx_str_t  text;
    u_char     sha[OAUTHCC_STORE_SCRIPT_SHA];
    unsigned   known:1;
} oauthcc_store_script_t;


static ngx_str_t oauthcc_store_script_sha(oauthcc_store_script_t *script);
static ngx_str_t oauthcc_store_script_key(u_char **p, oauthcc_store_t *store,
    char *kind, u_char *name);


static oauthcc_store_script_t  oauthcc_store_scripts[] = {
    { ngx_string(OAUTHCC_STORE_SCRIPT_ASK_TEXT), { 0 }, 0 },
    { ngx_string(OAUTHCC_STORE_SCRIPT_PUT_TEXT), { 0 }, 0 },
    { ngx_string(OAUTHCC_STORE_SCRIPT_FAIL_TEXT), { 0 }, 0 },
    { ngx_string(OAUTHCC_STORE_SCRIPT_RENEW_TEXT), { 0 }, 0 },
    { ngx_string(OAUTHCC_STORE_SCRIPT_RELEASE_TEXT), { 0 }, 0 },
    { ngx_string(OAUTHCC_STORE_SCRIPT_PURGE_TEXT), { 0 }, 0 }
};


ngx_str_t *
oauthcc_store_script_text(oauthcc_store_script_e script)
{
    return &oauthcc_store_scripts[script].text;
}


ngx_uint_t
oauthcc_store_script_words(oauthcc_store_script_e script,
    oauthcc_store_script_keys_t *keys, ngx_str_t *args, ngx_uint_t nargs,
    ngx_str_t *words)
{
    ngx_uint_t  i;

    ngx_str_set(&words[0], "EVALSHA");
    words[1] = oauthcc_store_script_sha(&oauthcc_store_scripts[script]);
    ngx_str_set(&words[2], "3");
    words[3] = keys->token;
    words[4] = keys->lease;
    words[5] = keys->account;

    for (i = 0; i < nargs; i++) {
        words[6 + i] = args[i];
    }

    return 6 + nargs;
}


/* The name that a store gives a script: no matter of security. */

static ngx_str_t
oauthcc_store_script_sha(oauthcc_store_script_t *script)
{
    u_char      digest[20];
    ngx_str_t   sha;
    ngx_sha1_t  ctx;

    if (!script->known) {
        ngx_sha1_init(&ctx);
        ngx_sha1_update(&ctx, script->text.data, script->text.len);
        ngx_sha1_final(digest, &ctx);

        ngx_hex_dump(script->sha, digest, sizeof(digest));

        script->known = 1;
    }

    sha.data = script->sha;
    sha.len = OAUTHCC_STORE_SCRIPT_SHA;

    return sha;
}


ngx_int_t
oauthcc_store_script_keys(oauthcc_store_t *store, u_char *account,
    u_char *entry, oauthcc_store_script_keys_t *keys)
{
    u_char  *p;

    p = ngx_alloc(3 * (store->prefix.len + sizeof("{}:t:") - 1
                       + 2 * OAUTHCC_STORE_NAME),
                  ngx_cycle->log);

    keys->memory = p;

    if (p == NULL) {
        return NGX_ERROR;
    }

    keys->token = oauthcc_store_script_key(&p, store, "t", entry);
    keys->lease = oauthcc_store_script_key(&p, store, "l", entry);
    keys->account = oauthcc_store_script_key(&p, store, "s", account);

    return NGX_OK;
}


static ngx_str_t
oauthcc_store_script_key(u_char **p, oauthcc_store_t *store, char *kind,
    u_char *name)
{
    ngx_str_t  key;

    key.data = *p;

    *p = ngx_sprintf(*p, "{%V}:%s:", &store->prefix, kind);
    *p = ngx_hex_dump(*p, name, OAUTHCC_STORE_NAME);

    key.len = *p - key.data;

    return key;
}


ngx_int_t
oauthcc_store_script_channel(ngx_pool_t *pool, ngx_str_t *prefix,
    ngx_str_t *channel)
{
    channel->len = prefix->len + sizeof("{}:c") - 1;
    channel->data = ngx_pnalloc(pool, channel->len);

    if (channel->data == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(channel->data, "{%V}:c", prefix);

    return NGX_OK;
}
