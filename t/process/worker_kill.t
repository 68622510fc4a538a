#!/usr/bin/perl

# Tests that a worker may be killed at any moment: while it logs in, the others
# take over at once; nothing is stuck and nothing is lost but its own clients.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

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
        listen 127.0.0.1:%%PORT_http%% reuseport;
        oauthcc crm;
        add_header X-Worker $pid always;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /pid { return 200 $pid; }
    }
}
CONF

# the worker that has a connection from this port

my $owner = sub ($port) {
    # a port may be that of other connections too, to somewhere else
    my $ends = sprintf '^\w+:%04X \w+:%04X$', $port, $t->port('idp');

    open my $tcp, '<', '/proc/net/tcp' or die "/proc/net/tcp: $!";
    my ($inode) = grep { $_ } map { (split)[9] }
                  grep { join(' ', (split)[1, 2]) =~ /$ends/ } <$tcp>;

    for my $pid ($t->workers) {
        return $pid if grep { (readlink // '') eq "socket:[$inode]" }
                       glob "/proc/$pid/fd/*";
    }
};

$idp->answer({ hold => 1 }, {});

my @clients = map { $t->client->start(GET => '/') } 1 .. 40;
ok($idp->wait_count(1), 'a login is in flight');

my $leader = $owner->($idp->last_request->{peer});
ok($leader, 'of a worker') or BAIL_OUT('no worker has the connection');

my $start = time;
kill 'KILL', $leader;
Test::OAuthCC::Client::drive(10, @clients);
my $took = time - $start;

my @r = map { $_->{response} } @clients;
my @served = grep { $_->status == 200 } @r;

cmp_ok(scalar @served, '>', 5, 'the other worker has served');
is(scalar(grep { $_->status && $_->status != 200 } @r), 0,
   'nobody got an error');
is(scalar(grep { $_->header('X-Worker') == $leader } @served), 0,
   'those lost were its own');
cmp_ok($took, '<', 0.8, 'and at once');
is($idp->logins, 2, 'by one more login');

####  the new worker

$t->wait_for(sub { $t->workers == 2 });
is(Test::OAuthCC::tally($t->concurrent(40, GET => '/')), '200 x 40',
   'all workers serve');
is($idp->logins, 2, 'with the same token');

####  with a token

kill 'KILL', ($t->workers)[0];
$t->wait_for(sub { $t->workers == 1 });
$t->wait_for(sub { $t->workers == 2 });
is(Test::OAuthCC::tally($t->concurrent(40, GET => '/')), '200 x 40',
   'and after another one was killed');
is($idp->logins, 2, 'with the same token');

$t->done;
