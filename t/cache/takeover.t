#!/usr/bin/perl

# Tests for a worker that stops in the middle of a login and goes on later, as it
# happens to a process that is traced, swapped out or starved: others take over
# when its lease ends, and what it makes of its login then changes nothing.
# (A worker that is killed: worker_kill.t.)

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use List::Util qw(max uniq);
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my @names = qw(failure success refresh);

# a lease is a second longer than its login may take
my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        timeout 500ms;
        wait_timeout 5s;
        backoff 30s 30s;
    }
CONF

my $locations = join "\n", map { <<"CONF" } @names;
        location /$_ { oauthcc $_; proxy_pass http://api; }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        # whoever is there takes a connection
        listen 127.0.0.1:%%PORT_http%%;
        add_header X-Worker \$pid always;
        add_header X-Status \$oauthcc_cache_status always;
$locations
        location /pid { return 200 \$pid; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $logins = sub ($name) {
    return grep { $_->{uri} eq "/$name" } $idp->requests;
};

# The first of these logins is held until its worker has stopped; then its
# response comes, and is not read.  The stopped worker.

my $stopped = sub ($name, $late) {
    my ($before, $client) = scalar @{[ $logins->($name) ]};
    $idp->answer("/$name", { %$late, hold => 1 }, {});

    # a worker of whom we have a connection, so that we know whose login it is
    $client = $t->client(keepalive => 1);
    my $pid = $client->request(GET => '/pid')->body;

    $t->wait_for(sub {
        $client->start(GET => "/$name") if $client->{done};
        Test::OAuthCC::Client::drive(0.1, $client, 'some');
        return $logins->($name) > $before;
    }) or BAIL_OUT("$name: no login");

    $pid =~ /^\d+$/ or BAIL_OUT("$name: no worker");
    kill 'STOP', $pid;
    $t->wait_for(sub { (Test::OAuthCC::stat_of($pid))[0] eq 'T' });
    $idp->release;

    return ($pid, $client);
};

my $resumed = sub ($pid) {
    kill 'CONT', $pid;
    ok($t->wait_for(sub { (Test::OAuthCC::stat_of($pid))[0] ne 'T' }),
       'it goes on');
};

####  a login for those who wait

for my $case ([ failure => { status => 500, body => '' } ],
              [ success => {} ])
{
    my ($name, $late) = @$case;
    my ($pid, $first) = $stopped->($name, $late);

    my $start = time;
    my @r = $t->concurrent(10, GET => "/$name");

    is(Test::OAuthCC::tally(@r), '200 x 10', "$name: the other worker serves");
    is(scalar(grep { $_->header('X-Worker') == $pid } @r), 0,
       "$name: the other one");
    cmp_ok(time - $start, '>', 0.9, "$name: not while the lease is good");
    cmp_ok(time - $start, '<', $t->seconds(2.3),
           "$name: but when it has ended");
    is(scalar $logins->($name), 2, "$name: by a login of its own");

    my ($token) = uniq map { $_->seen('Authorization') } @r;
    $resumed->($pid);

    is($first->finish->status, 200, "$name: who waited there is served");

    @r = map { $first->request(GET => "/$name") } 1 .. 3;
    is(scalar(grep { $_->header('X-Worker') != $pid } @r), 0,
       "$name: the old worker serves");

    push @r, $t->concurrent(20, GET => "/$name");
    is(Test::OAuthCC::tally(@r), '200 x 23', "$name: and all others");
    is_deeply([ uniq map { $_->seen('Authorization') } @r ], [ $token ],
              "$name: with the token of the other's login");
    is(scalar $logins->($name), 2, "$name: without another one");
}

####  a refresh

$idp->answer('/refresh', { json => { expires_in => 3 } });
is($t->get('/refresh')->status, 200, 'refresh: a token');

my ($pid, $client) = $stopped->('refresh', { status => 500, body => '' });
my $start = time;
my @r;

while (@{[ $logins->('refresh') ]} < 3 && time - $start < 4) {
    push @r, $t->concurrent(2, GET => '/refresh');
    select undef, undef, undef, 0.02;
}

is(scalar(grep { $_->status != 200 } @r), 0, 'refresh: all are served');
is(scalar $logins->('refresh'), 3, 'refresh: the other worker takes over');
cmp_ok(time - $start, '<', $t->seconds(3.5),
       'refresh: when the lease has ended');

$resumed->($pid);
$client->finish;
@r = (map({ $client->request(GET => '/refresh') } 1 .. 3),
      $t->concurrent(20, GET => '/refresh'));
is(Test::OAuthCC::tally(@r), '200 x 23', 'refresh: and all go on');
is(scalar $logins->('refresh'), 3, 'refresh: without another login');

$t->done;
