// A gateway as the documentation of both packages has it; logins that are
// asked for at the same time are one.  With tenants each has a token of its own.
//
//   node gateway.js PORT BACKEND [tenants]

'use strict';

const http = require('http');
const httpProxy = require('http-proxy');
const { ClientCredentials } = require('simple-oauth2');

const [port, target, tenants] = process.argv.slice(2);

const client = new ClientCredentials({
    client: { id: 'gateway', secret: 's3cret' },
    auth: { tokenHost: target, tokenPath: '/token' },
});

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const proxy = httpProxy.createProxyServer({ target, agent });

class Source {
    constructor(params) {
        this.params = params;
    }

    async get() {
        if (!this.token || this.token.expired(1)) {
            this.login ??= client.getToken(this.params)
                .finally(() => { this.login = undefined; });
            this.token = await this.login;
        }

        return this.token.token.access_token;
    }
}

const one = new Source({});
const all = new Map();

function source(url) {
    if (!tenants) {
        return one;
    }

    const scope = new URL(url, target).searchParams.get('t');

    if (!all.has(scope)) {
        all.set(scope, new Source({ scope }));
    }

    return all.get(scope);
}

http.createServer(async (req, res) => {
    try {
        req.headers.authorization = `Bearer ${await source(req.url).get()}`;
        proxy.web(req, res);

    } catch {
        res.writeHead(502).end();
    }
}).listen(Number(port), '127.0.0.1');

proxy.on('error', (err, req, res) => {
    if (!res.headersSent) {
        res.writeHead(502);
    }

    res.end();
});
