#!/usr/bin/perl

# Tests of DPoP (RFC 9449) wherever nginx makes a request of its own, or one in
# another place than the client has asked for: subrequests, redirects, updates
# of a cache, handshakes, other protocols than HTTP/1.x.  Each has a proof of its
# own, and of what is on the wire.  And in which answers a nonce is learnt.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA qw(sha256);
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64url decode_base64url);
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 1, needs => [ 'http_v2_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my %cgi = map { $_ => $t->upstream($_, protocol => $_) }
              qw(fastcgi uwsgi scgi);

# of nginx 1.29.0
my ($no_hints) = $t->check("%%GLOBALS%%\nhttp { %%HTTP%%\nearly_hints 1; }");
my $hints = $no_hints ? '' : 'early_hints 1;';

my $cgi = join "\n", map { <<"CONF" } sort keys %cgi;
        location /$_/ {
            rewrite ^/$_/front /front.php break;
            ${_}_param REQUEST_METHOD \$request_method;
            ${_}_param REQUEST_URI \$request_uri;
            ${_}_pass 127.0.0.1:%%PORT_$_%%;
        }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
        dpop on;
    }

    oauthcc_dpop_uri https://api.example.com;
    proxy_http_version 1.1;
    $hints

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc crm;

        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /upper/ {
            oauthcc_dpop_uri HTTPS://api.example.com;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /upgrade/ {
            proxy_set_header Upgrade \$http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /auth/ {
            auth_request /sub/auth;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /auth_cgi/ {
            auth_request /fastcgi/auth;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /mirror/ {
            mirror /sub/mirror;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /ssi/ {
            ssi on;
            ssi_types *;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /error/ {
            proxy_intercept_errors on;
            error_page 404 = /sub/error;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /internal/ {
            internal;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /sub/ {
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /update/ {
            proxy_cache one;
            proxy_cache_valid 1s;
            proxy_cache_use_stale updating;
            proxy_cache_background_update on;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /grpc/ {
            rewrite ^/grpc/new(/.*) /new\$1 break;
            grpc_pass grpc://127.0.0.1:%%PORT_hop%%;
        }
$cgi
    }

    # what it gets by HTTP/2, and what clients send it so
    server {
        listen 127.0.0.1:%%PORT_hop%% http2;
        location / {
            return 200 "\$request_method \$request_uri \$http_dpop";
        }
        location /plain/ {
            oauthcc crm;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

$idp->answer({ json => { token_type => 'DPoP' } });

####  what is in a proof

my %jti;

sub claims ($name, @proofs) {
    is(@proofs, 1, "$name: one proof");
    $t->secret(@proofs);

    my $claims = decode_json(decode_base64url((split /\./, $proofs[0])[1]));

    is($jti{ $claims->{jti} }++, 0, "$name: of its own");

    return $claims;
}


# a recorded request has a proof for itself; returns its nonce
sub proved ($name, $server, $request) {
    my ($method, $uri) = @{$request}{qw(method uri)};
    my ($dpop, $authorization)
        = $server == $api ? qw(DPoP Authorization)
                          : qw(HTTP_DPOP HTTP_AUTHORIZATION);
    my ($token) = $server->header($request, $authorization) =~ /^DPoP (.+)/;
    my $claims = claims($name, $server->header($request, $dpop));

    is($claims->{htm}, $method, "$name: htm");
    is($claims->{htu}, 'https://api.example.com' . $uri =~ s/\?.*//sr,
       "$name: htu");
    is($claims->{ath}, encode_base64url(sha256($token)), "$name: ath");

    $t->secret($claims->{nonce} // ());

    return $claims->{nonce} // '-';
}

####  requests that nginx makes

$api->answer('/ssi/x', { body => join '', map {
    qq(<!--# include virtual="/sub/$_" -->) } 'a%20b', 'c' });
$api->answer('/error/x', { status => 404 });
$api->answer('/accel/x', { headers => [
    'X-Accel-Redirect' => '/internal/a%20b%3F?c' ] });

for my $case ([ 'auth', 'GET /sub/auth', 'POST /auth/x' ],
              [ 'mirror', 'POST /sub/mirror', 'POST /mirror/x' ],
              [ 'ssi', 'POST /ssi/x', 'GET /sub/a%20b', 'GET /sub/c' ],
              [ 'error', 'POST /error/x', 'GET /sub/error' ],
              [ 'accel', 'POST /accel/x', 'GET /internal/a%20b%3F?c' ])
{
    my ($name, @sent) = @$case;

    $api->clear;

    is($t->request(POST => "/$name/x", body => 'abc')->status, 200,
       "$name: status");
    $api->wait_count(scalar @sent);

    is(join(', ', sort map { "$_->{method} $_->{uri}" } $api->requests),
       join(', ', sort @sent), "$name: what the API got");

    proved("$name, $_->{uri}", $api, $_) for $api->requests;
}

# an update of a page, while clients get the old one

$api->answer('/update/x', { body => 'old' }, { body => 'new' });
is($t->get('/update/x')->body, 'old', 'a page');
ok($t->wait_for(sub { $t->get('/update/x')->body eq 'new' }), 'is updated');

my @updates = grep { $_->{uri} eq '/update/x' } $api->requests;

cmp_ok(@updates, '>=', 2, 'by a request that nginx made');
proved("update $_", $api, $updates[$_]) for 0 .. 1;

####  other protocols

for my $name (sort keys %cgi) {
    my $server = $cgi{$name};
    my $wants = { status => 401, headers => [
        'WWW-Authenticate' => 'DPoP error="use_dpop_nonce"',
        'DPoP-Nonce' => "nonce-$name-1" ] };

    $server->answer("/$name/a", $wants,
                    { headers => [ 'DPoP-Nonce' => "nonce-$name-2" ] });

    my $r = $t->get("/$name/a");

    is($r->status, 200, "$name: another nonce is wanted");
    is($r->header('DPoP-Nonce'), undef, '... which no client sees');

    my @nonces = map { proved("$name, sent " . ++$server->{sent}, $server, $_) }
                     $server->requests;

    is(@nonces, 2, '... the request is sent once more');
    is($nonces[1], "nonce-$name-1", '... with it');

    # what the application is told, not what nginx has made of it
    $t->request(POST => "/$name/front/b%3Fx%20%2541?q", body => 'x',
                headers => [ DPoP => 'mine' ]);

    is(proved("$name, rewritten", $server, $server->last_request), "nonce-$name-2",
       '... and the next one with that of its answer');
}

# a subrequest, of which an application is told the method of the request
is($t->request(POST => '/auth_cgi/x', body => 'x')->status, 200, 'a subrequest');
proved('a subrequest', $cgi{fastcgi}, $cgi{fastcgi}->last_request);

for my $uri ('/grpc/a%2Fb//c%3Fd?e', '/grpc/new/a%20b%3Fc%25%2541',
             "/grpc/new/\xc3\xa4\"")
{
    my ($method, $seen, $proof)
        = split / /, $t->request(POST => $uri, body => 'x')->body;
    my $claims = claims("gRPC, $uri", $proof);

    is($claims->{htm}, $method, '... htm');
    is($claims->{htu}, 'https://api.example.com'
       . $seen =~ s/\?.*//r =~ s/([^\x21\x23-\x7e])/sprintf '%%%02X', ord $1/ger,
       "... htu of $seen");
}

# HTTP/2 from the client, with headers of that name

SKIP: {
    skip('no curl with HTTP/2', 1) unless `curl -V 2>&1` =~ /HTTP2/;

    my $out = `curl -s --http2-prior-knowledge -H 'DPoP: mine' -H 'dpop: x' \\
                   http://127.0.0.1:@{[ $t->port('hop') ]}/plain/a%20b?c`;

    unlike($out, qr/mine/, 'HTTP/2: no header of the client');
    proved('HTTP/2', $api, $api->last_request);
}

$t->get('/upper/x');
proved('a scheme in large letters', $api, $api->last_request);

####  nonces: in any answer, if there is one

sub kept () {
    $t->get('/next');
    return proved('the next one', $api, $api->last_request);
}

for my $status (200, 201, 204, 206, 301, 304, 400, 401, 403, 404, 429, 500, 503)
{
    $api->answer('/a', { status => $status,
                         headers => [ 'DPoP-Nonce' => "nonce-$status" ] });

    my $r = $t->get('/a');

    is($r->status, $status, "$status: status");
    is($r->header('DPoP-Nonce'), undef, '... no client sees a nonce');
    is(kept(), "nonce-$status", '... it is learnt');
}

# handshakes

my $switch = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
             . "Connection: upgrade\r\n";
my $upgrade = "HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
              . "Connection: upgrade\r\n\r\n";

$api->answer('/upgrade/a', { raw => "${switch}DPoP-Nonce: nonce-101\r\n\r\nopen" });

my $r = $t->raw("GET /upgrade/a $upgrade");

is($r->status . ' ' . $r->body, '101 open', 'a handshake');
is($r->header('DPoP-Nonce'), undef, '... no client sees a nonce');
is(kept(), 'nonce-101', '... it is learnt');

$api->clear;
$api->answer('/upgrade/b', { status => 401, headers => [
    'WWW-Authenticate' => 'DPoP error="use_dpop_nonce"',
    'DPoP-Nonce' => 'nonce-102' ] }, { raw => "$switch\r\nopen" });

$r = $t->raw("GET /upgrade/b $upgrade");

is($r->status . ' ' . $r->body, '101 open', 'a handshake that is challenged');
is(join(' ', map { proved('a handshake', $api, $_) } $api->requests),
   'nonce-101 nonce-102', '... is made once more');

# responses before the response

SKIP: {
    skip('no nginx with "early_hints"', 1) unless $hints;

    $api->answer('/a', { raw => "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n"
        . "DPoP-Nonce: nonce-103\r\n\r\n"
        . "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" });
    $r = $t->raw("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    is($r->status . ' ' . $r->header('Link'), '103 <x>', 'early hints');
    like($r->body, qr/^HTTP\S+ 200/, '... and a response');
    is($r->header('DPoP-Nonce'), undef, '... no client sees a nonce');
    is(kept(), 'nonce-103', '... it is learnt');

    # as it was
    $api->answer('/a', { headers => [ 'DPoP-Nonce' => 'nonce-102' ] });
    $t->get('/a');
}

# what is none: the last one stays

for my $case ([ 'two', 'a', 'b' ], [ 'three', 'a', 'a', 'b' ], [ 'none', '' ],
              [ 'a quote', 'a"b' ], [ 'a backslash', 'a\\b' ],
              [ 'a space', 'a b' ], [ 'a tab', "a\tb" ],
              [ 'UTF-8', "\xc3\xa4" ], [ 'DEL', "a\x7f" ],
              [ 'too long', 'x' x 513 ], [ 'much too long', 'x' x 3000 ])
{
    my ($name, @nonces) = @$case;

    $api->answer('/a', { headers => [ map { ('DPoP-Nonce' => $_) } @nonces ] });
    $r = $t->get('/a');

    is($r->status, 200, "$name: status");
    is($r->header('DPoP-Nonce'), undef, '... no client sees any');
    is(kept(), 'nonce-102', '... none is learnt');
}

$api->answer('/a', { headers => [ 'dpop-nonce' => 'y' x 512 ] });
$t->get('/a');
is(kept(), 'y' x 512, 'the longest');

$t->done;
