#!/usr/bin/perl

# Tests of what t/tools/faults has found: calls that fail while nginx has no
# memory or its events are not to be had.  A client gets an answer all the same,
# and what does not start says why.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Faults;

plan(skip_all => 'a checker has allocations of its own')
    if $ENV{TEST_NGINX_REPORTS};

my $t = Test::OAuthCC->new(workers => 1);
my $faults = Test::OAuthCC::Faults->new($t->prefix);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->allow_alert(qr/epoll_ctl\(.*failed/);
$t->openssl('ecparam -name prime256v1 -genkey -noout -out key.pem');

$t->write_file('json.json', <<'JSON');
{
    "authentication": {
        "type": "login",
        "loginRequest": { "endpoint": "http://127.0.0.1/json",
                          "method": "POST" },
        "expires": { "response": "expires_in", "unit": "s" },
        "apiRequest": {
            "headers": { "X-Token": { "response": "access_token" } }
        }
    }
}
JSON

####  events: of the client's connection, the login, and the upstream

$t->run(<<"CONF", $faults->environment);
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
        backoff 1ms 1ms;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / { oauthcc crm; proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /many {
            oauthcc crm scope=\$arg_s;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

my $scope = 0;

for my $case ([ 'a hit', sub { '/' } ],
              [ 'a login', sub { '/many?s=' . ++$scope } ])
{
    my ($name, $uri) = @$case;
    my $n = 0;

    $t->get('/');

    for ( ;; ) {
        $faults->fail([ 'event' ], ++$n);
        my $r = $t->get($uri->(), timeout => 5);
        my $failed = $faults->failed;
        $faults->stop;

        # a login that failed may be over before
        last if !$failed && $r->status == 200;

        isnt($r->error // '', 'timeout',
             "$name: the client gets an answer, whatever call fails: $n");

        last if $n >= 20;
    }

    cmp_ok($n, '>', 2, "$name: there are such calls");
    cmp_ok($n, '<', 20, "$name: all of them were tried");
}

####  a reload: what cannot be had ends it, and not the master process

my $full = $t->read_file('nginx.conf');
$t->allow_alert(qr/\[(?:emerg|alert)\].*(?:memory|eventfd|open files|exited|no digest)/);

# the eventfd is made when the first location has a provider

$t->stop;
$t->run(<<'CONF', $faults->environment);
%%GLOBALS%%
http {
    %%HTTP%%
    server { listen 127.0.0.1:%%PORT_http%%; return 200 plain; }
}
CONF

# whether the master process lives when it has nothing more to do

sub reload_with ($kind, $n) {
    my $master = $t->master;
    my $from = length $t->error_log;
    my $asleep = 0;

    $faults->fail([ $kind ], $n, all => 1);
    kill 'HUP', $master;
    $t->wait_for(sub {
        return 1 if !Test::OAuthCC::is_alive($master);
        return 0 if substr($t->error_log, $from) !~ /reconfiguring/;
        $asleep = (Test::OAuthCC::stat_of($master))[0] eq 'S' ? $asleep + 1
                                                              : 0;
        return $asleep >= 10;
    });
    $faults->stop;

    return Test::OAuthCC::is_alive($master);
}

is($t->get('/')->body, 'plain', 'a worker has begun');
my $said = () = $t->log_lines(qr/eventfd\(\) failed/);
$t->write_file('nginx.conf', $full);
ok(reload_with('event', 1), 'no eventfd: the master process lives')
    or BAIL_OUT('no master process');
is(scalar(() = $t->log_lines(qr/eventfd\(\) failed/)), $said + 1,
   'and says so');
is($t->get('/')->body, 'plain', 'and its workers serve as before');

$faults->note([ 'nginx' ]);
ok($t->reload, 'a reload');
my %own = map { $_->{module} => $_->{n} } $faults->noted;
my @own = sort { $a <=> $b } values %own;
$faults->stop;

# the last ones are behind the configuration, when nginx makes the new cycle

for my $n (@own > 12 ? @own[-12 .. -1] : @own) {
    ok(reload_with('nginx', $n), "no memory, $n: the master process lives")
        or BAIL_OUT('no master process');
}

ok($t->reload, 'and reads its configuration again');
is($t->get('/')->status, 200, 'and serves');

####  nginx -t: what it cannot read has a message

my %blocks = (
    login_json => 'login_json json.json;',
    assertion => 'token_endpoint http://127.0.0.1/; client_id gateway;
        auth_method private_key_jwt; assertion_key %%PREFIX%%/key.pem;',
);

# in an nginx with the module built in, nobody knows which calls are its own

for my $name ($t->{module} ? sort keys %blocks : ()) {
    my $config = $t->one_provider($blocks{$name}, 'oauthcc crm;');

    $faults->note([ 'memory' ]);
    my ($code, $out) = $t->check($config, $faults->environment);
    my %seen;
    my @calls = map { $_->{n} }
                grep { $_->{module} && !$seen{ $_->{module} }++ }
                $faults->noted;
    $faults->stop;

    is($code, 0, "$name: all is well") or diag $out;

    cmp_ok(scalar @calls, '>', 5, "$name: there are allocations");

    my @silent;

    for my $n (@calls) {
        $faults->fail([ 'memory' ], $n);
        my ($code, $out) = $t->check($config, $faults->environment);
        $faults->stop;

        push @silent, $n
            if $code && $out =~ s/^nginx: config.* test failed\n//mr eq '';
    }

    is("@silent", '', "$name: nginx says what it cannot do");
}

$t->done;
