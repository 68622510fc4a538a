// A real authorization server for the tests: npm's @node-oauth/oauth2-server,
// the one that most of node's use, with the client credentials grant.  It
// takes id and secret of Basic as they are.  See serve.mjs for its options.
//
//   POST /token          the token endpoint
//   POST /introspect     whether the server lets a token pass, as RFC 7662
//                        has it

import OAuth2Server from '@node-oauth/oauth2-server';

import { clients, serve, ttl } from './serve.mjs';

const tokens = new Map();
const known = Object.values(clients);

const oauth = new OAuth2Server({
    accessTokenLifetime: ttl,
    model: {
        getClient: (id, secret) => {
            const client = known.find((one) => one.client_id === id
                && one.client_secret === secret);

            return client && { ...client, id,
                               grants: ['client_credentials'] };
        },
        getUserFromClient: ({ id }) => ({ id }),
        validateScope: (user, client, scope = []) =>
            scope.every((one) => ['read', 'write'].includes(one)) && scope,
        saveToken: (token, client, user) => {
            const saved = { ...token, client, user };

            tokens.set(token.accessToken, saved);
            return saved;
        },
        getAccessToken: (token) => tokens.get(token),
    },
});

const respond = ({ body, headers, status }) =>
    new Response(JSON.stringify(body), { headers, status });

const call = async (way, request, body, headers = {}) => {
    const response = new OAuth2Server.Response();

    const result = await oauth[way](new OAuth2Server.Request({
        body,
        headers: { ...Object.fromEntries(request.headers), ...headers },
        method: request.method,
        query: {},
    }), response).catch(() => undefined);

    return { result, response };
};

serve('/token', () => async (request) => {
    const form = Object.fromEntries(new URLSearchParams(await request.text()));

    switch (new URL(request.url).pathname) {
    case '/token':
        return respond((await call('token', request, form)).response);

    case '/introspect': {
        const { result } = await call('authenticate', request, {}, {
            authorization: `Bearer ${form.token}` });

        return Response.json(result ? {
            active: true,
            client_id: result.client.id,
            scope: result.scope?.join(' '),
        } : { active: false });
    }

    default:
        return new Response('not here', { status: 404 });
    }
});
