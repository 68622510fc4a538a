#!/usr/bin/perl

# Tests for the harness itself, without the module: a harness that misses an
# alert or a leaked token, or that asserts against a server which did not do
# what it was told, makes every other test worthless.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(module => '');
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my %other = map { $_ => $t->upstream($_, protocol => $_) }
            qw(fastcgi uwsgi scgi);
my $dns = $t->resolver;

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%
    resolver 127.0.0.1:%%PORT_dns%% ipv6=off;

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /idp/ { proxy_pass http://127.0.0.1:%%PORT_idp%%/; }

        location /name/ {
            set $name api.test;
            proxy_pass http://$name:%%PORT_api%%;
        }

        location /fastcgi {
            fastcgi_pass 127.0.0.1:%%PORT_fastcgi%%;
            fastcgi_param A $http_a;
        }

        location /uwsgi {
            uwsgi_pass 127.0.0.1:%%PORT_uwsgi%%;
            uwsgi_param CONTENT_LENGTH $content_length;
            uwsgi_param A $http_a;
        }

        location /scgi {
            scgi_pass 127.0.0.1:%%PORT_scgi%%;
            scgi_param CONTENT_LENGTH $content_length;
            scgi_param A $http_a;
        }
    }
}
CONF

$t->run($config);

####  the servers, seen through nginx

my $r = $t->request(POST => '/x?y', headers => [ A => 1, a => 2 ],
                    body => 'z' x 300_000);

is($r->status, 200, 'the upstream answers');
is_deeply([ $r->seen('A') ], [ 1, 2 ], 'its answer shows the headers');
is($api->last_request->{length}, 300_000, 'it has the whole body');
like($r->body, qr{^POST /x\?y HTTP/1.[01]\r\n}, 'and the request line');

for my $protocol (sort keys %other) {
    $r = $t->request(POST => "/$protocol", headers => [ A => 'b' x 200 ],
                     body => 'z' x 1000);

    is_deeply([ $r->seen('A') ], [ 'b' x 200 ], "$protocol parameters");
    is($other{$protocol}->last_request->{length}, 1000, "$protocol body");
}

my $token = $t->get('/idp/')->body;
is_deeply([ $idp->tokens ], [ $token =~ /"access_token":"(.+?)"/ ],
          'the token endpoint knows its tokens');

for my $case (
    [ { framing => 'chunked', pieces => 7 }, qr/^200 "\w+=tok-/, 'chunked' ],
    [ { framing => 'close', pieces => 9, pause => 0.001 }, qr/^200 "\w+=tok-/,
      'no length' ],
    [ { cut => 20 }, qr/^0 cut/, 'cut' ],
    [ { framing => 'chunked', cut => 20 }, qr/^0 cut/, 'a chunk cut' ],
    [ { reset => 20 }, qr/^0 .*reset/, 'reset' ],
    [ { raw => "HTTP/1.0 404 x\r\n\r\nhello" }, qr/^404 hello/, 'raw' ],
    [ { status => 429, headers => [ 'Retry-After' => 7 ], body => 'no' },
      qr/^429 no/, 'a status' ],
    [ { hang => 1 }, qr/^0 timeout/, 'hang' ],
    [ { token_length => 100_000 }, qr/^200 "\w+=tok-.{60000}/, '100k' ])
{
    my ($answer, $re, $name) = @$case;

    $answer->{body} = '"access_token=%TOKEN%"' unless $answer->{body};
    $idp->answer($answer);
    $r = $t->get('/', port => 'idp', timeout => $answer->{hang} ? 0.2 : 5);
    like($r->status . ' ' . ($r->error // $r->body), $re, $name);
}

$idp->answer({ hold => 1 }, {});
$idp->clear;
my $held = $t->client(port => 'idp')->start(GET => '/');
ok($idp->wait_count(1), 'a request is held');
is($t->get('/', port => 'idp')->status, 200, 'the next is not');
is($idp->stats->{open}, 1, 'one connection is open');
$idp->release;
is($held->finish->status, 200, 'until it is released');

$dns->set('api.test', '127.0.0.1');
is($t->get('/name/')->status, 200, 'a name is resolved');
is_deeply([ $dns->queries ], [ 'api.test' ], 'by the scripted server');

####  nginx

is(Test::OAuthCC::tally($t->concurrent(1000, GET => '/')), '200 x 1000',
   '1000 requests at once');

my $load = $t->load('/');
my @old = $t->workers;

ok($t->reload($config =~ s/%%GLOBALS%%/%%GLOBALS%% worker_rlimit_core 0;/r),
   'reload');
is(scalar(grep { my $new = $_; grep { $_ == $new } @old } $t->workers), 0,
   'to new workers');

my ($status) = $load->();
is_deeply([ keys %$status ], [ 200 ], 'with nobody noticing');

my $master = $t->master;
ok($t->upgrade && $t->master != $master, 'binary upgrade');
is($t->get('/')->status, 200, 'the new binary serves');

####  the checks that end every test

is(join(' ', $t->leaks), '', 'no secret yet');

$t->get('/?' . ($idp->tokens)[0]);
$t->stop;
like(join(' ', $t->leaks), qr{^logs/access\.log: tok-1-}, 'a token is found');

$t->write_file('logs/access.log', '');
$t->write_file('logs/error.log', 'x ' . $t->secret('hush') . " x\n");
is(join(' ', $t->leaks), 'logs/error.log: hush', 'a secret is found');
$t->write_file('logs/error.log', 'x' . $t->secret('tok-7-0123456789abcdef'));
is(join(' ', $t->leaks), 'logs/error.log: tok-7-0123456789abcdef',
   'and a token');

# of a log of debugging, the module's own lines count

my $debug = '[debug] 1#1: *2';
$t->write_file('logs/error.log', '');
$t->write_file('logs/debug.log', "$debug http hush\n$debug oauthcc x\n");
is(join(' ', $t->leaks), '', 'what nginx writes at the level "debug" is not');
$t->write_file('logs/debug.log', "$debug http x\n$debug oauthcc hush\n");
is(join(' ', $t->leaks), 'logs/debug.log: hush', 'what the module writes is');

my $sanitizer = 'ERROR: AddressSanitizer: heap-use-after-free';

for my $line ('[alert] 1#1: worker process 2 exited on signal 11',
              '[alert] 1#1: *1 open socket #3 left', '[emerg] 1#1: bind',
              $sanitizer)
{
    $t->write_file('logs/error.log', "$line\n");
    is(join("\n", $t->alerts), $line, 'an alert is found');
}

$t->write_file('logs/debug.log', "[debug] 1#1: x\nx.c:1:2: runtime error: y\n"
                                 . "[alert] 1#1: *1 open socket #3 left\n");
is(join("\n", $t->alerts), "$sanitizer\nx.c:1:2: runtime error: y",
   'and so is what a worker prints beside the log of debugging');
$t->write_file('logs/debug.log', '');

$t->allow_alert(qr/AddressSanitizer/);
is($t->alerts, 0, 'an alert is allowed');

my ($code, $out) = $t->check("%%GLOBALS%%\nhttp {\n    bogus;\n}\n");
is($code, 1, 'nginx -t fails');
like($out, qr{unknown directive "bogus" in \S+/check\.conf:3}, 'with a line');

# what nginx says where no log is: of a configuration, and when it starts

$t->write_file('logs/error.log', '');
is(join(' ', $t->leaks), '', 'no secret in it');
$t->check("%%GLOBALS%%\nhttp {\n    hush;\n}\n");
is(join(' ', $t->leaks), 'logs/check.log: hush', 'a secret is found');
$t->check("%%GLOBALS%%\nhttp {\n    bogus;\n}\n");
is(join(' ', $t->leaks), 'logs/check.log: hush', 'whatever comes after it');
unlink $t->prefix . '/logs/check.log';
is(join(' ', $t->leaks), '', 'none is left');

{
    # an nginx that does not start gives back nothing
    local $ENV{ASAN_OPTIONS} = ($ENV{ASAN_OPTIONS} // '') . ':detect_leaks=0';
    eval { $t->run("%%GLOBALS%%\nhttp {\n    hush;\n}\n") };
}

is(join(' ', $t->leaks), 'stderr: hush', 'a secret at the start is found');
$t->write_file('stderr', '');
$t->done;
