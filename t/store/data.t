#!/usr/bin/perl

# Tests what is in the store: no token, no secret, no client id, no scope that
# can be read; what is changed or moved there is not taken.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use MIME::Base64 qw(encode_base64 decode_base64);

my $n = 3;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run(provider => <<'CONF', http => <<'HTTP');
    token_endpoint http://127.0.0.1:%%PORT_idp%%/token-path;
    client_id id-of-the-client;
    client_secret s3cret-of-the-fleet;
    scope scope-of-the-fleet;
    audience audience-of-the-fleet;
    param extra value-of-a-param;
CONF
    server {
        listen 127.0.0.1:%%PORT_scopes%%;
        location / {
            oauthcc crm scope=$arg_scope;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
HTTP

ok($fleet->connected, 'all gateways have the store');

is(Test::OAuthCC::tally($fleet->herd(1, '/crm')), "200 x $n", 'a token');
is($fleet->gateway(0)->get('/?scope=scope-of-a-request',
                           port => 'scopes')->status, 200, 'and another');
ok($t->wait_for(sub { 2 == (() = $store->keys('{oauthcc}:t:*')) }), 'are stored');

####  a dump of all of it

my $dump = $store->dump;
my @secrets = ($idp->tokens, 's3cret-of-the-fleet', 'id-of-the-client',
               'scope-of-the-fleet', 'audience-of-the-fleet',
               'value-of-a-param', 'scope-of-a-request', 'token-path',
               $fleet->{key} =~ s/\s+\z//r);

cmp_ok(length $dump, '>', 300, 'a dump of the store');
like($dump, qr/\{oauthcc\}:t:/, 'has the names of its keys');

for my $secret (@secrets) {
    my $base64 = encode_base64($secret, '');
    my $hex = unpack 'H*', $secret;
    my $middle = substr $base64, 4, length($base64) - 8;

    is(index($dump, $secret), -1, 'no secret in it')
        or diag $secret;
    is(index($dump, $middle), -1, 'nor in base64');
    is(index(lc $dump, $hex), -1, 'nor in hexadecimal');
}

####  what was moved to another entry, or changed, is not taken

my ($x, $y) = $store->keys('{oauthcc}:t:*');

$idp->clear;
$store->cli('EVAL', q{local a, b = redis.call('GET', KEYS[1]),
    redis.call('GET', KEYS[2]);
    redis.call('SET', KEYS[1], b, 'KEEPTTL');
    redis.call('SET', KEYS[2], a, 'KEEPTTL'); return 1}, 2, $x, $y);

my $late = $fleet->start($n);
ok($fleet->connected($late), 'another gateway');

my $r = $late->get('/crm');
is($r->status, 200, 'is not served the token of another entry');
is($idp->logins, 1, 'but logs in');
like($late->error_log, qr/another gateway has stored cannot be opened/, 'and says so');

is($late->get('/?scope=scope-of-a-request', port => 'scopes')->status, 200,
   'nor is it here');
is($idp->logins, 2, 'another login');

$fleet->done;
