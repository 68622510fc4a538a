#!/usr/bin/perl

# Tests what flows through a location with oauthcc: a WebSocket, events of a
# server one by one, and a gigabyte in each direction, for which the memory of
# a worker does not grow.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Test::OAuthCC;

my $giga = 2 ** 30;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    client_max_body_size 0;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc crm;
        proxy_http_version 1.1;

        location /ws {
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /events {
            proxy_buffering off;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /up {
            proxy_request_buffering off;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /kept {
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /down {
            proxy_max_temp_file_size 0;
            proxy_pass http://127.0.0.1:%%PORT_files%%;
        }
    }

    # "if" with the pattern itself would write the token to a debug log
    map $http_authorization $denied {
        default 1;
        "~^Bearer tok-" "";
    }

    server {
        listen 127.0.0.1:%%PORT_files%%;
        root files;
        location / {
            if ($denied) { return 403; }
        }
    }
}
CONF


####  the API: one process, which serves one connection after the other

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', ReuseAddr => 1,
    LocalPort => $t->port('api'), Listen => 5) or die "listen: $!";

pipe my $told, my $tell or die "pipe: $!";
my $pid = fork // die "fork: $!";

if ($pid == 0) {
    close $tell;
    while (my $c = $listen->accept) { serve($c); close $c }
    POSIX::_exit(0);
}

close $listen;
close $told;

# dies with the test, whatever becomes of that
END { kill 'TERM', $pid if $pid }

sub serve ($c) {
    my $head = '';
    until ($head =~ /\r\n\r\n/) { sysread $c, $head, 4096, length $head
                                  or return }
    my $body = $head =~ s/.*?\r\n\r\n//sr;
    my $ok = $head =~ /^Authorization: Bearer tok-/m ? 'yes' : 'no';

    if ($head =~ m{^GET /ws}) {
        $c->print("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  . "Connection: Upgrade\r\nX-Token: $ok\r\n\r\n");
        while (sysread $c, my $bytes, 4096) { $c->syswrite(uc $bytes) }

    } elsif ($head =~ m{^GET /events}) {
        $c->print("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                  . "X-Token: $ok\r\n\r\n");
        # each when the test has seen the one before
        for my $n (1 .. 3) {
            $c->syswrite("data: $n\n\n");
            sysread $told, my $byte, 1;
        }

    } else {
        my ($left) = $head =~ /^Content-Length: (\d+)/m;
        $left -= length $body;
        my $n = length $body;
        while ($left && (my $got = sysread $c, my $bytes, 2 ** 20)) {
            $left -= $got;
            $n += $got;
        }
        $c->print("HTTP/1.1 200 OK\r\nConnection: close\r\nX-Token: $ok\r\n"
                  . "Content-Length: " . length($n) . "\r\n\r\n$n");
    }
}


# bytes from the gateway until they match, or the text so far

sub until_match ($c, $re, $seconds = 10) {
    my $text = '';
    my $select = IO::Select->new($c);

    until ($text =~ $re) {
        $select->can_read($seconds) or last;
        sysread $c, $text, 65536, length $text or last;
    }

    return $text;
}

sub connected () {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $t->port('http')) // die "connect: $!";
}


####  a WebSocket

my $c = connected();
$c->syswrite("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
             . "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             . "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
my $head = until_match($c, qr/\r\n\r\n/);
like($head, qr{^HTTP/1.1 101}, 'a WebSocket is opened');
like($head, qr/^X-Token: yes/m, 'with a token');

for my $n (1 .. 3) {
    $c->syswrite("frame $n;");
    is(until_match($c, qr/;/), "FRAME $n;", 'bytes go both ways');
}

close $c;


####  events of a server

$c = connected();
$c->syswrite("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
my $text = until_match($c, qr/data: 1/);
like($text, qr/^X-Token: yes/m, 'events come with a token');
like($text, qr/data: 1/, 'the first one comes alone');
unlike($text, qr/data: 2/, 'before the next one is sent');
$tell->syswrite('x');
like(until_match($c, qr/data: 2/), qr/data: 2/, 'the second one follows');
$tell->syswrite('xx');
like(until_match($c, qr/data: 3/), qr/data: 3/, 'and the third');
close $c;


####  a gigabyte

# the most memory that a worker ever had, in kilobytes

sub peak () {
    my $most = 0;

    for my $pid ($t->workers) {
        open my $fh, '<', "/proc/$pid/status" or next;
        my ($kb) = do { local $/; <$fh> } =~ /^VmHWM:\s+(\d+)/m;
        $most = $kb if $kb > $most;
    }

    return $most;
}

sub upload ($uri, $size) {
    my $c = connected();
    $c->syswrite("POST $uri HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                 . "Content-Length: $size\r\n\r\n");

    my $chunk = 'x' x 2 ** 20;
    local $SIG{PIPE} = 'IGNORE';

    for (my $left = $size; $left > 0; ) {
        my $n = syswrite $c, $chunk, $left < 2 ** 20 ? $left : 2 ** 20;
        defined $n or return "cut off: $!";
        $left -= $n;
    }

    return until_match($c, qr/\r\n\r\n\d+$/, 60);
}

mkdir $t->prefix . '/files';
open my $file, '>', $t->prefix . '/files/down' or die "files/down: $!";
truncate $file, $giga or die "truncate: $!";
close $file;

# what a request as such takes
like(upload('/up', 1000), qr/1000$/, 'a small upload');
like(upload('/kept', 2 ** 20), qr/1048576$/, 'one that is kept in a file');
$t->get('/down', headers => [ Range => 'bytes=0-99' ]);
my $before = peak();

my $answer = upload('/up', $giga);
like($answer, qr/^X-Token: yes/m, 'a gigabyte goes up with a token');
like($answer, qr/\r\n\r\n$giga$/, 'and all of it arrives');
cmp_ok(peak() - $before, '<', 4096, 'the memory of the workers is the same');

$c = connected();
$c->syswrite("GET /down HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
$text = until_match($c, qr/\r\n\r\n/);
like($text, qr{^HTTP/1.1 200}, 'a gigabyte comes down with a token');
my $n = length $text =~ s/.*?\r\n\r\n//sr;

while (my $got = sysread $c, my $bytes, 2 ** 20) { $n += $got }

is($n, $giga, 'and all of it arrives');
cmp_ok(peak() - $before, '<', 4096, 'the memory of the workers is the same');

is($idp->logins, 1, 'there was one login for all of that');

$t->done;
