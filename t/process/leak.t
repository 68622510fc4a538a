#!/usr/bin/perl

# Tests that logins leave nothing behind: thousands of them, good and bad, and
# no growth of memory, descriptors or connections.  What leaks once an hour
# takes the gateway down after a month.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(min);
use Test::More;
use Test::OAuthCC;

plan(skip_all => 'the memory is that of a checker, which looks for leaks')
    if $ENV{TEST_NGINX_REPORTS};

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

# tokens that are purged at once, and failures that may be tried again at once

my $n = 25;
my @kinds = (
    [ good => {} ], [ chunked => { framing => 'chunked', pieces => 20 } ],
    [ long => { token_length => 10_000 } ],
    [ close => { framing => 'close' } ],
    [ error => { status => 500, body => '{"error":"x"}' } ],
    [ large => { body => 'x' x 100_000 } ],
    [ cut => { cut => 10 } ], [ reset => { reset => 10 } ],
    [ dead => { raw => '' } ], [ hang => { hang => 1 } ],
);

my @providers = map { my $kind = $_->[0]; map { "$kind$_" } 1 .. $n } @kinds;

my $providers = join "\n", map { <<"CONF" } @providers;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/@{[ s/\d+$//r ]};
        client_id gateway;
        client_secret s3cret;
        backoff 1ms 1ms;
        @{[ /hang/ ? 'timeout 20ms;' : '' ]}
    }
CONF

$idp->answer("/$_->[0]", { %{ $_->[1] }, json => { expires_in => undef } })
    for @kinds;

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    map \$uri \$provider {
        ~^/(?<name>[^/]+)\$ \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc \$provider optional;
        location = /status { oauthcc_status control; }
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

my ($worker) = $t->workers;

my @purged = grep { /^(?:good|chunked|long|close)\d/ } @providers;
my @order = (headers => [ 'X-Requested-With' => 'test', 'Content-Type' =>
                          'application/x-www-form-urlencoded' ]);

my $round = sub {
    my @orders = map { $t->client->start(POST => '/status', @order,
                               body => "action=purge&provider=$_") } @purged;
    Test::OAuthCC::Client::drive(10, @orders);

    my @clients = map { $t->client->start(GET => "/$_") } @providers;
    Test::OAuthCC::Client::drive(10, @clients);
    return map { $_->{response} } @clients;
};

my $state = sub {
    my @fds = glob "/proc/$worker/fd/*";
    open my $fh, '<', "/proc/$worker/status" or die "status: $!";
    my ($rss) = join('', <$fh>) =~ /^VmRSS:\s+(\d+)/m;
    return ($rss, scalar @fds);
};

my (undef, $fds) = $state->();

# the least memory of ten rounds; it comes and goes with what is fragmented, by
# a few MB, while what is lost is half a kilobyte a login at least

my %status;

my $least = sub {
    return min(map { $status{ $_->status }++ for $round->();
                     ($state->())[0] } 1 .. 10);
};

$least->();                                     # fills pools and caches

my $before = $least->();
$idp->clear;
$least->() for 1 .. 3;
my $after = $least->();

ok($t->wait_for(sub { !$idp->stats->{open} }), 'no connection is left');

ok($t->wait_for(sub { ($state->())[1] <= $fds }),
   'as many descriptors as before');
is_deeply([ keys %status ], [ 200 ], 'every request was answered');
cmp_ok($idp->logins, '>', 30 * @providers, 'after many logins');
cmp_ok($after - $before, '<', $idp->logins * 0.5, 'and as much memory, in kB');
is_deeply([ $t->workers ], [ $worker ], 'the worker is the same');

$t->done;
