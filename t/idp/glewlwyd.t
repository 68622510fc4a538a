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

use List::Util qw(uniq);

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

for my $name (sort keys %keys) {
    $t->openssl("genpkey $keys{$name} -out $name.pem");
    $more{$name} = { pubkey => $t->openssl("pkey -in $name.pem -pubout"),
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
    (map { [ "${_}_auto", $_ => '', 'read' ] } qw(percent spaced)),
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
    [ 'encoded', $idp->login_as('percent') . 'scope read;
                  basic_encoding rfc6749;', qr/\b403\b/ ],
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

my $providers = join "\n", map { <<"CONF" }
    oauthcc_provider $_->[0] {
        token_endpoint @{[ $idp->token_endpoint ]};
        $_->[1]
    }
CONF
    (map { [ $_->[0], $idp->login_as($_->[1]) . "$_->[2] scope '$_->[3]';" ] }
         @cases),
    (map { [ $_->[0], "$_->[2] scope write;" ] } @assertions),
    (map { [ $_->[0], $_->[2] ] } @users), @refused;

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
    my ($name, $client, undef, $scope) = @$case;

    my $r = $t->get("/$name/x");
    is($r->status, 200, "$name: status");

    my $token = $t->secret(token($r) // do { fail("$name: token"); next });
    my $said = $idp->introspect($token);

    is_deeply([ @{$said}{qw(active client_id scope)} ],
              [ 1, $idp->client($client)->{client_id}, $scope ],
              "$name: a token of this client");
}

for my $case (@assertions) {
    my ($name, $client) = @$case;

    my $r = $t->get("/$name/x");
    is($r->status, 200, "$name: status");

    my $token = $t->secret(token($r) // do { fail("$name: token"); next });
    my $said = $idp->introspect($token);

    is_deeply([ @{$said}{qw(active client_id scope)} ],
              [ 1, "gateway-$client", 'write' ],
              "$name: a token of this client");
}

is($idp->count, @cases + @assertions + 2,
   'a login for each, and two that find out its form');

for my $case (@users) {
    my ($name, $client) = @$case;

    my $r = $t->get("/$name/x");
    is($r->status, 200, "$name: status");

    my $token = $t->secret(token($r) // do { fail("$name: token"); next });
    my $said = $idp->introspect($token);

    is_deeply([ @{$said}{qw(active client_id username scope)} ],
              [ 1, $idp->client($client)->{client_id}, $user->{username},
                'read' ], "$name: a token of this user");
}

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

$t->done;
