#!/usr/bin/perl

# Tests that a refusal that says it is not about the token is taken at its word:
# no login, and the request is not sent again.  Whatever says something else, or
# nothing that can be read, is about the token.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');
my $fcgi = $t->upstream('fcgi', protocol => 'fastcgi');

my $scope = 'Bearer error="insufficient_scope"';

# name, whether it is sent once, values of WWW-Authenticate

my @cases = (
    [ 'scope', 1, $scope ],
    [ 'request', 1, 'Bearer error="invalid_request"' ],
    [ 'names', 1, 'bEARER ERROR=insufficient_scope' ],
    [ 'realm', 1, 'Bearer realm="a, Bearer error=\"invalid_token\"", scope="b",'
                  . ' error="insufficient_scope"' ],
    [ 'last', 1, 'Basic realm="x", Negotiate YII=, Bearer realm="y",'
                 . ' error="insufficient_scope"' ],
    [ 'lines', 1, 'Basic realm="x"', $scope ],
    [ 'other_lines', 1, $scope, 'Negotiate' ],

    [ 'none', 0 ],
    [ 'token', 0, 'Bearer error="invalid_token"' ],
    [ 'silent', 0, 'Bearer realm="api"' ],
    [ 'basic', 0, 'Basic realm="user"' ],
    [ 'not_bearer', 0, 'DPoP error="insufficient_scope"' ],
    [ 'not_bearer_last', 0, 'Bearer, Basic error="insufficient_scope"' ],
    [ 'part', 0, 'Bearer error="insufficient_scope_of_it"' ],
    [ 'letters', 0, 'Bearer error="Insufficient_Scope"' ],
    [ 'description', 0, 'Bearer error_description="insufficient_scope"' ],
    [ 'quoted', 0, 'Bearer realm="error=insufficient_scope"' ],
    [ 'twice', 0, 'Bearer error="insufficient_scope", error="invalid_token"' ],
    [ 'both', 0, $scope, 'Bearer error="invalid_token"' ],
    [ 'open', 0, 'Bearer error="insufficient_scope' ],
    [ 'empty', 0, '' ],
);

# name, whether it is heeded, what else is in the location

my @places = (
    [ 'usual', 1, '' ],
    [ 'forbidden', 1, 'oauthcc_replay 403;' ],
    [ 'header', 0, 'oauthcc_header X-Key;' ],
    [ 'query', 0, 'oauthcc_query t $oauthcc_access_token;' ],
    [ 'bearer', 1, 'oauthcc_header authorization '
                   . '"bearer $oauthcc_access_token"; oauthcc_header X-K $uri;' ],
    [ 'scheme', 0, 'oauthcc_header Authorization '
                   . '"Token $oauthcc_access_token";' ],
    [ 'absent', 0, 'oauthcc_header Authorization "";'
                   . 'oauthcc_header X-Key "Bearer $oauthcc_access_token";' ],
);

my @all = ((map { $_->[0] } @cases), (map { "place_$_->[0]" } @places), 'fcgi',
           'page', 'taken');

my $providers = join "\n", map { <<"CONF" } @all;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
    }
CONF

my %more = map { ("place_$_->[0]" => $_->[2]) } @places;
$more{page} = 'proxy_intercept_errors on; error_page 401 /page.html;';
$more{taken} = 'oauthcc_replay 401 403;';

my $locations = join "\n", map { <<"CONF" } grep { $_ ne 'fcgi' } @all;
        location /$_ {
            oauthcc $_;
            @{[ $more{$_} // '' ]}
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
CONF

$t->write_file('page.html', "page\n");

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        location = /page.html { root %%PREFIX%%; }
        location /fcgi {
            oauthcc fcgi;
            fastcgi_pass 127.0.0.1:%%PORT_fcgi%%;
            fastcgi_param REQUEST_METHOD \$request_method;
            fastcgi_param REQUEST_URI \$request_uri;
        }
$locations
    }
}
CONF

# a refusal: its status, how often it was sent, and logins
my $refused = sub ($name, $server, $status, @values) {
    $server->answer("/$name", { status => $status, body => "no\n",
        headers => [ map { ('WWW-Authenticate' => $_) } @values ] });
    $_->clear for $idp, $server;

    my $r = $t->get("/$name");
    my @sent = grep { $_->{uri} =~ m{^/\Q$name\E\b} } $server->requests;
    my @logins = grep { $_->{uri} eq "/$name" } $idp->requests;

    return join ' ', $r->status, scalar @sent, scalar @logins;
};

for my $case (@cases) {
    my ($name, $once, @values) = @$case;

    is($t->get("/$name")->status, 200, "$name: a token");
    is($refused->($name, $api, 401, @values), $once ? '401 1 0' : '401 2 1',
       "$name: " . ($once ? 'is sent once' : 'forces a login'));
}

for my $place (@places) {
    my ($name, $heeded) = @$place;
    my $status = $name eq 'forbidden' ? 403 : 401;

    is($t->get("/place_$name")->status, 200, "$name: a token");
    is($refused->("place_$name", $api, $status, $scope),
       $heeded ? "$status 1 0" : "$status 2 1",
       "$name: it is " . ($heeded ? '' : 'not ') . 'an answer to "Bearer"');
}

####  other protocols, and behind an error page

is($t->get('/fcgi')->status, 200, 'fcgi: a token');
is($refused->('fcgi', $fcgi, 401, 'Basic realm="x"', $scope), '401 1 0',
   'fcgi: is sent once');

is($t->get('/page')->status, 200, 'page: a token');
is($refused->('page', $api, 401, $scope), '401 1 0', 'page: is sent once');

####  a token that does not suffice is known to be good

is($t->get('/taken')->status, 200, 'taken: a token');
is($refused->('taken', $api, 403, $scope), '403 1 0', 'taken: is sent once');
$api->revoke(($idp->tokens)[-1]);
is($refused->('taken', $api, 200), '200 2 1', 'taken: then it is revoked');

$t->done;
