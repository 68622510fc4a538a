#!/usr/bin/perl

# Tests what the status says of DPoP: the key of each provider that has one,
# how often servers have asked for another nonce, and nothing of the others.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Proof;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

$t->openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem');
$t->secret($t->read_file('key.pem') =~ /^(\w\S{40})/m);

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider zone {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/zone;
        client_id gateway;
        client_secret s3cret;
        dpop on;
    }

    oauthcc_provider file {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/file;
        client_id gateway;
        client_secret s3cret;
        dpop on;
        dpop_key key.pem;
        backoff 1ms 1ms;
    }

    oauthcc_provider bearer {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/bearer;
        client_id gateway;
        client_secret s3cret;
        backoff 1ms 1ms;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        location /status { oauthcc_status; }
        location /zone { oauthcc zone; proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /file { oauthcc file; proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /bearer {
            oauthcc bearer;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

$t->run($config);

sub page () { return $t->get('/status?format=html')->body }
sub prometheus () { return $t->get('/status?format=prometheus')->body }

# of the key in the proof of a request
sub thumbprint ($server, $uri) {
    my ($sent) = reverse grep { $_->{uri} =~ /^\Q$uri\E/ } $server->requests;
    my ($proof) = $server->header($sent, 'DPoP');

    $t->secret($proof);

    my ($head) = $proof =~ /^([^.]+)/;

    return Test::OAuthCC::Proof::thumbprint(
        JSON::PP::decode_json(decode_base64url($head))->{jwk});
}

####  before the first login

my %before = map { $_ => $status->provider($_)->{dpop} } qw(zone file bearer);

is($before{bearer}, undef, 'no DPoP, nothing to say');
is($before{zone}{alg}, 'ES256', 'the key of a zone');
is($before{file}{alg}, 'ES384', 'that of a file');
is_deeply($before{$_}{challenges}, { login => 0, request => 0 },
          "$_: no challenge") for qw(zone file);

my $bound = { json => { token_type => 'DPoP' } };
my $want = { status => 400, body => '{"error":"use_dpop_nonce"}' };

sub nonce ($answer, $nonce) {
    return { %$answer, headers => [ @{ $answer->{headers} // [] },
                                    'DPoP-Nonce' => $nonce ] };
}

my $refused = { status => 401, headers => [
    'WWW-Authenticate' => 'DPoP error="use_dpop_nonce"' ] };

####  challenges: answered, and not to be answered

$idp->answer('/zone', nonce($want, 'n-1'), $bound);
$api->answer('/zone/a', nonce($refused, 'a-1'), {});
$api->answer('/zone/b', nonce($refused, 'b-1'), nonce($refused, 'b-2'));

is($t->get('/zone/a')->status, 200, 'a nonce of each server');
is($t->get('/zone/b')->status, 401, 'an API that is never content');

$idp->answer('/file', $want);
is($t->get('/file')->status, 502, 'a challenge without a nonce');

# use_dpop_nonce is nothing to a provider without DPoP
$idp->answer('/bearer', nonce($want, 'n-2'));
is($t->get('/bearer')->status, 502, 'a challenge for nothing');

sub challenges ($name) {
    my $n = $status->provider($name)->{dpop}{challenges};
    return "$n->{login} $n->{request}";
}

ok($t->wait_for(sub { challenges('zone') eq '1 3' }), 'all are counted')
    or diag challenges('zone');
ok($t->wait_for(sub { challenges('file') eq '1 0' }), 'one in vain as well')
    or diag challenges('file');
is($status->provider('bearer')->{dpop}, undef, 'none without DPoP');

####  the key is the one that signs, in whichever worker

my %jkt = (zone => thumbprint($api, '/zone'), file => thumbprint($idp, '/file'));

for my $name (qw(zone file)) {
    is($before{$name}{jkt}, $jkt{$name}, "$name: the thumbprint");

    for (1 .. 8) {
        my $now = $status->provider($name)->{dpop}{jkt};
        is($now, $jkt{$name}, '... in each worker') or last;
    }
}

####  the other formats

my $text = prometheus();

for my $line ('provider="zone",at="login"} 1', 'provider="zone",at="request"} 3',
              'provider="file",at="login"} 1',
              'provider="file",at="request"} 0')
{
    like($text, qr/^oauthcc_dpop_challenges_total\{\Q$line\E$/m, $line);
}

is(() = $text =~ /^# TYPE oauthcc_dpop_challenges_total counter$/mg, 1,
   'one head');
unlike($text, qr/dpop_challenges_total\{provider="bearer"/,
       'no series without DPoP');

my ($zone, $file, $bearer)
    = map { my $name = $_;
            grep { m{<h2 id="p\d+">$name</h2>} } split /<section/, page() }
      qw(zone file bearer);

like($zone, qr{<dt>DPoP key</dt><dd>ES256 <code>\Q$jkt{zone}\E</code>},
     'the page: the key');
like($file, qr{<dt>DPoP key</dt><dd>ES384 <code>\Q$jkt{file}\E</code>},
     'that of a file');
like($file, qr/The server wants a DPoP proof that has a nonce/,
     'what an error means');
like($zone, qr{<dt>Nonce at login</dt><dd>1</dd>}, 'challenges of logins');
like($zone, qr{<dt>Nonce at API</dt><dd>3</dd>}, 'and of the API');
unlike($bearer, qr/DPoP key|Nonce at/, 'nothing without DPoP');

unlike($text . page() . $t->get('/status')->body, qr/n-1|a-1|b-1|b-2/,
       'no nonce');

####  a reload keeps the counts and the key

$t->reload($config);
is(challenges('zone'), '1 3', 'a reload keeps the counts');
is($status->provider('zone')->{dpop}{jkt}, $jkt{zone}, 'and the key');

$t->done;
