// What the real authorization servers in node have in common: the options
//
//   node NAME.mjs [--port N] [--ttl SECONDS] [--more FILE]
//
// of which FILE holds {"clients": {NAME: {...}, ...}}, more clients than those
// of clients.json, with "public", the path of a public key in PEM, and "kid"
// of it; and a server on 127.0.0.1, on any free port unless told otherwise,
// that prints one line of JSON ({"port":...,"url":...}) when it is ready, and
// ends when its standard input does: it does not outlive a test.
//
//   GET /_logins     what the token endpoint was asked so far, as
//                    [{client_id, method, scope, token, assertion, error,
//                    detail}, ...]

import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
    options: {
        more: { type: 'string' },
        port: { type: 'string', default: '0' },
        ttl: { type: 'string', default: '300' },
    },
});

const read = (path) => JSON.parse(readFileSync(path));

const jwk = ({ public: path, kid }) => ({
    ...createPublicKey(readFileSync(path)).export({ format: 'jwk' }),
    ...(kid ? { kid } : {}),
});

export const ttl = Number(values.ttl);

// by name; those with a key have "jwks" too
export const clients = Object.fromEntries(Object.entries({
    ...read(new URL('clients.json', import.meta.url)),
    ...(values.more ? read(values.more).clients : {}),
}).map(([name, client]) => [name, {
    ...client,
    ...(client.public ? { jwks: { keys: [jwk(client)] } } : {}),
}]));

const logins = [];

const note = (form, headers, { access_token, error, error_description }) => {
    const basic = headers.authorization?.match(/^Basic (.*)/i)?.[1];

    logins.push({
        client_id: form.get('client_id')
            ?? (basic && atob(basic).split(':')[0]),
        method: basic ? 'client_secret_basic'
            : form.has('client_assertion') ? 'private_key_jwt'
            : 'client_secret_post',
        scope: form.get('scope') ?? undefined,
        assertion: form.get('client_assertion') ?? undefined,
        token: access_token,
        error,
        detail: error_description,
    });
};

// handle() is given a Request of the fetch standard, and returns a Response;
// make() is given the address of the server, and returns handle()
export const serve = (tokenPath, make) => {
    process.stdin.resume();
    process.stdin.on('close', () => process.exit(0));

    const server = createServer();

    server.listen(Number(values.port), '127.0.0.1', async () => {
        const { port } = server.address();
        const url = `http://127.0.0.1:${port}`;
        const handle = await make(url);

        server.on('request', async (incoming, outgoing) => {
            if (incoming.url === '/_logins') {
                outgoing.setHeader('Content-Type', 'application/json');
                outgoing.end(JSON.stringify(logins));
                return;
            }

            const body = Buffer.concat(await incoming.toArray());
            const headers = new Headers(incoming.headers);

            headers.delete('connection');

            const response = await handle(new Request(url + incoming.url, {
                method: incoming.method,
                headers,
                ...(body.length ? { body } : {}),
            }));
            const text = await response.text();

            if (incoming.url === tokenPath) {
                note(new URLSearchParams(body.toString()), incoming.headers,
                     text.startsWith('{') ? JSON.parse(text) : {});
            }

            outgoing.writeHead(response.status,
                               Object.fromEntries(response.headers));
            outgoing.end(text);
        });

        console.log(JSON.stringify({ port, url }));
    });
};
