#!/usr/bin/perl

# Tests of DPoP (RFC 9449) at the token endpoint, whose answers are scripted:
# proofs of all kinds of keys, nonces, what is no bound token, and which key it
# is that tokens are bound to, after a reload.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA qw(sha256);
use List::Util qw(uniq);
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Proof;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $fcgi = $t->upstream('fcgi', protocol => 'fastcgi');

my $ec = '-algorithm EC -pkeyopt ec_paramgen_curve';

my %keys = (
    rsa => [ 'RS256', '-algorithm RSA -pkeyopt rsa_keygen_bits:2048' ],
    p256 => [ 'ES256', "$ec:P-256" ], p384 => [ 'ES384', "$ec:P-384" ],
    p521 => [ 'ES512', "$ec:P-521" ],
    ed25519 => [ 'EdDSA', '-algorithm ED25519' ],
    new => [ 'ES256', "$ec:P-256" ],
);

for my $name (sort keys %keys) {
    $t->openssl("genpkey $keys{$name}[1] -out $name.pem");
    $t->openssl("pkey -in $name.pem -pubout -out $name.pub");
    $t->secret($t->read_file("$name.pem") =~ /^(\w\S{40})/m);
}

$t->write_file('rotated.pem', $t->read_file('p256.pem'));

my $client = 'client_id gateway; client_secret s3cret; dpop on;';

# name, directives; all else is the same

my @providers = (
    [ 'zone', '' ], [ 'other', '' ],
    (map { [ $_, "dpop_key $_.pem;" ] } sort grep { $_ ne 'new' } keys %keys),
    [ 'ps384', 'dpop_key rsa.pem; dpop_alg PS384;' ],
    [ 'rotated', 'dpop_key rotated.pem;' ],
    [ 'called', 'dpop_uri https://login.example.com/token?p=x;' ],
    [ 'root', 'dpop_uri HTTPS://login.example.com?p=x;' ],
    (map { [ $_, 'backoff 10s 10s;' ] }
        qw(nonce denied twice same absent bad_nonce long_nonce two_nonces later
           proof bearer none type types refused)),
    [ 'jwt', 'auth_method private_key_jwt; assertion_key new.pem;' ],
    [ 'form', 'auth_method client_secret_post; scope a;' ],
    [ 'exchange', 'grant_type urn:ietf:params:oauth:grant-type:token-exchange;
       param subject_token x;' ],
    [ 'assertion', 'auth_method none; assertion_use grant;
       grant_type urn:ietf:params:oauth:grant-type:jwt-bearer;
       assertion_key new.pem; assertion_issuer me;' ],
    [ 'password', 'grant_type password; username a; password b;' ],
    [ 'learnt', 'replay_interval 1ms;' ], [ 'kept', 'backoff 100ms 100ms;' ],
);

my $config = do {
    my $blocks = join "\n", map { <<"CONF" } @providers;
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_->[0]?a=b;
        @{[ $_->[0] eq 'jwt' || $_->[0] eq 'assertion'
            ? $client =~ s/client_secret \S+;//r : $client ]}
        $_->[1]
    }
CONF

    <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
$blocks
    %%SERVER%%

    server {
        listen 127.0.0.1:%%PORT_more%%;

        location /fcgi {
            oauthcc zone;
            oauthcc_dpop_uri https://api.example.com;
            fastcgi_param REQUEST_METHOD \$request_method;
            fastcgi_pass 127.0.0.1:%%PORT_fcgi%%;
        }
        location /named {
            oauthcc \$arg_p;
            fastcgi_pass 127.0.0.1:%%PORT_fcgi%%;
        }
        location /optional {
            oauthcc bearer optional;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /placed {
            oauthcc bearer optional;
            oauthcc_header X-Token;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /plain {
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /again {
            oauthcc \$arg_p param:n=\$arg_n;
            oauthcc_dpop_uri http://127.0.0.1:%%PORT_api%%;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /method {
            oauthcc zone;
            proxy_method "\xff";
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /uri {
            oauthcc zone;
            oauthcc_dpop_uri \$arg_u;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /hostless {
            oauthcc zone;
            # newer nginx leaves it out of HTTP/1.0 alone
            proxy_http_version 1.0;
            proxy_set_header Host "";
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF
};

my %bound = (json => { token_type => 'DPoP' });

$idp->answer({ %bound });
$t->run($config);


####  proofs

sub verified (@arg) { return Test::OAuthCC::Proof::verified($t, @arg) }
sub thumbprint ($jwk) { return Test::OAuthCC::Proof::thumbprint($jwk) }


sub proofs ($server, $re) {
    return map { ($server->header($_, 'DPoP')) }
           grep { $_->{uri} =~ $re } $server->requests;
}


my %thumbprint;

for my $provider (grep { $keys{$_->[0]} || $_->[0] =~ /^(?:zone|ps384)$/ }
                  @providers)
{
    my $name = $provider->[0];
    my $r = $t->get("/$name/x?y");

    is($r->status, 200, "$name: status");

    my ($login) = proofs($idp, qr{^/$name\?});
    my $file = $name eq 'ps384' ? 'rsa.pub'
               : $keys{$name} ? "$name.pub" : undef;
    my ($head, $claims) = verified($login, "$name: login", $file);

    is($head->{typ}, 'dpop+jwt', '... typ');
    is($head->{alg}, $name eq 'zone' ? 'ES256' : $name eq 'ps384' ? 'PS384'
                     : $keys{$name}[0], '... alg');
    is(join(' ', sort keys %$head), 'alg jwk typ', '... members of the head');
    is($head->{jwk}{d}, undef, '... a public key');

    is(join(' ', sort keys %$claims), 'htm htu iat jti', '... claims');
    is($claims->{htm}, 'POST', '... htm');
    is($claims->{htu}, 'http://127.0.0.1:' . $t->port('idp') . "/$name",
       '... htu, without a query');
    cmp_ok(abs($claims->{iat} - time), '<', 60, '... iat');

    my ($at_api) = $api->header(($api->requests)[-1], 'DPoP');
    my ($head2, $claims2) = verified($at_api, "$name: request", $file);
    my ($token) = ($r->seen('Authorization'))[0] =~ /^DPoP (\S+)$/;

    is_deeply($head2, $head, '... with the same key');
    is($claims2->{ath}, encode_base64url(sha256($token // '')), '... ath');
    is($claims2->{htm}, 'GET', '... htm');
    is($claims2->{htu}, 'http://127.0.0.1:' . $t->port('api') . "/$name/x",
       '... htu') unless $r->seen('Host');
    isnt($claims2->{jti}, $claims->{jti}, '... another identifier');

    $thumbprint{$name} = thumbprint($head->{jwk});
}

$t->get('/other/x');
my ($other) = verified((proofs($idp, qr{^/other\?}))[0], 'another provider');
isnt(thumbprint($other->{jwk}), $thumbprint{zone}, 'has another key');

$t->get('/called/x');
is((verified((proofs($idp, qr{^/called\?}))[0], 'dpop_uri'))[1]{htu},
   'https://login.example.com/token', 'dpop_uri');

$t->get('/root/x');
is((verified((proofs($idp, qr{^/root\?}))[0], 'no path'))[1]{htu},
   'https://login.example.com/', 'dpop_uri without a path');

# any grant, any method

for my $name (qw(jwt form exchange assertion password)) {
    is($t->get("/$name/x")->status, 200, "$name: status");
    is((() = proofs($idp, qr{^/$name\?})), 1, "$name: a proof");
}

####  nonces

my $bad = { status => 400, body => '{"error":"use_dpop_nonce"}' };

sub wants ($nonce) {
    return { %$bad, headers => [ map { ('DPoP-Nonce' => $_) }
                                 ref $nonce ? @$nonce : $nonce ] };
}


sub nonces ($name) {
    return map { (verified($_, $name))[1]{nonce} // '-' }
           proofs($idp, qr{^/$name\?});
}


sub login ($name, $status, @answers) {
    $idp->answer("/$name", @answers);
    is($t->get("/$name/x")->status, $status, "$name: status");
    return join ' ', nonces($name);
}

is(login('nonce', 200, wants('n-1'), { %bound }), '- n-1', 'once more');
is($t->log_lines(qr/\[(?:warn|error)\].*"nonce"/), 0, 'is no failure');
is($t->log_lines(qr/\[info\].*wants another nonce.*"nonce"/), 1, 'is told of');

is(login('denied', 200, { %{ wants('n-12') }, status => 401 }, { %bound }),
   '- n-12', 'with 401');

# that of a success is for the next login
is(login('later', 200, { %bound, headers => [ 'DPoP-Nonce' => 'n-2' ] }), '-',
   'a nonce is of a provider');

is(login('twice', 502, wants('n-3'), wants('n-4')), '- n-3', 'twice');
is(login('absent', 502, $bad), '-', 'no nonce');
is(login('bad_nonce', 502, wants('a"b')), '-', 'not the syntax of one');
is(login('long_nonce', 502, wants('x' x 513)), '-', 'too long a one');
is(login('two_nonces', 502, wants([ 'n-5', 'n-6' ])), '-', 'two of them');

for my $name (qw(twice absent bad_nonce long_nonce two_nonces)) {
    is($t->log_lines(qr/\[error\].*login failed.*"use_dpop_nonce".*"$name"/),
       1, "$name: one line");
}

# nonces are of the provider: another entry's login has the last one, that of a
# success, of the second demand, or of another error; the same one again is none

sub again ($name, $status, @answers) {
    my $before = () = nonces($name);
    $idp->answer("/$name", @answers);
    is($t->get("/again?p=$name&n=" . $before, port => 'more')->status, $status,
       "$name, another entry: status");
    return join ' ', (nonces($name))[$before .. (() = nonces($name)) - 1];
}

is(again('later', 200, { %bound }), 'n-2', 'the nonce of a success');
$idp->answer('/kept', wants('n-10'), wants('n-11'), { %bound });
is($t->get('/kept/x')->status, 502, 'twice');
ok($t->wait_for(sub { $t->get('/kept/x')->status == 200 }), 'after a while');
is(join(' ', nonces('kept')), '- n-10 n-11', 'that of a demand too many');
is(again('same', 200, { %bound, headers => [ 'DPoP-Nonce' => 'n-8' ] }), '-',
   'none yet');
is(again('same', 502, wants('n-8')), 'n-8', 'the same nonce is not sent again');
is(again('refused', 502, { status => 400, body => '{"error":"invalid_scope"}',
                           headers => [ 'DPoP-Nonce' => 'n-9' ] }), '-',
   'a failure');
is(again('refused', 200, { %bound }), 'n-9', 'which had a nonce');

# private_key_jwt: another assertion each time

my @assertions = map { $_->{body} =~ /client_assertion=([^&]+)/ }
                 grep { $_->{uri} =~ m{^/jwt\?} } $idp->requests;

$t->secret(@assertions);

####  what is no bound token

is(login('proof', 502, { status => 400,
       body => '{"error":"invalid_dpop_proof"}',
       headers => [ Date => 'Sun, 06 Nov 1994 08:49:37 GMT',
                    'DPoP-Nonce' => 'n-7' ] }), '-', 'a bad proof');
is($t->get('/proof/x')->status, 503, 'no login follows soon');
is($t->log_lines(qr/login failed.*"invalid_dpop_proof".*"proof"/), 1,
   'one line');
is($t->log_lines(qr/clock of this host is \d+ seconds ahead.*"proof"/), 1,
   'the clock is told of');
is($t->log_lines(
       qr{\[warn\].*DPoP proof for "http://\S+/proof\S*": check "dpop_uri"}), 1,
   'and the URL');

$idp->answer('/bearer', { json => { token_type => 'Bearer' } });
$idp->answer('/none', { json => { token_type => undef } });
$idp->answer('/type', { json => { token_type => 'dpop' } });
$idp->answer('/types', { json => { token_type => 'DPOP' } });

is($t->get("/$_/x")->status, 502, "$_: is refused") for qw(bearer none);
is($t->get('/type/x')->status, 200, 'in small letters');
is($t->get('/types/x')->status, 200, 'in large letters');
is($t->log_lines(qr/token_type is not DPoP, the server has not bound.*"$_"/),
   1, "$_: the log says why") for qw(bearer none);

####  without a token

for my $uri (qw(/optional /placed)) {
    my $r = $t->get($uri, port => 'more', headers => [ DPoP => 'mine',
        Authorization => 'mine', 'X-Token' => 'mine' ]);

    is($r->status, 200, "$uri: passes");
    is(() = $r->seen('DPoP'), 0, "$uri: no proof of the client's");
}

is(join(' ', $t->get('/plain', port => 'more', headers => [ DPoP => 'mine' ])
             ->seen('DPoP')), 'mine', 'a location without oauthcc');

####  other modules

my $r = $t->get('/fcgi/a%20b"c?d', port => 'more', headers => [
    DPoP => 'mine', 'D-PoP' => 'not mine' ]);

is($r->status, 200, 'FastCGI');

my %param = map { @$_ } @{ ($fcgi->requests)[-1]{headers} };
my @own = grep { $_->[0] eq 'HTTP_DPOP' } @{ ($fcgi->requests)[-1]{headers} };

is(@own, 1, 'one proof');

my (undef, $claims) = verified($param{HTTP_DPOP}, 'FastCGI');

is($claims->{htu}, 'https://api.example.com/fcgi/a%20b%22c', 'its htu');
is($claims->{htm}, 'GET', 'its htm');

is($t->get('/named?p=zone', port => 'more')->status, 500,
   'no URI for a provider that a variable names');
is($t->log_lines(qr/no DPoP proof without "oauthcc_dpop_uri"/), 1,
   'the log says so');
is($t->get('/named?p=off', port => 'more')->status, 200, 'needs none');

is($t->get('/uri?u=api.example.com', port => 'more')->status, 500,
   'a URI that is none');
is($t->log_lines(qr/"oauthcc_dpop_uri" does not begin with/), 1,
   'the log says so');
is($t->get('/uri?u=https://api.example.com', port => 'more')->status, 200,
   'one that is one');

is($t->get('/hostless', port => 'more')->status, 500, 'no Host, no URI');
is($t->log_lines(qr/no "Host" that a DPoP proof could name/), 1,
   'the log says so');

####  the API

my $logins = $idp->count;

sub at_api ($uri, @answers) {
    my $before = $api->count;

    $api->answer($uri, @answers);

    my $r = $t->get($uri);
    my @sent = ($api->requests)[$before .. $api->count - 1];

    return $r, map { (verified($api->header($_, 'DPoP'), $uri))[1] } @sent;
}


sub challenge ($nonce, @lines) {
    return { status => 401, headers => [
        (map { ('WWW-Authenticate' => $_) } @lines),
        defined $nonce ? ('DPoP-Nonce' => $nonce) : () ] };
}

my $want = 'DPoP error="use_dpop_nonce"';
my $token = 'DPoP error="invalid_token"';

# name, times that it is sent, logins, status, answers

for my $case (
    [ 'nonce', 2, 0, 200, challenge('a-1', $want), {} ],
    [ 'lines', 2, 0, 200, challenge('a-2', 'Bearer realm="x"', $want), {} ],
    [ 'one_line', 2, 0, 200,
      challenge('a-3', "Bearer error=\"invalid_token\", $want, Basic"), {} ],
    [ 'loop', 2, 0, 401, challenge('a-4', $want), challenge('a-5', $want) ],
    [ 'same', 1, 0, 401, challenge('a-5', $want) ],
    [ 'absent', 1, 0, 401, challenge(undef, $want) ],
    [ 'syntax', 1, 0, 401, challenge('a b', $want) ],
    [ 'proof', 1, 0, 401,
      challenge('a-6', 'DPoP error="invalid_dpop_proof"') ],
    [ 'scope', 1, 0, 401,
      challenge('a-7', 'DPoP error="insufficient_scope"') ],
    [ 'token', 2, 1, 200, challenge(undef, $token), {} ],
    [ 'nonce_token', 3, 1, 200, challenge('a-8', $want),
      challenge(undef, $token), {} ],
    [ 'token_nonce', 3, 1, 200, challenge(undef, $token),
      challenge('a-9', $want), {} ],
    [ 'all', 3, 1, 401, challenge('a-10', $want), challenge(undef, $token),
      challenge('a-11', $want) ],
) {
    my ($name, $sent, $more, $status, @answers) = @$case;

    # a login that a refused token forces needs some time between two
    $t->wait_for(sub { $t->get('/learnt/taken')->status == 200 });

    my $before = $idp->count;
    my ($r, @claims) = at_api("/learnt/$name", @answers);

    is($r->status, $status, "$name: status");
    is(@claims, $sent, "$name: sent so often");
    is($idp->count - $before, $more, "$name: logins");
    is(uniq(map { $_->{jti} } @claims), $sent, "$name: proofs");
    is($r->header('DPoP-Nonce'), undef, "$name: no nonce for the client");

    is($claims[1]{nonce}, $1, "$name: the nonce")
        if $answers[0]{headers}[-1] =~ /^(a-\d+)$/ && $sent > 1;
}

is($t->log_lines(qr/\[warn\].*upstream rejected the DPoP proof for "http:/), 1,
   'a rejected proof is told of');

# what comes with a success is for the next
$api->answer('/learnt/given', { headers => [ 'DPoP-Nonce' => 'a-20' ] });
is($t->get('/learnt/given')->header('DPoP-Nonce'), undef, 'a nonce ahead');
is((at_api('/learnt/next', {}))[1]{nonce}, 'a-20', 'is used next');

# that of the answer to the request that was sent again is, too: else each
# request would be sent twice
is((at_api('/learnt/kept', challenge('a-21', $want),
           { headers => [ 'DPoP-Nonce' => 'a-22' ] }))[0]->status, 200,
   'another nonce with the second answer');
is(join(' ', map { $_->{nonce} } (at_api('/learnt/after', {}))[1 .. 1]),
   'a-22', 'is used next');

####  no proof

my $asked = $api->count;

is($t->get('/method', port => 'more')->status, 500, 'a method that is no text');
is($api->count, $asked, 'is not sent without a proof');
is($t->log_lines(qr/\[alert\].*no DPoP proof could be made/), 1,
   'the log says so');
$t->allow_alert(qr/no DPoP proof could be made/);

####  reload

$logins = $idp->count;

my $key = sub ($name) {
    my ($proof) = $api->header(($api->requests)[-1], 'DPoP');
    return thumbprint((verified($proof, $name))[0]{jwk});
};

ok($t->reload, 'a reload');
is($t->get('/zone/x')->status, 200, 'after a reload');
is($key->('reload'), $thumbprint{zone}, 'the same key');
is($t->get('/rotated/x')->status, 200, 'a key in a file');
my $rotated = $key->('rotated');
is($idp->count, $logins + 1, 'no login but that');

$t->write_file('rotated.pem', $t->read_file('new.pem'));
$t->get('/rotated/x');
is($key->('not read'), $rotated, 'a new key in the file is not read');

ok($t->reload, 'a reload');
is($t->get('/rotated/x')->status, 200, 'reads it');
isnt($key->('read'), $rotated, 'another key');
is($idp->count, $logins + 2, 'and a login');

$t->done;
