#!/usr/bin/perl

# Tests that a client certificate lets in nobody but its own provider.  What
# nginx keeps of a connection, the connection itself and its TLS session, goes
# to whoever comes next, and the certificate goes along: to other providers,
# whatever way they find the token endpoint, and to what is passed there.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;
use Test::OAuthCC;

# connections are kept by each worker
my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $dns = $t->resolver;

$t->certificate($_) for qw(idp.test client.test other.test);

my $base = $t->fill('http://127.0.0.1:%%PORT_idp%%');

for my $name (qw(alias plain)) {
    $idp->answer("/.well-known/oauth-authorization-server/$name", {
        body => JSON::PP::encode_json({
            issuer => "$base/$name", token_endpoint => 'https://pool/token',
            mtls_endpoint_aliases => { token_endpoint => 'https://pool/mtls' },
        }) });
}

my $tls = 'proxy_ssl_trusted_certificate %%PREFIX%%/idp.test.crt;
           proxy_ssl_name idp.test; proxy_set_header Connection "";';

sub mine ($name) {
    return "proxy_ssl_certificate %%PREFIX%%/$name.test.crt;
            proxy_ssl_certificate_key %%PREFIX%%/$name.test.key;";
}

my $cert = "$tls auth_method tls_client_auth; " . mine('client');
my $none = "$tls auth_method none;";

# the ways to a token endpoint
my $fixed = 'token_endpoint https://pool/token;';
my $path = 'token_endpoint https://pool/$path;';
my $varied = 'token_endpoint https://$pool/token;';
my $port = 'token_endpoint https://127.0.0.1:%%PORT_tls%%/token;';
my $alone = 'token_endpoint https://other/token;';
my $alias = "issuer $base/alias;";
my $plain = "issuer $base/plain;";

# a server that lets in who has a certificate, whichever it is

sub config (%providers) {
    my $providers = join '', map { <<"CONF" } sort keys %providers;
    oauthcc_provider $_ {
        client_id gateway;
        backoff 10ms 10ms;
        $providers{$_}
    }
CONF

    return <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    resolver 127.0.0.1:%%PORT_dns%% ipv6=off;
$providers
    map '' \$pool { default pool; }
    map '' \$path { default token; }
    map \$uri \$provider { ~^/p/(?<name>\\w+) \$name; }

    upstream pool { server 127.0.0.1:%%PORT_tls%%; keepalive 8; }
    upstream x { server 127.0.0.1:%%PORT_tls%%; }
    upstream other { server 127.0.0.1:%%PORT_tls%%; keepalive 8; }

    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        ssl_certificate %%PREFIX%%/idp.test.crt;
        ssl_certificate_key %%PREFIX%%/idp.test.key;
        ssl_verify_client optional_no_ca;

        location / {
            if (\$ssl_client_fingerprint = '') {
                return 401 '{"error":"invalid_client"}';
            }

            proxy_pass http://127.0.0.1:%%PORT_idp%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location /p/ {
            oauthcc \$provider;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        # nothing of ours
        location /address { proxy_pass https://127.0.0.1:%%PORT_tls%%/token; }
        location /pool {
            proxy_pass https://pool/token;
            proxy_set_header Connection "";
            proxy_http_version 1.1;
        }
    }
}
CONF
}

$t->run(config(a => "$port $cert", b => "$port $none"));

# what becomes of a request, with each provider or path in this order; each
# time with a worker that has no connections yet.  $out is a failed login, or
# one that is not tried again so soon.

my $out = '502|503';

sub becomes ($name, $providers, @expected) {
    ok($t->reload(config(%$providers)), "$name: reload")
        or return diag $t->error_log;

    while (my ($what, $status) = splice @expected, 0, 2) {
        my $path = $what =~ m{^/} ? $what : "/p/$what";
        like($t->get($path)->status, qr/^(?:$status)$/,
             "$name: $what, $status");
    }
}

sub said ($provider, $other) {
    return scalar $t->log_lines(
        qr/upstream.*"\Q$other\E" might share.*provider: "\Q$provider\E"/);
}

####  TLS sessions, which nginx keeps by the address

becomes('an address', { a => "$port $cert",
                        b => "$port $none proxy_ssl_session_reuse on;" },
        a => 200, b => $out, '/address' => 401, b => $out);

# who comes without one first does not keep it out

becomes('the other way round', { a => "$port $cert" },
        '/address' => 401, a => 200);

####  connections that an upstream{} keeps

# what docs/operations.md warns of, and what shows that there is something to keep
becomes('a proxy_pass', { a => "$fixed $cert" }, a => 200, '/pool' => 200);

becomes('each its own', { a => "$fixed $cert", b => "$alone $none" },
        a => 200, b => $out, a => 200);

becomes('the same certificate', { a => "$varied $cert", b => "$varied $cert",
                                  c => "$fixed $cert" },
        a => 200, b => 200, c => 200);

becomes('nobody has one', { a => "$varied $none",
                            b => "$fixed $none proxy_ssl_verify_depth 3;",
                            c => "$plain $none" },
        a => $out, b => $out, c => $out);
is(said('a', 'b') + said('b', 'a') + said('c', 'a'), 0, 'may share all');

####  an upstream{} that variables name

becomes('variables and one without', { va => "$varied $cert",
                                       vb => "$fixed $none" },
        va => 400, vb => $out);
is(said('va', 'vb'), 1, 'the log says with whom');

becomes('one with and variables', { fa => "$fixed $cert",
                                    fb => "$varied $none" },
        fa => 200, fb => 400);
is(said('fb', 'fa'), 1, 'the log says with whom');

becomes('both by variables', { wa => "$varied $cert", wb => "$varied $none" },
        wa => 400, wb => 400);
is(said('wa', 'wb'), 1, 'the one with it');
is(said('wb', 'wa'), 1, 'and the one without');

becomes('two certificates', { xa => "$varied $cert",
    xb => "$fixed $tls auth_method tls_client_auth; " . mine('other') },
        xa => 400, xb => 200);

becomes('variables alone', { a => "$varied $cert", b => "$alone $none",
                             c => "$port $none" },
        a => 200, b => $out, c => $out);

####  an upstream{} that an issuer names

becomes('an issuer and one without', { ia => "$alias $cert",
                                       ib => "$fixed $none" },
        ia => $out, ib => $out);
cmp_ok(said('ia', 'ib'), '>=', 1, 'the log says with whom');

becomes('issuer and variables', { ja => "$alias $cert",
                                  jb => "$varied $none" },
        ja => $out, jb => 400);

becomes('two issuers', { ka => "$alias $cert", kb => "$plain $none" },
        ka => $out, kb => $out);
cmp_ok(said('ka', 'kb'), '>=', 1, 'the log says with whom');
cmp_ok(said('kb', 'ka'), '>=', 1, 'for both');

becomes('an issuer alone', { a => "$alias $cert", b => "$alone $none" },
        a => 200, b => $out);

####  nginx -t

for my $case (
    [ 'a fixed host', { a => "$fixed $cert", b => "$fixed $none" },
      qr/upstream "pool" is.*"b" too.*certificate.*"a".*of its own/ ],
    [ 'variables in the path', { a => "$path $cert", b => "$fixed $none" },
      qr/upstream "pool" is.*"b" too.*certificate.*"a".*of its own/ ],
    [ 'a session', { a => "$port $cert proxy_ssl_session_reuse on;" },
      qr/"proxy_ssl_session_reuse on" conflicts with.*oauthcc_provider "a"/ ])
{
    my ($name, $providers, $message) = @$case;
    my ($code, $out) = $t->check(config(%$providers));

    is($code, 1, "$name: refused");
    like($out, $message, "$name: says so");
}

for my $case (
    [ 'sessions of others', { a => "$port $cert proxy_ssl_session_reuse off;",
                              b => "$port $none proxy_ssl_session_reuse on;" } ],
    [ 'a host of this name, with a port',
      { a => "$fixed $cert",
        b => "token_endpoint https://pool:%%PORT_tls%%/token; $none" } ],
    [ 'a host that is not known yet',
      { a => "token_endpoint https://x/token; $cert", b => "$varied $none" } ])
{
    my ($name, $providers) = @$case;
    my ($code, $out) = $t->check(config(%$providers));

    is($code, 0, "$name: taken") or diag $out;
}

$t->done;
