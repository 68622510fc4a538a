#!/usr/bin/perl

# Tests what a gateway does when it has no more connections, descriptors, or
# room on its disk: an error for the client, a line in the log, and business as
# usual when there is some again.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Socket::INET;
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 1, connections => 24);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->allow_alert(qr/worker_connections are not enough/);
$t->allow_alert(qr/\(24: Too many open files\)/);

my $config = <<'CONF';
%%GLOBALS%%
MORE

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
        backoff 1ms 1ms;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location / {
            oauthcc crm scope=$arg_s;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /up {
            client_max_body_size 0;
            client_body_buffer_size 1k;
            client_body_temp_path %%PREFIX%%/small;
            oauthcc crm;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

# clients with half a request, whose connections nginx has to keep

sub busy ($n) {
    my @clients = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                            PeerPort => $t->port('http')) // () } 1 .. $n;
    syswrite $_, "GET / HTTP/1.1\r\n" for @clients;
    return @clients;
}

my $n = 0;

# for each number of them a cold request: each kind of failure has its turn

sub squeeze ($what, $most, $re) {
    my %seen;

    for my $k (0 .. $most) {
        my @others = busy($k);
        my $r = $t->get('/?s=' . ++$n, timeout => 1);
        $seen{ $r->status }++;
        close $_ for @others;
        ok($t->wait_for(sub { $t->get("/?s=$n", timeout => 1)->status
                              == 200 }), "$what, $k others: it recovers");
    }

    is_deeply([ grep { !/^(?:0|200|500|502|503|504)$/ } keys %seen ], [],
              "$what: all answers are known") or diag explain \%seen;
    cmp_ok($seen{200} // 0, '>', 0, "$what: some are good");
    cmp_ok($seen{200} // 0, '<', $most + 1, "$what: and some are not");
    like($t->error_log, $re, "$what: the log says why");
}


####  connections

$t->run($config =~ s/MORE//r);
my ($worker) = $t->workers;
squeeze('connections', 22, qr/worker_connections are not enough/);
is(($t->workers)[0], $worker, 'the worker lives');
$t->stop;


####  descriptors

$t->run($config =~ s/MORE/worker_rlimit_nofile 26;/r);
($worker) = $t->workers;
squeeze('descriptors', 18, qr/\(24: Too many open files\)/);
is(($t->workers)[0], $worker, 'the worker lives');
$t->stop;


####  the disk

my $small = $t->prefix . '/small';
mkdir $small;

SKIP: {
    skip('a small disk takes root', 3)
        if system("mount -t tmpfs -o size=64k none $small 2>/dev/null") != 0;

    $t->run($config =~ s/MORE//r);

    is($t->request(POST => '/up', body => 'x' x 20000)->status, 200,
       'a body that fits');
    my $r = $t->request(POST => '/up', body => 'x' x 200000);
    like($r->status, qr/^(?:500|507)$/, 'one that does not');
    like($t->error_log, qr/\(28: No space left on device\)/,
         'the log says why');
    is($t->request(POST => '/up', body => 'x' x 20000)->status, 200,
       'and then one that does');

    $t->stop;
}

END { system("umount $small 2>/dev/null") if $small && -d $small }

$t->done;
