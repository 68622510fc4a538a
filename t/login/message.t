#!/usr/bin/perl

# Tests for what the log says of a login that has failed: where it went, for
# whom, what the server has said, also if that is no error of OAuth's, and when
# the next try is.  Nobody should have to trace the network to find that out,
# and no token may be in it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $html = "<html>\r\n<head>\n\t <title>403 \x{1}\"Forbidden\"</title>";
my $jwt = 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln';

# name, answer, what the line is after "login failed: " up to the URL

my @cases = (
    [ oauth => { status => 401, body => '{"error":"invalid_client",'
          . '"error_description":"unknown","x":1}' },
      'status is not 2xx, status: 401, error: "invalid_client", '
      . 'description: "unknown"' ],
    [ undescribed => { status => 400, body => '{"error":"x",'
          . '"error_description":""}' },
      'status is not 2xx, status: 400, error: "x"' ],
    [ okta => { status => 400, body => '{"errorCode":"E0000022", '
          . '"errorSummary":"no such method"}' },
      'status is not 2xx, status: 400, body: "{\'errorCode\':\'E0000022\','
      . '\'errorSummary\':\'no such method\'}", '
      . 'content type: "application/json"' ],
    [ numbers => { status => 400, body =>
          '{"code":190,"big":12345678901234567,"part":0.1}' },
      'status is not 2xx, status: 400, body: "{\'code\':190,'
      . '\'big\':12345678901234567,\'part\':0.1}", '
      . 'content type: "application/json"' ],
    [ azure => { status => 400, body => '{"error":{"code":'
          . '"InvalidTokenError","message":"bad tenant"}}' },
      'status is not 2xx, status: 400, body: "{\'error\':{\'code\':'
      . '\'InvalidTokenError\',\'message\':\'bad tenant\'}}", '
      . 'content type: "application/json"' ],
    [ html => { status => 403, body => $html . 'x' x 300,
                headers => [ 'Content-Type' => 'text/html; charset="x"' ] },
      'status is not 2xx, status: 403, body: "<html> <head> <title>403 '
      . '\x01\'Forbidden\'</title>' . ('x' x (120 - length $html)) . '", '
      . 'content type: "text/html; charset=\x22x\x22"' ],
    [ text => { status => 500, body => "oops\n",
                headers => [ 'Content-Type' => '' ] },
      'status is not 2xx, status: 500, body: "oops "' ],
    [ empty => { status => 503, body => '' },
      'status is not 2xx, status: 503' ],
    [ blank => { status => 503, body => " \r\n ",
                 headers => [ 'Content-Type' => '' ] },
      'status is not 2xx, status: 503' ],
    [ later => { status => 429, body => '', headers => [
          'Retry-After' => 'Fri, 31 Dec 1999 23:59:59 GMT' ] },
      'status is not 2xx, status: 429, '
      . 'Retry-After: "Fri, 31 Dec 1999 23:59:59 GMT"' ],
    [ moved => { status => 302, body => '', headers => [
          Location => 'https://u:hush-hush@login.example.com/a?code=hush-42' ]
      }, 'status is not 2xx, status: 302, '
      . 'location: "https://...@login.example.com/a?..."' ],
    [ local => { status => 301, body => '', headers => [
          Location => "/login/\"x" ] },
      'status is not 2xx, status: 301, location: "/login/\x22x"' ],
    [ no_redirect => { status => 400, body => '', headers => [
          Location => '/x' ] }, 'status is not 2xx, status: 400' ],
    [ members => { body => '{"token":"hush-hush-1","expires":5,'
          . '"a\"b":{"access_token":"hush-hush-2"},"' . ('n' x 40) . '":1}' },
      'no access_token, status: 200, members: "token, expires, a\x22b, '
      . ('n' x 32) . '...", content type: "application/json"' ],
    [ many => { body => '{' . join(',', map { "\"member$_\":1" } 1 .. 99)
                        . '}' },
      'no access_token, status: 200, members: "'
      . join(', ', map { "member$_" } 1 .. 16)
      . ', ...", content type: "application/json"' ],
    [ page => { body => '<p>hush-hush-3', headers => [
          'Content-Type' => 'text/html' ] },
      'body is not JSON, status: 200, content type: "text/html"' ],
    [ described => { body => '{"error_description":"got hush-hush-4"}' },
      'no access_token, status: 200, members: "error_description", '
      . 'content type: "application/json"' ],
    [ list => { body => '["hush-hush-5"]' },
      'body is not a JSON object, status: 200, '
      . 'content type: "application/json"' ],

    # a token in a response that is none
    map({ my ($name, $body) = @$_;
          [ "token_$name", { status => 500, body => $body },
            'status is not 2xx, status: 500, body: "(it may hold a token)", '
            . 'content type: "application/json"' ] }
        [ json => '{"access_token":"hush-hush-6"}' ],
        [ deep => '{"a":[{"sessionToken":{"value":"hush-hush-7"}}]}' ],
        [ cut => '{"refresh_token":"hush-hush-8"' ],
        [ form => 'a=b&Access_Token=hush-hush-9' ],
        [ jwt => "token: $jwt" ]),
    [ token_type => { status => 500, body => '{"token_type":"Bearer"}' },
      'status is not 2xx, status: 500, body: "{\'token_type\':\'Bearer\'}", '
      . 'content type: "application/json"' ],
);

my $providers = join "\n", map { <<"CONF" } @cases;
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_->[0]?key=hush-arg;
        client_id gateway;
        client_secret s3cret-s3cret;
    }
CONF

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $library = $t->prefix . '/clock.so';

is(system('cc -shared -fPIC -O1 -Wall -Wextra -o ' . $library
          . " $FindBin::Bin/../preload/clock.c"), 0, 'a clock to be set')
    or BAIL_OUT('no compiler');

$t->write_file('ahead', "\0" x 8);
$t->secret('s3cret-s3cret', 'hush', $jwt);

$t->run(<<"CONF", LD_PRELOAD => $library, CLOCK_AHEAD => $t->prefix . '/ahead',
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    oauthcc_provider tenants {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/tenants;
        client_id gateway;
        client_secret s3cret-s3cret;
        backoff 10m 10m;
    }

    oauthcc_provider nowhere {
        token_endpoint http://127.0.0.1:%%PORT_dead%%;
        client_id gateway;
        client_secret s3cret-s3cret;
        backoff 10m 10m;
    }

    oauthcc_provider issuer {
        issuer http://127.0.0.1:%%PORT_idp%%/issuer;
        client_id gateway;
        client_secret s3cret-s3cret;
    }

    oauthcc_provider holding {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/holding;
        client_id gateway;
        client_secret s3cret-s3cret;
        backoff 10m 10m;
    }

    map \$uri \$provider {
        ~^/(?<name>[^/]+)\$ \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / {
            oauthcc \$provider;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location = /tenants {
            oauthcc tenants scope=\$arg_scope audience=\$arg_audience
                            param:x=hidden;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF
    ASAN_OPTIONS => join ':', 'verify_asan_link_order=0',
                              $ENV{ASAN_OPTIONS} // ());

my $port = $t->port('idp');

my $line = sub ($name) {
    my @lines = grep { !/next try in a moment/ }
                $t->log_lines(qr/login failed.* provider: "\Q$name\E"/);
    is(@lines, 1, "$name: one line");
    return $lines[0] =~ /login failed: (.*)/ ? $1 : '';
};

my $next = qr/, next try in \d+\.\d{3} s/;

for my $case (@cases) {
    my ($name, $answer, $expected) = @$case;

    $idp->answer("/$name", $answer);
    is($t->get("/$name")->status, 502, "$name: refused");

    like($line->($name), qr{^\Q$expected\E,\ at
         \ http://127\.0\.0\.1:$port/$name$next,\ oauthcc\ provider}x,
         "$name: what it says");
}


####  for what, and where

my $refuse = { status => 400, body => '{"error":"invalid_scope"}' };

$idp->answer('/tenants', $refuse);
$t->get('/tenants?scope=a"b');
like($line->('tenants'), qr{status:\ 400,\ error:\ "invalid_scope",
     \ at\ http://127\.0\.0\.1:$port/tenants,\ scope:\ "a\\x22b"$next,}x,
     'what a request has asked for');

$t->get('/tenants?scope=b&audience=https://api.example.com/');
ok($t->wait_log(qr{scope: "b", audience: "https://api\.example\.com/"}),
   'all of it');

is($t->get('/nowhere')->status, 502, 'nobody listens');
like($line->('nowhere'), qr{^no response, at http://127\.0\.0\.1:\d+/$next},
     'no status, then');

$idp->answer('/.well-known/oauth-authorization-server/issuer',
             { status => 404, body => 'no' });
$idp->answer('/issuer/.well-known/openid-configuration',
             { body => '{"issuer":"hush-hush-x"}' });
is($t->get('/issuer')->status, 502, 'an issuer without metadata');
like($line->('issuer'), qr{^discovery\ at\ the\ issuer:\ metadata\ is\ of
     \ another\ issuer,\ status:\ 200,\ members:\ "issuer",\ content\ type:
     \ "application/json",\ at\ http://127\.0\.0\.1:$port/issuer/
     \.well-known/openid-configuration$next}x, 'the URL of the metadata');


####  a line each minute, of whichever worker

$idp->answer('/holding', { json => { expires_in => 700 } });
is($t->get('/holding')->status, 200, 'a token');

my $ahead = 0;

my $ahead_by = sub ($ms) {
    $ahead += $ms;
    open my $fh, '+<:raw', $t->prefix . '/ahead' or die "ahead: $!";
    syswrite $fh, pack 'q', $ahead;
};

my @before = $t->log_lines(qr/no login is tried/);
is(@before, 0, 'nothing at once');

for my $minute (1 .. 3) {
    $ahead_by->(60_100);

    ok($t->wait_for(sub {
        $t->get('/nowhere');
        $t->log_lines(qr/no login is tried.*"nowhere"/) >= $minute;
    }), "a line after $minute min");

    $t->get('/nowhere') for 1 .. 20;
    is($t->log_lines(qr/no login is tried.*"nowhere"/), $minute, 'and no more');
}

like(join('', $t->log_lines(qr/no login is tried.*"nowhere"/)),
     qr/\[error\].*for\ another\ \d+\.\d{3}\ s,\ the\ last\ one\ failed:
        \ "no\ response",\ oauthcc\ provider:\ "nowhere"/x, 'with the reason');

ok($t->wait_for(sub { $t->get('/tenants?scope=b&audience='
                              . 'https://api.example.com/');
                      $t->log_lines(qr/no\ login\ is\ tried.*"invalid_scope",
                          \ scope:\ "b",\ audience:\ "https:\/\/api[^"]*",
                          \ oauthcc\ provider:\ "tenants"/x) }),
   'that of an entry too, with its scope');

# a refresh that has failed: the token is used, and the log says it all the same

$idp->answer('/holding', { status => 503, body => '' });
$ahead_by->(460_000);

ok($t->wait_for(sub { $t->get('/holding')->status == 200
                      && $t->log_lines(qr/login failed.*"holding"/) }),
   'a refresh fails');
$ahead_by->(60_100);
ok($t->wait_for(sub { $t->get('/holding');
                      $t->log_lines(qr/no login is tried.*"holding"/) }),
   'a minute later the log says that there is none');

$t->done;
