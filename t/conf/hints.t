#!/usr/bin/perl

# Tests what nginx -t says of configurations that are not what they seem: a
# misspelt directive, a scope with commas, an "oauthcc" without effect, and
# where a token would be readable on its way.  Each is a support case, if the
# message does not name what to do.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;

$t->certificate('ca');

my $provider = sub ($name, $more = '') {
    return <<"CONF";
    oauthcc_provider $name {
        token_endpoint http://127.0.0.1:1/token;
        client_id gateway;
        client_secret s3cret;
        $more
    }
CONF
};

# what nginx -t says of a part of http{}
my $check = sub ($text) {
    my ($code, $out) = $t->check("%%GLOBALS%%\nhttp {\n%%HTTP%%\n$text\n}\n");
    return ($code, $out);
};

my $says = sub ($text, $code, $re, $what) {
    my ($got, $out) = $check->($text);
    is($got, $code, "$what: code") or diag $out;
    like($out, $re, $what);
    return $out;
};

my $silent = sub ($text, $what) {
    my ($got, $out) = $check->($text);
    is($got, 0, "$what: code") or diag $out;
    unlike($out, qr/\[warn\]/, "$what: no warning");
};

####  misspelt directives of a provider

for my $case ([ client_secrt => 'client_secret' ],
              [ clientid => 'client_id' ],
              [ scpoe => 'scope' ],
              [ scopes => 'scope' ],
              [ token_endpint => 'token_endpoint' ],
              [ token_url => undef ],
              [ oauth_client_id => 'client_id' ],
              [ ssl_verify_dept => undef ],
              [ ssl_session_reuse => 'proxy_ssl_session_reuse' ],
              [ proxy_ssl_verfy => 'proxy_ssl_verify' ],
              [ resolver_timout => 'resolver_timeout' ],
              [ proxy_pas => undef ],
              [ x => undef ],
              [ 'a' x 100 => undef ],
              [ Client_Id => 'client_id' ])
{
    my ($name, $like) = @$case;
    my $out = $says->($provider->(crm => "$name on;"), 1,
                      qr/unknown directive "\Q$name\E"/, $name);

    if (defined $like) {
        like($out, qr/, did you mean "\Q$like\E"\? in \S+:\d+/,
             "$name: $like");
    } else {
        unlike($out, qr/did you mean/, "$name: nothing is like it");
    }
}

####  values

$says->($provider->(crm => 'scope read write;'), 1,
        qr/arguments in "scope" directive: a ";" is .* a value with spaces/,
        'a value with spaces');
$says->($provider->(crm => "scope read\n timeout 5s;"), 1,
        qr/arguments in "scope" directive: a ";" is missing at its end/,
        'no ";"');
$says->($provider->(crm => 'scope;'), 1,
        qr/invalid number of arguments in "scope" directive in /,
        'no value');
$says->($provider->(crm => "$_ x read write;"), 1,
        qr/arguments in "$_" directive: a ";" is .* a value with spaces/,
        "a $_ with spaces") for qw(param header);
$says->($provider->(crm => 'scope read,write;'), 0,
        qr/\[warn\].* "scope" has a comma: scopes are separated by spaces/,
        'a scope with a comma');
$silent->($provider->(crm => 'scope "read write";'), 'a scope with spaces');

my $local = 'proxy_pass http://127.0.0.1:1;';

$says->($provider->('crm') . "server { location / {
            oauthcc crm scope=a,b; $local } }", 0, qr/"scope" has a comma/,
        'a scope of a location');

$says->($provider->('crm') . "server { location / {
            oauthcc crm scope=read write; $local } }", 1,
        qr/parameter "write" of .*, in quotation marks if it has spaces/,
        'a scope of a location with spaces');
$says->($provider->('crm') . "server { location / {
            oauthcc crm
            $local } }", 1,
        qr/parameter "proxy_pass" of .*; or a ";" is missing before it/,
        'no ";" in a location');

# what a value has to be

for my $case ([ timeout => '25d', 'a time above 0 and up to 24d' ],
              [ timeout => 0, 'a time above 0' ],
              [ backoff => '0 1s', 'a time above 0' ],
              [ expiry_margin => '-5s', 'a time' ],
              [ max_response => '1t', 'a size above 0' ],
              [ max_logins => 'many', 'a number above 0' ],
              [ max_waiters => 0, 'a number above 0' ])
{
    my ($name, $value, $valid) = @$case;
    $says->($provider->(crm => "$name $value;"), 1,
            qr/invalid value "\S+" in "$name" directive, it must be $valid/,
            "$name $value");
}

$says->('oauthcc_store { server redis://127.0.0.1:0; key x; }', 1,
        qr{"server redis://127.0.0.1:0" has an invalid host or port},
        'the port of a store');
$says->($provider->(crm => 'subject_token_type x;'), 1,
        qr/"subject_token_type" is of no use .*, oauthcc_provider "crm"$/m,
        'a directive of another grant');

$says->("oauthcc_provider crm { token_endpoint http://127.0.0.1:1;
            client_id urn:gateway; client_secret s3cret;
            basic_encoding raw; }", 0,
        qr/\[warn\].* "client_id" has a colon, .*, oauthcc_provider "crm"$/m,
        'an id with a colon, raw');
$silent->("oauthcc_provider crm { token_endpoint http://127.0.0.1:1;
              client_id urn:gateway; client_secret s3cret; }",
          'an id with a colon');

####  blocks

my ($code, $out) = $check->($provider->('crm') . $provider->('crm'));
like($out, qr{^[^\n]+ duplicate[ ]oauthcc_provider[ ]"crm"[ ]in[ ]
              \S+/check\.conf:(\d+),[ ]the[ ]first[ ]one[ ]begins[ ]in[ ]
              \S+/check\.conf:(\d+)\n}x, 'a second block of a name');
my ($second, $first) = $out =~ /check\.conf:(\d+), .*check\.conf:(\d+)/;
cmp_ok($first, '<', $second, 'with both lines');

$says->('oauthcc_provider crm { client_id a; client_secret b; }', 1,
        qr/neither "token_endpoint" nor "issuer", in the block/,
        'no endpoint');

####  an oauthcc that has no effect

my $useless = qr/\[warn\].* the "oauthcc" directive in \S+:\d+ has no effect/;

for my $text ('server { location / { oauthcc crm; return 200; } }',
              'server { location / { oauthcc crm; root /; } }',
              'server { oauthcc crm; location / { root /; } }',
              'oauthcc crm; server { location / { root /; } }',
              "server { location / { oauthcc crm; try_files /a \@b; }
                        location \@b { $local } }")
{
    $says->($provider->('crm') . $text, 0, $useless, $text);
}

for my $text ("server { location / { oauthcc crm; $local } }",
              "server { oauthcc crm; location / { $local } }",
              "oauthcc crm; server { location / { root /; }
                                     location /a { $local } }",
              "server { location / { oauthcc crm;
                                     location /a { $local } } }",
              "server { location / { oauthcc crm; root /;
                                     if (\$arg_a) { $local } } }",
              "server { location / { $local if (\$arg_a) { oauthcc crm; } } }",
              "oauthcc off; server { location / { $local } }")
{
    $silent->($provider->('crm') . $text, $text);
}

####  a header that wins

my $header = sub ($value) {
    return $provider->('crm') . "server { location / { oauthcc crm; $local
        proxy_set_header Authorization $value; } }";
};

$says->($header->('"Basic abc"'), 0, qr/wins over .*: remove it, or put/,
        'a header that wins');
$silent->($header->('"Bearer $oauthcc_access_token"'),
          'a header with the token');
$silent->($header->('"Bearer ${oauthcc_access_token}"'), 'with braces');

####  the upstream's TLS

my $location = sub ($pass, $policy = '') {
    return $provider->('crm') . "
    map \$uri \$backend { default 192.0.2.1; }
    upstream local { server 127.0.0.1:1; server unix:/a; server [::1]:1; }
    upstream mixed { server 127.0.0.1:1; server 192.0.2.1 backup; }
    server { resolver 127.0.0.1; $policy
             location / { oauthcc crm; $pass } }";
};

my $prefix = $t->prefix;
my $ca = sub ($name) { return "${name}_ssl_verify on;
    ${name}_ssl_trusted_certificate $prefix/ca.crt;" };

my %clear = map { $_ => 'in clear text' } (
    'proxy_pass http://192.0.2.1;',
    'proxy_pass http://192.0.2.1:8080/a;',
    'proxy_pass http://' . '[2001:db8::1];',
    'proxy_pass HTTP://192.0.2.1;',
    'proxy_pass http://mixed;',
    'proxy_pass http://$backend;',
    'proxy_pass http://a.$backend/b;',
    'grpc_pass 192.0.2.1:50051;',
    'grpc_pass grpc://192.0.2.1:50051;',
    'fastcgi_pass 192.0.2.1:9000;',
    'uwsgi_pass 192.0.2.1:9000;',
    'uwsgi_pass uwsgi://192.0.2.1:9000;',
    'scgi_pass 192.0.2.1:9000;',
);

my %unverified = map { $_ => 'whose certificate is not verified' } (
    'proxy_pass https://192.0.2.1;',
    'proxy_pass https://mixed;',
    'proxy_pass https://$backend;',
    'proxy_ssl_verify off; proxy_pass https://192.0.2.1;',
    'grpc_pass grpcs://192.0.2.1:443;',
    'uwsgi_pass suwsgi://192.0.2.1:443;',
);

my %all = (%clear, %unverified);

for my $pass (sort keys %all) {
    my $re = qr/would send a token to another machine $all{$pass}, see "oauth/;

    $says->($location->($pass), 0, qr/\[warn\].* $re/, $pass);
    my $out = $says->($location->($pass, 'oauthcc_insecure_upstream deny;'), 1,
                      qr/\[emerg\].* $re/, "$pass deny");
    like($out, qr{"\Q$1 $2\E" in \S+/check\.conf:\d+ would},
         "$pass: where it is") if $pass =~ /(\w+_pass) (\S+);/;
    $silent->($location->($pass, 'oauthcc_insecure_upstream allow;'),
              "$pass allow");
}

for my $pass ('proxy_pass http://127.0.0.1:1;',
              'proxy_pass http://127.8.9.10:1;',
              'proxy_pass http://localhost:1;',
              'proxy_pass http://[::1]:1;',
              'proxy_pass http://unix:/a;',
              'proxy_pass http://local;',
              'proxy_pass https://127.0.0.1:1;',
              'proxy_pass $backend;',
              'grpc_pass $backend;',
              'fastcgi_pass unix:/a;',
              'fastcgi_pass 127.0.0.1:9000;',
              'fastcgi_pass local;',
              "proxy_pass https://192.0.2.1; @{[ $ca->('proxy') ]}",
              "proxy_pass https://\$backend; @{[ $ca->('proxy') ]}",
              "grpc_pass grpcs://192.0.2.1:1; @{[ $ca->('grpc') ]}",
              "uwsgi_pass suwsgi://192.0.2.1:1; @{[ $ca->('uwsgi') ]}")
{
    $silent->($location->($pass, 'oauthcc_insecure_upstream deny;'), $pass);
}

# inherited, and only where a token is sent
$silent->($location->('proxy_pass https://192.0.2.1;',
                      'oauthcc_insecure_upstream deny; ' . $ca->('proxy')),
          'verified for all of a server');
$silent->('server { oauthcc_insecure_upstream deny;
           location / { proxy_pass http://192.0.2.1; } }', 'no token');
$says->('oauthcc_insecure_upstream deny;'
        . $location->('proxy_pass http://192.0.2.1;'), 1, qr/\[emerg\]/,
        'of http{}');

($code, $out) = $check->($location->('proxy_pass http://192.0.2.1;
    if ($arg_a) { set $b 1; } limit_except GET { deny all; }'));
is(scalar(() = $out =~ /would send/g), 1, 'said once for a location');

$says->($provider->('crm') . 'server { location / {
    proxy_pass http://192.0.2.1; if ($arg_a) { oauthcc crm; } } }', 0,
    qr/would send/, 'a block in a location');

$says->('oauthcc_insecure_upstream maybe;', 1, qr/invalid value "maybe"/,
        'another word');

$t->done;
