// The token, out of the answer that is kept.

async function get(r) {
    const reply = await r.subrequest('/_login', { method: 'POST' });

    if (reply.status !== 200) {
        r.return(502);
        return;
    }

    r.headersOut['X-Token'] = JSON.parse(reply.responseText).access_token;
    r.return(204);
}

export default { get };
