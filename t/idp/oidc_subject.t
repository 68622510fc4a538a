#!/usr/bin/perl

# Tests of tokens of callers with a real authorization server, npm's
# oidc-provider: the grant of RFC 8693 is registered there, and takes tokens
# that this server has issued.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use List::Util qw(uniq);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::OidcProvider;
use Test::OAuthCC::RealLogin qw(token);

my $t = Test::OAuthCC->new(workers => 2);

my %more = map {
    $_ => { client_id => $_, client_secret => "s3cret-of-$_",
            token_endpoint_auth_method => 'client_secret_post' }
} qw(exchanger alice bob);

my $idp = $t->daemon('OidcProvider', 'idp', more => \%more);
my $api = $t->upstream;
my $endpoint = $idp->token_endpoint;
my ($port) = $endpoint =~ /:(\d+)/;

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider obo {
        token_endpoint $endpoint;
        client_id exchanger;
        client_secret s3cret-of-exchanger;
        auth_method client_secret_post;
        grant_type urn:ietf:params:oauth:grant-type:token-exchange;
        scope read;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        location / { oauthcc obo subject_token=\$oauthcc_incoming_token;
                     proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

# a token of a user's, as the user's own client gets it

sub user ($name) {
    my $r = Test::OAuthCC::Client->new(port => $port)->request(
        POST => '/token', headers => [ 'Content-Type' =>
                                       'application/x-www-form-urlencoded' ],
        body => "grant_type=client_credentials&client_id=$name"
                . "&client_secret=s3cret-of-$name");
    my $token = JSON::PP::decode_json($r->body)->{access_token};

    return $t->secret($token);
}

my %user = map { $_ => user($_) } qw(alice bob);
my $before = $idp->count;

my $get = sub ($token) {
    return $t->get('/', headers => [ Authorization => "Bearer $token" ]);
};

my %token;

for my $name (qw(alice bob)) {
    my $r = $get->($user{$name});
    is($r->status, 200, "$name: status") or diag($t->error_log);

    $token{$name} = $t->secret(token($r));
    isnt($token{$name}, $user{$name}, "$name: another token");
    is(($idp->logins)[-1]{subject}, $name, "$name: was exchanged");

    my $said = $idp->introspect($token{$name});
    is_deeply([ map { "$_" } @{$said}{qw(active client_id scope)} ],
              [ 1, 'exchanger', 'read' ],
              "$name: for one that the server knows");
    is(token($get->($user{$name})), $token{$name}, "$name: and used again");
}

isnt($token{alice}, $token{bob}, 'each has one');
is($idp->count - $before, 2, 'by a login each');

# a bad token, beside good ones

my $r = $get->('mallory');
is($r->status, 401, 'a bad token');
is($r->header('WWW-Authenticate'), 'Bearer realm="", error="invalid_token"',
   'its challenge');
ok($t->log_lines(qr/login failed.*400.*invalid_request/), 'in the log');
is(token($get->($user{alice})), $token{alice}, 'alice at the same time');

# many at once, in two workers

my $carol = user('bob');
$before = $idp->count;

my @all = $t->concurrent(40, GET => '/', headers =>
                         [ Authorization => "Bearer $carol" ]);

is(Test::OAuthCC::tally(@all), '200 x 40', '40 at once');
is($idp->count - $before, 1, 'by one login');
is(uniq(map { token($_) // '-' } @all), 1, 'with one token');

$t->done;
