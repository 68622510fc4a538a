// A strict resource server of DPoP (RFC 9449 sections 4.3, 7.1 and 9), for the
// tests: jose verifies proofs, and an authorization server says what a token
// is bound to.
//
//   node resource-server.mjs --as URL [--port N] [--nonce MS] [--origin URL]
//        [--id ID --secret SECRET]
//
// --as is the introspection endpoint (RFC 7662), asked with id and secret;
// --nonce is how often the nonce changes, 0: none is wanted; --origin is what
// it calls itself.  It listens on 127.0.0.1, prints one line of JSON when it is
// ready, and ends when its standard input does.
//
// No identifier is taken twice, "htu" is compared byte for byte with what was
// in the request line, and the nonce is the present one or the one before.
//
//   GET /_log         [{method, url, status, why, token, proof, and the claims
//                     of that}, ...]
//   GET /_revoke      all tokens that were seen are refused from now on
//   GET /_renew       no nonce of the past is taken from now on
//   any /cut...       the first request of its URL is read, and cut
//   any /twice...     asks for a nonce again and again
//   any /body...      answers with the length of the body
//   any /slice...     answers with a range of a file of 30 bytes

import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import { EmbeddedJWK, calculateJwkThumbprint, jwtVerify } from 'jose';

const { values } = parseArgs({
    options: {
        as: { type: 'string' },
        id: { type: 'string' },
        secret: { type: 'string' },
        nonce: { type: 'string', default: '0' },
        origin: { type: 'string' },
        port: { type: 'string', default: '0' },
        ttl: { type: 'string' },
        more: { type: 'string' },
    },
});

const every = Number(values.nonce);

let renewed = 0;

const nonceAt = (time) => createHmac('sha256', `nonces ${renewed}`)
    .update(String(Math.floor(time / every))).digest('base64url').slice(0, 22);

const seen = new Set();
const cut = new Set();
const revoked = new Set();
const tokens = new Map();
const log = [];

const introspect = async (token) => {
    if (!tokens.has(token)) {
        const response = await fetch(values.as, {
            method: 'POST',
            body: new URLSearchParams({ token, client_id: values.id,
                                        client_secret: values.secret }),
        });

        tokens.set(token, await response.json());
    }

    return tokens.get(token);
};

const only = (request, name) => {
    const found = request.rawHeaders.filter((_, i) =>
        i % 2 === 1 && request.rawHeaders[i - 1].toLowerCase() === name);

    return found.length === 1 ? found[0] : undefined;
};

// of a request target, what RFC 3986 does not allow in a path
const encoded = (path) => path.replace(/[^\w\-.~!$&'()*+,;=:@%/]/g, (char) =>
    `%${char.charCodeAt().toString(16).toUpperCase().padStart(2, '0')}`);

// what is wrong with a request: [status, challenge, why], or nothing
const judge = async (request, entry) => {
    const dpop = (error, why) => [401, `DPoP error="${error}", `
        + `error_description="${why.replace(/["\\]/g, '?')}", `
        + 'algs="ES256 RS256 EdDSA"', why];
    const bad = (why) => dpop('invalid_dpop_proof', why);

    const [scheme, token] =
        (only(request, 'authorization') ?? '').split(' ');

    entry.token = token;

    if (scheme !== 'DPoP') {
        return [401, 'Bearer realm="api", DPoP algs="ES256"', 'no DPoP token'];
    }

    const proof = only(request, 'dpop');

    if (!proof) {
        return bad('not one DPoP header');
    }

    let verified;

    try {
        verified = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt' });
    } catch (error) {
        return bad(error.message);
    }

    const { payload, protectedHeader } = verified;

    Object.assign(entry, { proof, ...payload });

    const htu = (values.origin ?? `http://${encoded(request.headers.host)}`)
        + encoded(request.url.split(/[?#]/)[0]);

    if (Math.abs(Date.now() / 1000 - payload.iat) > 60) {
        return bad('iat');
    }

    if (payload.htm !== request.method) {
        return bad(`htm ${payload.htm}`);
    }

    if (payload.htu !== htu) {
        return bad(`htu is not ${htu}`);
    }

    if (payload.ath
        !== createHash('sha256').update(token).digest('base64url'))
    {
        return bad('ath');
    }

    const now = Date.now();

    if (request.url.startsWith('/twice')
        || (every && payload.nonce !== nonceAt(now)
            && payload.nonce !== nonceAt(now - every)))
    {
        return dpop('use_dpop_nonce', 'another nonce is wanted');
    }

    if (!payload.jti || seen.has(payload.jti)) {
        return bad('jti was used');
    }

    seen.add(payload.jti);

    const said = await introspect(token);

    if (revoked.has(token) || !said.active) {
        return dpop('invalid_token', 'not active');
    }

    if (said.cnf?.jkt !== await calculateJwkThumbprint(protectedHeader.jwk)) {
        return dpop('invalid_token', 'bound to another key');
    }
};

const answer = async (request, response) => {
    let length = 0;

    for await (const chunk of request) {
        length += chunk.length;
    }

    if (request.url === '/_log') {
        response.end(JSON.stringify(log));
        return;
    }

    if (request.url === '/_revoke') {
        for (const token of tokens.keys()) {
            revoked.add(token);
        }

        response.end();
        return;
    }

    if (request.url === '/_renew') {
        renewed++;
        response.end();
        return;
    }

    const entry = { method: request.method, url: request.url };

    log.push(entry);

    const wrong = await judge(request, entry);

    if (!wrong && request.url.startsWith('/cut') && !cut.has(request.url)) {
        cut.add(request.url);
        entry.why = 'cut';
        request.socket.destroy();
        return;
    }

    const [status, challenge, why] = wrong ?? [200, undefined, 'ok'];

    Object.assign(entry, { status, why });

    response.statusCode = status;

    if (challenge) {
        response.setHeader('WWW-Authenticate', challenge);
    }

    if (request.url.startsWith('/twice')) {
        response.setHeader('DPoP-Nonce', `twice-${log.length}`);
    } else if (every && entry.nonce !== nonceAt(Date.now())) {
        response.setHeader('DPoP-Nonce', nonceAt(Date.now()));
    }

    const range = request.headers.range?.match(/^bytes=(\d+)-(\d+)$/);

    if (!wrong && range && request.url.startsWith('/slice')) {
        const [from, to] = [Number(range[1]), Math.min(Number(range[2]), 29)];

        entry.range = range[0];
        response.statusCode = 206;
        response.setHeader('Content-Range', `bytes ${from}-${to}/30`);
        response.setHeader('ETag', '"x"');
        response.end('0123456789abcdefghijklmnopqrst'.slice(from, to + 1));
        return;
    }

    response.setHeader('Cache-Control', request.url.startsWith('/cached')
        ? 'max-age=60' : 'no-store');
    response.end(request.url.startsWith('/body') ? `${length}\n` : `${why}\n`);
};

process.stdin.resume();
process.stdin.on('close', () => process.exit(0));

const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
        response.statusCode = 500;
        response.end(`${error.stack}\n`);
    });
});

server.listen(Number(values.port), '127.0.0.1', () => {
    const { port } = server.address();

    console.log(JSON.stringify({ port, url: `http://127.0.0.1:${port}` }));
});
