#!/usr/bin/perl

# Tests with three more authorization servers that nobody here wrote: npm's
# @node-oauth/oauth2-server and better-auth, and Debian's Authlib.  A secret as
# "openssl rand -base64" makes it, by Basic and in the form, and what they can
# of assertions.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::BetterAuth;
use Test::OAuthCC::FlaskAuthlib;
use Test::OAuthCC::NodeOauth;
use Test::OAuthCC::RealLogin qw(run one_login let_in refused);

use MIME::Base64 qw(encode_base64);

my $t = Test::OAuthCC->new;
my $prefix = $t->prefix;

Test::OAuthCC::RealLogin::keys($t,
    rsa => '-algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    p256 => '-algorithm EC -pkeyopt ec_paramgen_curve:P-256',
    ed => '-algorithm ED25519',
    other => '-algorithm RSA -pkeyopt rsa_keygen_bits:2048');

my @keys = ('rsa', 'p256', 'ed');
my $secret = 'a-secret-of-no-fewer-than-sixty-four-bytes-that-all-can-sign-with';

my %signing = map { $_ => { client_id => "gateway-$_",
                            public => "$prefix/$_.pub",
                            token_endpoint_auth_method => 'private_key_jwt' }
                  } @keys;

my $random = { client_secret => 'mX9+3k/Q0bT7vR1s+2Y==' };

my $node = $t->daemon('NodeOauth', 'node');
my $better = $t->daemon('BetterAuth', 'better', more => { %signing,
    form => { %$random, client_id => 'gateway-form',
              token_endpoint_auth_method => 'client_secret_post' } });
my $authlib = $t->daemon('FlaskAuthlib', 'authlib', more => { %signing,
    hmac => { client_id => 'gateway-hmac', client_secret => $secret,
              token_endpoint_auth_method => 'client_secret_jwt' } });
my $api = $t->upstream;

####  providers

my $rfc6749 = 'basic_encoding rfc6749;';
my $raw = 'basic_encoding raw;';
my $post = 'auth_method client_secret_post;';
my $read = 'scope read;';

my $jwt = sub ($name, $alg, $key = $name) {
    return "client_id gateway-$name; auth_method private_key_jwt;
            assertion_key $key.pem; assertion_alg $alg; $read";
};

my $form = "client_id gateway-form; $post $read
            client_secret '$random->{client_secret}';";
my $hmac = "client_id gateway-hmac; auth_method client_secret_jwt; $read
            client_secret $secret;";

# Authlib 1.2 takes id and secret as they are, and 1.6 decodes what has a "%":
# so it is asked first, without the gateway

my $client_of = $authlib->client('percent');
my ($status) = $authlib->login([ grant_type => 'client_credentials' ],
    Authorization => 'Basic ' . encode_base64(
        "$client_of->{client_id}:$client_of->{client_secret}", ''));
my ($own, $other) = $status == 200 ? ($raw, $rfc6749) : ($rfc6749, $raw);

# 1.9 takes no more algorithms than RFC 7518 recommends
my $all = $authlib->version =~ /^1\.[0-6]\./;

# server, name, directives, client

my @let_in = (
    (map {
        my ($name, $idp, $own) = @$_;

        map { [ $idp, "${name}_$_->[0]", $idp->login_as($_->[1]) . $_->[2]
                . $read, $idp->client($_->[1])->{client_id} ] }
            [ 'plain', plain => '' ],
            [ 'auto', random => '' ],
            [ 'own', random => $own ],
            [ 'post', random => $post ],
            [ 'percent', percent => $own ],
            [ 'odd_post', odd => $post ],
    } [ 'node', $node, $raw ], [ 'authlib', $authlib, $own ]),

    [ $better, 'better_plain', $better->login_as('plain') . $read, 'gateway' ],
    [ $better, 'better_auto', $better->login_as('random') . $read,
      'gateway-random' ],
    [ $better, 'better_rfc6749', $better->login_as('random') . $rfc6749 . $read,
      'gateway-random' ],
    [ $better, 'better_odd', $better->login_as('odd') . $rfc6749 . $read,
      $better->client('odd')->{client_id} ],
    [ $better, 'better_post', $form, 'gateway-form' ],
    (map { [ $better, "better_$_->[1]", $jwt->(@$_), "gateway-$_->[0]" ] }
        [ rsa => 'RS256' ], [ rsa => 'PS256' ], [ p256 => 'ES256' ],
        [ ed => 'EdDSA' ]),

    (map { [ $authlib, "authlib_$_->[1]", $jwt->(@$_), "gateway-$_->[0]" ] }
        [ rsa => 'RS256' ], [ p256 => 'ES256' ],
        $all ? ([ rsa => 'RS512' ], [ rsa => 'PS256' ], [ ed => 'EdDSA' ])
             : ()),
    (map { [ $authlib, "authlib_$_", "$hmac assertion_alg $_;",
             'gateway-hmac' ] } 'HS256', $all ? 'HS512' : ()),
);

# the same, by the metadata

my @issuer = (
    [ 'better_issuer', 'issuer ' . $better->issuer . ';'
      . $better->login_as('random') . $rfc6749 . $read ],
    [ 'better_issuer_aud', 'issuer ' . $better->issuer . ';'
      . $jwt->(rsa => 'RS256') . 'assertion_audience issuer;' ],
);

# server, name, directives, what the log says

my $client = qr/40[01].*"invalid_client"/;

my @refused = (
    [ $node, 'node_rfc6749', $node->login_as('random') . $rfc6749, $client ],
    [ $node, 'node_wrong', "client_id gateway; client_secret wrong-s3cret;",
      $client ],
    [ $node, 'node_wrong_post', "client_id gateway; $post
      client_secret wrong-s3cret;", $client ],
    [ $node, 'node_scope', $node->login_as('plain') . 'scope none;',
      qr/400.*"invalid_scope"/ ],
    [ $better, 'better_raw', $better->login_as('random') . $raw, $client ],
    [ $better, 'better_method', $better->login_as('random') . $post, $client ],
    [ $better, 'better_scope', $better->login_as('plain') . 'scope none;',
      qr/400.*"invalid_scope"/ ],
    [ $better, 'better_key', $jwt->('rsa', 'RS256', 'other'), $client ],
    [ $authlib, 'authlib_other', $authlib->login_as('percent') . $other,
      $client ],
    [ $authlib, 'authlib_key', $jwt->('rsa', 'RS256', 'other'), $client ],
    [ $authlib, 'authlib_aud', $jwt->('rsa', 'RS256')
      . 'assertion_audience https://other.example/;', $client ],
);

$t->secret('wrong-s3cret');

run($t, '', (map { [ @$_[1, 2, 0] ] } @let_in, @refused), @issuer);

####  one login, for all

one_login($t, $$_[0], "/$$_[1]")
    for [ $node, 'node_own' ], [ $better, 'better_rfc6749' ],
        [ $authlib, 'authlib_own' ];

####  let in

for my $case (@let_in) {
    my ($idp, $name, $directives, $id) = @$case;

    my $token = let_in($t, $idp, $name, client_id => $id, scope => 'read')
        // next;
    my ($login) = grep { ($_->{token} // '') eq $token } $idp->logins;

    is($login->{method}, $directives =~ /auth_method (client_secret_post)/ ? $1
           : $directives =~ /auth_method \w+_jwt/ ? 'private_key_jwt'
           : 'client_secret_basic', "$name: method")
        unless $directives =~ /_jwt/;
    ok($login->{assertion}, "$name: an assertion") if $directives =~ /_jwt/;
}

let_in($t, $better, $_->[0], scope => 'read') for @issuer;

####  refused

my $served = $api->count;

refused($t, @$_[1, 3]) for @refused;

is($api->count, $served, 'nothing reached the API');

$t->done;
