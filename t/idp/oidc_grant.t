#!/usr/bin/perl

# Tests of a JWT of our own as the grant (RFC 7523 section 2.1) with a real
# authorization server, npm's oidc-provider: the grant is registered there, and
# jose verifies signature, issuer, audience, times and jti.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 ();
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::OidcProvider;
use Test::OAuthCC::RealLogin qw(run let_in);

my $t = Test::OAuthCC->new(workers => 1);
my $prefix = $t->prefix;
my $ec = '-algorithm EC -pkeyopt ec_paramgen_curve';

my %keys = (
    rsa => '-algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    other => '-algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    p256 => "$ec:P-256", ed => '-algorithm ED25519',
);

Test::OAuthCC::RealLogin::keys($t, %keys);

my $secret = 'a-s3cret-of-box+and/of=others';

my %more = (
    (map { $_ => { public => "$prefix/$_.pub",
                   token_endpoint_auth_method => 'none' } } qw(rsa p256 ed)),
    kid => { public => "$prefix/rsa.pub", kid => 'key-1',
             token_endpoint_auth_method => 'none' },
    post => { public => "$prefix/rsa.pub", client_secret => $secret,
              token_endpoint_auth_method => 'client_secret_post' },
    basic => { public => "$prefix/rsa.pub", client_secret => $secret,
               token_endpoint_auth_method => 'client_secret_basic' },
    both => { public => "$prefix/rsa.pub",
              token_endpoint_auth_method => 'private_key_jwt' },
);

$more{$_}{client_id} = "gateway-$_" for keys %more;

my $idp = $t->daemon('OidcProvider', 'idp', more => \%more);
my $api = $t->upstream;

my $grant = sub ($name) {
    return "assertion_use grant; assertion_key $name.pem;
            assertion_subject ann\@example.com; assertion_claim scope read;";
};

# name, client, directives, algorithm

my @cases = (
    [ 'rsa', rsa => $grant->('rsa'), 'RS256' ],
    (map { [ "rsa_$_", rsa => $grant->('rsa') . "assertion_alg $_;", $_ ] }
        qw(RS512 PS256)),
    [ 'p256', p256 => $grant->('p256'), 'ES256' ],
    [ 'ed', ed => $grant->('ed'), 'EdDSA' ],
    [ 'kid', kid => $grant->('rsa') . 'assertion_kid key-1;', 'RS256' ],
    [ 'issuer', rsa => $grant->('rsa') . "assertion_issuer gateway-rsa;
      assertion_audience http://127.0.0.1:%%PORT_idp%%;", 'RS256' ],
    [ 'hour', rsa => $grant->('rsa') . 'assertion_lifetime 1h;', 'RS256' ],
    [ 'short', rsa => $grant->('rsa') . 'assertion_lifetime 30s;', 'RS256' ],
    [ 'post', post => $grant->('rsa') . "auth_method client_secret_post;
      client_secret '$secret';", 'RS256' ],
    [ 'basic', basic => $grant->('rsa') . "auth_method client_secret_basic;
      client_secret '$secret';", 'RS256' ],
    [ 'both', both => $grant->('rsa') . 'auth_method private_key_jwt;',
      'RS256' ],
);

# name, client, directives, what the server says

my @refused = (
    [ 'wrong_key', rsa => $grant->('other'), qr/signature/ ],
    [ 'wrong_issuer', rsa => $grant->('rsa') . 'assertion_issuer me;',
      qr/"iss"/ ],
    [ 'wrong_audience', rsa => $grant->('rsa')
      . 'assertion_audience https://login.example.com/;', qr/"aud"/ ],
    [ 'too_long', rsa => $grant->('rsa') . 'assertion_lifetime 2h;',
      qr/too long/ ],
    [ 'nobody', rsa => $grant->('rsa') =~ s/assertion_subject [^;]+;//r,
      qr/"sub"/ ],
    [ 'wrong_kid', kid => $grant->('rsa') . 'assertion_kid key-2;', qr/key/ ],
);

my $block = sub ($name, $client, $directives, $=) {
    return [ $name, "token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
                     client_id gateway-$client; $directives" ];
};

run($t, '', map { $block->(@$_) } @cases, @refused);

for my $case (@cases) {
    my ($name, $client, undef, $alg) = @$case;

    let_in($t, $idp, $name, client_id => $more{$client}{client_id},
           scope => 'read') // next;

    my ($login) = ($idp->logins)[-1];
    my ($header, $claims)
        = map { JSON::PP::decode_json(MIME::Base64::decode_base64url($_)) }
          ($login->{assertion} // '') =~ /^([^.]+)\.([^.]+)/;

    is($header->{alg}, $alg, "$name: algorithm");
}

is($idp->count, scalar @cases, 'a login for each: auto is RFC 6749 here');

for my $case (@refused) {
    my ($name, undef, undef, $detail) = @$case;

    is($t->get("/$name/x")->status, 502, "$name: refused");
    like(($idp->logins)[-1]{detail}, $detail, "$name: what the server found");
    ok($t->log_lines(qr/login failed.*400.*invalid_grant.*"$name"/),
       "$name: in the log");
}

$t->done;
