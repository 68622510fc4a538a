#!/usr/bin/perl

# Tests that what the status counts is what happened: the sum over all workers
# is the number of requests sent, through reloads and the end of workers, and
# never less than before.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(sum);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;
use Test::OAuthCC::Status;
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');
my $status = Test::OAuthCC::Status->new($t);

$t->allow_alert(qr/exited on signal 9/);

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%
    oauthcc_zone 64k;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
    }

    oauthcc_provider short {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/short;
        client_id gateway;
        client_secret s3cret;
        backoff 1ms 1ms;
    }

    oauthcc_provider many {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/many;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        add_header X-Worker $pid always;
        add_header X-Cache $oauthcc_cache_status always;

        location = /crm    { oauthcc crm; proxy_pass http://api/open; }
        location = /guard  { oauthcc crm; proxy_pass http://api/guard; }
        location = /short  { oauthcc short; proxy_pass http://api/open; }
        location = /many   { oauthcc many scope=$arg_s;
                             proxy_pass http://api/open; }
        location = /off    { oauthcc $arg_p; proxy_pass http://api/open; }
        location = /error  { oauthcc crm; proxy_pass http://api/open;
                             error_page 404 = /crm; }
        location = /status { oauthcc_status; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->run($config);

my %sent;    # by what the client was told

sub get ($uri, $n = 1) {
    $sent{$uri}{lc $t->get($uri)->header('X-Cache')}++ for 1 .. $n;
}

# what is counted of a provider, as soon as it is all there

sub counted ($name, $n) {
    my $p;
    my $end = time + 3;

    do {
        $p = $status->provider($name);
        $p->{sum} = sum(values %{ $p->{requests} });
    } while ($p->{sum} < $n && time < $end);

    return $p;
}


####  sums

get('/crm', 100);
is(counted('crm', 100)->{sum}, 100, 'all requests are counted');

my $p = counted('crm', 100);
my ($e) = @{ $p->{entries} };
is_deeply({ map { $_ => $p->{requests}{$_} } keys %{ $sent{'/crm'} } },
          $sent{'/crm'}, 'as the clients were told');
is("$p->{requests}{hit} $p->{requests}{miss}", '99 1', 'by what they found');
is($e->{hits}, 99, 'and those of the entry');
is($p->{logins}{success}, 1, 'and the login');

my $herd = sub ($uri) {
    return map { $t->client->start(GET => $uri) } 1 .. 40;
};

$idp->answer('/many', { hold => 1 }, {});
my @clients = $herd->('/many?s=1');
my $waiting = sub { $status->provider('many')->{waiters} };
is($t->wait_for(sub { $waiting->() == 40 }), 1,
   'waiters of all workers are known');
ok($t->wait_for(sub { grep { $_->{uri} eq '/many' } $idp->requests }),
   'and wait for a login');

$idp->release;
Test::OAuthCC::Client::drive(10, @clients);

$p = counted('many', 40);
is($p->{sum}, 40, 'and counted when they are done');
is($p->{requests}{miss} + $p->{requests}{wait} + $p->{requests}{hit}, 40,
   'as what they were');
is($waiting->(), 0, 'nobody waits any more');

$api->revoke($idp->tokens);
is($t->get('/guard')->status, 200, 'a token that was revoked');
$p = counted('crm', 101);
is($p->{sum}, 101, 'a request that is replayed is one request');
is($p->{replays}, 1, 'and one replay');
is($p->{entries}[0]{replays}, 1, 'of its entry');
is($p->{logins}{success}, 2, 'there was a login for it');


####  a reload, and the end of workers

$t->reload;
get('/crm', 50);
is(counted('crm', 151)->{sum}, 151, 'counts survive a reload');
is(counted('many', 40)->{sum}, 40, 'those of others too');
is($status->provider('crm')->{logins}{success}, 2, 'and those of logins');

# the same zone, another provider of the name: one that logs in otherwise

$t->reload($config =~ s/client_id gateway/client_id other/gr);
get('/crm', 10);
$p = counted('crm', 161);
is($p->{sum}, 161, 'counts are of the name');
is($p->{logins}{success}, 3, 'whatever it logs in with');
is($p->{entry_count}, 1, 'the entry is the one of this configuration');

# a request that takes long counts when it ends: in a worker that does too

my $slow = $t->client->start_raw("POST /crm HTTP/1.1\r\nHost: x\r\n"
                                 . "Content-Length: 10\r\n"
                                 . "Connection: close\r\n\r\n12345");
$t->wait_for(sub { $api->count; 1 });
my @old = $t->workers;
$t->reload;
is($status->provider('crm')->{requests}{hit}, $p->{requests}{hit},
   'a request that has not ended is not counted');
$slow->{out} .= '67890';
my $r = $slow->finish;
ok((grep { $_ == $r->header('X-Worker') } @old), 'one of an old worker');
ok($t->wait_for(sub { !grep { Test::OAuthCC::is_alive($_) } @old }),
   'which has ended with it');
is(sum(values %{ $status->provider('crm')->{requests} }), 162,
   'is counted by then');


####  a worker that is killed

$idp->answer('/many', { hang => 1 }, {});
@clients = $herd->('/many?s=2');
is($t->wait_for(sub { $waiting->() == 40 }), 1, 'a herd');

kill 'KILL', ($t->workers)[0];
ok($t->wait_for(sub { $waiting->() < 40 }, 10),
   'waiters of a worker that is gone are not counted');
$_->leave for @clients;
ok($t->wait_for(sub { $waiting->() == 0 }, 10), 'nor those that left');

is(sum(values %{ $status->provider('crm')->{requests} }), 162,
   'what the zone knew stays');

# the zone knows within a second, though nobody has asked

my $client = $t->client(keepalive => 1);
my %worker = map { $_->header('X-Worker') => 1 }
             map { $client->request(GET => '/crm') } 1 .. 20;
my ($worker, @others) = keys %worker;
is(scalar @others, 0, 'one worker');

select undef, undef, undef, 1.2;
kill 'KILL', $worker;
$t->wait_for(sub { !Test::OAuthCC::is_alive($worker) && $t->workers == 2 });
is(sum(values %{ $status->provider('crm')->{requests} }), 182,
   'that is killed, a second after it has counted');


####  others

$t->get('/off?p=off') for 1 .. 7;
ok($t->wait_for(sub { $status->look->{bypasses} == 7 }), 'bypasses');

$idp->answer('/short', { status => 500 });
get('/short', 5);
is(counted('short', 5)->{requests}{error}, 5, 'errors');

$idp->answer('/many', { json => { expires_in => 1 } });
my $n = 0;
ok($t->wait_for(sub {
    $n++;
    $t->get("/many?s=x$n");
    return $status->provider('many')->{evictions};
}, 60), 'entries that made room are counted');

my $zone = $status->look->{zone};
is($zone->{size_bytes}, 65536, 'the size of the zone');
is($zone->{used_bytes} + $zone->{free_bytes}, 65536, 'what is used and free');

$t->reload($config =~ s/oauthcc_zone 64k/oauthcc_zone 128k/r);
is($status->look->{zone}{size_bytes}, 131072, 'another zone');
is(sum(values %{ $status->provider('crm')->{requests} }), 0, 'counts anew');

$t->done;
