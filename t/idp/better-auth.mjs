// A real authorization server for the tests: npm's better-auth with its
// oauth-provider, whose clients may sign assertions.  A client is registered
// for one method, and no other is taken.  See serve.mjs for its options.
//
//   POST /api/auth/oauth2/token          the token endpoint
//   POST /introspect                     what its table has of a token, as RFC
//                                        7662 has it: its own endpoint tells
//                                        that to the client of the token only
//   /api/auth                            the issuer

import { createHash, webcrypto } from 'node:crypto';

import { oauthProvider } from '@better-auth/oauth-provider';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { jwt } from 'better-auth/plugins';

import { clients, serve, ttl } from './serve.mjs';

// node 18, that of Debian 12, has it not
globalThis.crypto ??= webcrypto;

const hash = (secret) =>
    createHash('sha256').update(secret).digest('base64url');

const oauthClient = Object.entries(clients).map(([name, client]) => ({
    id: name,
    clientId: client.client_id,
    clientSecret: client.client_secret ? hash(client.client_secret) : null,
    tokenEndpointAuthMethod:
        client.token_endpoint_auth_method ?? 'client_secret_basic',
    jwks: client.jwks ? JSON.stringify(client.jwks) : null,
    grantTypes: ['client_credentials'],
    scopes: ['read', 'write'],
    clientCredentialsScopes: ['read', 'write'],
    redirectUris: [],
    disabled: false,
}));

// a table each
const tables = Object.fromEntries([
    'user', 'session', 'account', 'verification', 'jwks', 'oauthAccessToken',
    'oauthRefreshToken', 'oauthConsent', 'oauthResource',
    'oauthClientResource', 'oauthClientAssertion',
].map((table) => [table, []]));

const introspect = async (request) => {
    const form = new URLSearchParams(await request.text());
    const row = tables.oauthAccessToken.find(({ token, expiresAt }) =>
        token === hash(form.get('token')) && expiresAt > new Date());

    return Response.json(row ? {
        active: true,
        client_id: row.clientId,
        scope: row.scopes.join(' '),
    } : { active: false });
};

serve('/api/auth/oauth2/token', (url) => {
    const { handler } = betterAuth({
        baseURL: url,
        secret: 'the-cookies-of-nobody-are-signed-with-this',
        database: memoryAdapter({ ...tables, oauthClient }),
        logger: { disabled: true },
        rateLimit: { enabled: false },
        telemetry: { enabled: false },
        plugins: [
            jwt(),
            oauthProvider({
                loginPage: '/login',
                consentPage: '/consent',
                scopes: ['openid', 'read', 'write'],
                m2mAccessTokenExpiresIn: ttl,
                silenceWarnings: { oauthAuthServerConfig: true,
                                   openidConfig: true },
            }),
        ],
    });

    return (request) => new URL(request.url).pathname === '/introspect'
        ? introspect(request) : handler(request);
});
