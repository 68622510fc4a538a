#!/usr/bin/perl

# Tests with a real authorization server, Debian's glewlwyd, that is not to
# the letter of RFC 6749: it takes id and secret of Basic as they are, wants a
# scope, and refuses a client with 403 and no word why.  Many are like it;
# "basic_encoding auto" finds that out, and "raw" says so.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Glewlwyd;
use Test::OAuthCC::RealLogin qw(run one_login let_in refused);

plan(skip_all => 'this Debian has no glewlwyd')
    unless grep { -x "$_/glewlwyd" } split /:/, "$ENV{PATH}:/usr/sbin";

my $t = Test::OAuthCC->new;

my %keys = (
    rsa => '-algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    rsa2 => '-algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    p256 => '-algorithm EC -pkeyopt ec_paramgen_curve:P-256',
);

my %more = (hmac => { client_secret => $t->secret(
                          'a-secret-of-no-fewer-than-thirty-two-bytes'),
                      token_endpoint_auth_method => [ 'client_secret_jwt' ] });

Test::OAuthCC::RealLogin::keys($t, %keys);

for my $name (sort keys %keys) {
    $more{$name} = { pubkey => $t->read_file("$name.pub"),
                     client_secret => '',
                     token_endpoint_auth_method => [ 'private_key_jwt' ] };
}

$more{$_}{client_id} = "gateway-$_" for keys %more;

my $idp = $t->daemon('Glewlwyd', 'idp', more => \%more);
my $api = $t->upstream;

my $raw = 'basic_encoding raw;';
my $post = 'auth_method client_secret_post;';

# name, client, directives, scope of the token

my @cases = (
    [ 'plain', plain => '', 'read' ],
    [ 'plain_raw', plain => $raw, 'read' ],
    [ 'plain_post', plain => $post, 'read' ],
    (map { [ "${_}_auto", $_ => '', 'read' ] } qw(percent spaced random)),
    [ 'random_raw', random => $raw, 'read' ],
    [ 'random_post', random => $post, 'read' ],
    [ 'percent_raw', percent => $raw, 'read' ],
    [ 'percent_post', percent => $post, 'read write' ],
    [ 'spaced_raw', spaced => $raw, 'read write' ],
    [ 'spaced_post', spaced => $post, 'read' ],
    [ 'utf8_raw', utf8 => $raw, 'write' ],
    [ 'utf8_post', utf8 => $post, 'write' ],
    [ 'odd_post', odd => $post, 'read' ],
);

# the same for clients of an assertion

my $key = sub ($name) {
    return "client_id gateway-$name; auth_method private_key_jwt;
            assertion_key $name.pem;";
};

my $hmac = 'client_id gateway-hmac; auth_method client_secret_jwt;';

my @assertions = (
    [ 'hmac', hmac => "$hmac client_secret $more{hmac}{client_secret};" ],
    (map { [ "rsa_$_", rsa => $key->('rsa') . "assertion_alg $_;" ] }
        qw(RS256 RS384 RS512 PS256)),
    [ 'p256', p256 => $key->('p256') ],
);

# and for a user

my $user = $idp->user;
my $joe = $idp->login_as('plain') . "scope read; grant_type password;
           username $user->{username};";

my @users = (
    [ 'user', plain => qq($joe password "$user->{password}";) ],
    [ 'user_post', plain => qq($post $joe password file:joe;) ],
);

$t->write_file('joe', "$user->{password}\n");

# name, directives, what the log says

my @refused = (
    [ 'encoded', $idp->login_as('percent') . 'basic_encoding rfc6749;
       scope read;', qr/\b403\b/ ],
    [ 'random', $idp->login_as('random') . 'basic_encoding rfc6749;
       scope read;', qr/\b403\b/ ],
    [ 'no_scope', $idp->login_as('plain'), qr/\b403\b/ ],
    [ 'wrong', "client_id gateway; client_secret wrong-s3cret; scope read;",
      qr/\b403\b/ ],
    [ 'wrong_post', "client_id gateway; client_secret wrong-s3cret; $post
                     scope read;", qr/\b403\b/ ],
    [ 'wrong_scope', $idp->login_as('plain') . 'scope write;',
      qr/\b400\b.*"scope_invalid"/ ],
    [ 'wrong_user', "$joe password wrong-passw0rd;", qr/\b403\b/ ],
    [ 'wrong_hmac', "$hmac client_secret not-$more{hmac}{client_secret};
                     scope read;", qr/\b403\b/ ],
    [ 'wrong_key', $key->('rsa') =~ s/rsa\.pem/rsa2.pem/r . 'scope read;',
      qr/\b403\b/ ],
    [ 'wrong_audience', $key->('rsa') . "scope read;
       assertion_audience @{[ $idp->url ]};", qr/\b403\b/ ],
);

$t->secret('wrong-s3cret');

run($t, '', map { [ @$_[0, 1], $idp ] }
    (map { [ $_->[0], $idp->login_as($_->[1]) . "$_->[2] scope '$_->[3]';" ] }
         @cases),
    (map { [ $_->[0], "$_->[2] scope write;" ] } @assertions),
    (map { [ $_->[0], $_->[2] ] } @users), @refused);

one_login($t, $idp, '/plain');

####  clients

let_in($t, $idp, $_->[0], scope => $_->[3],
       client_id => $idp->client($_->[1])->{client_id}) for @cases;

let_in($t, $idp, $_->[0], scope => 'write', client_id => "gateway-$_->[1]")
    for @assertions;

is($idp->count, @cases + @assertions + 3,
   'a login for each, and three that find out its form');

let_in($t, $idp, $_->[0], scope => 'read', username => $user->{username},
       client_id => $idp->client($_->[1])->{client_id}) for @users;

####  refused

my $served = $api->count;

refused($t, @$_[0, 2]) for @refused;

is($api->count, $served, 'nothing reached the API');

$t->done;
