#!/usr/bin/perl

# Tests that any allocation may fail: each one in turn, and each with all that
# follow, of a login, a hit, a replay, an evaluation, a status page.  The client
# gets an answer or a closed connection, the worker lives, no login is stuck,
# and the next request is as if nothing had been.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Faults;
use Test::OAuthCC::Guard;

plan(skip_all => 'a checker has allocations of its own')
    if $ENV{TEST_NGINX_REPORTS};

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');

my $faults = Test::OAuthCC::Faults->new($t->prefix);

$t->write_file('json.json', <<'JSON');
{
    "authentication": {
        "type": "login",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/json",
            "method": "POST",
            "headers": { "X-Time": { "function": "sprintf",
                                     "args": [ "%05d", 42 ] } },
            "params": { "a": { "function": "md5", "args": [ "x" ] } }
        },
        "apiRequest": {
            "headers": { "X-Token": { "response": "access_token" } },
            "query": { "key": { "response": "access_token" } }
        }
    }
}
JSON

$t->write_file('each.json',
               $t->read_file('json.json')
               =~ s/"type": "login",/"type": "login", "expires": 0,/r);

$t->openssl('ecparam -name prime256v1 -genkey -noout -out key.pem');

my $provider = <<'CONF';
        client_id gateway;
        client_secret s3cret;
        backoff 1ms 1ms;
        replay_interval 1ms;
        expiry_margin 0;
CONF

$t->run(<<"CONF", $faults->environment);
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
$provider
    }

    oauthcc_provider signed {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/signed;
        client_id gateway;
        auth_method private_key_jwt;
        assertion_key %%PREFIX%%/key.pem;
        backoff 1ms 1ms;
    }

    oauthcc_provider json { login_json json.json; backoff 1ms 1ms; }
    oauthcc_provider each { login_json each.json; backoff 1ms 1ms; }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /crm    { oauthcc crm; proxy_pass http://api/; }
        location /many   { oauthcc crm scope=\$arg_s; proxy_pass http://api/; }
        location /signed { oauthcc signed; proxy_pass http://api/; }
        location /json   { oauthcc json; proxy_pass http://api/; }
        location /each   { oauthcc each; proxy_pass http://api/; }
        location /header { oauthcc crm; proxy_pass http://api/;
                           oauthcc_header X-Key "k \$oauthcc_access_token"; }
        location /status { oauthcc_status control; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

# what nginx says of it is no alarm
$t->allow_alert(qr/memory|alloc|\(12: |^\S+ \S+ \[(?:emerg|crit)\]/);

my @order = (headers => [ 'X-Requested-With' => 'test', 'Content-Type' =>
                          'application/x-www-form-urlencoded' ]);

sub purge ($name) {
    $t->request(POST => '/status', body => "action=purge&provider=$name",
                @order);
}

my $n = 0;
my $log = $t->prefix . '/logs/error.log';

# before, the request, what it answers when all is well

my %cases = (
    login => [ sub { purge('crm') }, [ GET => '/crm' ] ],
    hit => [ sub { $t->get('/crm') }, [ GET => '/crm' ] ],
    body => [ sub { purge('crm') }, [ POST => '/crm', body => 'x' x 100 ] ],
    entry => [ sub { $n++ }, sub { [ GET => "/many?s=$n" ] } ],
    signed => [ sub { purge('signed') }, [ GET => '/signed' ] ],
    json => [ sub { purge('json') }, [ GET => '/json' ] ],
    each => [ sub { }, [ GET => '/each' ] ],
    header => [ sub { $t->get('/crm') }, [ GET => '/header' ] ],
    replay => [ sub { $t->get('/crm'); $api->revoke($idp->tokens) },
                [ GET => '/crm' ] ],
    html => [ sub { }, [ GET => '/status?format=html' ] ],
    as_json => [ sub { }, [ GET => '/status?format=json&limit=1' ] ],
    prometheus => [ sub { }, [ GET => '/status?format=prometheus' ] ],
    order => [ sub { $t->get('/crm') },
               [ POST => '/status', body => 'action=purge&provider=crm',
                 @order ] ],
    failing => [ sub { purge('crm');
                       $idp->answer('/crm', { status => 500 }, {}) },
                 [ GET => '/crm' ], 502 ],
);

my ($worker) = $t->workers;

for my $name (sort keys %cases) {
    my ($before, $request, $well) = @{ $cases{$name} };
    $well //= 200;

    for my $all (0, 1) {
        my (%seen, %bad);
        my $k = 0;

        for ( ;; ) {
            $before->();
            my @request = @{ ref $request eq 'CODE' ? $request->()
                                                    : $request };
            my $logged = -s $log;
            $faults->fail([ 'memory' ], ++$k, all => $all);
            my $r = $t->request(@request, timeout => 5);
            my $failed = $faults->failed;
            $faults->stop;

            $seen{ $r->status }++;
            $bad{'silent ' . $r->status} = $k
                if $r->status != $well && -s $log == $logged;
            $bad{ $r->status } = $k
                unless $r->status =~ /^(?:0|200|500|502|503|504)$/
                       || $r->status == $well;

            # and then all is as before: at once, or after the backoff

            my $next;
            $t->wait_for(sub {
                $next = $t->request(@request, timeout => 5);
                return $next->status == 200;
            }, 3);

            $bad{'then ' . $next->status} //= $k if $next->status != 200;

            last if !$failed || $k >= 1500;
        }

        my $what = "$name, " . ($all ? 'all from one on' : 'one after another');
        cmp_ok($k, '>', 3, "$what: there are allocations");
        cmp_ok($k, '<', 1500, "$what: all of them were tried");
        is_deeply(\%bad, {}, "$what: $k times")
            or diag explain \%seen;
        is(($t->workers)[0], $worker, "$what: the worker lives")
            or ($worker) = $t->workers;
    }
}

$t->done;
