#!/usr/bin/perl

# Tests for what nginx -t says of every mistake that a person makes: file, line,
# provider and what to do.  Without it they find out from a 502, or the gateway
# runs with an empty secret.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;

$t->write_file('secret', "s3cret\n");
$t->write_file('empty', "\n");
$t->write_file('nothing', '');
$t->write_file('large', 'x' x 70_000);
mkdir $t->prefix . '/folder';
$t->certificate('ca.test');
$t->secret('s3cret');

my $endpoint = 'token_endpoint http://127.0.0.1:1/token;';
my $client = 'client_id gateway; client_secret s3cret;';

# name, what is in the block, what the message says; #! marks the line that is
# to be named, the line of the block is as good where there is none

my @block = (
    [ 'no endpoint', $client, qr/token_endpoint/ ],
    [ 'no id', "$endpoint client_secret s3cret;", qr/client_id/ ],
    [ 'no secret', "$endpoint client_id gateway;", qr/client_secret/ ],
    [ 'no secret, post', "$endpoint client_id gateway;
       auth_method client_secret_post;", qr/client_secret/ ],
    [ 'no id, none', "$endpoint auth_method none;", qr/client_id/ ],
    [ 'empty block', '', qr/token_endpoint/ ],
    [ 'empty id', "$endpoint client_id ''; #!
       client_secret s3cret;", qr/client_id/ ],
    [ 'empty secret', "$endpoint client_id x;
       client_secret ''; #!", qr/client_secret/ ],
    [ 'missing file', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/missing; #!",
      qr{missing.*No such file}s ],
    [ 'empty file', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/empty; #!", qr{/empty.*empty}s ],
    [ 'file of nothing', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/nothing; #!", qr{/nothing.*empty}s ],
    [ 'large file', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/large; #!", qr{/large}s ],
    [ 'folder', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/folder; #!", qr{/folder}s ],
    [ 'no path', "$endpoint client_id x; client_secret file:; #!", qr/file:/ ],
    [ 'no env', "$endpoint client_id x;
       client_secret env:OAUTHCC_NOT_SET; #!", qr/OAUTHCC_NOT_SET/ ],
    [ 'empty env', "$endpoint client_id x;
       client_secret env:OAUTHCC_EMPTY; #!", qr/OAUTHCC_EMPTY/ ],
    [ 'no env name', "$endpoint client_id x; client_secret env:; #!",
      qr/env:/ ],
    [ 'empty literal', "$endpoint client_id x; client_secret literal:; #!",
      qr/empty/ ],
    [ 'auth_method', "$endpoint $client
       auth_method client_secret_basik; #!",
      qr/client_secret_basik.*client_secret_basic/s ],
    [ 'basic_encoding', "$endpoint $client
       basic_encoding utf8; #!", qr/utf8.*rfc6749/s ],
    [ 'duplicate endpoint', "$endpoint
       $endpoint #!
       $client", qr/token_endpoint.*duplicate/ ],
    [ 'duplicate id', "$endpoint client_id a;
       $client #!", qr/client_id.*duplicate/ ],
    [ 'duplicate timeout', "$endpoint $client timeout 1s;
       timeout 2s; #!", qr/timeout.*duplicate/ ],
    [ 'duplicate proxy', "$endpoint $client proxy_read_timeout 1s;
       proxy_read_timeout 1s; #!", qr/proxy_read_timeout.*duplicate/ ],
    [ 'no scheme', "token_endpoint idp.example.com/token; #!
       $client", qr{idp\.example\.com/token.*https?://}s ],
    [ 'scheme', "token_endpoint ftp://127.0.0.1/; #!
       $client", qr{ftp://127} ],
    [ 'no host', "token_endpoint https:///token; #!
       $client", qr{https:///token} ],
    [ 'port', "token_endpoint http://127.0.0.1:99999/; #!
       $client", qr{99999} ],
    [ 'fragment', "token_endpoint http://127.0.0.1/a#b; #!
       $client", qr{127\.0\.0\.1/a#b} ],
    [ 'space', "token_endpoint 'http://127.0.0.1/a b'; #!
       $client", qr{127\.0\.0\.1/a b} ],
    [ 'user in url', "token_endpoint http://me:pw\@127.0.0.1/; #!
       $client", qr{127\.0\.0\.1|user} ],
    [ 'plain http', "token_endpoint http://192.0.2.1/token; #!
       $client", qr{192\.0\.2\.1.*(?:https|allow_http)}s ],
    [ 'plain http, like loopback', "token_endpoint http://127.example/; #!
       $client", qr{allow_http}s ],
    [ 'allow_http', "$endpoint $client
       allow_http maybe; #!", qr/maybe.*on.*off/s ],
    [ 'host', "token_endpoint https://nosuchhost.invalid/; #!
       $client", qr/nosuchhost\.invalid/ ],
    [ 'timeout', "$endpoint $client
       timeout soon; #!", qr/timeout.*soon|soon.*timeout/s ],
    [ 'timeout 0', "$endpoint $client
       timeout 0; #!", qr/timeout/ ],
    [ 'max_response', "$endpoint $client
       max_response big; #!", qr/max_response|big/ ],
    [ 'default_expires', "$endpoint $client
       default_expires x; #!", qr/default_expires|x/ ],
    [ 'arguments', "$endpoint $client
       scope a b; #!", qr/number of arguments in "scope"/ ],
    [ 'no argument', "$endpoint $client
       param x; #!", qr/number of arguments in "param"/ ],
    [ 'unknown', "$endpoint $client
       scoop a; #!", qr/scoop/ ],
    [ 'not allowed', "$endpoint $client
       root /x; #!", qr/"root"/ ],
    [ 'proxy_pass', "$endpoint $client
       proxy_pass http://127.0.0.1; #!", qr/"proxy_pass"/ ],
    [ 'a fixed proxy_*', "$endpoint $client
       proxy_buffering off; #!", qr/proxy_buffering.*not allowed/ ],
    [ 'a location', "$endpoint $client
       location / { } #!", qr/location|"\{"/ ],
    [ 'a bad proxy_*', "$endpoint $client
       proxy_socket_keepalive maybe; #!", qr/maybe.*proxy_socket_keepalive/ ],
    [ 'a header', "$endpoint $client
       header 'A\nB' x; #!", qr/header/ ],
    [ 'a header value', "$endpoint $client
       header X 'a\nEvil: b'; #!", qr/header/ ],
    [ 'dpop', "$endpoint $client
       token_type DPoP; #!", qr/DPoP/ ],
);

# name, http level, server level, message

my @http = (
    [ 'unknown provider', '', 'oauthcc nobody; #!', qr/"nobody"/ ],
    [ 'duplicate provider', "oauthcc_provider crm { $endpoint $client }
       oauthcc_provider crm { $endpoint $client } #!", '',
      qr/"crm"/ ],
    [ 'no name', "oauthcc_provider { $endpoint } #!", '',
      qr/arguments.*oauthcc_provider/ ],
    [ 'the name off', "oauthcc_provider off { $endpoint $client } #!", '',
      qr/"off"/ ],
    [ 'zone', 'oauthcc_zone big; #!', '', qr/oauthcc_zone/ ],
    [ 'small zone', 'oauthcc_zone 1k; #!', '', qr/oauthcc_zone.*small.*\d+k/s ],
    [ 'two zones', "oauthcc_zone 1m;
       oauthcc_zone 1m; #!", '', qr/oauthcc_zone.*duplicate/ ],
    [ 'two uses', "oauthcc_provider crm { $endpoint $client }",
      "oauthcc crm;
       oauthcc off; #!", qr/"oauthcc".*duplicate/ ],
    [ 'parameter', "oauthcc_provider crm { $endpoint $client }",
      'oauthcc crm maybe; #!', qr/"maybe"/ ],
    [ 'off with more', '', 'oauthcc off optional; #!', qr/oauthcc/ ],
);

my $check = sub ($name, $config, $re, $provider) {
    my ($line) = map { $_ } grep { (split /\n/, $config)[$_ - 1] =~ /#!/ }
                 1 .. $config =~ tr/\n//;
    my ($from, $to) = $line ? ($line, $line) : (5, 5 + $config =~ tr/\n//);

    my ($code, $out) = $t->check($config =~ s/ #!//gr, OAUTHCC_EMPTY => '');
    my ($message) = $out =~ /(\[emerg\].*)/;

    is($code, 1, "$name: refused");
    like($message // $out, $re, "$name: what");

    my @lines = ($message // '') =~ m{check\.conf:(\d+)}g;
    ok(scalar(grep { $_ >= $from && $_ <= $to } @lines),
       "$name: line $from of the file") or diag $out;
    like($message // '', qr/"crm"/, "$name: the provider") if $provider;
    unlike($out, qr/s3cret/, "$name: not the secret");
};

for my $case (@block) {
    my ($name, $block, $re) = @$case;

    $check->($name, <<"CONF", $re, 1);
%%GLOBALS%%
http {
    %%HTTP%%

    oauthcc_provider crm {
        $block
    }
}
CONF
}

for my $case (@http) {
    my ($name, $http, $server, $re) = @$case;

    $check->($name, <<"CONF", $re, 0);
%%GLOBALS%%
http {
    %%HTTP%%

    $http
    server {
        listen 127.0.0.1:%%PORT_http%%;
        $server
    }
}
CONF
}

$t->done;
