#!/usr/bin/perl

# Tests for what "subject_token=" may stand beside, and that nginx -t refuses a
# cache whose key is the same for all callers.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $api = $t->upstream;
my $idp = $t->token_endpoint;

my $exchange = 'grant_type urn:ietf:params:oauth:grant-type:token-exchange;';
my $bearer = 'grant_type urn:ietf:params:oauth:grant-type:jwt-bearer;';
my $token = 'subject_token=$oauthcc_incoming_token';
my $client = 'client_id gateway; client_secret s3cret;';
my $endpoint = 'token_endpoint http://127.0.0.1:%%PORT_idp%%/;';

$t->write_file('document.json', <<'JSON');
{
    "authentication": {
        "type": "login",
        "loginRequest": { "endpoint": "http://127.0.0.1:1/", "method": "POST" },
        "apiRequest": { "headers": { "X": { "response": "access_token" } } }
    }
}
JSON

$t->openssl('ecparam -name prime256v1 -genkey -noout -out key.pem');

my $check = sub ($provider, $location, $http = '') {
    return $t->check(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/pages keys_zone=pages:1m;
    fastcgi_cache_path %%PREFIX%%/fpages keys_zone=fpages:1m;
    uwsgi_cache_path %%PREFIX%%/upages keys_zone=upages:1m;
    scgi_cache_path %%PREFIX%%/spages keys_zone=spages:1m;
    oauthcc_insecure_upstream allow;
    oauthcc_provider obo { $provider }
    $http
    server {
        listen 127.0.0.1:%%PORT_http%%;
        $location
    }
}
CONF
};

my $place = sub ($oauthcc, $more = '') {
    return "location / { oauthcc $oauthcc; proxy_pass http://127.0.0.1:1;
            $more }";
};

# what nginx -t takes, without a warning

for my $case (
    [ 'an exchange', "$endpoint $client $exchange", $place->("obo $token") ],
    [ 'on behalf of', "$endpoint $client $bearer", $place->("obo $token") ],
    [ 'all that there is', "$endpoint $client $exchange
        subject_token_type urn:ietf:params:oauth:token-type:id_token;
        subject_token_lifetime 1m; param requested_token_type x;
        audience api; scope s;", $place->("obo $token scope=x param:y=\$arg_y") ],
    [ 'a lifetime on behalf of', "$endpoint $client $bearer
        subject_token_lifetime 1s;", $place->("obo $token") ],
    [ 'a key of the client', "$endpoint client_id gateway; $bearer
        auth_method private_key_jwt; assertion_key %%PREFIX%%/key.pem;",
      $place->("obo $token") ],
    [ 'off in another location', "$endpoint $client $exchange",
      $place->("obo $token") . 'location /x { oauthcc off; }' ],
    [ 'a provider by a variable', "$endpoint $client $exchange",
      $place->("\$arg_p $token") ],
    [ 'quotes', "$endpoint $client $exchange",
      $place->("obo 'subject_token=\$arg_a.\$arg_b'") ],
    [ 'a file as before', "$endpoint $client $exchange
        param subject_token file:%%PREFIX%%/document.json;", $place->('obo') ],
)
{
    my ($name, $provider, $location) = @$case;
    my ($code, $out) = $check->($provider, $location);
    is($code, 0, "$name: taken") or diag($out);
    unlike($out, qr/\[warn\]/, "$name: no warning");
}

# what it does not

for my $case (
    [ "$endpoint $client", $place->("obo $token"),
      qr/"subject_token=" needs "grant_type .*token-exchange" or/ ],
    [ "$endpoint $client grant_type password; username a; password b;",
      $place->("obo $token"), qr/"subject_token=" needs "grant_type/ ],
    [ 'login_json %%PREFIX%%/document.json;', $place->("obo $token"),
      qr/"subject_token=" is of no use with "login_json"/ ],
    [ "$endpoint $client $exchange keep_warm on;", $place->("obo $token"),
      qr/cannot stand beside "keep_warm"/ ],
    [ "$endpoint $client $exchange param subject_token x;",
      $place->("obo $token"), qr/beside a "param" of the same meaning/ ],
    [ "$endpoint $client $bearer param assertion x;", $place->("obo $token"),
      qr/beside a "param" of the same meaning/ ],
    [ "$endpoint $client $exchange",
      $place->("obo $token param:subject_token=x"),
      qr/beside a "param:" of the same meaning/ ],
    [ "$endpoint $client $bearer", $place->("obo $token param:assertion=x"),
      qr/beside a "param:" of the same meaning/ ],
    [ "$endpoint client_id gateway; assertion_use grant;
       assertion_key %%PREFIX%%/key.pem;", $place->("obo $token"),
      qr/cannot stand beside "assertion_use"/ ],
    [ "$endpoint $client $exchange", $place->("obo subject_token=fixed"),
      qr/"subject_token=\S*" has no variables/ ],
    [ "$endpoint $client $exchange", $place->('obo subject_token='),
      qr/"subject_token=" has no variables/ ],
    [ "$endpoint $client $exchange", $place->("obo $token $token"),
      qr/duplicate parameter "subject_token=/ ],
    [ "$endpoint $client $exchange",
      $place->("obo $token") . 'location /x { oauthcc obo;
      proxy_pass http://127.0.0.1:1; }',
      qr/no "subject_token=", which another "oauthcc" directive/ ],
    [ "$endpoint $client $bearer subject_token_type x;",
      $place->("obo $token"), qr/"subject_token_type" is of no use without/ ],
    [ "$endpoint $client subject_token_lifetime 5m;", $place->('obo'),
      qr/"subject_token_lifetime" is of no use without/ ],
    [ "$endpoint $client $exchange subject_token_lifetime 999ms;",
      $place->("obo $token"), qr/is at least one second/ ],
    [ "$endpoint $client $exchange subject_token_type x;
       param subject_token_type y;", $place->("obo $token"),
      qr/"param subject_token_type" cannot stand beside/ ],
    (map { [ "$endpoint $client $exchange", $place->("obo $_"),
             qr/no parameter "subject_token", which "grant_type .*" needs/ ] }
        'optional', 'param:assertion=x', 'param:subject_token=',
        'param:subject_tokens=$arg_x'),
    [ "$endpoint $client $exchange param subject_token x;",
      $place->('obo param:subject_token='), qr/no parameter "subject_token"/ ],
    [ "$endpoint $client $bearer", $place->('obo param:assertion=$arg_x')
      . 'location /x { oauthcc obo; proxy_pass http://127.0.0.1:1; }',
      qr/no parameter "assertion", which "grant_type .*" needs/ ],
    [ "$endpoint $client $bearer keep_warm on;",
      $place->('obo param:assertion=x'), qr/no parameter "assertion"/ ],
    [ "$endpoint $client $exchange", $place->('$arg_p param:x=$arg_y'),
      qr/no parameter "subject_token"/ ],
)
{
    my ($provider, $location, $what) = @$case;
    my ($code, $out) = $check->($provider, $location);
    is($code, 1, "$what: refused");
    like($out, $what, 'says what') or diag($out);
    like($out, qr/check\.conf:\d+/, 'and where');
}

for my $case ([ $exchange, 'param:subject_token=$http_x', 1 ],
              [ $bearer, 'param:assertion=$http_x', 1 ],
              [ $exchange, 'param:subject_token=fixed', 0 ],
              [ "$exchange param subject_token x;",
                'param:assertion=$http_x', 0 ],
              [ "$bearer param assertion x;", 'optional', 0 ],
              [ '', 'param:subject_token=$http_x', 0 ])
{
    my ($grant, $parameter, $warned) = @$case;
    my ($code, $out) = $check->("$endpoint $client $grant",
                                $place->("obo $parameter"));
    is($code, 0, "$parameter: taken") or diag($out);
    is($out =~ /\[warn\].*use "subject_token="/ ? 1 : 0, $warned,
       "$parameter: " . ($warned ? 'warned of' : 'no warning'));
}

####  a cache

my $provider = "$endpoint $client $exchange";

for my $case (
    [ 'no key', 1, $place->("obo $token", 'proxy_cache pages;') ],
    [ 'a key without it', 1,
      $place->("obo $token", 'proxy_cache pages;
        proxy_cache_key $host$uri$http_authorization;') ],
    [ 'a variable that may hold it', 1,
      $place->("obo $token", 'proxy_cache pages; proxy_cache_key $uri$mine;') ],
    [ 'a name that begins like it', 1,
      $place->("obo $token", 'proxy_cache pages;
        set $oauthcc_subject_ids x;
        proxy_cache_key $uri$oauthcc_subject_ids;') ],
    [ 'the token', 1, $place->("obo $token", 'proxy_cache pages;
        proxy_cache_key $uri$oauthcc_access_token;') ],
    [ 'a key with it', 0,
      $place->("obo $token", 'proxy_cache pages;
        proxy_cache_key $uri$oauthcc_subject_id;') ],
    [ 'in braces', 0, $place->("obo $token", 'proxy_cache pages;
        proxy_cache_key "${oauthcc_subject_id}$uri";') ],
    [ 'no cache', 0, $place->("obo $token", 'proxy_cache off;') ],
    [ 'a cache of another location', 0, $place->("obo $token")
      . 'location /x { proxy_pass http://127.0.0.1:1; proxy_cache pages; }' ],
    [ 'inherited from the server', 1, 'proxy_cache pages;'
      . $place->("obo $token") ],
    [ 'a key from the server', 0, 'proxy_cache pages;
      proxy_cache_key $uri$oauthcc_subject_id;' . $place->("obo $token") ],
    [ 'the directive from the server', 1, "oauthcc obo $token;
      location / { proxy_pass http://127.0.0.1:1; proxy_cache pages; }" ],
    [ 'in an if', 1, 'proxy_cache pages; location / {
        proxy_pass http://127.0.0.1:1;
        if ($arg_x) { oauthcc obo ' . $token . ';
        proxy_pass http://127.0.0.1:1; } }' ],
    [ 'a nested location', 1, "location / { oauthcc obo $token;
      proxy_pass http://127.0.0.1:1; location /x { proxy_cache pages;
      proxy_pass http://127.0.0.1:1; } }" ],
    (map { my $x = $_;
        ([ "$x without it", 1, "location / { oauthcc obo $token;
           ${x}_pass 127.0.0.1:1; ${x}_cache " . (substr $x, 0, 1) . "pages;
           ${x}_cache_key \$uri; }" ],
         [ "$x with it", 0, "location / { oauthcc obo $token;
           ${x}_pass 127.0.0.1:1; ${x}_cache " . (substr $x, 0, 1) . "pages;
           ${x}_cache_key \$uri\$oauthcc_subject_id; }" ]) }
     qw(fastcgi uwsgi scgi)),
)
{
    my ($name, $refused, $location) = @$case;
    my ($code, $out) = $check->($provider, $location,
                                'map $oauthcc_subject_id $mine { default x; }');
    is($code, $refused, "a cache, $name: " . ($refused ? 'refused' : 'taken'))
        or diag($out);
    like($out, qr/_cache_key" of location .* has no "\$oauthcc_subject_id"/,
         "$name: what") if $refused;
}

# what a user has in a cache is that user's

$t->run(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/pages keys_zone=pages:1m;
    oauthcc_provider obo { $provider }
    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / {
            oauthcc obo $token;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            proxy_cache pages;
            proxy_cache_valid 1h;
            proxy_cache_use_stale error timeout http_502 http_503;
            proxy_cache_key \$uri\$oauthcc_subject_id;
            add_header X-Cache \$upstream_cache_status always;
        }
    }
}
CONF

my $get = sub ($user) {
    my $r = $t->get('/', headers => [ $user
                        ? (Authorization => "Bearer $user") : () ]);
    return join ' ', $r->status, $r->header('X-Cache') // '-',
           ($r->seen('Authorization'))[0] // '-';
};

my $alice = $get->('alice') =~ s/MISS/HIT/r;
my $bob = $get->('bob') =~ s/MISS/HIT/r;

isnt($alice, $bob, 'a page each');

# a page is in the cache after its last byte was sent
ok($t->wait_for(sub { $get->('alice') eq $alice }), 'alice has hers');
ok($t->wait_for(sub { $get->('bob') eq $bob }), 'bob has his');
like($get->(''), qr/^401 /, 'nobody has none');

$idp->answer('~mallory', { status => 400,
                           body => '{"error":"invalid_grant"}' });
like($get->('mallory'), qr/^401 /, 'nor has mallory');

$t->done;
