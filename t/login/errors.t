#!/usr/bin/perl

# Tests for logins that fail: each ends the request with the right status, soon
# enough, and leaves one line that says whose fault it was.  A hung login would
# hang the gateway, a followed redirect give the secret to someone else.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use Time::HiRes qw(time);

my $json = sub ($error, $text) {
    return qq({"error":"$error","error_description":"$text"});
};

# name, answer (undef: nobody listens), status, what the log says, directives

my @cases = (
    [ 'invalid_client', { status => 401,
          headers => [ 'WWW-Authenticate' => 'Basic realm="x"' ],
          body => $json->('invalid_client', 'unknown client') },
      502, qr/invalid_client.*unknown client/ ],
    [ 'invalid_scope', { status => 400,
          body => $json->('invalid_scope', 'no such scope') },
      502, qr/400.*invalid_scope.*no such scope/ ],
    [ 'uri', { status => 400,
          body => '{"error":"x","error_description":5,"error_uri":"y"}' },
      502, qr/400.*"x"/ ],
    [ 'escaped', { status => 400,
          body => $json->('e\u0001vil\n', 'a\u001b[31mb\r\n2099/01/01 \"') },
      502, qr/400/ ],
    [ 'long', { status => 400, body => $json->('x', 'y' x 20000) },
      502, qr/400.*"x".*yyy/ ],
    [ 'server_error', { status => 500, body => 'oops' }, 502, qr/\b500\b/ ],
    [ 'busy', { status => 503, headers => [ 'Retry-After' => 1 ] }, 502,
      qr/\b503\b/ ],
    [ 'limited', { status => 429, body => '' }, 502, qr/\b429\b/ ],
    [ 'forbidden', { status => 403, body => '<html>' }, 502, qr/\b403\b/ ],
    [ 'moved', { status => 301, body => '',
          headers => [ Location => 'http://127.0.0.1:%%PORT_other%%/' ] },
      502, qr/\b301\b/ ],
    [ 'moved_307', { status => 307, body => '',
          headers => [ Location => 'http://127.0.0.1:%%PORT_other%%/' ] },
      502, qr/\b307\b/ ],
    [ 'no_content', { status => 204, body => '' }, 502, qr/\b204\b/ ],
    [ 'refused', undef, 502, qr/login failed/ ],
    [ 'hang', { hang => 1 }, 504, qr/timed out/, 'timeout 300ms;' ],
    [ 'slow_body', { pieces => 5, pause => 0.1 }, 504, qr/timed out/,
      'timeout 300ms;' ],
    [ 'stall', { cut => 20, pause => 0.1, pieces => 1 }, 504, qr/timed out/,
      'timeout 300ms;' ],
    [ 'read_timeout', { hang => 1 }, 504, qr/timed out/,
      'proxy_read_timeout 300ms;' ],
    [ 'reset_at_once', { raw => '' }, 502, qr/login failed/ ],
    [ 'reset', { reset => 10 }, 502, qr/login failed/ ],
    [ 'reset_whole', { reset => 0, status => 200 }, 502, qr/login failed/ ],
    [ 'cut', { cut => 60 }, 502, qr/login failed/ ],
    [ 'cut_chunk', { cut => 60, framing => 'chunked' }, 502,
      qr/login failed/ ],
    [ 'garbage', { raw => "\x16\x03\x01\x02garbage\r\n\r\n" }, 502,
      qr/login failed/ ],
    [ 'bad_header', { raw => "HTTP/1.1 200 OK\r\nA\x00: b\r\n\r\n{}" }, 502,
      qr/login failed/ ],
    [ 'accel', { status => 200, body => 'x',
          headers => [ 'X-Accel-Redirect' => '/stolen' ] },
      502, qr/login failed/ ],
);

my $providers = join "\n", map { <<"CONF" } @cases;
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_@{[
            $_->[1] ? 'idp' : 'dead' ]}%%/$_->[0];
        client_id gateway;
        client_secret s3cret;
        @{[ $_->[4] // '' ]}
    }
CONF

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $other = $t->token_endpoint('other');
my $api = $t->upstream;

$t->secret('s3cret');

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    oauthcc_provider steered {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/steered;
        client_id gateway;
        client_secret s3cret;
    }

    map \$uri \$provider {
        ~^/(?<name>[^/]+)\$ \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc \$provider;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /stolen { oauthcc off; return 200 stolen; }
    }
}
CONF

for my $case (@cases) {
    my ($name, $answer, $status, $re) = @$case;

    $_ = $t->fill($_) for @{ $answer->{headers} // [] };
    $idp->answer("/$name", $answer) if $answer;

    my $start = time;
    my $r = $t->get("/$name");
    my $line = qr/\[error\].*login failed.*"\Q$name\E"/;

    is($r->status, $status, "$name: status");
    cmp_ok(time - $start, '<', 2, "$name: in time");

    # but for one that was tried again at once
    is(scalar(grep { !/next try in a moment/ } $t->log_lines($line)), 1,
       "$name: one line");
    like(join('', $t->log_lines($line)), $re, "$name: that says why");
    unlike($r->body, qr/error_description|invalid_|s3cret/,
           "$name: nothing of it to the client");
}

is($api->count, 0, 'nothing reached the upstream');
is($other->count, 0, 'no redirect was followed');
cmp_ok(length($_), '<', 2048, 'lines are bounded')
    for sort { length $b <=> length $a } ($t->log_lines(qr/./))[0];
unlike($t->error_log, qr/[\x00-\x09\x0b-\x1f\x7f]/, 'and clean');
is($t->log_lines(qr/^2099/), 0, 'no line is forged');

####  nothing in the answer steers the gateway

$idp->answer('/steered', { headers => [
    'X-Accel-Redirect' => '/stolen', 'X-Accel-Expires' => '100',
    'X-Accel-Limit-Rate' => '1', 'X-Accel-Buffering' => 'no',
    'X-Accel-Charset' => 'koi8-r', 'Cache-Control' => 'max-age=100',
    Expires => 'Thu, 31 Dec 2037 23:55:55 GMT', Vary => '*',
    'Set-Cookie' => 'a=b', Refresh => '0; url=/stolen', Upgrade => 'h2c',
    'Content-Encoding' => 'identity' ] });

my $r = $t->get('/steered');
is_deeply([ $r->seen('Authorization') ], [ 'Bearer ' . ($idp->tokens)[-1] ],
          'X-Accel and other headers are ignored');
is($r->header('Set-Cookie'), undef, 'and not passed on');

$t->done;
