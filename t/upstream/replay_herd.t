#!/usr/bin/perl

# Tests that a token that is revoked under load costs one login and no error:
# all requests that are on their way at this moment are refused, in all workers,
# and each of them is a client that would see a 401.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;
use List::Util qw(uniq);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api', brief => 1);

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider once {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/once;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        # connections are spread over the workers
        listen 127.0.0.1:%%PORT_http%% reuseport;
        add_header X-Worker $pid always;
        location /crm  { oauthcc crm;  proxy_pass http://api; }
        location /once { oauthcc once; proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

####  requests without a pause on 64 connections, and a revocation

$idp->answer({ delay => 0.1 });

my $load = $t->load('/crm', clients => 64);
ok($api->wait_count(500), 'load');

my ($old) = $idp->tokens;
$api->revoke($old);

ok($t->wait_log(qr/logged in/, 2), 'a new token');
my $so_far = $api->count;
ok($api->wait_count($so_far + 500), 'the load goes on');

my ($status) = $load->();
is_deeply([ keys %$status ], [ 200 ], 'no client saw a refusal');
is($idp->logins, 2, 'one login');

my $refused = $api->refused($old);
cmp_ok($refused, '>=', 16, 'for many requests');
is(scalar $api->refused, $refused, 'which refused no other token');
diag("$refused refused") if $ENV{TEST_VERBOSE};

####  64 requests that are all refused before the new token is there

$idp->answer({});
is($t->get('/once')->status, 200, 'a token');
$_->clear for $idp, $api;
$api->revoke($idp->tokens);
$idp->answer({ hold => 1 });

my @clients = map { $t->client->start(GET => '/once') } 1 .. 64;
ok($t->wait_for(sub { $api->count == 64 }), 'all are refused');
is(scalar $api->refused, 64, 'by the upstream');
ok($idp->wait_count(1), 'a login');
is($idp->logins, 1, 'one login');
$idp->release;

Test::OAuthCC::Client::drive(10, @clients);
my @r = map { $_->{response} } @clients;

is(Test::OAuthCC::tally(@r), '200 x 64', 'all are served');
is(uniq(map { $_->header('X-Worker') } @r), 2, 'by both workers');
is($idp->logins, 1, 'with the token of this login');
is($api->count, 128, 'each in two attempts');

$t->done;
