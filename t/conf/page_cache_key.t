#!/usr/bin/perl

# Tests that nginx -t warns of a cache that would give the answer for one tenant
# to another: the parameters of "oauthcc" come from the request, and the key of
# the cache does not know them.  What cannot be seen is not warned of.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;

my $head = <<'CONF';
%%GLOBALS%%
http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=proxy:1m;
    fastcgi_cache_path %%PREFIX%%/cache_fastcgi keys_zone=fastcgi:1m;
    uwsgi_cache_path %%PREFIX%%/cache_uwsgi keys_zone=uwsgi:1m;
    scgi_cache_path %%PREFIX%%/cache_scgi keys_zone=scgi:1m;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:1/;
        client_id gateway;
        client_secret s3cret;
    }
    oauthcc_provider tenants {
        token_endpoint http://127.0.0.1:1/$http_x_tenant;
        client_id gateway;
        client_secret s3cret;
    }
    map $http_x_tenant $tenant { default $http_x_tenant; }
CONF

sub warnings ($config) {
    my ($code, $out) = $t->check("$head$config\n}");
    is($code, 0, 'the configuration is good') or diag $out;
    return grep { /\[warn\].*none of the variables/ } split /\n/, $out;
}

sub location ($oauthcc, $key, $protocol = 'proxy') {
    my $http = $protocol eq 'proxy' ? 'http://' : '';
    $key = "${protocol}_cache_key $key;" if $key ne '';

    return "server { listen 127.0.0.1:1; location /x {
                oauthcc $oauthcc; ${protocol}_cache $protocol; $key
                ${protocol}_pass ${http}127.0.0.1:1; } }";
}

# what the directive has, the key ("": nginx's own), and whether it is warned of

my @cases = (
    [ 'crm audience=$http_x_tenant', '$uri', 1 ],
    [ 'crm audience=$http_x_tenant', '', 1 ],
    [ 'crm audience=$http_x_tenant', 'constant', 1 ],
    [ 'crm audience=$http_x_tenant', '$request_uri$http_x_other', 1 ],
    [ 'crm audience=$http_x_tenant', '$uri$http_x_tenant', 0 ],
    [ 'crm audience=$http_x_tenant', '$uri${http_x_tenant}', 0 ],
    [ 'crm audience=$http_x_tenant', '$uri$HTTP_X_TENANT', 0 ],
    [ 'crm audience=$http_x_tenant', '$uri$http_x_tenant_id', 1 ],
    [ 'crm param:a=${http_x_tenant}', '$host$uri$is_args$args', 1 ],
    [ 'crm audience=$http_x_tenant scope=$arg_scope', '$request_uri', 0 ],
    [ 'crm audience=$http_x_tenant scope=$http_x_s', '$request_uri', 1 ],
    [ 'crm scope=$arg_scope', '$uri', 1 ],
    [ 'crm scope=$arg_scope', '$arg_other', 1 ],
    [ 'crm scope=$arg_scope', '', 0 ],
    [ 'crm scope=$arg_scope', '$args', 0 ],
    [ 'crm scope=$arg_scope', '$uri$is_args$args', 0 ],
    [ 'crm scope=$arg_scope', '$query_string', 0 ],
    [ 'crm scope=$arg_scope', '$request_uri', 0 ],
    [ 'crm scope=$arg_scope', '$scheme$arg_scope', 0 ],
    [ 'crm scope=$args', '$request_uri', 0 ],
    [ 'crm scope=$uri', '', 0 ],
    [ 'crm scope=$host', '$http_host$uri', 0 ],
    [ 'crm scope=$host', '$uri', 1 ],
    [ 'crm scope=$cookie_tenant', '$request_uri', 1 ],
    [ 'crm scope=$cookie_tenant', '$http_cookie', 0 ],
    [ 'crm scope=a-$remote_addr', '$uri', 1 ],
    [ '$http_x_tenant', '$uri', 1 ],
    [ '$http_x_tenant', '$uri$http_x_tenant', 0 ],
    [ 'tenants', '$uri', 1 ],
    [ 'tenants', '$uri$http_x_tenant', 0 ],

    # nothing of the request
    [ 'crm', '$uri', 0 ],
    [ 'crm scope=read param:a=b', '$uri', 0 ],
    [ 'off', '$uri', 0 ],

    # what cannot be seen
    [ 'crm audience=$tenant', '$tenant$uri', 0 ],
    [ 'crm audience=$tenant', '$http_x_tenant$uri', 0 ],
    [ 'crm audience=$http_x_tenant', '$tenant$uri', 0 ],
    [ 'crm audience=$tenant', 'constant', 1 ],
    [ 'crm audience=$tenant', '$scheme', 0 ],
);

for my $case (@cases) {
    my ($oauthcc, $key, $warned) = @$case;
    my @warnings = warnings(location($oauthcc, $key));
    is(scalar @warnings, $warned, "oauthcc $oauthcc; proxy_cache_key $key");
}

####  all protocols; what the message says

for my $protocol (qw(proxy fastcgi uwsgi scgi)) {
    my ($warning) = warnings(location('crm scope=$arg_a', '$uri', $protocol));
    like($warning // '', qr{"${protocol}_cache_key" of location "/x" has none },
         $protocol);
    like($warning // '', qr{"oauthcc" directive in \S+/check.conf:\d+, },
         "$protocol: and where");
    is_deeply([ warnings(location('crm scope=$arg_a', '$args', $protocol)) ],
              [], "$protocol: with the variable");
}

####  where directives are inherited

my $locations = 'location /one { proxy_cache proxy; proxy_pass http://api; }
    location /off { proxy_pass http://api; }
    location /two { proxy_cache proxy; proxy_pass http://api;
                    proxy_cache_key $arg_t; if ($arg_a) { } }
    location /if { proxy_cache proxy; proxy_pass http://api; oauthcc off;
                   if ($arg_a) { oauthcc crm scope=$http_x_if; } }
    location /grpc { grpc_pass 127.0.0.1:1; }
    location /static { proxy_cache proxy; }';
my $api = 'upstream api { server 127.0.0.1:1; }';

my @warnings = warnings("$api proxy_cache_key \$uri; server {
    listen 127.0.0.1:1; oauthcc crm scope=\$arg_t; $locations }");

is(scalar @warnings, 2, 'inherited: two locations');
like($warnings[0] // '', qr/location "\/one"/, 'inherited: the first');
like($warnings[1] // '', qr/location "\/if"/, 'inherited: an if block');

####  reading goes on as before: also after an error, and without us

my ($code, $out) = $t->check("$head server { listen 127.0.0.1:1; location / {
    proxy_cache_key a; proxy_cache_key b; } } }");
is($code, 1, 'an error');
like($out, qr/"proxy_cache_key" directive is duplicate/, 'is the same');

# in one process: a good configuration, one with an error, one without ours

my $api_conf = 'server { listen 127.0.0.1:%%PORT_http%%; location / {
    CACHE proxy_pass http://127.0.0.1:%%PORT_api%%; } }';
$t->upstream;

my $with = "$head" . $api_conf =~ s/CACHE/proxy_cache proxy;
    proxy_cache_key \$uri;/r . '}';

$t->run($with);
is($t->get('/')->status, 200, 'it runs');

$t->write_file('nginx.conf', $with =~ s/_cache_key \$uri;/$& proxy_bad;/r);
kill 'HUP', $t->master;
ok($t->wait_log(qr/\[emerg\].*proxy_bad/), 'a reload with an error');
$t->allow_alert(qr/proxy_bad/);
is($t->get('/')->status, 200, 'the old goes on');

{
    local $t->{module} = '';
    ok($t->reload($with =~ s/oauthcc_provider \w+ \{[^}]*\}//gr),
       'a reload without the module');
}

is($t->get('/')->status, 200, 'it runs');

ok($t->reload($with), 'a reload with the module');
is($t->get('/')->status, 200, 'it runs');

####  a module that is loaded by a configuration with an error, and by no other

{
    local $t->{module} = '';
    ok($t->reload($with =~ s/oauthcc_provider \w+ \{[^}]*\}//gr), 'without');
}

$t->write_file('nginx.conf', $with =~ s/_cache_key \$uri;/$& proxy_bad;/r);
kill 'HUP', $t->master;
ok($t->wait_log(qr/\[emerg\].*proxy_bad/, 2), 'an error again');

{
    local $t->{module} = '';
    ok($t->reload($with =~ s/oauthcc_provider \w+ \{[^}]*\}//gr), 'without');
}

is($t->get('/')->status, 200, 'it runs');

$t->done;
