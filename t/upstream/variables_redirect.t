#!/usr/bin/perl

# Tests what the variables tell after an internal redirect, for which nginx
# forgets the request's context: error pages and the access log of a request
# that has failed are where its reason is wanted.  The token must not get to the
# location that such a request is led to.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP qw(decode_json);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');
my $other = $t->upstream('other');

# the example, with our addresses, and an access log of ours
my $example = Test::OAuthCC::Docs::slurp(
    "$FindBin::Bin/../../conf-examples/json-errors.conf");

$example =~ s{https://login.example.com/token}
             {http://127.0.0.1:%%PORT_idp%%/json}
    or die 'the example has no token endpoint';
$example =~ s{https://api.example.com}{http://127.0.0.1:%%PORT_none%%}
    or die 'the example has no API';
$example =~ s{/var/log/nginx}{%%PREFIX%%/logs};
$example =~ s{listen +8080}{listen 127.0.0.1:%%PORT_json%%};
$example =~ s{file:\S+}{s3cret;};
$example =~ s/^\s*proxy_ssl_\w+ .*\n//gm;

my $providers = join "\n", map { <<"CONF" } qw(bad good);
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        backoff 60s 60s;
    }
CONF

my $all = join '|', map { "\$oauthcc_$_" }
          qw(provider cache_status error replays access_token);

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    $example
$providers
    log_format all '\$request_uri|$all';

    map \$oauthcc_error \$cause { default "<\$oauthcc_error>"; }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        access_log %%PREFIX%%/vars.log all;

        proxy_set_header X-All "$all";
        proxy_set_header X-Cause \$cause;

        location /page {
            oauthcc bad;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            error_page 502 503 /error;
        }

        location = /error {
            internal;
            return 200 "$all|\$cause";
        }

        location /named {
            oauthcc bad;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            error_page 502 503 = \@fallback;
        }

        location \@fallback {
            if (\$oauthcc_error = invalid_client) {
                add_header X-If yes;
            }
            proxy_pass http://127.0.0.1:%%PORT_other%%;
        }

        location /missing {
            oauthcc bad;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            error_page 502 503 /no-such-file.html;
        }

        location /twice {
            oauthcc bad;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            error_page 502 503 = /good;
        }

        location /good {
            oauthcc good;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            error_page 404 = \@fallback;
            proxy_intercept_errors on;
        }

        location /accel {
            oauthcc good;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /sub {
            ssi on;
            ssi_types *;
            default_type text/html;
            root %%PREFIX%%;
        }

        location /none {
            return 200 "$all";
        }
    }
}
CONF

# what the log has of a URI that was asked for once, or of the last time
my $line = sub ($uri) {
    my ($found) = $t->wait_for(sub {
        my @lines = grep { /^\Q$uri\E\|/ }
                    split /\n/, $t->read_file('vars.log');
        return $lines[-1];
    });
    return $found =~ s/^[^|]*\|//r;
};

$idp->answer('/bad', { status => 401, body => '{"error":"invalid_client"}',
                       headers => [ 'Content-Type' => 'application/json' ] });

my $failed = 'bad|ERROR|invalid_client|0|';

is($t->get('/page')->body, "$failed|<invalid_client>", 'an error page');
is($line->('/page'), $failed, 'and its access log');

my $r = $t->get('/named');
is($r->status, 200, 'a named location answers');
is_deeply([ $r->seen('X-All') ], [ $failed ], 'and has them');
is_deeply([ $r->seen('X-Cause') ], [ '<invalid_client>' ],
          'so has a map of them');
is($r->header('X-If'), 'yes', 'and so has an "if"');
is_deeply([ $r->seen('Authorization') ], [], 'without a token');

is($t->get('/missing')->status, 404, 'an error page that is not there');
is($line->('/missing'), $failed, 'in the log there is why it was wanted');

$r = $t->get('/twice');
is($r->status, 200, 'another location with oauthcc');
like($line->('/twice'), qr{^good\|MISS\|\|0\|tok-}, 'has its own');

####  a request that has a token, in a location that may not see it

$api->answer('/good', { status => 404, body => 'no' });
$r = $t->get('/good');
is_deeply([ $r->seen('X-All') ], [ 'good|HIT||0|' ],
          'intercepted: all but the token');
is_deeply([ $r->seen('Authorization') ], [], 'intercepted: nor its header');
is($line->('/good'), 'good|HIT||0|', 'intercepted: nor has the log');

$api->answer('/accel', { headers => [ 'X-Accel-Redirect' => '/none' ] });
is($t->get('/accel')->body, 'good|HIT||0|', 'X-Accel-Redirect');
is($line->('/accel'), 'good|HIT||0|', 'X-Accel-Redirect: the log');

is($t->get('/none')->body, '||||', 'no location with oauthcc');

####  subrequests have their own

$t->write_file('sub/page.html', '[<!--#include virtual="/none" -->]'
                                . '[<!--#include virtual="/page" -->]');
is($t->get('/sub/page.html')->body, "[||||][$failed|<invalid_client>]",
   'a subrequest');

####  $oauthcc_replays

$api->answer('/accel', {});
$api->revoke($idp->tokens);
is($t->get('/accel')->status, 200, 'a replay');
ok($t->wait_for(sub { $line->('/accel') =~ m{^good\|\w+\|\|1\|} }),
   'is counted');

####  the example

my $json = sub {
    my $r = $t->get('/x', port => 'json');
    is($r->header('Content-Type'), 'application/json', 'it is JSON');
    return [ $r->status, decode_json($r->body)->{error},
             defined $r->header('Retry-After') ? 'later' : () ];
};

$idp->answer('/json', { status => 400, body => '{"error":"invalid_scope"}' });
is_deeply($json->(), [ 502, 'not_allowed' ], 'the first is 502');
is_deeply($json->(), [ 503, 'not_allowed', 'later' ],
          'the next one may come again later');
ok($t->wait_for(sub {
    $t->read_file('logs/gateway.log') =~ /503 "crm" "ERROR" "invalid_scope"$/m;
}), 'the log has it');

$t->done;
