#!/usr/bin/perl

# Tests that no client notices a reload: not under load, not while a login is on
# its way, which serves the requests of the new workers as well.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider slow {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/slow;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        add_header X-Worker $pid;
        location /crm  { oauthcc crm;  proxy_pass http://api; }
        location /slow { oauthcc slow; proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->run($config);

####  under load

my $load = $t->load('/crm', clients => 8);
ok($api->wait_count(200), 'load');

for my $n (1 .. 3) {
    ok($t->reload($config . "# $n\n"), "reload $n");
    my $so_far = $api->count;
    ok($api->wait_count($so_far + 200), 'load goes on');
}

my ($status) = $load->();
is_deeply([ keys %$status ], [ 200 ], 'every request was answered');
is($idp->logins, 1, 'by one login');

####  a zone of another size, which is an empty one

$idp->clear;
$idp->answer('/crm', { delay => 0.3 });

my $n = $api->count;
$load = $t->load('/crm', clients => 8);
ok($api->wait_count($n + 200), 'load');

ok($t->reload($config =~ s/%%HTTP%%/%%HTTP%%\n    oauthcc_zone 2m;/r),
   'another size');
$n = $api->count;
ok($api->wait_count($n + 200), 'load goes on');

($status) = $load->();
is_deeply([ keys %$status ], [ 200 ], 'every request was answered');
is($idp->logins, 1, 'by one login more, which they have waited for');

####  with a login in flight

$idp->clear;
$idp->answer('/slow', { hold => 1 });

my @old = map { $t->client->start(GET => '/slow') } 1 .. 10;
ok($idp->wait_count(1), 'a login is in flight');
ok($t->reload, 'reload');

my @new = map { $t->client->start(GET => '/slow') } 1 .. 10;
$idp->release;

Test::OAuthCC::Client::drive(10, @old, @new);
my @r = map { $_->{response} } @old, @new;

is(Test::OAuthCC::tally(@r), '200 x 20', 'old and new workers serve');
is($idp->logins, 1, 'by this login');

my %worker = map { $_->header('X-Worker') => 1 } @r;
cmp_ok(scalar keys %worker, '>', 1, 'which only one of them made');

$t->done;
