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

use List::Util qw(uniq);
use MIME::Base64;

my $t = Test::OAuthCC->new;
my $idp = $t->daemon('OidcProvider', 'idp');
my $api = $t->upstream;

my $basic = 'auth_method client_secret_basic;';
my $post = 'auth_method client_secret_post;';

# name, client, directives, what the server is to know of the token

my @cases = (
    [ 'plain', plain => 'scope read;', scope => 'read' ],
    [ 'plain_post', plain => "$post scope read;", scope => 'read' ],
    [ 'no_scope', plain => '' ],
    [ 'odd', odd => "$basic scope 'read write';", scope => 'read write' ],
    [ 'odd_post', odd => "$post scope write;", scope => 'write' ],
    [ 'percent', percent => '' ],
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
    [ 'not_encoded', $idp->login_as('percent') . 'basic_encoding raw;',
      qr/40[01].*"invalid_(?:client|request)"/ ],
);

$t->secret('wrong-s3cret');
$t->write_file('secret', $idp->client('odd')->{client_secret} . "\n");

my $providers = join "\n", map { <<"CONF" }
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
        $_->[1]
    }
CONF
    (map { [ $_->[0], $idp->login_as($_->[1]) . $_->[2] ] } @cases), @refused,
    [ 'file', $id->(odd => 'file:%%PREFIX%%/secret') ],
    [ 'short', $idp->login_as('odd')
               . 'resource https://api.example/short;' ];

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    map \$uri \$provider {
        ~^/(?<name>[^/]+) \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        oauthcc \$provider;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

# the one token of a response, or nothing
sub token ($r) {
    my ($token, @more) = map { /^Bearer (\S+)$/ } $r->seen('Authorization');
    return @more ? undef : $token;
}

####  one login, for all

my @all = $t->concurrent(200, GET => '/plain');

is(Test::OAuthCC::tally(@all), '200 x 200', '200 requests');
is($idp->count, 1, 'by one login');
is(uniq(map { token($_) // '-' } @all), 1, 'with one token');

####  clients

for my $case (@cases) {
    my ($name, $client, $directives, %known) = @$case;

    my $r = $t->get("/$name/x");
    my ($login) = ($idp->logins)[-1];

    is($r->status, 200, "$name: status");

    my $token = token($r) // do { fail("$name: token"); next };
    my $said = $idp->introspect($token);

    %known = (%known, active => 1, token_type => 'Bearer',
              client_id => $idp->client($client)->{client_id});

    is_deeply({ map { $_ => $said->{$_} } keys %known }, \%known,
              "$name: a token of this client");
    is($login->{token}, $token, "$name: of this login");
    is($login->{method}, $directives =~ /client_secret_post/
           ? 'client_secret_post' : 'client_secret_basic', "$name: method");
}

my $file = $idp->introspect(token($t->get('/file')) // '-');
is($file->{client_id}, $idp->client('odd')->{client_id}, 'secret in a file');

is($idp->count, 1 + @cases, 'a login for each');

####  refused

my $served = $api->count;

for my $case (@refused) {
    my ($name, undef, $re) = @$case;

    my $r = $t->get("/$name/x");
    my @lines = $t->log_lines(qr/\[error\].*login failed.*"\Q$name\E"/);

    is($r->status, 502, "$name: status");
    is(@lines, 1, "$name: one line");
    like("@lines", $re, "$name: that says why");
}

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
