#!/usr/bin/perl

# Tests for how long a failed login is remembered: as long as the server asks
# for, as long as the operator allows, and not a moment longer.  A gateway that
# comes back too early hammers a server in trouble, one that comes back too late
# makes an outage of its own.  (What clients are told meanwhile: backoff.t.)

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX qw(strftime);
use Test::More;
use Test::OAuthCC;
use List::Util qw(max);
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

# name => backoff

my %backoff = (
    seconds => '100ms 10s', date => '100ms 10s', max => '100ms 1s',
    past => '100ms 200ms', garbage => '100ms 200ms',
    status_200 => '100ms 10s', growth => '100ms 10s', step => '200ms 500ms',
    again => '100ms 10s', client => '100ms 10s', scope => '100ms 10s',
    secret => '60s 60s', timeout => '100ms 10s',
);

my @names = sort keys %backoff;

$t->write_file('secret', $t->secret('wr0ngs3cret') . "\n");
$t->secret('thes3cret');

# all logins begin at once; the one that hangs holds up the others here
my $timeout = $t->seconds(1) > 1 ? '700ms' : '300ms';

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret @{[ $_ eq 'secret' ? 'file:%%PREFIX%%/secret'
                                         : 's3cret' ]};
        backoff $backoff{$_};
        @{[ $_ eq 'max' ? 'retry_after_max 1s;' : '' ]}
        timeout $timeout;
        default_expires 20ms;
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
        listen 127.0.0.1:%%PORT_http%% reuseport;
$locations
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $refusal = sub ($status, $error, @headers) {
    return { status => $status, headers => [ @headers ],
             body => $error ? qq({"error":"$error"}) : '' };
};

# good as long as the response says, or until shortly after it
my $lasting = {};
my $short = { json => { expires_in => undef } };

my $logins = sub ($name) {
    return grep { $_->{uri} eq "/$name" } $idp->requests;
};

my $unavailable = $refusal->(503, '');
my $start = time;

my %answers = (
    seconds => [ $refusal->(429, '', 'Retry-After' => 3), $lasting ],
    date => [ $refusal->(503, '', 'Retry-After' =>
                         strftime('%a, %d %b %Y %T GMT', gmtime $start + 3)),
              $lasting ],
    max => [ $refusal->(429, '', 'Retry-After' => 3600), $lasting ],
    past => [ $refusal->(429, '', 'Retry-After' =>
                         'Thu, 01 Jan 2015 00:00:00 GMT'), $lasting ],
    garbage => [ $refusal->(429, '', 'Retry-After' => 'soon'), $lasting ],
    status_200 => [ { body => '{"error":"busy"}',
                      headers => [ 'Retry-After' => 2 ] }, $lasting ],
    growth => [ $unavailable ],
    step => [ $unavailable ],
    again => [ ($unavailable) x 4, $short, $unavailable, $lasting ],
    client => [ $refusal->(401, 'invalid_client') ],
    scope => [ $refusal->(400, 'invalid_scope') ],
    secret => [ $refusal->(401, 'invalid_client'), $lasting ],
    timeout => [ { hang => 1 }, $lasting ],
);

$idp->answer("/$_", @{ $answers{$_} }) for @names;

# all of them, again and again, from a first failure to the end of it

my %responses;
my %wanted = map { $_ => { status => $_ eq 'timeout' ? 504 : 502 } } @names;

my $round = sub {
    my @clients = map { $t->client->start(GET => "/$_") } @names;
    Test::OAuthCC::Client::drive(5, @clients);
    push @{ $responses{ $names[$_] } }, $clients[$_] for 0 .. $#names;
    select undef, undef, undef, 0.01;
};

$round->();

for my $name (@names) {
    is($responses{$name}[0]{response}->status, $wanted{$name}{status},
       "$name: a failed login");
}

$round->() while time - $start < 2;

# step comes back in the middle of a backoff
$idp->answer('/step', {});
my $back = time;

$round->() while time - $start < 4.2;

# when the n-th login came after the one before it
my $after = sub ($name, $n = 1) {
    my @times = map { $_->{time} } $logins->($name);
    return @times > $n ? $times[$n] - $times[$n - 1] : 999;
};

my $retry = sub ($name) {
    return map { $_->{response}->header('Retry-After') // 'none' }
           grep { $_->{response}->status == 503 } @{ $responses{$name} };
};

####  Retry-After

# a date has no parts of a second; a backoff without one is 0.1 s at first

my %time = (seconds => [ 2.95, 3.5 ], status_200 => [ 1.95, 2.5 ],
            date => [ 1.95, 3.5 ], max => [ 0.95, 1.5 ],
            past => [ 0, 0.5 ], garbage => [ 0, 0.5 ]);

for my $name (sort keys %time) {
    my ($least, $most) = @{ $time{$name} };
    cmp_ok($after->($name), '>=', $least, "$name: not before its time");
    cmp_ok($after->($name), '<', $t->seconds($most), "$name: soon after it");
}

for my $name (qw(seconds date max past garbage status_200 timeout)) {
    is(scalar $logins->($name), 2, "$name: one more login");
    is($responses{$name}[-1]{response}->status, 200, "$name: it recovers");

    is(scalar(grep { !/^[1-9]\d*$/ } $retry->($name)), 0,
       "$name: clients are told when to come again");
}

is(max($retry->('seconds')), 3, 'seconds: and it is the time that is left');

# rounded up, and what passes until the client has it
my ($failed) = map { $_->{time} } $logins->('seconds');
is(scalar(grep { my $r = $_->{response};
                 my $left = $failed + 3 - $_->{started};
                 abs($r->header('Retry-After') - $left) > 1.1 + $r->time }
          grep { $_->{response}->status == 503 } @{ $responses{seconds} }), 0,
   'seconds: until the end of it');

####  failures without a word

my $n = @{[ $logins->('growth') ]};
cmp_ok($n, '>=', 4, 'growth: it is tried again and again');
cmp_ok($n, '<=', 44, 'growth: less and less');

my $first = (grep { $_->{started} > $back
                    && $_->{response}->status == 200 }
             @{ $responses{step} })[0];
ok($first, 'step: it recovers');
cmp_ok($first ? $first->{started} - $back : 99, '<', $t->seconds(0.6),
       'step: within one step of the backoff');
is(scalar(grep { $_->{time} > $back } $logins->('step')), 1,
   'step: by one login');

####  nothing is remembered

is(scalar $logins->('again'), 7, 'again: seven logins');
cmp_ok($after->('again', 6), '<', $t->seconds(0.25),
       'again: after a success, the first failure is a first one');

####  a refusal is no outage

for my $name (qw(client scope)) {
    cmp_ok($after->($name), '>', $after->('growth'),
           "$name: it is left alone for longer than after a 503");
}

####  another secret ends it at once

is(scalar $logins->('secret'), 1, 'secret: refused once');
is($t->get('/secret')->status, 503, 'secret: left alone');

$t->write_file('secret', "thes3cret\n");

my ($asked, $r) = time;
$t->wait_for(sub { ($r = $t->get('/secret'))->status == 200 }, 2);
is($r->status, 200, 'secret: a new one is tried');
cmp_ok(time - $asked, '<', $t->seconds(1.5), 'secret: at once');
is(scalar $logins->('secret'), 2, 'secret: by one login');

$t->done;
