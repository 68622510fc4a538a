#!/usr/bin/perl

# Tests for parameters of the login that a request sets: an entry for each set
# of values, and never another tenant's token.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->write_file('crm.json', <<'JSON');
{
    "authentication": {
        "type": "login",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/json",
            "method": "POST"
        },
        "apiRequest": {
            "headers": { "Authorization": { "response": "access_token" } }
        }
    }
}
JSON

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
        scope own;
        audience aud;
        resource https://r.test/1;
        resource https://r.test/2;
        param a 1;
        param b 2;
    }

    oauthcc_provider json {
        login_json crm.json;
    }

    large_client_header_buffers 4 32k;

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location /json   { oauthcc json scope=$http_x_scope;
                           proxy_pass http://api; }
        location /plain  { oauthcc crm; proxy_pass http://api; }
        location /scope  { oauthcc crm scope="crm.$arg_t"; proxy_pass http://api; }
        location /two    { oauthcc crm scope=$arg_s param:x=$arg_x;
                           proxy_pass http://api; }
        location /all    { oauthcc crm scope=s audience=a resource=https://r.test/$arg_t
                                   param:a=$arg_t param:c=3; proxy_pass http://api; }
        location /spaces { oauthcc crm "scope=one two $arg_t";
                           proxy_pass http://api; }
        location /empty  { oauthcc crm scope=$arg_none audience= resource=$arg_none
                                   param:b=; proxy_pass http://api; }
        location /header { oauthcc crm scope=$http_x_scope; proxy_pass http://api; }
        location /body   { oauthcc crm scope="$arg_t$request_body";
                           proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $token = sub ($uri, @rest) {
    return join ',', $t->get($uri, @rest)->seen('Authorization');
};

my $body = sub { return ($idp->last_request // {})->{body} };

####  what is sent

my $own = $token->('/plain');
is($body->(), 'grant_type=client_credentials&scope=own&audience=aud'
   . '&resource=https%3A%2F%2Fr.test%2F1&resource=https%3A%2F%2Fr.test%2F2'
   . '&a=1&b=2', 'the own ones of the provider');

$token->('/scope?t=one');
is($body->(), 'grant_type=client_credentials&audience=aud'
   . '&resource=https%3A%2F%2Fr.test%2F1&resource=https%3A%2F%2Fr.test%2F2'
   . '&a=1&b=2&scope=crm.one', 'one in place of another');

$token->('/all?t=x');
is($body->(), 'grant_type=client_credentials&b=2&scope=s&audience=a'
   . '&resource=https%3A%2F%2Fr.test%2Fx&a=x&c=3', 'all of them');

$token->('/spaces?t=x');
like($body->(), qr/&scope=one%20two%20x$/, 'several words');

$token->('/empty');
is($body->(), 'grant_type=client_credentials&a=1', 'an empty one is absent');

####  an entry for each

$idp->clear;

my %tokens;
my @tenants = map { "t$_" } 1 .. 20;

for my $round (1 .. 3) {
    for my $tenant (@tenants) {
        $tokens{ $token->("/scope?t=$tenant") }{$tenant} = 1;
    }
}

is($idp->logins, @tenants + 0, 'a login each');
is(keys %tokens, @tenants + 0, 'a token each');
is(scalar(grep { keys %$_ > 1 } values %tokens), 0, 'and nobody has another\'s');
is($token->('/plain'), $own, 'the own one of the provider is as it was');

# no way to say the same with other words

$idp->clear;
$token->("/two?s=$_->[0]&x=$_->[1]")
    for [ 'a', 'bc' ], [ 'ab', 'c' ], [ 'abc', '' ], [ '', 'abc' ];
is($idp->logins, 4, 'values are not run together');

####  many at once

$idp->clear;
$idp->answer({ delay => 0.1 });

my @many = map { $t->client->start(GET => '/scope?t=many' . $_ % 10) } 0 .. 99;
Test::OAuthCC::Client::drive(10, @many);

my %many;
$many{ $_->{response}->status }++ for @many;
is_deeply(\%many, { 200 => 100 }, 'a herd on ten entries');
is($idp->logins, 10, 'is ten logins');
$idp->answer({});

####  hostile values

$idp->clear;

is($t->get('/header', headers => [ 'X-Scope' => 'x' x 16385 ])->status, 400,
   'a long value');
is($t->get('/header', headers => [ 'X-Scope' => "a\tb" ])->status, 400,
   'a control character');
is($t->log_lines(qr/"scope" is too long or has control.*"crm"/), 2,
   'a line each');
is($t->get('/header', headers => [ 'X-Scope' => 'x' x 16384 ])->status, 200,
   'as long as it may be');
is($t->get('/header', headers => [ 'X-Scope' => "\xc3\xa4 &=%+" ])->status,
   200, 'strange ones');
is($body->() =~ /&scope=(.*)/ ? $1 : '', '%C3%A4%20%26%3D%25%2B', 'encoded');
is($idp->logins, 2, 'no login for the bad ones');

is($t->get('/json', headers => [ 'X-Scope' => "\xc3\xa4" ])->status, 200,
   'in JSON');
is($body->(), qq({"scope":"\xc3\xa4"}), 'as it is');
is($t->get('/json', headers => [ 'X-Scope' => 'j' x 5000 ])->status, 200,
   'a large one in JSON');
is($body->(), '{"scope":"' . 'j' x 5000 . '"}', 'is sent');
is($t->get('/json', headers => [ 'X-Scope' => "a\xff" ])->status, 500,
   'which has to be UTF-8');
ok($t->log_lines(qr/scope: .* is not UTF-8, which JSON has to be/),
   'the log says so');

####  nginx -t

for my $case ([ 'scope', qr/invalid parameter "scope"/ ],
              [ 'foo=x', qr/invalid parameter "foo=x"/ ],
              [ 'param:=x', qr/invalid parameter/ ],
              [ 'param:client_secret=x', qr/invalid parameter/ ],
              [ 'param:grant_type=x', qr/invalid parameter/ ],
              [ 'scope="a b"', qr/around the whole parameter/ ],
              [ 'scope=a scope=b', qr/duplicate parameter "scope=b"/ ])
{
    my ($code, $out) = $t->check(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:1/; client_id x; client_secret s3cret;
    }
    server { listen 127.0.0.1:%%PORT_http%%; oauthcc crm $case->[0]; }
}
CONF
    is($code, 1, "$case->[0]: refused");
    like($out, $case->[1], "$case->[0]: what");
}

$t->done;
