#!/usr/bin/perl

# Tests for requests that wait for a login: for so long and so many, no more.
# Without these bounds one slow authorization server takes all connections of
# the gateway.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my @names = qw(short few failing default);
my %more = (short => 'wait_timeout 300ms;', few => 'max_waiters 3;',
            default => 'timeout 300ms;');

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        @{[ $more{$_} // '' ]}
    }
CONF

my $locations = join "\n", map { <<"CONF" } @names;
        location /$_ { oauthcc $_; proxy_pass http://127.0.0.1:%%PORT_api%%; }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
$locations
        location /free { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

####  wait_timeout

$idp->answer('/short', { hold => 1 });

my @r = $t->concurrent(3, GET => '/short');

is(Test::OAuthCC::tally(@r), '504 x 3', 'wait_timeout');
cmp_ok($_->time, '>=', 0.29, 'not before its time') for @r;
cmp_ok($_->time, '<', $t->seconds(1.5), 'and not long after it') for @r;

$idp->release;
is($t->get('/short')->status, 200, 'the login went on');
is($idp->logins, 1, 'and was the only one');

####  max_waiters

$idp->clear;
$idp->answer('/few', { hold => 1 });

my @waiting = map { $t->client->start(GET => '/few') } 1 .. 3;
$idp->wait_count(1);

my $r;
$t->wait_for(sub { ($r = $t->get('/few', timeout => 1))->status == 503 });

is($r->status, 503, 'one too many');
like($r->header('Retry-After'), qr/^[1-9]\d*$/, 'Retry-After');
cmp_ok($r->time, '<', $t->seconds(0.5), 'at once');
is($t->get('/free')->status, 200, 'others are served');

$idp->release;
Test::OAuthCC::Client::drive(5, @waiting);

is(Test::OAuthCC::tally(map { $_->{response} } @waiting), '200 x 3',
   'those who waited are served');
is($t->get('/few')->status, 200, 'and so is the next');
is($idp->logins, 1, 'by one login');

####  a login that fails, fails for all who wait

$idp->clear;
$idp->answer('/failing', { delay => 0.3, status => 500, body => '' });

is(Test::OAuthCC::tally($t->concurrent(50, GET => '/failing')), '502 x 50',
   'a failed login ends all waits');
is($idp->logins, 1, 'nobody tried again');
is($t->log_lines(qr/login failed.*"failing"/), 1, 'one line');

####  the default of wait_timeout is timeout

$idp->answer('/default', { hang => 1 });
$r = $t->get('/default');
is($r->status, 504, 'timeout');
cmp_ok($r->time, '<', $t->seconds(1.5), 'of the login');

$t->done;
