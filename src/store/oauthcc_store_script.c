
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
 *     {PREFIX}:l:ENTRY    "GATEWAY.NUMBER" of the login, for the lease, or,
 *                         after a failure that is the entry's own,
 *                         "-UNTIL COUNT STATUS CODE"
 *     {PREFIX}:s:ACCOUNT  of a provider: purges e and e:ENTRY; its failures n,
 *                         no login until u, with status c and code f; the last
 *                         gateway g that had a failure k of its own
 *     {PREFIX}:c          the channel: "t GATEWAY ENTRY VERSION", "f GATEWAY
 *                         ENTRY", "r GATEWAY ENTRY", "p GATEWAY ACCOUNT ENTRY"
 *
 * KEYS are t, l and s.  Times are the store's, in milliseconds.
 */

#define OAUTHCC_STORE_SCRIPT_NOW                                              \
    "local t = redis.call('TIME')\n"                                          \
    "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"

/* a token of another epoch was there before a purge */

#define OAUTHCC_STORE_SCRIPT_EPOCH                                            \
    "local e = string.format('%08x%08x', s[1] or 0, s[2] or 0)\n"

/* what is known of a provider lives for 30 days, longer than any token */

#define OAUTHCC_STORE_SCRIPT_KEEP                                             \
    "redis.call('PEXPIRE', KEYS[3], 2592000000)\n"


/* ARGV: owner, version that is no answer, not after, lease, ENTRY, leave */

#define OAUTHCC_STORE_SCRIPT_ASK_TEXT                                         \
    OAUTHCC_STORE_SCRIPT_NOW                                                  \
    "if now > tonumber(ARGV[3]) then return {'LATE', now} end\n"              \
    "local s = redis.call('HMGET', KEYS[3], 'e', 'e:' .. ARGV[5],"            \
                        " 'n', 'u', 'c', 'f')\n"                              \
    OAUTHCC_STORE_SCRIPT_EPOCH                                                \
    "local v = redis.call('GET', KEYS[1])\n"                                  \
    "if v and string.sub(v, 26, 41) == e"                                     \
    " and string.sub(v, 10, 25) ~= ARGV[2] then\n"                            \
    "  return {'HIT', now, v}\n"                                              \
    "end\n"                                                                   \
    "local l = redis.call('GET', KEYS[2])\n"                                  \
    "local n = tonumber(s[3] or 0)\n"                                         \
    "if l and string.sub(l, 1, 1) ~= '-' then\n"                              \
    "  if string.sub(l, 1, 16) ~= string.sub(ARGV[1], 1, 16) then\n"          \
    "    return {'WAIT', now, redis.call('PTTL', KEYS[2])}\n"                 \
    "  end\n"                                                                 \
    "elseif l then\n"                                                         \
    "  local u, m, c, f = string.match(l, '^%-(%d+) (%d+) (%d+) (.*)$')\n"    \
    "  if u and tonumber(u) > now then\n"                                     \
    "    return {'FAIL', now, u - now, tonumber(m), tonumber(c), f}\n"        \
    "  end\n"                                                                 \
    "  n = tonumber(m or 0)\n"                                                \
    "end\n"                                                                   \
    "if s[4] and tonumber(s[4]) > now then\n"                                 \
    "  return {'FAIL', now, s[4] - now, n, tonumber(s[5] or 0),"              \
              " s[6] or ''}\n"                                                \
    "end\n"                                                                   \
    "if ARGV[6] == '1' then return {'LEAVE', now} end\n"                      \
    "if s[4] then redis.call('HSET', KEYS[3], 'u', now + ARGV[4]) end\n"      \
    "redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[4])\n"                    \
    "return {'LEAD', now, e, n}\n"

/*
 * ARGV: owner, version that is no answer, value, ENTRY, channel.  Who has lost
 * the lease gives way to a newer token.  No life is above 24 days.
 */

#define OAUTHCC_STORE_SCRIPT_PUT_TEXT                                         \
    OAUTHCC_STORE_SCRIPT_NOW                                                  \
    "local s = redis.call('HMGET', KEYS[3], 'e', 'e:' .. ARGV[4])\n"          \
    OAUTHCC_STORE_SCRIPT_EPOCH                                                \
    "local mine = redis.call('GET', KEYS[2]) == ARGV[1]\n"                    \
    "local ttl = math.min(string.sub(ARGV[3], 55, 67) - now, 2073600000)\n"   \
    "if string.sub(ARGV[3], 26, 41) ~= e then\n"                              \
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
    "redis.call('HDEL', KEYS[3], 'n', 'u', 'c', 'f', 'g', 'k')\n"             \
    "redis.call('PUBLISH', ARGV[5], 't ' .. string.sub(ARGV[1], 1, 16)"       \
               " .. ' ' .. ARGV[4] .. ' ' .. string.sub(ARGV[3], 10, 25))\n"  \
    "return {'DONE', now}\n"

/*
 * ARGV: owner, wait, count, whose (p: the provider's, e: the entry's, g: of
 * this gateway), status, code, ENTRY, channel.  A gateway's own becomes the
 * provider's when a second gateway has the same next, and then stays so.
 */

#define OAUTHCC_STORE_SCRIPT_FAIL_TEXT                                        \
    "if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {'LOST'} end\n"     \
    OAUTHCC_STORE_SCRIPT_NOW                                                  \
    "local g = string.sub(ARGV[1], 1, 16)\n"                                  \
    "local k = ARGV[5] .. ' ' .. ARGV[6]\n"                                   \
    "local from = 'f '\n"                                                     \
    "redis.call('DEL', KEYS[2])\n"                                            \
    "if ARGV[4] == 'e' then\n"                                                \
    "  redis.call('SET', KEYS[2], '-' .. now + ARGV[2] .. ' ' .. ARGV[3]"     \
                 " .. ' ' .. k, 'PX', ARGV[2] + 600000)\n"                    \
    "else\n"                                                                  \
    "  local s = redis.call('HMGET', KEYS[3], 'g', 'k', 'n', 'c', 'f')\n"     \
    "  local all = s[3] and (s[4] or '') .. ' ' .. (s[5] or '') == k\n"       \
    "  if ARGV[4] == 'g' and not all and (s[2] ~= k or s[1] == g) then\n"     \
    "    redis.call('HSET', KEYS[3], 'g', g, 'k', k)\n"                       \
    "    redis.call('HDEL', KEYS[3], 'u')\n"                                  \
    "    from = 'r '\n"                                                       \
    "  else\n"                                                                \
    "    redis.call('HSET', KEYS[3], 'n', ARGV[3], 'u', now + ARGV[2],"       \
                  " 'c', ARGV[5], 'f', ARGV[6])\n"                            \
    "  end\n"                                                                 \
    OAUTHCC_STORE_SCRIPT_KEEP                                                 \
    "end\n"                                                                   \
    "redis.call('PUBLISH', ARGV[8], from .. g .. ' ' .. ARGV[7])\n"           \
    "return {from == 'r ' and 'LEFT' or 'DONE'}\n"

/* ARGV: owner, lease */

#define OAUTHCC_STORE_SCRIPT_RENEW_TEXT                                       \
    "if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {'LOST'} end\n"     \
    "redis.call('PEXPIRE', KEYS[2], ARGV[2])\n"                               \
    "return {'DONE'}\n"

/* ARGV: owner, ENTRY, channel, whether the server has answered */

#define OAUTHCC_STORE_SCRIPT_RELEASE_TEXT                                     \
    "if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {'LOST'} end\n"     \
    "redis.call('DEL', KEYS[2])\n"                                            \
    "if ARGV[4] == '1' then\n"                                                \
    "  redis.call('HDEL', KEYS[3], 'n', 'u', 'c', 'f', 'g', 'k')\n"           \
    "end\n"                                                                   \
    "redis.call('PUBLISH', ARGV[3], 'r ' .. string.sub(ARGV[1], 1, 16)"       \
               " .. ' ' .. ARGV[2])\n"                                        \
    "return {'DONE'}\n"

/* ARGV: gateway, ENTRY or *, ACCOUNT, channel */

#define OAUTHCC_STORE_SCRIPT_PURGE_TEXT                                       \
    "if ARGV[2] == '*' then\n"                                                \
    "  redis.call('HINCRBY', KEYS[3], 'e', 1)\n"                              \
    "else\n"                                                                  \
    "  redis.call('HINCRBY', KEYS[3], 'e:' .. ARGV[2], 1)\n"                  \
    "  redis.call('DEL', KEYS[1], KEYS[2])\n"                                 \
    "end\n"                                                                   \
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
