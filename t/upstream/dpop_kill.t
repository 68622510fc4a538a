#!/usr/bin/perl

# Tests of DPoP (RFC 9449) when workers are killed: the key and the token live in
# the zone, and a new worker goes on with both; it asks for the nonce of the API
# anew, and its identifiers are its own.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP qw(decode_json);
use List::Util qw(uniq);
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::OidcProvider;
use Test::OAuthCC::ResourceServer;

my $t = Test::OAuthCC->new(workers => 2);

$t->allow_alert(qr/exited on signal 9/);

my $idp = $t->daemon('OidcProvider', 'idp');

# the nonce does not change by itself
my $api = $t->daemon('ResourceServer', 'api', idp => $idp, nonce => 3_600_000);

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint @{[ $idp->token_endpoint ]};
        @{[ $idp->login_as('plain') ]}
        scope read;
        dpop on;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        add_header X-Worker \$pid always;
        oauthcc crm;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

sub logins () { return scalar grep { $_->{token} } $idp->logins }

# requests until both workers have answered
sub both ($name) {
    my (%served, @bad);

    ok($t->wait_for(sub {
        for my $r ($t->concurrent(10, GET => '/')) {
            push @bad, $r->status if $r->status != 200;
            $served{ $r->header('X-Worker') // '' } = 1;
        }

        return 2 == grep { $served{$_} } $t->workers;
    }), "$name: both workers answer");

    is(join(' ', @bad), '', "$name: all requests succeed");
}

both('at first');

for my $n (1 .. 4) {
    my @workers = $t->workers;

    kill 'KILL', $workers[$n % 2];
    $t->wait_for(sub {
        my @now = $t->workers;
        return @now == 2 && "@now" ne "@workers";
    });

    both("after $n");
}

my @sent = $api->requests;
my @good = grep { $_->{status} == 200 } @sent;
my @challenged = grep { $_->{status} == 401 } @sent;

is(logins(), 1, 'one login');
is(uniq(map { $_->{token} } @good), 1, 'one token');
is(uniq(map { JSON::PP->new->canonical->encode(
                  decode_json(decode_base64url($_->{proof} =~ s/\..*//sr))
                  ->{jwk}) } @sent), 1, 'one key');
is(uniq(map { $_->{why} } @challenged), 1, 'it wants a nonce, and no more');
cmp_ok(@challenged, '>=', 2, 'each worker learns it');
is(uniq(map { $_->{jti} } @sent), @sent, 'no identifier twice');

# one that knows no nonce yet may have sent several requests at once
my %random;
$random{ substr decode_base64url($_->{jti}), 0, 12 }++ for @sent;
is(keys %random, 6, 'of six workers');

$t->done;
