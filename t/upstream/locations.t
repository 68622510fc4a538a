#!/usr/bin/perl

# Tests for locations within others: which provider a request gets where
# locations are nested, in "limit_except" and "if" blocks, and where proxy_pass
# is made of variables.  A token at the wrong API is a token given away.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $providers = join "\n", map { <<"CONF" } qw(outer inner);
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
    }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        set \$to 127.0.0.1:%%PORT_api%%;

        location /a {
            oauthcc outer;
            proxy_pass http://api;

            location /a/inherits { proxy_pass http://api; }
            location /a/other { oauthcc inner; proxy_pass http://api; }

            location /a/off {
                oauthcc off;
                proxy_pass http://api;
                location /a/off/on { oauthcc inner; proxy_pass http://api; }
            }

            location ~ ^/a/re/(?<rest>.*)\$ {
                oauthcc inner scope=\$rest;
                proxy_pass http://\$to/\$rest;
            }

            location /a/twice {
                limit_except GET { proxy_pass http://api; }
                if (\$arg_x) { proxy_pass http://api; }
                oauthcc inner;
                proxy_pass http://api;
            }

            location /a/raw { proxy_pass http://\$to\$request_uri; }
            location /a/name { proxy_pass http://api\$request_uri; }
            location /a/proxied {
                proxy_pass http://\$to;
                proxy_redirect off;
            }
        }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

# what the token of a header was issued for

my $who = sub ($token) {
    return 'nobody' unless defined $token;

    my @tokens = $idp->tokens;
    my @logins = $idp->requests;

    for my $i (0 .. $#tokens) {
        return $logins[$i]{uri} if $token eq "Bearer $tokens[$i]";
    }

    return 'the client';
};

my @cases = (
    [ GET => '/a', '/outer' ],
    [ GET => '/a/inherits', '/outer' ],
    [ GET => '/a/other', '/inner' ],
    [ GET => '/a/off', 'the client' ],
    [ GET => '/a/off/on', '/inner' ],
    [ GET => '/a/re/x', '/inner', '/x' ],
    [ GET => '/a/twice', '/inner' ],
    [ GET => '/a/twice?x=1', '/inner' ],
    [ DELETE => '/a/twice', '/inner' ],
    [ GET => '/a/raw/%2e?b=1', '/outer' ],
    [ GET => '/a/name/%2e?b=1', '/outer' ],
    [ GET => '/a/proxied?b=1', '/outer' ],
);

for my $case (@cases) {
    my ($method, $uri, $provider, $asked) = @$case;
    $api->clear;

    my $r = $t->request($method => $uri,
                        headers => [ Authorization => 'Basic dGhlaXJz' ]);

    is($r->status, 200, "$method $uri");

    my @headers = $api->header($api->last_request, 'Authorization');
    is(scalar @headers, 1, 'has one header');
    is($who->($headers[0]), $provider, "of $provider");
    is($api->last_request->{uri}, $asked // $uri, 'and is for the API');
}

is_deeply([ sort map { $_->{uri} } $idp->requests ],
          [ qw(/inner /inner /outer) ], 'a login for each set of parameters');

$t->done;
