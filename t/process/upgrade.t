#!/usr/bin/perl

# Tests that an upgrade of the nginx binary is seen by nobody: the new one begins
# with an empty zone beside an old one that is full, both serve the same sockets
# for a while, and each entry costs one login.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;
use Test::OAuthCC::Load;
use List::Util qw(min uniq);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api', brief => 1);

my %more = (a => '', b => '', warm => 'keep_warm on;', slow => '');

my $providers = join "\n", map { <<"CONF" } sort keys %more;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        $more{$_}
    }
CONF

my $locations = join "\n", map { <<"CONF" } sort keys %more;
        location /$_ { oauthcc $_; proxy_pass http://api; }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        add_header X-Worker \$pid always;
$locations
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $logins = sub ($name) {
    return scalar grep { $_->{uri} eq "/$name" } $idp->requests;
};

# longer than a herd of requests needs to come together
$idp->answer("/$_", { delay => 0.2 }) for qw(a b);

my $port = $t->port('http');
my $load = Test::OAuthCC::Load->start(rate => 300, lanes => [
    { port => $port, uri => '/a', clients => 4 },
    { port => $port, uri => '/a', clients => 4, close => 1 },
    { port => $port, uri => '/b', clients => 4, method => 'POST',
      body => 'b' x 30_000 },
    { port => $port, uri => '/warm', clients => 2, close => 1 },
]);

ok($api->wait_count(100), 'load');
is($logins->($_), 1, "$_: a login") for qw(a b warm);

my %old = map { $_ => 1 } $t->workers;
ok($t->upgrade, 'upgrade');

my $n = $api->count;
ok($api->wait_count($n + 200), 'the load goes on');

my @records = $load->stop;
my @bad = grep { $_->{status} != 200 } @records;

is(scalar @bad, 0, 'every request was answered')
    or diag(explain(@bad[0 .. min($#bad, 3)]));

my @workers = uniq map { $_->{worker} // () } @records;
cmp_ok(scalar(grep { $old{$_} } @workers), '>', 0, 'by old workers');
cmp_ok(scalar(grep { !$old{$_} } @workers), '>', 0, 'and by new ones');
is($logins->($_), 2, "$_: one login more") for qw(a b warm);

####  with a login in flight

$idp->answer('/slow', { hold => 1 });
my $first = $t->client->start(GET => '/slow');
ok($t->wait_for(sub { $logins->('slow') == 1 }), 'slow: a login');

my $master = $t->master // BAIL_OUT('no nginx');
kill 'USR2', $master;
ok($t->wait_for(sub {
    my $new = $t->master;
    return $new && $new != $master && $t->workers == 2;
}), 'slow: the new binary is there');
kill 'QUIT', $master;
ok($t->wait_log(qr/gracefully shutting down/, 4), 'slow: the old one leaves');

$idp->release;
is($first->finish->status, 200, 'slow: after it has served');
ok($t->wait_for(sub { !Test::OAuthCC::is_alive($master) }),
   'slow: it is gone');

$idp->answer('/slow', {});
is(Test::OAuthCC::tally($t->concurrent(20, GET => '/slow')), '200 x 20',
   'slow: the new one serves');
is($logins->('slow'), 2, 'slow: by one login more');
is($logins->('a'), 2, 'nobody asked for the others');

$t->done;
