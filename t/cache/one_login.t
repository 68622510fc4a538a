#!/usr/bin/perl

# Tests that one login is made, however many requests and workers want it: a
# herd on a cold cache must not become a herd at the authorization server, and
# the client that happened to be first must not take the login with it when it
# leaves.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use List::Util qw(uniq);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider herd {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/herd;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider gone {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/gone;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider only {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/only;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        # connections are spread over the workers
        listen 127.0.0.1:%%PORT_http%% reuseport;
        add_header X-Worker $pid always;

        location /herd    { oauthcc herd;    proxy_pass http://api; }
        location /gone    { oauthcc gone;    proxy_pass http://api; }
        location /only { oauthcc only; proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

####  a herd on a cold cache

$idp->answer('/herd', { delay => 0.3 });

my @r = $t->concurrent(1000, GET => '/herd');

is(Test::OAuthCC::tally(@r), '200 x 1000', '1000 requests are answered');
is($idp->logins, 1, 'by one login');
is_deeply([ uniq map { $_->seen('Authorization') } @r ],
          [ 'Bearer ' . ($idp->tokens)[0] ], 'with its token');
is(uniq(map { $_->header('X-Worker') } @r), 2, 'in both workers');

is(Test::OAuthCC::tally($t->concurrent(100, GET => '/herd')), '200 x 100',
   'and 100 more');
is($idp->logins, 1, 'by none');

####  the client that was first leaves

$idp->clear;
$idp->answer('/gone', { hold => 1 });

my $first = $t->client->start(GET => '/gone');
ok($idp->wait_count(1), 'a login is in flight');

my @waiting = map { $t->client->start(GET => '/gone') } 1 .. 50;
$first->leave;
$waiting[$_]->reset for 0 .. 9;
ok($t->wait_log(qr/client prematurely closed connection|reset by peer/, 11),
   'its client and some more are gone');

is($idp->stats->{open}, 1, 'the login is not');
$idp->release;

Test::OAuthCC::Client::drive(10, @waiting);
is(Test::OAuthCC::tally(map { $_->{response} } @waiting[10 .. 49]),
   '200 x 40', 'the others are served');
is($idp->logins, 1, 'by this login');

####  the only client leaves

$idp->clear;
$idp->answer('/only', { hold => 1 });

my $only = $t->client->start(GET => '/only');
ok($idp->wait_count(1), 'a login for one client');
$only->leave;
$idp->release;

is($t->get('/only')->status, 200, 'the token is there for the next one');
is($idp->logins, 1, 'without another login');

$t->done;
