#!/usr/bin/perl

# Tests that variables are what they are without the module: one that is first
# read while the upstream request is built keeps its value, so that the log has
# what the upstream got, and no handler runs twice.  Forgotten is what would
# show a token then, however it was taken from the request and encoded.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA qw(hmac_sha256_hex);
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $root = "$FindBin::Bin/../..";
my $dir = "$root/build/neighbours";

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');
my $fcgi = $t->upstream('fcgi', protocol => 'fastcgi');

# njs, where there is one for this nginx

my $js = $t->{nginx} =~ m{^/usr/sbin/} && system("$root/t/tools/neighbours $dir "
                                                 . '>/dev/null 2>&1') == 0;

$t->write_file('main.js', <<'JS');
var n = 0;

function sign(r) {
    return require('crypto').createHmac('sha256', 'key')
               .update(r.variables.oauthcc_access_token).digest('hex');
}

function id(r) { return 'id-' + ++n + '-' + Math.random(); }

function token(r) { return r.variables.http_authorization.slice(7); }
function base64(r) { return 'x' + Buffer.from('id:' + token(r))
                                        .toString('base64'); }
function base64url(r) { return Buffer.from(token(r)).toString('base64url'); }
function form(r) { return token(r).replace(/[a-z0-9]/g,
                       c => '%' + c.charCodeAt(0).toString(16)); }
function piece(r) { return 'a piece: ' + token(r).slice(5, 13); }
function less(r) { return 'a piece: ' + token(r).slice(5, 12) + '.'; }
function long(r) { return '.'.repeat(5000) + token(r) + '.'.repeat(5000); }

export default { id, sign, base64, base64url, form, piece, less, long };
JS

my @shows = qw(base64 base64url form piece long);
my $njs = $js ? <<"CONF" : '';
    js_import main from %%PREFIX%%/main.js;
    js_set \$id main.id;
    js_set \$less main.less;
    js_set \$signed main.sign;
    @{[ map { "js_set \$$_ main.$_;" } @shows ]}
    log_format js '\$uri|\$id|\$less@{[ map { "|\$$_" } @shows ]}';
CONF

my $njs_server = $js ? <<"CONF" : '';
        location /js {
            oauthcc crm;
            access_log logs/js.log js;
            proxy_set_header X-Id \$id;
            proxy_set_header X-Less \$less;
            proxy_set_header X-Signed \$signed;
            @{[ map { "proxy_set_header X-$_ \$$_;" } @shows ]}
            add_header X-Id \$id always;
            proxy_pass http://api;
        }
CONF

my $config = <<"CONF" . <<'CONF' . $njs . <<'CONF' . $njs_server . <<'CONF';
@{[ $js ? "load_module $dir/usr/lib/nginx/modules/ngx_http_js_module.so;"
        : '' ]}
CONF
%%GLOBALS%%

http {
    %%HTTP%%

    log_format kept '$uri|$captured|$time|$auth|$whole|$bearer|$short'
                    '|$again|$http_authorization|$http_x_key|$late|$known';

    log_format args '$args|$request_uri|$query_string|$arg_key|$arg_b'
                    '|$mapped|$is_args';

CONF
    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
    }

    oauthcc_provider down {
        token_endpoint http://127.0.0.1:%%PORT_dead%%/;
        client_id gateway;
        client_secret s3cret;
    }

    map $uri $by_uri { ~^/(?<captured>[a-z]+)/(.*)$ $captured; }
    map $msec $time { default $msec; }
    map $status $late { default $status; }

    map $http_authorization $auth { default $http_authorization; }
    map $http_authorization $by_auth {
        ~^(?<short>\w+)\ (?<bearer>.+)$ "by $bearer";
    }
    map "$request_method $http_authorization" $whole {
        default "<$http_authorization>";
    }
    map $http_authorization $again { volatile; default $http_authorization; }
    map $http_authorization $known { ~Bearer yes; default no; }
    map $args $mapped { default $args; }

    upstream api { server 127.0.0.1:%%PORT_api%%; }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location ~ ^/(with|without|down)(/) {
            access_log logs/kept.log kept;

            proxy_set_header X-Captured "$by_uri $captured $1 $2";
            proxy_set_header X-Time $time;
            proxy_set_header X-Late $late;

            add_header X-Captured "$captured $1 $2" always;
            add_header X-Time $time always;
            add_header X-Late "$late" always;
            proxy_pass http://api;

            location ~ ^/with/ { oauthcc crm; proxy_pass http://api; }
            location ~ ^/down/ { oauthcc down optional; proxy_pass http://api; }
        }

        location /shown/ {
            oauthcc crm;
            access_log logs/kept.log kept;
            proxy_set_header X-Known "$known";
            proxy_set_header X-Auth "$auth";
            proxy_set_header X-By "$by_auth|$short|$bearer|$1|$2";
            proxy_set_header X-Whole "$whole";
            proxy_set_header X-Again "$again";
            add_header X-Seen "$auth|$short|$bearer|$1|$2|$whole|$again" always;
            proxy_pass http://api;

            location /shown/before {
                set $before "$auth $by_auth $whole $again";
                proxy_pass http://api;
            }
        }

        location /args {
            oauthcc crm;
            oauthcc_header Authorization;
            oauthcc_query key $oauthcc_access_token;
            access_log logs/args.log args;
            fastcgi_pass 127.0.0.1:%%PORT_fcgi%%;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param ARGS $args;
            fastcgi_param KEY $arg_key;
            fastcgi_param B $arg_b;
            fastcgi_param MAPPED $mapped;
            fastcgi_param IS_ARGS $is_args;

            location /args/short {
                oauthcc_query key t0p;
                fastcgi_pass 127.0.0.1:%%PORT_fcgi%%;
            }

            location /args/before {
                set $before "$args $request_uri $query_string $arg_key";
                fastcgi_pass 127.0.0.1:%%PORT_fcgi%%;
            }
        }

CONF
    }
}
CONF

local $ENV{LD_LIBRARY_PATH} = join ':', glob "$dir/{usr/,}lib/*-linux-gnu*";
$t->run($config);

my %lines;

# the next line of a log
sub logged ($name) {
    my $n = ++$lines{$name};
    $t->wait_for(sub { $n <= (() = $t->read_file("logs/$name.log") =~ /\n/g) });
    return (split /\n/, $t->read_file("logs/$name.log"))[$n - 1] // '';
}

my @client = (headers => [ Authorization => 'Basic dGhlaXJz' ]);


####  what stays as it is without the module

$api->answer({ delay => 0.05 });

for my $uri ('/without/x', '/down/x', '/with/x', '/with/y') {
    my ($word, $rest) = $uri =~ m{^/(\w+)/(.)};
    my $r = $t->get($uri);
    my ($time) = $r->seen('X-Time');

    is($r->status, 200, "$uri: 200");
    is(join('|', $r->seen('X-Captured')), "$word $word $word $rest",
       "$uri: captures of a map reach the upstream");
    is($r->header('X-Captured'), "$word $word $rest",
       "$uri: and the client");
    is($r->header('X-Time'), $time, "$uri: a value that is read once");
    is(join('|', $r->seen('X-Late')), $r->header('X-Late'),
       "$uri: one of what comes later");
    like(logged('kept'), qr/^\Q$uri|$word|$time|\E/,
         "$uri: and all of it is in the log");
}

$api->answer({});


####  what shows the token, and is forgotten

my ($token) = $idp->tokens;

for my $uri ('/shown/x', '/shown/x', '/shown/before') {
    my $r = $t->get($uri, @client);
    my $before = $uri =~ /before/;
    my $their = 'Basic dGhlaXJz';

    is(join('', $r->seen('X-Auth')), $before ? $their : "Bearer $token",
       "$uri: a map of the header");
    is(join('', $r->seen('X-By')),
       $before ? "by dGhlaXJz|Basic|dGhlaXJz||"
               : "by $token|Bearer|$token|Bearer|$token",
       "$uri: captures of it");
    is(join('', $r->seen('X-Whole')), '<' . ($before ? $their
                                                     : "Bearer $token") . '>',
       "$uri: a map of more than the header");
    is(join('', $r->seen('X-Again')), "Bearer $token",
       "$uri: one that is volatile");
    is(join('', $r->seen('X-Known')), 'yes', "$uri: one that tells nothing");

    my $seen = $r->header('X-Seen');
    unlike($seen, qr/tok-/, "$uri: none of it is seen later");
    like($seen, qr/^\Q$their\E\|\w+\|/, "$uri: but the client's");

    my @line = split /\|/, logged('kept'), -1;
    is($line[3], $their, "$uri: in the log too");
    is($line[6], $before ? 'Basic' : 'Bearer', "$uri: what is short stays");
    is($line[-1], 'yes', "$uri: and what tells nothing");
}


####  a replay

$api->clear;
$api->revoke($idp->tokens);

is($t->get('/with/z')->status, 200, 'a replay');
my @time = map { scalar $api->header($_, 'X-Time') } $api->requests;
is(@time, 2, 'two requests');
is($time[0], $time[1], 'with the same value');
like(logged('kept'), qr{^/with/z\|with\|\Q$time[0]\E\|},
     'that is in the log');

$api->revoke($idp->tokens);
my $r = $t->get('/shown/z', @client);
is($r->status, 200, 'a replay of what shows it');
my $second = ($idp->tokens)[-1];
is(join('', $r->seen('X-Auth')), "Bearer $second", 'with the new token');
like($r->header('X-Seen'), qr/^Basic dGhlaXJz\|Bearer\|/,
     'and a piece of the one that is gone');
logged('kept');


####  arguments of FastCGI

for my $case ([ '/args', '%' ], [ '/args/before', '%' ],
              [ '/args/short', 't0p' ])
{
    my ($uri, $key) = @$case;
    $key =~ s/%/($idp->tokens)[-1]/e;

    is($t->get("$uri?b=2&key=mine")->status, 200, "$uri: 200");
    my %param = map { @$_ } @{ $fcgi->last_request->{headers} };
    my $args = "b=2&key=$key";

    is_deeply({ map { $_ => $param{$_} } qw(REQUEST_URI QUERY_STRING ARGS KEY
                                            B MAPPED IS_ARGS) },
              { REQUEST_URI => "$uri?$args", QUERY_STRING => $args,
                ARGS => $args, KEY => $key, B => 2, MAPPED => $args,
                IS_ARGS => '?' },
              "$uri: all of them have it");

    my $theirs = 'b=2&key=mine';
    my $mapped = $uri =~ /short/ ? $args : $theirs;
    is(logged('args'), "$theirs|$uri?$theirs|$theirs|mine|2|$mapped|?",
       "$uri: the log has the client's");
}

is($t->get('/args')->status, 200, 'no argument');
is(logged('args'), '-|/args|-|-|-||', 'is none in the log');


####  njs

SKIP: {
    skip('no njs for this nginx', 1) unless $js;

    for my $uri ('/js/1', '/js/2') {
        my $r = $t->get($uri, @client);
        my ($id) = $r->seen('X-Id');
        my ($less) = $r->seen('X-Less');
        my $token = ($idp->tokens)[-1];

        # each request has an interpreter of its own
        like($id, qr/^id-1-/, "$uri: a handler is called once");
        is($r->header('X-Id'), $id, "$uri: for the client too");

        my %seen = map { $_ => join '', $r->seen("X-$_") } @shows;
        is($seen{base64}, 'x' . encode_base64("id:$token", ''),
           "$uri: base64 of the token");
        is($seen{base64url} =~ tr{-_=}{+/}dr,
           encode_base64($token, '') =~ tr/=//dr, "$uri: base64url");
        is($seen{form} =~ s/%(..)/chr hex $1/ger, $token, "$uri: form-encoded");
        is($seen{piece}, 'a piece: ' . substr($token, 5, 8), "$uri: a piece");
        like($seen{long}, qr/\.\Q$token\E\./, "$uri: a long text");

        my @line = split /\|/, logged('js'), -1;
        is($line[1], $id, "$uri: the log has what the upstream got");
        is($line[2], $less, "$uri: seven bytes of it stay");

        for my $i (0 .. $#shows) {
            isnt($line[3 + $i], $seen{$shows[$i]}, "$uri: not $shows[$i]");
        }
    }

    # a replay has the same id

    $api->clear;
    $api->revoke($idp->tokens);
    is($t->get('/js/3', @client)->status, 200, 'a replay');

    my @id = map { scalar $api->header($_, 'X-Id') } $api->requests;
    is(@id, 2, 'two requests');
    is($id[0], $id[1], 'of one id');

    my @signed = map { scalar $api->header($_, 'X-Signed') } $api->requests;
    is_deeply(\@signed,
              [ map { hmac_sha256_hex($_, 'key') } ($idp->tokens)[-2, -1] ],
              'each signed with its token');
    is((split /\|/, logged('js'))[1], $id[0], 'which is in the log');
}

$t->done;
