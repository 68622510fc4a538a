// A real authorization server for the tests: npm's oidc-provider with the
// client credentials grant, introspection, and the clients of clients.json.
//
//   node oidc-provider.mjs [--port N] [--ttl SECONDS] [--more FILE]
//
// It listens on 127.0.0.1, on any free port unless told otherwise, prints one
// line of JSON ({"port":...,"url":...}) when it is ready, and ends when its
// standard input does: it does not outlive a test.
//
//   POST /token                 the token endpoint
//   POST /token/introspection   RFC 7662
//   GET  /_logins               what the token endpoint was asked so far, as
//                               [{client_id, method, scope, resource, token,
//                               assertion, dpop, subject, error,
//                               detail}, ...]
//
// FILE holds JSON: "clients", more of them by name, each as oidc-provider has
// it, but for "public", the path of a public key or certificate in PEM, and
// "kid" of it; and "tls", where the same is served with TLS: "port", "key",
// "cert", and "ca", the paths of PEM files, the last one for certificates of
// clients, which may have one or not.
//
// The grant of RFC 7523 section 2.1 is registered: who signs it is the client
// that "iss" names, which sends its client_id too.  So is that of RFC 8693: a
// subject token is one that this server has issued, and subject its client.
//
// Whoever sends a proof gets a token that is bound to its key (RFC 9449), and
// has to put a nonce into it; dpop is that proof.
//
// Scopes are "read" and "write"; the client "plain" may only read.  Resources
// are https://api.example/ and, with tokens that live 2 seconds,
// https://api.example/short.

import {
    X509Certificate, createHash, createPublicKey, randomBytes,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { parseArgs } from 'node:util';

import { createLocalJWKSet, jwtVerify } from 'jose';
import { Provider, errors } from 'oidc-provider';

const { values: { port, ttl, more } } = parseArgs({
    options: {
        more: { type: 'string' },
        port: { type: 'string', default: '0' },
        ttl: { type: 'string', default: '300' },
    },
});

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';

const named = JSON.parse(
    readFileSync(new URL('clients.json', import.meta.url)));

// RFC 6749 appendix A wants VSCHAR in id and secret, and so does this server:
// a client with others is left out
const takes = ({ client_id, client_secret }) =>
    /^[\x20-\x7e]+$/.test(client_id + client_secret);

const { clients: others = {}, tls } =
    more ? JSON.parse(readFileSync(more)) : {};

// a public key in PEM as a set of JWKs, with the certificate if it is one
const jwks = (path, kid) => {
    const pem = readFileSync(path);
    const jwk = createPublicKey(pem).export({ format: 'jwk' });

    if (pem.includes('BEGIN CERTIFICATE')) {
        const { raw } = new X509Certificate(pem);

        jwk.x5c = [raw.toString('base64')];
        jwk['x5t#S256'] = createHash('sha256').update(raw)
            .digest('base64url');
    }

    return { keys: [{ ...jwk, use: 'sig', ...(kid ? { kid } : {}) }] };
};

const clients = [
    ...Object.entries(named)
        .filter(([, client]) => takes(client))
        .map(([name, client]) => ({
            ...client,
            ...(name === 'plain' ? { scope: 'read' } : {}),
        })),
    ...Object.values(others).map(({ public: path, kid, ...client }) => ({
        ...client,
        ...(path ? { jwks: jwks(path, kid) } : {}),
    })),
].map((client) => ({
    ...client,
    grant_types: ['client_credentials', jwtBearer, exchange],
    redirect_uris: [],
    response_types: [],
}));

const algorithms = ['RS', 'PS', 'ES', 'HS'].flatMap((family) =>
    ['256', '384', '512'].map((bits) => family + bits)).concat('EdDSA');

const peer = ({ socket }) => socket.getPeerX509Certificate?.();

const resources = {
    'https://api.example/': Number(ttl),
    'https://api.example/short': 2,
};

const logins = [];

process.stdin.resume();
process.stdin.on('close', () => process.exit(0));

const server = createServer();

server.listen(Number(port), '127.0.0.1', () => {
    const url = `http://127.0.0.1:${server.address().port}`;

    const provider = new Provider(url, {
        clients,
        scopes: ['read', 'write'],
        clientAuthMethods: [
            'client_secret_basic', 'client_secret_post', 'client_secret_jwt',
            'private_key_jwt', 'tls_client_auth',
            'self_signed_tls_client_auth', 'none',
        ],
        enabledJWA: {
            clientAuthSigningAlgValues: algorithms,
            dPoPSigningAlgValues: algorithms.filter((name) =>
                !name.startsWith('HS')),
        },
        ttl: {
            ClientCredentials: (ctx, token) =>
                token.resourceServer?.accessTokenTTL ?? Number(ttl),
        },
        features: {
            clientCredentials: { enabled: true },
            devInteractions: { enabled: false },
            dPoP: {
                enabled: true,
                nonceSecret: randomBytes(32),
                requireNonce: () => true,
            },
            introspection: { enabled: true },
            mTLS: {
                enabled: true,
                certificateBoundAccessTokens: true,
                tlsClientAuth: true,
                selfSignedTlsClientAuth: true,
                getCertificate: ({ req }) => peer(req),
                certificateAuthorized: ({ req }) => req.socket.authorized,
                certificateSubjectMatches: ({ req }, property, expected) =>
                    property === 'tls_client_auth_san_dns'
                        ? peer(req).checkHost(expected) !== undefined
                        : peer(req).subject === expected,
            },
            resourceIndicators: {
                enabled: true,
                defaultResource: () => undefined,
                getResourceServerInfo: (ctx, resource) => {
                    if (!(resource in resources)) {
                        throw new errors.InvalidTarget();
                    }

                    return {
                        scope: 'read write',
                        accessTokenTTL: resources[resource],
                    };
                },
            },
        },
    });

    // RFC 7523 section 2.1, as jose verifies it: a client of the issuer's name
    // has the key, and a jti is taken once
    const seen = new Set();

    provider.registerGrantType(jwtBearer, async (ctx) => {
        const { client, params } = ctx.oidc;
        const refuse = (why) => {
            throw new errors.InvalidGrant(why);
        };

        const { payload } = await jwtVerify(params.assertion ?? '',
            createLocalJWKSet(client.jwks ?? { keys: [] }), {
                issuer: client.clientId,
                audience: [url, `${url}/token`],
                requiredClaims: ['sub', 'exp', 'iat', 'jti'],
                maxTokenAge: '1h',
            }).catch((error) => refuse(error.message));

        if (payload.exp - payload.iat > 3600) {
            refuse('it is good for too long');
        }

        if (seen.has(payload.jti)) {
            refuse('its jti was used');
        }

        seen.add(payload.jti);

        const token = new provider.ClientCredentials({
            client,
            scope: payload.scope,
            extra: { sub: payload.sub },
        });

        ctx.oidc.entity('ClientCredentials', token);

        ctx.body = {
            access_token: await token.save(),
            expires_in: token.expiration,
            token_type: 'Bearer',
            scope: token.scope,
        };
    }, ['assertion', 'scope']);

    // RFC 8693: a bad subject token is an invalid_request, section 2.2.2
    provider.registerGrantType(exchange, async (ctx) => {
        const { client, params } = ctx.oidc;

        if (params.subject_token_type !== accessToken) {
            throw new errors.InvalidRequest('subject_token_type is another');
        }

        const subject = await provider.ClientCredentials.find(
            params.subject_token ?? '');

        if (!subject || subject.isExpired) {
            throw new errors.InvalidRequest('subject_token is not valid');
        }

        const token = new provider.ClientCredentials({
            client,
            scope: params.scope,
        });

        ctx.oidc.entity('ClientCredentials', token);
        ctx.oidc.subject = subject.clientId;

        ctx.body = {
            access_token: await token.save(),
            issued_token_type: accessToken,
            expires_in: token.expiration,
            token_type: 'Bearer',
            scope: token.scope,
        };
    }, ['subject_token', 'subject_token_type', 'requested_token_type',
        'scope']);

    const note = ({ headers, body, oidc }, error) => logins.push({
        client_id: oidc?.client?.clientId,
        method: headers.authorization ? 'client_secret_basic'
            : oidc?.params?.client_secret ? 'client_secret_post'
            : oidc?.client?.clientAuthMethod ?? 'none',
        scope: oidc?.params?.scope,
        resource: oidc?.params?.resource,
        token: body?.access_token,
        subject: oidc?.subject,
        assertion: oidc?.params?.client_assertion ?? oidc?.params?.assertion,
        dpop: headers.dpop,
        error: error?.message,
        detail: error?.error_detail,
    });

    provider.on('grant.success', (ctx) => note(ctx));
    provider.on('grant.error', note);

    const serve = provider.callback();

    const answer = (request, response) => {
        if (request.url === '/_logins') {
            response.setHeader('Content-Type', 'application/json');
            response.end(JSON.stringify(logins));
        } else {
            serve(request, response);
        }
    };

    server.on('request', answer);

    const ready = () =>
        console.log(JSON.stringify({ port: server.address().port, url }));

    if (tls) {
        createTlsServer({
            key: readFileSync(tls.key),
            cert: readFileSync(tls.cert),
            ca: readFileSync(tls.ca),
            requestCert: true,
            rejectUnauthorized: false,
        }, answer).listen(tls.port, '127.0.0.1', ready);
    } else {
        ready();
    }
});
