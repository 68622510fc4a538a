#!/usr/bin/perl

# Tests with a real authorization server, npm's oidc-provider: what the
# gateway sends is what that server understands, down to the last odd
# character of a secret, and the token that reaches the API is one that the
# server stands by.  A mock agrees with whoever wrote it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::OidcProvider;
use Test::OAuthCC::RealLogin qw(run token one_login let_in refused);

my $t = Test::OAuthCC->new;
my $idp = $t->daemon('OidcProvider', 'idp');
my $api = $t->upstream;

my $basic = 'auth_method client_secret_basic;';
my $post = 'auth_method client_secret_post;';

my $rfc6749 = 'basic_encoding rfc6749;';
my $raw = 'basic_encoding raw;';

# name, client, directives, what the server is to know of the token

my @cases = (
    [ 'plain', plain => 'scope read;', scope => 'read' ],
    [ 'plain_post', plain => "$post scope read;", scope => 'read' ],
    [ 'no_scope', plain => '' ],
    [ 'odd', odd => "$basic scope 'read write';", scope => 'read write' ],
    [ 'odd_post', odd => "$post scope write;", scope => 'write' ],
    [ 'percent', percent => '' ],
    [ 'random', random => '' ],
    [ 'random_rfc6749', random => $rfc6749 ],
    [ 'random_post', random => $post ],
    [ 'percent_post', percent => $post ],
    [ 'spaced', spaced => '' ],
    [ 'spaced_post', spaced => $post ],
    [ 'resource', odd => 'resource https://api.example/; scope read;',
      aud => 'https://api.example/', scope => 'read' ],
);

# name, directives, what the log says

my $id = sub ($name, $secret) {
    return $idp->login_as($name) =~ s/client_secret.*/client_secret $secret;/r;
};

my $refused = qr/401.*"invalid_client".*client authentication failed/;

my @refused = (
    [ 'wrong', $id->(plain => 'wrong-s3cret'), $refused ],
    [ 'wrong_post', $id->(plain => 'wrong-s3cret') . $post, $refused ],
    [ 'nobody', 'client_id nobody; client_secret wrong-s3cret;', $refused ],
    [ 'wrong_scope', $idp->login_as('plain') . 'scope write;',
      qr/400.*"invalid_scope".*requested scope is not allowed/ ],
    [ 'wrong_resource',
      $idp->login_as('plain') . 'resource https://other.example/;',
      qr/400.*"invalid_target"/ ],
    [ 'not_encoded', $idp->login_as('percent') . $raw,
      qr/40[01].*"invalid_(?:client|request)"/ ],
    [ 'random_raw', $idp->login_as('random') . $raw, $refused ],
);

$t->secret('wrong-s3cret');
$t->write_file('secret', $idp->client('odd')->{client_secret} . "\n");

run($t, '', map { [ @$_[0, 1], $idp ] }
    (map { [ $_->[0], $idp->login_as($_->[1]) . $_->[2] ] } @cases), @refused,
    [ 'file', $id->(odd => 'file:%%PREFIX%%/secret') ],
    [ 'short', $idp->login_as('odd')
               . 'resource https://api.example/short;' ]);

one_login($t, $idp, '/plain');

####  clients

for my $case (@cases) {
    my ($name, $client, $directives, %known) = @$case;

    my $token = let_in($t, $idp, $name, %known, token_type => 'Bearer',
                       client_id => $idp->client($client)->{client_id});
    my ($login) = ($idp->logins)[-1];

    is($login->{token}, $token, "$name: of this login");
    is($login->{method}, $directives =~ /client_secret_post/
           ? 'client_secret_post' : 'client_secret_basic', "$name: method");
}

my $file = $idp->introspect(token($t->get('/file')) // '-');
is($file->{client_id}, $idp->client('odd')->{client_id}, 'secret in a file');

is($idp->count, 1 + @cases, 'a login for each');

####  refused

my $served = $api->count;

refused($t, @$_[0, 2]) for @refused;

is($api->count, $served, 'nothing reached the API');

####  a token ends

my $first = token($t->get('/short'));
ok($idp->introspect($first // '-')->{active}, 'a token for two seconds');

select undef, undef, undef, 2.1;
ok(!$idp->introspect($first // '-')->{active}, 'has ended');

my $second = token($t->get('/short'));
ok($idp->introspect($second // '-')->{active}, 'and is replaced in time');

####  the server ends

my $token = token($t->get('/plain'));

$t->secret($idp->secrets);
$idp->stop;

is(token($t->get('/plain')) // '-', $token, 'its token is used without it');

$t->done;
