#!/usr/bin/perl

# Tests for APIs that want the client certificate of the connection, and bind
# the token to it (RFC 8705 section 3).  nginx uses what it keeps of a
# connection, its TLS session or the connection itself, for all locations of an
# upstream: a location gets in with the certificate of another, or is refused
# for it.  That happens, nginx -t warns of it, and what the page and the example
# say ends it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

# what is kept is kept by each worker
my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->certificate($_) for qw(api.test a.test b.test);

my $reuse = sub ($module, $name) {
    return "${module}_ssl_certificate %%PREFIX%%/$name.test.crt;
            ${module}_ssl_certificate_key %%PREFIX%%/$name.test.key;";
};

# the API: 401 without a certificate, or with that of another than who has the
# token
my $provider = 'token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
    client_id gateway; client_secret s3cret-of-the-gateway;';

my $gateway = sub ($http, $all, $target) {
    my $locations = join "\n", map { my $own = $_ eq 'none' ? ''
                                     : $reuse->('proxy', $_); <<"CONF" }
        location /$_ {
            oauthcc crm;
            oauthcc_replay off;
            proxy_set_header X-Bound @{[ $_ eq 'none' ? "''" : "CN=$_.test" ]};
            proxy_pass $target;
            $own
            $all
        }
CONF
        qw(a b none);

    return <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    $http

    oauthcc_provider crm { $provider }

    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        ssl_certificate %%PREFIX%%/api.test.crt;
        ssl_certificate_key %%PREFIX%%/api.test.key;
        ssl_verify_client optional_no_ca;
        keepalive_timeout 60s;

        add_header X-Seen \$ssl_client_s_dn always;

        location / {
            set \$right "\$ssl_client_s_dn|\$http_x_bound";

            if (\$ssl_client_s_dn = '') { return 401; }
            if (\$right !~ "^(.*)\\|(?:|\\1)\$") { return 401; }

            return 200;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
$locations
    }
}
CONF
};

my $url = 'https://127.0.0.1:%%PORT_tls%%';

# what the API saw, and said, of requests one after the other
my $becomes = sub ($config) {
    ok($t->reload($config), 'a reload');
    return join ' ', map {
        my $r = $t->get("/$_");
        my ($seen) = ($r->header('X-Seen') // '') =~ /CN=(\w+)/;
        "$_:" . ($seen // '-') . ':' . $r->status;
    } qw(a b a b none a);
};

my $warned = sub ($config) {
    my ($code, $out) = $t->check($config);
    is($code, 0, 'it is taken') or diag $out;
    return join ' ', map { /TLS sessions/ ? 'sessions' : /keepalive/ ? 'kept' : $_ }
                     $out =~ /\[warn\].*?: (.*)/g;
};

####  what is kept

$t->run($gateway->('', '', $url));

my $config = $gateway->('', '', $url);
is($becomes->($config), 'a:a:200 b:a:401 a:a:200 b:a:401 none:a:200 a:a:200',
   'sessions: all are taken for the first');
is($warned->($config), 'sessions', 'and nginx -t warns of that');

$config = $gateway->('', 'proxy_ssl_session_reuse off;', $url);
is($becomes->($config), 'a:a:200 b:b:200 a:a:200 b:b:200 none:-:401 a:a:200',
   'no sessions: each is itself');
is($warned->($config), '', 'and there is nothing to warn of');

my $pool = 'upstream pool { server 127.0.0.1:%%PORT_tls%%; keepalive 4; }';
my $keep = 'proxy_http_version 1.1; proxy_set_header Connection "";';
my $no = 'proxy_ssl_session_reuse off;';

# the header of the location goes with that of the level
my $kept = $gateway->($pool, "$keep $no", 'https://pool');

is($becomes->($kept), 'a:a:200 b:a:401 a:a:200 b:a:401 none:a:200 a:a:200',
   'connections that are kept: all are taken for the first');
is($warned->($kept), 'kept', 'and nginx -t warns of that');
is($warned->($gateway->($pool, $keep, 'https://pool')), 'sessions kept',
   'of both, where both are');

# an upstream{} for each
my $three = join ' ', map { "upstream $_.pool { server 127.0.0.1:%%PORT_tls%%;
                             keepalive 4; }" } qw(a b none);
my $own = $gateway->($three, $keep, 'https://POOL');
$own =~ s{(location /(\w+) \{.*?)https://POOL}{$1https://$2.pool}gs;

is($becomes->($own), 'a:a:200 b:b:200 a:a:200 b:b:200 none:-:401 a:a:200',
   'an upstream{} for each: each is itself');
is($warned->($own), '', 'and there is nothing to warn of');

####  nginx -t

my ($a, $b) = map { $reuse->('proxy', $_) } qw(a b);
my $pass = 'proxy_pass https://192.0.2.1;';
my $off = 'proxy_ssl_session_reuse off;';

# what is in http{}, with %%CRM%% for the provider, and whether there is a
# warning; "one { ... }" is a location

my $check = sub ($name, $http, $expected) {
    $http =~ s/\bone \{/location \/one {/g;
    $http =~ s/\btwo \{/location \/two {/g;
    $http =~ s/\bserve \{/server { listen 127.0.0.1:%%PORT_http%%;/g;

    my ($code, $out) = $t->check(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    oauthcc_insecure_upstream allow;
    oauthcc_provider crm { $provider }
    $http
}
CONF
    is($code, 0, "$name: taken") or diag $out;

    my @warnings = grep { !/has no effect/ } $out =~ /\[warn\].*?: (.*)/g;
    is(join(' ', map { /TLS sessions/ ? 'sessions' : /keepalive/ ? 'kept' : $_ }
                 @warnings), $expected, "$name: warnings");

    for (grep { /TLS|keepalive/ } @warnings) {
        like($_, qr/^location\ "[^"]+"\ has\ another\ client\ certificate\ for
                    \ upstream\ "[^"]+"\ than\ location\ "[^"]+".*
                    "oauthcc"\ directive\ in\ \S+check\.conf:\d+/x,
             "$name: which ones");
    }
};

for my $case (
    [ 'two certificates',
      "serve { one { oauthcc crm; $a $pass } two { oauthcc crm; $b $pass } }",
      'sessions' ],
    [ 'one of both has one',
      "serve { one { oauthcc crm; $a $pass } two { oauthcc crm; $pass } }",
      'sessions' ],
    [ 'the one without has the token',
      "serve { one { $a $pass } two { oauthcc crm; $pass } }", 'sessions' ],
    [ 'the one with it has the token',
      "serve { one { oauthcc crm; $a $pass } two { $pass } }", 'sessions' ],
    [ 'a variable says whose',
      "serve { one { oauthcc \$arg_x; $a $pass } two { $pass } }",
      'sessions' ],
    [ 'an optional one',
      "serve { one { oauthcc crm optional; $a $pass } two { $pass } }",
      'sessions' ],
    [ 'two servers',
      "server { listen 127.0.0.1:%%PORT_http%%; server_name a; $a
                one { oauthcc crm; $pass } }
       server { listen 127.0.0.1:%%PORT_http%%; server_name b;
                one { oauthcc crm; $pass } }", 'sessions' ],
    [ 'one that is inherited, and one of its own',
      "$a serve { oauthcc crm; one { $pass }
                  two { $b $pass } }", 'sessions' ],
    [ 'an upstream{}',
      "upstream u { server 192.0.2.1; }
       serve { one { oauthcc crm; $a proxy_pass https://u; }
               two { oauthcc crm; proxy_pass https://U/x; } }", 'sessions' ],
    [ 'least_conn and a zone',
      "upstream u { zone u 64k; least_conn; server 192.0.2.1; }
       serve { one { oauthcc crm; $a proxy_pass https://u; }
               two { oauthcc crm; proxy_pass https://u; } }", 'sessions' ],
    [ 'the port in one of both',
      "serve { one { oauthcc crm; $a $pass }
               two { proxy_pass https://192.0.2.1:443/x/; } }", 'sessions' ],
    [ 'nested',
      "serve { one { oauthcc crm; $a $pass
                     location /one/in { $b $pass } } }",
      'sessions' ],
    [ 'a regex, and a named one',
      "serve { location ~ x\$ { oauthcc crm; $a $pass }
               location \@n { $pass } }", 'sessions' ],
    [ 'an "if"',
      "serve { one { $a return 200; if (\$arg_x) { oauthcc crm; $pass } }
               two { $pass } }", 'sessions' ],
    [ 'an "if" that inherits',
      "serve { one { $a $pass if (\$arg_x) { oauthcc crm; } }
               two { $pass } }", 'sessions' ],
    [ 'limit_except',
      "serve { one { oauthcc crm; $a limit_except GET { $pass } }
               two { $pass } }", 'sessions' ],
    [ 'three, of which two are alike',
      "serve { one { oauthcc crm; $a $pass } two { oauthcc crm; $a $pass }
               location /three { $pass } }", 'sessions' ],
    [ 'two upstreams',
      "serve { one { oauthcc crm; $a $pass } two { $pass }
               location /three { oauthcc crm; $a
                                 proxy_pass https://192.0.2.2; }
               location /four { proxy_pass https://192.0.2.2; } }",
      'sessions sessions' ],
    [ 'variables, of different names',
      "serve { one { oauthcc crm; proxy_ssl_certificate \$arg_a;
                     proxy_ssl_certificate_key \$arg_k; $pass }
               two { proxy_ssl_certificate \$arg_b;
                     proxy_ssl_certificate_key \$arg_k; $pass } }",
      'sessions' ],
    [ 'kept connections',
      "upstream u { server 192.0.2.1; keepalive 2; }
       serve { one { oauthcc crm; $a $off proxy_pass https://u; }
               two { $off proxy_pass https://u; } }", 'kept' ],
    [ 'kept connections, and sessions of one of both',
      "upstream u { server 192.0.2.1; keepalive 2; }
       serve { one { oauthcc crm; $a $off proxy_pass https://u; }
               two { proxy_pass https://u; } }", 'kept' ],
    [ 'kept connections, and a way to choose',
      "upstream u { least_conn; server 192.0.2.1; keepalive 2; }
       serve { one { oauthcc crm; $a proxy_pass https://u; }
               two { proxy_pass https://u; } }", 'sessions kept' ],

    # nothing to say

    [ 'sessions of neither',
      "$off serve { one { oauthcc crm; $a $pass }
                    two { oauthcc crm; $b $pass } }", '' ],
    [ 'sessions of one of both',
      "serve { one { oauthcc crm; $off $a $pass }
               two { oauthcc crm; $b $pass } }", '' ],
    [ 'the same certificate',
      "serve { one { oauthcc crm; $a $pass } two { oauthcc crm; $a $pass } }",
      '' ],
    [ 'the same, inherited',
      "$a serve { oauthcc crm; one { $pass } two { $pass $a } }", '' ],
    [ 'the same variable',
      "serve { one { oauthcc crm; proxy_ssl_certificate \$arg_a;
                     proxy_ssl_certificate_key \$arg_k; $pass }
               two { proxy_ssl_certificate \$arg_a;
                     proxy_ssl_certificate_key \$arg_k; $pass } }", '' ],
    [ 'another host',
      "serve { one { oauthcc crm; $a $pass }
               two { oauthcc crm; $b proxy_pass https://192.0.2.2; } }", '' ],
    [ 'another port',
      "serve { one { oauthcc crm; $a $pass }
               two { oauthcc crm; $b proxy_pass https://192.0.2.1:8443; } }",
      '' ],
    [ 'no token',
      "serve { one { $a $pass } two { $b $pass } }", '' ],
    [ 'a token elsewhere',
      "serve { one { $a $pass } two { $b $pass }
               location /three { oauthcc crm; proxy_pass http://192.0.2.3; } }",
      '' ],
    [ 'off',
      "oauthcc crm; serve { one { oauthcc off; $a $pass }
                            two { oauthcc off; $b $pass } }", '' ],
    [ 'http',
      "serve { $a one { oauthcc crm; proxy_pass http://192.0.2.1; }
               two { oauthcc crm; $b proxy_pass http://192.0.2.1; } }", '' ],
    [ 'http beside https',
      "upstream u { server 192.0.2.1; }
       serve { $a one { oauthcc crm; proxy_pass https://u; }
               two { oauthcc crm; $b proxy_pass http://u; } }", '' ],
    [ 'http of two servers, which have https too',
      "upstream u { server 192.0.2.1; }
       server { listen 127.0.0.1:%%PORT_http%%; $a
                one { proxy_pass https://192.0.2.2; }
                two { oauthcc crm; proxy_pass http://u; } }
       server { listen 127.0.0.1:%%PORT_http%%; server_name b; $b
                one { proxy_pass https://192.0.2.3; }
                two { oauthcc crm; proxy_pass http://u; } }", '' ],
    [ 'not passed',
      "serve { one { oauthcc crm; $a return 200; } two { $pass } }", '' ],
    [ 'a host that variables make',
      "resolver 127.0.0.1:1;
       serve { one { oauthcc crm; $a proxy_pass https://\$arg_x; }
               two { $pass } }", '' ],
    [ 'kept connections of one certificate',
      "upstream u { server 192.0.2.1; keepalive 2; }
       serve { one { oauthcc crm; $a proxy_pass https://u; }
               two { $a proxy_pass https://u; } }", '' ],
    [ 'nothing is kept',
      "upstream u { least_conn; server 192.0.2.1; }
       serve { one { oauthcc crm; $a $off proxy_pass https://u; }
               two { $off proxy_pass https://u; } }", '' ])
{
    $check->(@$case);
}

####  the others that have TLS

my %other = (grpc => 'grpc_pass grpcs://192.0.2.1:443',
             uwsgi => 'uwsgi_pass suwsgi://192.0.2.1:443');

for my $module (sort keys %other) {
    my ($one, $two) = map { $reuse->($module, $_) } qw(a b);
    my $to = "$other{$module};";

    $check->("$module: two certificates",
             "serve { one { oauthcc crm; $one $to }
                      two { oauthcc crm; $two $to } }", 'sessions');
    $check->("$module: one of both",
             "serve { one { $one $to } two { oauthcc crm; $to } }",
             'sessions');
    $check->("$module: no sessions",
             "${module}_ssl_session_reuse off;
              serve { one { $one $to } two { oauthcc crm; $to } }", '');
    $check->("$module: the same",
             "$one serve { one { $to } two { oauthcc crm; $to } }", '');
    $check->("$module: without TLS",
             "serve { one { $one $to } two { oauthcc crm; $to } }"
             =~ s/grpcs/grpc/gr =~ s/suwsgi/uwsgi/gr, '');
    $check->("$module and proxy",
             "serve { one { oauthcc crm; $one $to } two { $pass } }",
             'sessions');
    $check->("$module and proxy, the same",
             "serve { one { oauthcc crm; $one $to } two { $a $pass } }", '');
}

# many: neither slow, nor more than one line

my $many = join ' ', map { "location /$_ { oauthcc crm; $pass }" } 1 .. 2000;
$check->('2000 locations', "serve { $many one { $a $pass } }", 'sessions');

####  what keeps connections for a location alone: since nginx 1.29.7

my ($version) = `$t->{nginx} -v 2>&1` =~ m{nginx/([\d.]+)};

SKIP: {
    skip('nginx has no "keepalive ... local"', 1)
        if eval "v$version" lt v1.29.7;

    my $u = 'upstream u { server 192.0.2.1; keepalive 2 local; }';
    my $rest = "serve { one { oauthcc crm; $a $off proxy_pass https://u; }
                        two { $off proxy_pass https://u; } }";

    $check->('kept for each location', "$u $rest", '');
    $check->('by default', ($u =~ s/keepalive[^;]*;//r) . " $rest", '');
}

$t->done;
