#!/usr/bin/perl

# Tests that a worker does not keep the tokens of parameters that nobody uses
# any more, until it has thousands of them: when they have expired, those that
# come later take their place.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Time::HiRes qw(time);

plan(skip_all => 'the memory is that of a checker')
    if $ENV{TEST_NGINX_REPORTS};

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$idp->answer('/users', { token_length => 3000, json => { expires_in => 1 } });

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_zone 32m;

    oauthcc_provider users {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/users;
        client_id gateway;
        client_secret s3cret;
        expiry_margin 0;
        max_logins 100;
        max_waiters 1000;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / { oauthcc users scope=$arg_scope;
                     proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

my ($worker) = $t->workers;
my %status;

# users of whom none comes again, a token each; few at a time, as a login must
# not take a second, the life of its token

my $wave = sub ($n) {

    for my $part (0 .. 49) {
        my @clients = map { $t->client->start(GET => "/?scope=w$n-$part-$_") }
                      1 .. 10;
        Test::OAuthCC::Client::drive(10, @clients);
        $status{ $_->{response}->status }++ for @clients;
    }

    my $ended = time + 1.1;
    $t->wait_for(sub { time > $ended });

    open my $fh, '<', "/proc/$worker/status" or die "status: $!";
    my ($rss) = join('', <$fh>) =~ /^RssAnon:\s+(\d+)/m;
    return $rss;
};

my $before;
$before = $wave->($_) for 1 .. 3;
my $after;
$after = $wave->($_) for 4 .. 9;

is_deeply(\%status, { 200 => 4500 }, 'a token for each user');

# those of one wave take 2 MB or so
cmp_ok($after - $before, '<', 4000, 'and no memory for those who are gone, kB');
is_deeply([ $t->workers ], [ $worker ], 'the worker is the same');

$t->done;
