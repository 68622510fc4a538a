// A gateway as the documentation of both packages has it; logins that are
// asked for at the same time are one.
//
//   node gateway.js PORT BACKEND

'use strict';

const http = require('http');
const httpProxy = require('http-proxy');
const { ClientCredentials } = require('simple-oauth2');

const [port, target] = process.argv.slice(2);

const client = new ClientCredentials({
    client: { id: 'gateway', secret: 's3cret' },
    auth: { tokenHost: target, tokenPath: '/token' },
});

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const proxy = httpProxy.createProxyServer({ target, agent });

let token;
let login;

async function get() {
    if (!token || token.expired(1)) {
        login ??= client.getToken({}).finally(() => { login = undefined; });
        token = await login;
    }

    return token.token.access_token;
}

http.createServer(async (req, res) => {
    try {
        req.headers.authorization = `Bearer ${await get()}`;
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
