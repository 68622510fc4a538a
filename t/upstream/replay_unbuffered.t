#!/usr/bin/perl

# Tests replays of requests whose bodies nginx does not buffer, piece by piece:
# the upstream is this test itself, which refuses a request before its end, in
# its middle and after it.  A copy with a hole, or one that is sent while the
# client has not ended, would be a request that nobody has made.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Select;
use IO::Socket::INET;
use Test::More;
use Test::OAuthCC;
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;

my $listen = IO::Socket::INET->new(Listen => 16, ReuseAddr => 1,
    LocalAddr => '127.0.0.1:' . $t->port('api')) or die "listen: $!";

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
    }

    # whose logins have not been forced before

    oauthcc_provider kept {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/kept;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc crm;
        proxy_http_version 1.1;
        proxy_request_buffering off;
        client_body_buffer_size 2k;
        client_max_body_size 1m;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /kept {
            oauthcc kept;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /impatient {
            proxy_send_timeout 100ms;
            proxy_read_timeout 100ms;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

my $refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\n"
              . "X-Refused: yes\r\n\r\nnot this one";
my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

# bytes of a socket until they match; what came if they do not in time
my %in;

sub until_match ($fh, $re, $seconds = 5) {
    my $end = time + $t->seconds($seconds);

    until (($in{$fh} //= '') =~ $re) {
        my $left = $end - time;
        last if $left <= 0 || !IO::Select->new($fh)->can_read($left);
        sysread($fh, $in{$fh}, 65536, length $in{$fh}) or last;
    }

    return $in{$fh};
}

sub accepted {
    IO::Select->new($listen)->can_read($t->seconds(5)) or return;
    my $fh = $listen->accept;
    $in{$fh} = '';
    return $fh;
}

sub client ($bytes) {
    my $fh = IO::Socket::INET->new(PeerAddr => '127.0.0.1:'
                                   . $t->port('http')) or die "connect: $!";
    $in{$fh} = '';
    syswrite $fh, $bytes;
    return $fh;
}

# the head of a request at the upstream, and a test that has come to it
sub attempt ($what, $body = '') {
    my $fh = accepted();
    ok($fh, "$what: an attempt") or return;
    my $got = until_match($fh, qr/\r\n\r\n\Q$body\E/s);
    like($got, qr/\r\n\r\n\Q$body\E/s, "$what: with what has come");
    return $fh;
}

sub post ($length, $body = '', $uri = '/') {
    return "POST $uri HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
           . "Content-Length: $length\r\n\r\n$body";
}

my $chunked = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
              . "Transfer-Encoding: chunked\r\n\r\n";

sub chunk ($bytes) { return sprintf "%x\r\n%s\r\n", length $bytes, $bytes }

# ends a case: the second attempt has the whole body, and the client its answer
sub replayed ($what, $client, $body) {
    my $second = accepted();
    ok($second, "$what: a second attempt") or return;

    my $got = until_match($second, qr/\r\n\r\n\Q$body\E$/s);
    my ($head) = $got =~ /^(.*?\r\n)\r\n/s;

    like($got, qr/\r\n\r\n\Q$body\E$/s, "$what: with the whole body");
    like($head, qr/^Content-Length: @{[ length $body ]}\r$/m,
         "$what: and its length");
    unlike($head, qr/Transfer-Encoding/i, "$what: which frames it");

    syswrite $second, $ok;
    like(until_match($client, qr/ok$/), qr{^HTTP/1.1 200 .*\r\n\r\nok$}s,
         "$what: the client sees no refusal");
    unlike($in{$client}, qr/X-Refused/, "$what: nothing of it");
}

####  whole, in two pieces, before it was refused

for my $case ([ 'length', post(10, 'first'), 'later', '' ],
              [ 'chunked', $chunked . chunk('first'), chunk('later')
                                                      . "0\r\n\r\n", '' ])
{
    my ($name, $first, $rest) = @$case;

    # before the whole has come
    my $c = client($first);
    my $u = attempt("$name, early", $name eq 'length' ? 'first'
                                                      : chunk('first'));
    syswrite $u, $refusal;
    ok($idp->wait_count(1), "$name, early: a login while the rest is awaited");
    ok(!IO::Select->new($c)->can_read(0.2), "$name, early: no answer yet");
    syswrite $c, $rest;
    replayed("$name, early", $c, 'firstlater');
    $idp->clear;

    # after it
    $c = client($first);
    $u = attempt("$name, late", $name eq 'length' ? 'first' : chunk('first'));
    syswrite $c, $rest;
    like(until_match($u, qr/later/), qr/later/, "$name, late: the rest");
    syswrite $u, $refusal;
    replayed("$name, late", $c, 'firstlater');
    $idp->clear;
}

####  before any of it

my $c = client(post(5));
my $u = attempt('head');
syswrite $u, $refusal;
$u->close;
ok($idp->wait_count(1), 'head: a login');
syswrite $c, 'whole';
replayed('head', $c, 'whole');

####  one that does not end

for my $uri (qw(/ /impatient)) {
    my $start = time;

    $idp->clear;
    $c = client(post(10, 'first', $uri));
    $u = attempt("$uri, endless", 'first');
    syswrite $u, substr $refusal, 0, 70;
    syswrite $u, substr $refusal, 70;
    $u->close;

    like(until_match($c, qr/not this one$/, 20), qr{^HTTP/1.1 401 .*one$}s,
         "$uri, endless: the refusal goes on its way");
    cmp_ok(time - $start, '>', 0.9, "$uri, endless: after a second");
    cmp_ok(time - $start, '<', $t->seconds(3), "$uri, endless: not later");
    like($in{$c}, qr/X-Refused: yes/, "$uri, endless: as it is");
    ok($idp->wait_count(1), "$uri, endless: with a login for the others");
    $c->close;
}

####  one that is too large

for my $case ([ 'known', post(5000, 'x' x 1000), 'x' x 4000 ],
              [ 'found out', $chunked . chunk('x' x 1000), chunk('x' x 1500) ])
{
    my ($name, $first, $rest) = @$case;

    $idp->clear;
    $c = client($first);
    $u = attempt("$name too large", $name eq 'known' ? 'x' x 1000
                                                     : chunk('x' x 1000));
    syswrite $u, $refusal;
    syswrite $c, $rest if $name ne 'known';
    like(until_match($c, qr/not this one$/), qr{^HTTP/1.1 401 .*one$}s,
         "$name too large: the refusal");
    ok($idp->wait_count(1), "$name too large: a login for the others");
    $c->close;
}

####  one that is no body

$idp->clear;
$c = client($chunked . chunk('first'));
$u = attempt('broken', chunk('first'));
syswrite $u, $refusal;
ok($idp->wait_count(1), 'broken: a login');
syswrite $c, "no chunk at all\r\n";
like(until_match($c, qr/not this one$/), qr{^HTTP/1.1 401 }s,
     'broken: the refusal');
$c->close;

####  a client that leaves

$idp->clear;
$c = client(post(10, 'first'));
$u = attempt('gone', 'first');
syswrite $u, $refusal;
ok($idp->wait_count(1), 'gone: a login');
$c->close;
ok($t->wait_for(sub {
    return IO::Select->new($u)->can_read(0) && !sysread $u, my $none, 1;
}), 'gone: the upstream is left');

####  a second refusal is the answer

$idp->clear;
$c = client(post(10, 'first'));
$u = attempt('twice', 'first');
syswrite $u, $refusal;
syswrite $c, 'later';
$u = accepted();
until_match($u, qr/later$/);
syswrite $u, $refusal;
like(until_match($c, qr/not this one$/), qr{^HTTP/1.1 401 }s,
     'twice: the second refusal');

####  kept connections go on

my $request = post(10, '', '/kept') =~ s/Connection: close\r\n//r;

$c = client($request . 'first');
$u = attempt('kept', 'first');
syswrite $u, $refusal;
syswrite $c, 'later' . $request . 'firstagain';
replayed('kept', $c, 'firstlater');

$in{$c} = '';
$u = attempt('pipelined', 'firstagain');
syswrite $u, $ok;
like(until_match($c, qr/ok$/), qr{^HTTP/1.1 200 }s,
     'pipelined: the next request of the connection');
$c->close;

$t->done;
