#!/usr/bin/perl

# Tests for the login request on the wire, to the byte: an authorization
# server refuses a client for a wrong encoding of one character, and whatever
# of a client's request slipped in would be handed to a third party.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use MIME::Base64;

my $odd_id = ':%+/&= x';
my $odd_secret = '&=/+%:$arg_x "\\';

my $id_encoded = '%3A%25%2B%2F%26%3D%20x';
my $secret_encoded = '%26%3D%2F%2B%25%3A%24arg_x%20%22%5C';

my $grant = 'grant_type=client_credentials';
my $basic = 'Basic ' . encode_base64('gateway:s3cret', '');
my $agent = 'ngx_http_oauthcc/1.0.0';
my $form = 'application/x-www-form-urlencoded';

my $plain = 'client_id gateway; client_secret s3cret;';
my $odd = "client_id '$odd_id'; client_secret '&=/+%:\$arg_x \"\\\\';";

# name, directives, body, headers besides those of every login

my @cases = (
    [ 'plain', $plain, $grant, [ Authorization => $basic ] ],

    [ 'scope', "$plain scope 'read write';", "$grant&scope=read%20write",
      [ Authorization => $basic ] ],

    [ 'empty', "$plain scope ''; audience ''; param a '';", $grant,
      [ Authorization => $basic ] ],

    [ 'odd', $odd, $grant, [ Authorization => 'Basic '
        . encode_base64("$id_encoded:$secret_encoded", '') ] ],

    [ 'raw', "$odd basic_encoding raw;", $grant, [ Authorization => 'Basic '
        . encode_base64("$odd_id:$odd_secret", '') ] ],

    [ 'post', "$odd auth_method client_secret_post; scope read;",
      "$grant&scope=read&client_id=$id_encoded"
      . "&client_secret=$secret_encoded", [] ],

    [ 'empty_secret', "client_id gateway; client_secret '';", $grant,
      [ Authorization => 'Basic ' . encode_base64('gateway:', '') ] ],

    # RFC 6749 section 2.3.1: it may be left out then

    [ 'empty_post', "client_id gateway; client_secret '';
                     auth_method client_secret_post;",
      "$grant&client_id=gateway", [] ],

    [ 'id_too', "$plain param client_id gateway;", "$grant&client_id=gateway",
      [ Authorization => $basic ] ],

    [ 'none', 'client_id gateway; auth_method none;',
      "$grant&client_id=gateway", [] ],

    [ 'more', "$plain audience https://api.example.com/;
               resource https://a.example.com/x?y; resource urn:b;
               param account_id 42; param 'a b' 'c&d';
               header X-Tenant 'blue green'; header X-Other 1;",
      "$grant&audience=https%3A%2F%2Fapi.example.com%2F"
      . '&resource=https%3A%2F%2Fa.example.com%2Fx%3Fy&resource=urn%3Ab'
      . '&account_id=42&a%20b=c%26d',
      [ Authorization => $basic, 'X-Tenant' => 'blue green',
        'X-Other' => '1' ] ],

    [ 'instead', "$plain header User-Agent gateway; header accept '*/*';",
      $grant, [ Authorization => $basic, 'User-Agent' => 'gateway',
                accept => '*/*' ] ],
);

my $providers = join "\n", map { <<"CONF" } @cases;
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/oauth/$_->[0]?x=1&y;
        $_->[1]
    }
CONF

my $locations = join "\n", map { <<"CONF" } @cases;
        location /$_->[0] {
            oauthcc $_->[0];
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
CONF

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $host = '127.0.0.1:' . $t->port('idp');

$t->secret('s3cret', $odd_secret, $secret_encoded);

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
$locations
    }
}
CONF

# all that a client may send along; none of it is the token endpoint's

my @client = (Host => 'client.example', 'User-Agent' => 'client/1',
    Cookie => 'session=client', Accept => 'text/client',
    'Accept-Encoding' => 'gzip', Authorization => 'Basic Y2xpZW50OjE=',
    'Content-Type' => 'text/client', 'X-Client' => 'client',
    Range => 'bytes=0-1', 'If-None-Match' => '"client"',
    'X-Forwarded-For' => '192.0.2.1', Referer => 'http://client/');

for my $case (@cases) {
    my ($name, undef, $body, $headers) = @$case;

    $idp->clear;

    my $r = $t->request(POST => "/$name/client?client=1",
                        headers => \@client, body => 'client=' . 'x' x 5000);

    is($r->status, 200, "$name: status");
    is_deeply([ $r->seen('Authorization') ],
              [ 'Bearer ' . ($idp->tokens)[-1] ], "$name: token");

    my ($login) = $idp->requests or next;
    my %own = map { lc $_->[0] => 1 } List::Util::pairs(@$headers);

    my @expected = grep { !/^(?:accept|user-agent): .*(?:json|oauthcc)/i
                          || !$own{ (split /:/)[0] =~ tr/A-Z/a-z/r } } (
        "Host: $host", 'Connection: close',
        'Content-Length: ' . length $body, "Content-Type: $form",
        'Accept: application/json', "User-Agent: $agent",
        map { "$_->[0]: $_->[1]" } List::Util::pairs(@$headers));

    is((split /\r\n/, $login->{head})[0],
       "POST /oauth/$name?x=1&y HTTP/1.1", "$name: request line");
    is(join("\n", sort map { "$_->[0]: $_->[1]" } @{ $login->{headers} }),
       join("\n", sort @expected), "$name: headers");
    is($login->{body}, $body, "$name: body");
}

is($api->last_request->{length}, 5007, 'the body is for the upstream');

$t->done;
