// A real authorization server for the tests: npm's oidc-provider with the
// client credentials grant, introspection, and the clients of clients.json.
//
//   node oidc-provider.mjs [--port N] [--ttl SECONDS]
//
// It listens on 127.0.0.1, on any free port unless told otherwise, prints one
// line of JSON ({"port":...,"url":...}) when it is ready, and ends when its
// standard input does: it does not outlive a test.
//
//   POST /token                 the token endpoint
//   POST /token/introspection   RFC 7662
//   GET  /_logins               what the token endpoint was asked so far, as
//                               [{client_id, method, scope, resource, token,
//                               error}, ...]
//
// Scopes are "read" and "write"; the client "plain" may only read.  Resources
// are https://api.example/ and, with tokens that live 2 seconds,
// https://api.example/short.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import { Provider, errors } from 'oidc-provider';

const { values: { port, ttl } } = parseArgs({
    options: {
        port: { type: 'string', default: '0' },
        ttl: { type: 'string', default: '300' },
    },
});

const named = JSON.parse(
    readFileSync(new URL('clients.json', import.meta.url)));

// RFC 6749 appendix A wants VSCHAR in id and secret, and so does this server:
// a client with others is left out
const takes = ({ client_id, client_secret }) =>
    /^[\x20-\x7e]+$/.test(client_id + client_secret);

const clients = Object.entries(named)
    .filter(([, client]) => takes(client))
    .map(([name, client]) => ({
        ...client,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        ...(name === 'plain' ? { scope: 'read' } : {}),
    }));

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
        ttl: {
            ClientCredentials: (ctx, token) =>
                token.resourceServer?.accessTokenTTL ?? Number(ttl),
        },
        features: {
            clientCredentials: { enabled: true },
            devInteractions: { enabled: false },
            introspection: { enabled: true },
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

    const note = ({ headers, body, oidc }, error) => logins.push({
        client_id: oidc?.client?.clientId,
        method: headers.authorization ? 'client_secret_basic'
            : oidc?.params?.client_secret ? 'client_secret_post' : 'none',
        scope: oidc?.params?.scope,
        resource: oidc?.params?.resource,
        token: body?.access_token,
        error: error?.message,
    });

    provider.on('grant.success', (ctx) => note(ctx));
    provider.on('grant.error', note);

    const serve = provider.callback();

    server.on('request', (request, response) => {
        if (request.url === '/_logins') {
            response.setHeader('Content-Type', 'application/json');
            response.end(JSON.stringify(logins));
        } else {
            serve(request, response);
        }
    });

    console.log(JSON.stringify({ port: server.address().port, url }));
});
