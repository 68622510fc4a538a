#!/usr/bin/perl

# Tests oauthcc_replay with conditions and with statuses that are no 4xx: APIs
# that say 200, 302 or 500 of a token that is no good.  What such a status says
# of other things must not be taken for a refusal, and no order of a customer
# may be sent twice unless the operator says that it may.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');
my $other = $t->daemon(Guard => 'other');

my $if = 'if=$upstream_http_x_auth_error';

my %location = (
    header => "oauthcc_replay 200 $if;",
    any => "oauthcc_replay 200 $if non_idempotent;",
    mapped => 'oauthcc_replay 200 if=$refused;',
    before => 'oauthcc_replay 200 if=$refused;
               proxy_set_header X-Refused "<$refused>";',
    joined => 'oauthcc_replay 200 "if=$refused$never";',
    set => 'set $on 1; oauthcc_replay 500 if=$on;',
    unset => 'set $on 0; oauthcc_replay 500 if=$on;',
    redirect => 'oauthcc_replay 302 if=$to_login;',
    error => 'oauthcc_replay 500 503;',
    lines => "oauthcc_replay 401; oauthcc_replay 403 419 $if;
              oauthcc_replay 500 non_idempotent;",
    both => "oauthcc_replay 500; oauthcc_replay 500 $if non_idempotent;",
    next => 'oauthcc_replay 503; proxy_next_upstream http_503;
             proxy_pass http://pair;',
    inherited => '',
    own => 'oauthcc_replay 401;',
);

my $providers = join "\n", map { <<"CONF" } keys %location, 'capture';
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
    }
CONF

my $locations = join "\n", map { <<"CONF" } sort keys %location;
        location /$_ {
            oauthcc $_;
            $location{$_}
            @{[ $location{$_} =~ /proxy_pass/ ? ''
                : 'proxy_pass http://127.0.0.1:%%PORT_api%%;' ]}
        }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    log_format replay '\$uri|\$status|\$upstream_status|<\$refused>';

    map \$upstream_http_x_auth_error \$refused {
        default  "";
        expired  1;
        ~^re(.*) \$1;
    }

    map \$uri \$never { default 0; }

    map \$upstream_http_location \$to_login { ~/login 1; }

    map \$upstream_http_x_auth_error \$matched { ~^(.)xpired \$1; }

    upstream pair {
        server 127.0.0.1:%%PORT_api%%;
        server 127.0.0.1:%%PORT_other%% backup;
    }
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        access_log %%PREFIX%%/logs/replay.log replay;
        oauthcc_replay 200 $if;
$locations

        location ~ ^/(capture)/(.*) {
            oauthcc capture;
            oauthcc_replay 200 if=\$matched;
            proxy_pass http://127.0.0.1:%%PORT_api%%/\$2;
        }
    }
}
CONF

my @expired = (headers => [ 'X-Auth-Error' => 'expired' ]);

# location, method, status of the refusal, what else it has; and whether it is
# one, and whether the request is sent again

my @cases = (
    [ header => GET => 200, 1, 1, @expired ],
    [ header => HEAD => 200, 1, 1, @expired ],
    [ header => PUT => 200, 1, 1, @expired ],
    [ header => DELETE => 200, 1, 1, @expired ],
    [ header => OPTIONS => 200, 1, 1, @expired ],
    [ header => PROPFIND => 200, 1, 1, @expired ],
    [ header => POST => 200, 1, 0, @expired ],
    [ header => PATCH => 200, 1, 0, @expired ],
    [ header => LOCK => 200, 1, 0, @expired ],
    [ header => BREW => 200, 1, 0, @expired ],
    [ header => GET => 200, 0, 0 ],
    [ header => GET => 200, 0, 0, headers => [ 'X-Auth-Error' => '0' ] ],
    [ header => GET => 200, 0, 0, headers => [ 'X-Auth-Error' => '' ] ],
    [ header => GET => 200, 1, 1, headers => [ 'X-Auth-Error' => '00' ] ],
    [ header => GET => 401, 0, 0, @expired ],
    [ any => POST => 200, 1, 1, @expired ],
    [ any => BREW => 200, 1, 1, @expired ],
    [ mapped => GET => 200, 1, 1, @expired ],
    [ mapped => GET => 200, 0, 0, headers => [ 'X-Auth-Error' => 'no' ] ],
    [ before => GET => 200, 1, 1, @expired ],
    [ joined => GET => 200, 1, 1, @expired ],
    [ joined => GET => 200, 0, 0 ],
    [ set => GET => 500, 1, 1 ],
    [ unset => GET => 500, 0, 0 ],
    [ redirect => GET => 302, 1, 1, headers => [ Location => '/login?a' ] ],
    [ redirect => GET => 302, 0, 0, headers => [ Location => '/b' ] ],
    [ error => GET => 500, 1, 1 ],
    [ error => GET => 503, 1, 1 ],
    [ error => POST => 500, 1, 0 ],
    [ error => GET => 502, 0, 0 ],
    [ lines => POST => 401, 1, 1 ],
    [ lines => POST => 403, 0, 0 ],
    [ lines => POST => 403, 1, 1, @expired ],
    [ lines => POST => 419, 1, 1, @expired ],
    [ lines => POST => 500, 1, 1 ],
    [ lines => GET => 200, 0, 0, @expired ],
    [ both => POST => 500, 1, 0 ],
    [ both => POST => 500, 1, 1, @expired ],
    [ inherited => GET => 200, 1, 1, @expired ],
    [ own => GET => 200, 0, 0, @expired ],
    [ capture => GET => 200, 1, 1, @expired ],
);

for my $case (@cases) {
    my ($name, $method, $status, $refused, $again, %answer) = @$case;
    my $what = "$name, $method, $status"
               . join ' ', '', @{ $answer{headers} // [] };
    my $uri = $name eq 'capture' ? '/capture/a/b' : "/$name";
    my @body = $method =~ /^(?:POST|PUT|PATCH)$/ ? (body => 'order') : ();

    is($t->get($uri)->status, 200, "$what: a token");
    my @tokens = $idp->tokens;
    $api->revoke(@tokens);
    $api->refusal({ status => $status, body => "refused\n", %answer });
    $_->clear for $idp, $api;

    my $r = $t->request($method, $uri, @body);

    is($r->status, $again ? 200 : $status, "$what: status");
    isnt($r->body, "refused\n", "$what: not the refusal") if $again;
    is($r->header('X-Auth-Error'), undef, "$what: nothing of it") if $again;

    is($idp->wait_count($refused, $refused ? 5 : 0) && $idp->logins, $refused,
       "$what: logins");

    my @requests = $api->requests;
    is_deeply([ map { [ @{$_}{qw(method uri body)} ] } @requests ],
              [ ([ $method, $name eq 'capture' ? '/a/b' : $uri,
                   @body ? 'order' : '' ]) x ($again ? 2 : 1) ],
              "$what: what the upstream got");

    ok($t->wait_for(sub { $t->get($uri); !$api->last_request->{refused} }),
       "$what: the token is renewed") if $refused;
    $api->restore(@tokens) unless $refused;
}

like($t->read_file('logs/replay.log'), qr{^/mapped\|200\|200 : 200\|<>$}m,
     'the log has the variable of the last attempt');
unlike($t->read_file('logs/replay.log'), qr{\|200 : 200\|<1>$}m,
       'and not that of the first');

####  refused again

$api->answer('/header', { status => 200, body => "never\n", @expired });
is($t->get('/header')->body, "never\n", 'twice: the second answer');

####  nginx asks the other server of a pair first, whose answer counts

$t->get('/next');
$api->revoke($idp->tokens);
$api->refusal({ status => 503, body => "refused\n" });
$_->clear for $idp, $api, $other;

is($t->get('/next')->status, 200, 'next: the other server takes the token');
is($idp->logins, 0, 'next: no login');
is($other->count, 1, 'next: it was asked');

####  what is said of the directive

my $check = sub ($directive) {
    return $t->check(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    server { $directive }
}
CONF
};

for my $case ([ 'oauthcc_replay 199;', 'invalid parameter "199"' ],
              [ 'oauthcc_replay 600;', 'invalid parameter "600"' ],
              [ 'oauthcc_replay grpc_7;', 'invalid parameter "grpc_7"' ],
              [ 'oauthcc_replay 4xx;', 'invalid parameter "4xx"' ],
              [ 'oauthcc_replay 200;', '"oauthcc_replay 200" needs' ],
              [ 'oauthcc_replay 401 399;', '"oauthcc_replay 399" needs' ],
              [ 'oauthcc_replay if=$uri;', 'has no status' ],
              [ 'oauthcc_replay non_idempotent;', 'has no status' ],
              [ 'oauthcc_replay 401 if=;', 'no variable in the condition' ],
              [ 'oauthcc_replay 401 if=1;', 'no variable in the condition' ],
              [ 'oauthcc_replay 401 if=$uri if=$uri;', 'duplicate "if="' ],
              [ 'oauthcc_replay 401 if=$nothing;', 'unknown "nothing"' ],
              [ 'oauthcc_replay 401 off;', 'invalid parameter "off"' ],
              [ 'oauthcc_replay off 401;', 'parameters after "off"' ],
              [ 'oauthcc_replay off; oauthcc_replay 401;', 'is duplicate' ],
              [ 'oauthcc_replay 401; oauthcc_replay off;', 'is duplicate' ])
{
    my ($directive, $says) = @$case;
    my ($code, $out) = $check->($directive);
    is($code, 1, "$directive: refused");
    like($out, qr/\Q$says\E/, "$directive: $says");
}

is(($check->('oauthcc_replay 401 grpc_16 500 if=$uri non_idempotent;
              oauthcc_replay grpc_16;'))[0], 0, 'all of it');

$t->done;
