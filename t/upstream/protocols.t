#!/usr/bin/perl

# Tests for the header over every protocol that nginx speaks to an upstream.
# FastCGI, uwsgi and SCGI make HTTP_AUTHORIZATION of any spelling of the name:
# a copy of the client that slips through there decides who the user is.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(needs => [ 'http_v2_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my %cgi = map { $_ => $t->upstream($_, protocol => $_) }
          qw(fastcgi uwsgi scgi);

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    underscores_in_headers on;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider down {
        token_endpoint http://127.0.0.1:%%PORT_dead%%/;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc crm;

        location /proxy { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /optional/proxy {
            oauthcc down optional;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /grpc { grpc_pass grpc://127.0.0.1:%%PORT_grpc%%; }
        location /optional/grpc {
            oauthcc down optional;
            grpc_pass 127.0.0.1:%%PORT_grpc%%;
        }

        location /fastcgi {
            fastcgi_pass 127.0.0.1:%%PORT_fastcgi%%;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param TOKEN $oauthcc_access_token;
        }
        location /optional/fastcgi {
            oauthcc down optional;
            fastcgi_pass 127.0.0.1:%%PORT_fastcgi%%;
        }

        location /uwsgi {
            uwsgi_pass 127.0.0.1:%%PORT_uwsgi%%;
            uwsgi_param REQUEST_METHOD $request_method;
            uwsgi_param CONTENT_LENGTH $content_length;
            uwsgi_param TOKEN $oauthcc_access_token;
        }
        location /optional/uwsgi {
            oauthcc down optional;
            uwsgi_pass 127.0.0.1:%%PORT_uwsgi%%;
        }

        location /scgi {
            scgi_pass 127.0.0.1:%%PORT_scgi%%;
            scgi_param REQUEST_METHOD $request_method;
            scgi_param CONTENT_LENGTH $content_length;
            scgi_param TOKEN $oauthcc_access_token;
        }
        location /optional/scgi {
            oauthcc down optional;
            scgi_pass 127.0.0.1:%%PORT_scgi%%;
        }
    }

    # a gRPC upstream that tells the recorder what it got
    server {
        listen 127.0.0.1:%%PORT_grpc%% http2;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

my $client = 'Basic Y2xpZW50OnRoZWlycw==';
my @spellings = ('Authorization', 'authorization', 'AuThoriZation',
                 'Authorization');

my %name = (proxy => 'Authorization', grpc => 'Authorization',
            map { $_ => 'HTTP_AUTHORIZATION' } keys %cgi);

for my $protocol (qw(proxy grpc fastcgi uwsgi scgi)) {
    my $server = $cgi{$protocol} // $api;

    for my $spelling (@spellings) {
        my $r = $t->request(POST => "/$protocol", body => 'b' x 50_000,
            headers => [ 'X-A' => 1, $spelling => $client, 'X-B' => 2 ]);

        my $token = ($idp->tokens)[0] // '';
        is_deeply([ $r->status, $r->seen($name{$protocol}) ],
                  [ 200, "Bearer $token" ], "$protocol: $spelling");
    }

    my $seen = $server->last_request;
    my ($a, $b) = $name{$protocol} =~ /^HTTP/ ? qw(HTTP_X_A HTTP_X_B)
                                              : qw(X-A X-B);
    is_deeply([ map { $server->header($seen, $_) } $a, $b ], [ 1, 2 ],
              "$protocol: other headers");
    is($seen->{length}, 50_000, "$protocol: body");

    my ($token) = $idp->tokens;
    is_deeply([ $t->get("/$protocol")->seen($name{$protocol}) ],
              [ "Bearer $token" ], "$protocol: no header of the client's");

    is_deeply([ $t->get("/$protocol")->seen('TOKEN') ], [ $token ],
              "$protocol: the variable") if $cgi{$protocol};

    is_deeply([ $t->get("/optional/$protocol",
                        headers => [ Authorization => $client, Y => 'y' ])
                   ->seen($name{$protocol}) ],
              [], "$protocol: none of the client's without a credential");
}

is($idp->logins, 1, 'one login for all');

####  names that CGI makes one of

for my $protocol (sort keys %cgi) {
    for my $name ('Authorization', 'AUTHORIZATION') {
        my $r = $t->get("/$protocol", headers => [ $name => $client,
            'X_Y-Z' => 1, 'X-Y_Z' => 2, 'Authorization-X' => 3 ]);
        is_deeply([ $r->seen('HTTP_AUTHORIZATION') ],
                  [ 'Bearer ' . ($idp->tokens)[0] ], "$protocol: one copy");
        is_deeply([ $r->seen('HTTP_AUTHORIZATION_X') ], [ 3 ],
                  "$protocol: a longer name stays");
    }
}

$t->done;
