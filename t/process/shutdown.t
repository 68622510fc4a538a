#!/usr/bin/perl

# Tests that a worker ends when it is told to: a login in flight is finished
# for the clients that wait for it, a hung one does not keep the worker, and no
# timer of ours keeps an idle one.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $config = <<'CONF';
%%GLOBALS%%
%%MORE%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider failed {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/failed;
        client_id gateway;
        client_secret s3cret;
        backoff 30s 30s;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /crm    { oauthcc crm;    proxy_pass http://api; }
        location /failed { oauthcc failed; proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $start = sub ($more = '') { $t->run($config =~ s/%%MORE%%/$more/r) };

####  idle, with a token and with a failure

$idp->answer('/failed', { status => 500 });
$start->();
is($t->get('/crm')->status, 200, 'a token');
is($t->get('/failed')->status, 502, 'a failure');
my $kept = $t->client(keepalive => 1);
is($kept->request(GET => '/crm')->status, 200, 'an idle connection');
cmp_ok($t->stop, '<', 0.5, 'QUIT ends at once');

####  a login in flight

$idp->answer('/crm', { hold => 1 });
$start->();
$idp->clear;

my @clients = map { $t->client->start(GET => '/crm') } 1 .. 10;
ok($idp->wait_count(1), 'a login is in flight');

kill 'QUIT', $t->master;
$t->wait_log(qr/gracefully shutting down/);
$idp->release;

Test::OAuthCC::Client::drive(10, @clients);
is(Test::OAuthCC::tally(map { $_->{response} } @clients), '200 x 10',
   'QUIT: all are served');
is($idp->logins, 1, 'by this login');
ok($t->wait_for(sub { !$t->master }), 'and nginx has ended');

####  one in flight, nobody waiting

$idp->answer('/crm', { delay => 0.3 });
$start->();
$idp->clear;

my $gone = $t->client->start(GET => '/crm');
$idp->wait_count(1);
$gone->leave;
cmp_ok($t->stop, '<', 2, 'QUIT with a login of nobody');

####  a hung one

$idp->answer('/crm', { hang => 1 });

for my $case ([ 'QUIT', 'worker_shutdown_timeout 300ms;' ], [ 'TERM', '' ]) {
    my ($signal, $more) = @$case;

    $start->($more);
    $idp->clear;

    @clients = map { $t->client->start(GET => '/crm') } 1 .. 5;
    $idp->wait_count(1);

    cmp_ok($t->stop($signal), '<', 1, "$signal with a hung login $more");
    Test::OAuthCC::Client::drive(2, @clients);
    is(scalar(grep { $_->{response}->status == 200 } @clients), 0,
       'nobody was served');
    ok($t->wait_for(sub { !$idp->stats->{open} }), 'no connection is left');
}

$t->done;
