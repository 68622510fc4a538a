#!/usr/bin/perl

# Tests for the life of a token: it is used until shortly before its end, never
# past it, and then there is one login for however many ask.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider short {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/short;
        client_id gateway;
        client_secret s3cret;
    }

    # none is left after the margin but a tenth of the life
    oauthcc_provider ended {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/ended;
        client_id gateway;
        client_secret s3cret;
        backoff 10s 10s;
    }

    oauthcc_provider margin {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/margin;
        client_id gateway;
        client_secret s3cret;
        expiry_margin 1h;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /short  { oauthcc short;  proxy_pass http://api; }
        location /margin { oauthcc margin; proxy_pass http://api; }
        location /ended  { oauthcc ended;  proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$idp->answer({ json => { expires_in => 2 } });

my $start = time;
my %count;

while (time - $start < 4.5) {
    $count{ $_->status }++
        for $t->concurrent(4, GET => '/short'), $t->get('/margin');
}

is_deeply([ keys %count ], [ 200 ], 'every request was answered');

my %login = map { $_->{token} => $_ } $idp->requests;

for my $name (qw(short margin)) {
    my @requests = grep { $_->{uri} eq "/$name" } $api->requests;
    my @ages = map {
        my ($token) = $_->{head} =~ /^Authorization: Bearer (\S+)/m;
        $_->{time} - $login{ $token // '' }{time};
    } @requests;

    my ($oldest) = sort { $b <=> $a } @ages;
    cmp_ok($oldest, '<', 2, "$name: no token was used past its end");
    cmp_ok($oldest, '>', 1.3, "$name: but near to it");

    my $logins = grep { $_->{uri} eq "/$name" } $idp->requests;
    cmp_ok($logins, '>=', 3, "$name: a login for each life");
    cmp_ok($logins, '<=', 4, "$name: not more");
}

####  a life that is over when the login is

$idp->clear;
$idp->answer('/ended', { json => { expires_in => 1.02 }, delay => 1.1 });

is($t->get('/ended')->status, 502, 'a token that has ended');
is($t->get('/ended')->status, 503, 'is a login that failed');
is($idp->logins, 1, 'and not repeated at once');
is($t->log_lines(qr/login failed: the token is valid for 1020 ms.*"ended"/), 1,
   'one line');

$t->done;
