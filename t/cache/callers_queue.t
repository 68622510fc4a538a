#!/usr/bin/perl

# Tests that callers with many tokens do not keep others waiting: new entries
# queue by the address of the client, and one address gets the places of one.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(max);
use POSIX ();
use Storable qw(fd_retrieve nstore_fd);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;

use Time::HiRes qw(time);

my $t = Test::OAuthCC->new(workers => 1, connections => 2048,
                           needs => [ 'http_realip_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

my %limits = (one => 'max_logins 1;', many => 'max_logins 1; max_waiters 40;',
              flood => '');

my $providers = join "\n", map { <<"CONF" } sort keys %limits;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        grant_type urn:ietf:params:oauth:grant-type:token-exchange;
        wait_timeout 30s;
        timeout 30s;
        $limits{$_}
    }
CONF

my $locations = join "\n", map { <<"CONF" } sort keys %limits;
        location /$_ {
            oauthcc $_ subject_token=\$oauthcc_incoming_token;
            proxy_pass http://api;
        }
CONF

my $config = sub ($zone) {
    return <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    oauthcc_zone $zone;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-From;
$providers
    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        keepalive_requests 1000000;
$locations
        location /status { oauthcc_status; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF
};

$t->run($config->('1m'));

sub headers ($address, $token) {
    return [ 'X-From' => $address, Authorization => "Bearer $token" ];
}

sub start ($uri, $address, @tokens) {
    return map { $t->client->start(GET => $uri,
                                   headers => headers($address, $_)) }
           @tokens;
}

# waits until so many requests wait, the one that logs in included
sub waiting ($name, $n) {
    return ok($t->wait_for(sub { $status->provider($name)->{waiters} == $n }),
              "$n wait") || diag($status->provider($name)->{waiters});
}

sub order () {
    return map { $_->{body} =~ /subject_token=([^&]*)/ ? $1 : () }
           $idp->requests;
}

####  64 of an address, then 429

$idp->answer('/one', { hold => 1 });

my @flood = start('/one', '203.0.113.1', 'first');
ok($idp->wait_count(1), 'a login has the only place');

push @flood, start('/one', '203.0.113.1', map { sprintf 'a%02d', $_ } 1 .. 64);
waiting('one', 65);
my @refused = start('/one', '203.0.113.1', map { "late$_" } 1 .. 5);
Test::OAuthCC::Client::drive(10, @refused);

is(Test::OAuthCC::tally(map { $_->{response} } @refused), '429 x 5',
   'one address: 64 wait, then 429');
is($refused[0]{response}->header('Retry-After'), 1, 'with Retry-After');
ok($t->log_lines(qr/too many new tokens of this client's address wait/),
   'the log says so');

# who has a token that waits already waits with it

push @flood, start('/one', '203.0.113.1', 'a01', 'a64', 'first');

# others wait as well: another address, another network of IPv6, and IPv4 in
# the form of IPv6

my @others = start('/one', '203.0.113.2', 'b1', 'b2');
push @others, start('/one', '2001:db8:0:1::1', 'c1');
push @others, start('/one', '2001:db8:0:1:ffff::2', 'c2');
push @others, start('/one', '2001:db8:0:2::1', 'd1');
waiting('one', 65 + 3 + 5);
my @same = start('/one', '::ffff:203.0.113.1', 'late6');

Test::OAuthCC::Client::drive(10, @same);
is($same[0]{response}->status, 429, 'an IPv4 address is one in IPv6 too');

# served in turns: each release lets one login end, and the next begin

for my $n (2 .. 12) {
    ok($idp->wait_count($n - 1), "login " . ($n - 1));
    $idp->release;
}
ok($idp->wait_count(12), 'login 12');

my @order = order();
my %at = map { $order[$_] => $_ } 0 .. $#order;

is($order[0], 'first', 'who was there first');
cmp_ok($at{$_} // 99, '<=', 4, "$_ is among the next four") for qw(b1 c1 d1);
cmp_ok($at{$_} // 99, '<=', 8, "$_ is in the second round") for qw(b2 c2);
is(scalar(grep { /^a/ } @order[1 .. 4]), 1,
   'the address of the flood had one turn meanwhile');

$idp->answer('/one', {});
$idp->release;
Test::OAuthCC::Client::drive(20, @flood, @others);
is(Test::OAuthCC::tally(map { $_->{response} } @flood, @others),
   '200 x ' . (@flood + @others), 'all are served in the end');

# who leaves makes room

$idp->clear;
$idp->answer('/one', { hold => 1 });
@flood = start('/one', '203.0.113.1', map { "x$_" } 0 .. 64);
ok($idp->wait_count(1), 'a login has the place again');
waiting('one', 65);
@refused = start('/one', '203.0.113.1', 'x65');
Test::OAuthCC::Client::drive(10, @refused);
is($refused[0]{response}->status, 429, 'as many as may wait');

$_->leave for @flood[1 .. 64];
ok($t->wait_for(sub {
    my ($c) = start('/one', '203.0.113.1', 'x66');
    Test::OAuthCC::Client::drive(0.05, $c, 'some');
    my $waits = !$c->{done};
    $c->leave;
    return $waits;
}), 'those who left make room');
$idp->answer('/one', {});
$idp->release;
Test::OAuthCC::Client::drive(20, $flood[0]);

# of few waiters an address gets a quarter

$idp->clear;
$idp->answer('/many', { hold => 1 });
@flood = start('/many', '203.0.113.1', map { "y$_" } 0 .. 10);
ok($idp->wait_count(1), 'a place of few');
waiting('many', 11);
@refused = start('/many', '203.0.113.1', 'y11');
Test::OAuthCC::Client::drive(10, @refused);
is($refused[0]{response}->status, 429, 'ten of 40 wait, then 429');
@others = start('/many', '203.0.113.2', 'z1');
waiting('many', 12);
$idp->answer('/many', {});
$idp->release;
Test::OAuthCC::Client::drive(20, @flood, @others);
is(Test::OAuthCC::tally(map { $_->{response} } @flood, @others), '200 x 12',
   'the others are served');

####  a flood

# bad tokens from one address, each another one, and a second a thousand of
# them if the machine can; $flood->() ends it and returns the statuses

sub flood ($rate) {
    my $port = $t->port('http');

    pipe my $stop, my $stopper or die "pipe: $!";
    pipe my $result, my $writer or die "pipe: $!";

    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        close $stopper;

        my ($n, %seen) = 0;
        my @idle = map { Test::OAuthCC::Client->new(port => $port,
                             keepalive => 1) } 1 .. 150;
        my $begin = time;
        my @busy;

        for ( ;; ) {
            vec(my $r = '', fileno $stop, 1) = 1;
            last if select $r, undef, undef, 0;

            while (@idle && $n < (time - $begin) * $rate) {
                my $c = pop @idle;
                $c->start(GET => '/flood', headers =>
                          headers('203.0.113.66', 'bad-' . $n++));
                push @busy, $c;
            }

            Test::OAuthCC::Client::drive(0.002, @busy, 'some') if @busy;

            for my $c (grep { $_->{done} } @busy) {
                $seen{ $c->{response}->status }++;
                push @idle, $c;
            }
            @busy = grep { !$_->{done} } @busy;
        }

        nstore_fd([ \%seen, time - $begin ], $writer);
        close $writer;
        POSIX::_exit(0);
    }

    close $_ for $stop, $writer;

    return sub {
        close $stopper;
        my $got = fd_retrieve($result);
        waitpid $pid, 0;
        return @$got;
    };
}

$t->stop;
$t->{workers} = 2;
$t->run($config->('512k'));
$idp->clear;
$idp->answer('/flood', { delay => 0.05 });
$idp->answer('~subject_token=bad-', { status => 400, delay => 0.05,
                                      body => '{"error":"invalid_grant"}' });

# who is there before

my @early = map { "early$_" } 1 .. 20;
my %early;

for my $user (@early) {
    my $r = $t->get('/flood', headers => headers('203.0.113.7', $user));
    $early{$user} = ($r->seen('Authorization'))[0];
}

my $flood = flood(1000);
my $begin = time;
my ($slowest, $n, %bad) = (0, 0);

while (time - $begin < 4) {
    my $r = $t->get('/flood',
                    headers => headers('203.0.113.' . (8 + $n % 40),
                                       'good' . $n++));
    $bad{$r->status}++ if $r->status != 200;
    $slowest = max($slowest, $r->time);
}

my ($seen, $seconds) = $flood->();
my $total = 0;
$total += $_ for values %$seen;

note sprintf 'a flood of %d a second: %s', $total / $seconds,
             join ', ', map { "$_ x $seen->{$_}" } sort keys %$seen;
note sprintf '%d good logins meanwhile, the slowest took %.3f s', $n, $slowest;

cmp_ok($n, '>=', 4, 'good users log in meanwhile');
is_deeply(\%bad, {}, 'all of them');
cmp_ok($slowest, '<=', $t->seconds(1), 'within a second');
is_deeply([ grep { !/^(?:401|429)$/ } keys %$seen ], [],
          'the flood gets what it deserves');
ok($seen->{401}, 'some of it logins');

# who was there has what it had, in all workers, and without a login

my $logins = () = grep { $_->{body} =~ /early/ } $idp->requests;
my %lost;

for my $user ((@early) x 4) {
    my $r = $t->get('/flood', headers => headers('203.0.113.7', $user));
    $lost{$user}++
        if (($r->seen('Authorization'))[0] // '') ne $early{$user};
}

is_deeply(\%lost, {}, 'no good token was evicted');
is(scalar(grep { $_->{body} =~ /early/ } $idp->requests), $logins,
   'nobody had to log in again');

$t->done;
