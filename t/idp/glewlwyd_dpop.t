#!/usr/bin/perl

# Tests of DPoP (RFC 9449) with a real authorization server that wants nonces,
# Debian's glewlwyd: logins, while it changes the nonce after each five proofs
# of a client, its own API, and 1000 requests to a strict resource server that
# asks it about tokens, and changes its nonce every two seconds.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(uniq);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Glewlwyd;
use Test::OAuthCC::ResourceServer;

plan(skip_all => 'this Debian has no glewlwyd')
    unless grep { -x "$_/glewlwyd" } split /:/, "$ENV{PATH}:/usr/sbin";

my $t = Test::OAuthCC->new(workers => 2);

my $uses = 5;
my $idp = $t->daemon('Glewlwyd', 'idp', uses => $uses);
my $api = $t->daemon('ResourceServer', 'api', idp => $idp, nonce => 2000);
my $seen = $t->upstream('seen');

my $user = $idp->user;
my $provider = 'token_endpoint ' . $idp->token_endpoint . ';'
               . $idp->login_as('plain')
               . 'basic_encoding raw; scope read; dpop on;';

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm { $provider }

    oauthcc_provider joe {
        $provider
        grant_type password;
        username   $user->{username};
        password   "$user->{password}";
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location /api/ {
            oauthcc crm;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /many/ {
            oauthcc crm param:n=\$arg_n;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location = /userinfo {
            oauthcc joe;
            proxy_pass @{[ $idp->url ]}/api/oidc/userinfo;
        }
        # says what it gets
        location /seen {
            oauthcc joe;
            oauthcc_dpop_uri @{[ $idp->url ]}/api/oidc/userinfo;
            proxy_pass http://127.0.0.1:%%PORT_seen%%;
        }
    }
}
CONF

####  its own API

is($t->get('/userinfo')->status, 200, 'an API of its own') for 1 .. 3;

my $r = $t->get('/seen');
my ($authorization) = $r->seen('Authorization');
my ($proof) = $r->seen('DPoP');

$t->secret($proof, $authorization =~ /^DPoP (\S+)/);

sub userinfo (%headers) {
    return $idp->{http}->get($idp->url . '/api/oidc/userinfo',
                             { headers => \%headers })->{status};
}

my $bearer = $authorization =~ s/^DPoP/Bearer/r;

like(userinfo(Authorization => $authorization), qr/^40[0-3]$/,
     'refuses a stolen token alone');
like(userinfo(Authorization => $bearer), qr/^40[0-3]$/, 'and as bearer token');
is(userinfo(Authorization => $authorization, DPoP => $proof), 200,
   'takes it with a proof');
like(userinfo(Authorization => $authorization, DPoP => $proof), qr/^40[0-3]$/,
     'which it does not take twice');

# from here on it gets one request after the other: of two at once it may answer
# one with 500, with or without proofs
is($t->get('/api/')->status, 200, 'a first login');

####  1000 requests, and logins, while the nonces of both change

my $challenges = sub ($whose) {
    return scalar $t->log_lines(qr/\[info\].*the \Q$whose\E wants another nonce/);
};

my $before = $challenges->('token endpoint');
my $start = time;
my $stop = $t->load('/api/load', clients => 4);
my $logins = 0;

$t->wait_for(sub {
    if ($logins < 60) {
        $r = $t->get('/many/?n=' . ++$logins);
        is($r->status, 200, "login $logins") if $r->status != 200;
    }

    return $logins == 60 && time > $start + 6
           && 1000 < (() = $t->read_file('logs/access.log') =~ m{/load}g);
}, 90);

my ($statuses) = $stop->();
my $changes = 1 + int((time - $start) / 2);

is(join(' ', keys %$statuses), 200, 'no client sees a failure');
cmp_ok($statuses->{200}, '>', 1000, 'of so many');
is($logins, 60, 'and so many logins');

my @challenged = grep { $_->{status} == 401 } $api->requests;

is(join(' ', uniq(map { $_->{why} } @challenged)), 'another nonce is wanted',
   'an API refuses nothing else');
cmp_ok(@challenged, '<=', 2 * (1 + $changes),
       'it asks for a nonce once a worker and change, at most');

# it has another one after so many proofs
$changes = 1 + int(($logins + $before) / $uses);
my $asked = $challenges->('token endpoint') - $before;

cmp_ok($asked, '<=', 2 * $changes, 'and so does glewlwyd');
diag("$statuses->{200} requests, ", scalar(@challenged), ' challenges; ',
     "$logins logins, $asked challenges, $changes changes");

my @failed = $t->log_lines(qr/login failed/);
is(@failed, 0, 'no login has failed') or diag(@failed);

my @jti = map { $_->{jti} // () } $api->requests;
is(uniq(@jti), @jti, 'no identifier twice');

$t->done;
