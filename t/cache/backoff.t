#!/usr/bin/perl

# Tests for what follows a failed login: the token endpoint is left alone for a
# while, and who comes meanwhile is told at once when to come again.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my %backoff = (long => 'backoff 30s 30s;', short => 'backoff 200ms 200ms;',
               default => '');

my $providers = join "\n", map { <<"CONF" } sort keys %backoff;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        $backoff{$_}
    }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    %%SERVER_reuseport%%
}
CONF

$idp->answer({ status => 500 });

is($t->get('/long')->status, 502, 'a failed login');

my @r = $t->concurrent(50, GET => '/long');

is(Test::OAuthCC::tally(@r), '503 x 50', 'later ones are refused');
is(scalar(grep { ($_->header('Retry-After') // '') =~ /^(?:[1-9]|[12]\d|30)$/ }
          @r), 50, 'with Retry-After');
is(scalar(grep { $_->time < 0.5 } @r), 50, 'at once');
is($idp->logins, 1, 'without a login');
is($t->log_lines(qr/login failed/), 1, 'one line');

####  the end of it

$idp->clear;
is($t->get('/short')->status, 502, 'another one');
$idp->answer({});
ok($t->wait_for(sub { $t->get('/short')->status == 200 }), 'it recovers');
is($idp->logins, 2, 'by one more login');
is($t->get('/long')->status, 503, 'each provider by itself');

$idp->answer({ status => 500 });
is($t->get('/default')->status, 502, 'the default');
$idp->answer({});
ok($t->wait_for(sub { $t->get('/default')->status == 200 }),
   'is short at first');

$t->done;
