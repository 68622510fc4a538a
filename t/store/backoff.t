#!/usr/bin/perl

# Tests that several gateways wait out a failure of the authorization server
# together: while it is down they try as often as one gateway would, and an error
# that the parameters of a request cause is that of all with the same ones, and
# of nobody else.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use Time::HiRes qw(time);

my $n = 5;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run(provider => <<'CONF', http => <<'HTTP');
    token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
    client_id gateway-client;
    client_secret s3cret-of-the-fleet;
    backoff 8s 8s;
CONF
    oauthcc_provider tenants {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/tenants;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
        backoff 8s 8s;
    }
    oauthcc_provider brief {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/brief;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
        backoff 1s 1s;
    }

    server {
        listen 127.0.0.1:%%PORT_tenants%%;
        location /brief {
            oauthcc brief;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location / {
            oauthcc tenants scope=$arg_scope;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
HTTP

ok($fleet->connected, 'all gateways have the store');

####  the server is in trouble

$idp->answer('/token', { status => 400, body => '{"error":"server_error"}' });

my $start = time;
my @r = $fleet->herd(3, '/crm');

# the next try comes after half of the backoff at the soonest
sub most () { return 1 + int((time - $start) / 4) }

is(scalar(grep { $_->status == 502 || $_->status == 503 } @r), 3 * $n,
   'the server is in trouble');
cmp_ok($idp->logins, '<=', most(), 'one login for all gateways');

my $end = time + 1.5;
$fleet->herd(1, '/crm') while time < $end;

cmp_ok($idp->logins, '<=', most(), 'and none until the next try');

$idp->answer('/token', {});

ok($t->wait_for(sub {
    !grep { $_->status != 200 } $fleet->herd(1, '/crm');
}, 30), 'it is well again');
cmp_ok($idp->logins, '<=', most() + 1, 'and no gateway has tried for itself');

####  an error of parameters

$idp->clear;
$idp->answer('~scope=bad', { status => 400, body => '{"error":"invalid_scope"}' });

my $g = $fleet->gateway(0);

is($g->get('/?scope=bad', port => 'tenants')->status, 502,
   'a scope that the server does not allow');

my @clients = map { $_->client(port => 'tenants')->start(GET => '/?scope=good') }
              $fleet->gateways;
Test::OAuthCC::Client::drive(30, @clients);

is(Test::OAuthCC::tally(map { $_->{response} } @clients), "200 x $n",
   'is no failure of others');

is($idp->logins, 2, 'of which all have one token');

@clients = map { $_->client(port => 'tenants')->start(GET => '/?scope=bad') }
           $fleet->gateways;
Test::OAuthCC::Client::drive(30, @clients);

is(scalar(grep { $_->{response}->status =~ /^50[23]$/ } @clients), $n,
   'and one of whoever has the same scope');
is($idp->logins, 2, 'whose gateways do not try');

####  a store that is frozen while a login fails

$store->cli('FLUSHALL');
$idp->clear;
$idp->answer('/brief', { hold => 1, status => 500, body => 'sorry' });

my $client = $g->client(port => 'tenants')->start(GET => '/brief');
$idp->wait_count(1);
$store->pause;
$idp->release;
is($client->finish->status, 502, 'the failure is told to a frozen store');

$idp->answer('/brief', {});
ok($t->wait_for(sub { $g->get('/brief', port => 'tenants')->status == 200 }),
   'the backoff of the gateway is over');
$store->resume;

# what the store says of providers: until when none may log in, its own time
sub until_when () {
    return map { $store->cli('HGET', $_, 'x') =~ /"(\d+) / }
           $store->keys('{oauthcc}:s:*');
}

$t->wait_for(sub { !grep { $store->cli('GET', $_) =~ /"[^-]/ }
                   $store->keys('{oauthcc}:l:*') });
my ($s, $us) = $store->cli('TIME') =~ /"(\d+)"/g;
my $now = $s * 1000 + int($us / 1000);
is(join(' ', grep { $_ > $now } until_when()), '', 'and that of all is');
ok($fleet->connected, 'the store is back');
is($fleet->gateway(1)->get('/brief', port => 'tenants')->status, 200,
   'another gateway logs in');

$fleet->done;
