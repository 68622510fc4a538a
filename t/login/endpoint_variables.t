#!/usr/bin/perl

# Tests for variables in token_endpoint: each URL that they make is a login and
# a token of its own, in the host as in the path, and what makes no URL, or one
# that secrets may not be sent to, is refused before anything is sent.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $dns = $t->resolver;

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%
    resolver 127.0.0.1:%%PORT_dns%% ipv6=off valid=1s;

    oauthcc_provider path {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/t/${arg_t}/token?a=$arg_a;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider host {
        token_endpoint http://$arg_h:%%PORT_idp%%/token;
        allow_http on;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider whole {
        token_endpoint http://127.0.0.1$http_x_rest;
        allow_http on;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location /path {
            oauthcc path;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /scope {
            oauthcc path scope=$arg_s;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /host {
            oauthcc host;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /whole {
            oauthcc whole;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

$t->run($config);

sub token ($r) { return join ',', $r->seen('Authorization') }


####  the path

my %token;

for my $tenant ('north', 'south', 'n') {
    my $r = $t->get("/path?t=$tenant&a=1");

    is($r->status, 200, "$tenant: a token");
    is($idp->last_request->{uri}, "/t/$tenant/token?a=1", 'from its endpoint');
    $token{token($r)} = $tenant;
}

is(keys %token, 3, 'one each');

is($token{token($t->get("/path?t=$_&a=1"))}, $_, "$_: the same again")
    for 'south', 'n', 'north';

is($idp->count, 3, 'by one login each');

$t->get('/path?t=north&a=2');
is($idp->count, 4, 'the arguments of the endpoint count too');

$t->get("/scope?t=north&a=1&s=$_") for 'x', 'y', 'x';
is($idp->count, 6, 'and so do parameters besides');
like($idp->last_request->{body}, qr/scope=y/, 'which are sent');
unlike($idp->last_request->{body}, qr/token_endpoint|http/,
       'the endpoint is not');

# the border between two values is not what tells them apart
my @pair = map { token($t->get("/scope?t=$_->[0]&a=1&s=$_->[1]")) }
           [ 'a', 'bc' ], [ 'ab', 'c' ];
isnt($pair[0], $pair[1], 'no two tenants share a token');


####  the host

$dns->set("$_.test", '127.0.0.1') for 'one', 'two';

my $one = token($t->get('/host?h=one.test'));
is($idp->header($idp->last_request, 'Host'), 'one.test:' . $t->port('idp'),
   'the host is looked up');
my $two = token($t->get('/host?h=two.test'));
isnt($one, $two, 'and is another endpoint');
is($t->get('/host?h=none.test')->status, 502, 'one that is not there');

is($t->get('/host?h=127.0.0.1')->status, 200, 'an address');


####  what makes no URL

my $count = $idp->count;

for my $rest (':99999/', ':x/', '@example.com/', '/a b', '/#a', '/$a',
              '/' . 'x' x 2000)
{
    is($t->get('/whole', headers => [ 'X-Rest' => $rest ])->status, 400,
       'rest: ' . substr $rest, 0, 20);
}

is($t->get('/host?h=')->status, 400, 'no host');
is($t->log_lines(qr/"token_endpoint" is too long.*no URL.*"(?:whole|host)"/),
   8, 'a line each');
is($idp->count, $count, 'nothing was sent');


####  nginx -t

my ($code, $out) = $t->check($config =~ s/^ *resolver [^;]*;//mr);
is($code, 1, 'a host of variables without a resolver');
like($out, qr/need a "resolver".*check\.conf:\d+.*"host"/, 'is an error');

($code, $out) = $t->check($config =~ s/allow_http on;//gr);
is($code, 1, 'http to a host of variables');
like($out, qr/clear text/, 'needs allow_http');

($code, $out) = $t->check($config =~ s/allow_http on;/$& keep_warm on;/r);
is($code, 1, 'keep_warm with variables');
like($out, qr/"keep_warm" has no effect with variables/, 'is an error');

($code, $out) = $t->check($config =~ s/\$http_x_rest/:\$nobody/r);
is($code, 1, 'an unknown variable');

$t->done;
