#!/usr/bin/perl

# Tests for a worker that dies in the login that refused tokens have forced: the
# others go on with it, for the requests that wait and for those that are refused
# just then.  Nobody may be sent away because a login has been made, of which
# nothing came.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');

$t->allow_alert(qr/exited on signal 9/);

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc crm;
        add_header X-Worker $pid always;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /pid { return 200 $pid; }
    }
}
CONF

# a kept connection to each worker

my %client;

$t->wait_for(sub {
    my @clients = map { $t->client(keepalive => 1) } 1 .. 8;
    $_->start(GET => '/pid') for @clients;
    Test::OAuthCC::Client::drive(5, @clients);
    push @{ $client{ $_->{response}->body } }, $_ for @clients;
    return 2 == grep { @{ $client{$_} } >= 6 } keys %client;
}) or BAIL_OUT('no connections to both workers');

my ($leader, $other) = sort keys %client;
$leader =~ /^\d+$/ or BAIL_OUT('no worker');

is($client{$leader}[0]->request(GET => '/')->status, 200, 'a token');
is($client{$other}[0]->request(GET => '/')->status, 200, 'for both');

$api->revoke($idp->tokens);
$api->clear;
$idp->answer({ hold => 1 }, { delay => 0.2 });

####  the leader makes the login

my $first = $client{$leader}[0]->start(GET => '/first');
ok($idp->wait_count(2), 'a forced login');

my @waiting = map { $_->start(GET => '/waiting') } @{ $client{$other} }[0, 1];
ok($api->wait_count(3), 'requests wait for it in the other worker');

kill 'KILL', $leader;
my $killed = time;

# before those who wait have noticed
$t->wait_for(sub { (Test::OAuthCC::stat_of($leader))[0] eq 'gone' });
my $new = $client{$other}[2]->start(GET => '/new');
ok($api->wait_count(4), 'one more is refused');

# after it, in the next login
ok($idp->wait_count(3), 'another login');
cmp_ok(time - $killed, '<', 0.5, 'soon');
my $later = $client{$other}[3]->start(POST => '/later', body => 'x' x 3000);

Test::OAuthCC::Client::drive(5, @waiting, $new, $later);

my @r = map { $_->{response} } @waiting;
is(Test::OAuthCC::tally(@r), '200 x 2', 'those who have waited are served');
is($new->{response}->status, 200, 'so is who came before the other login');
is($later->{response}->status, 200, 'and who came in it');
is($idp->logins, 3, 'one login more');

####  afterwards the interval is as it was

$t->wait_for(sub { $t->workers == 2 });
$api->revoke($idp->tokens);
is($client{$other}[0]->request(GET => '/')->status, 401,
   'the next refusal is within the interval');
is($idp->logins, 3, 'no login');
$first->leave;

$t->done;
