#!/usr/bin/perl

# Tests when secret files are looked at: once by each login, and once a second
# while the backoff of a provider lasts, which a change ends.  Requests do not
# look at them, however many there are.  That is counted, by a library in front
# of the C library.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;
use Time::HiRes qw(time);

# one worker, whose looks are counted
my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

my $library = $t->prefix . '/looks.so';

is(system('cc -shared -fPIC -O1 -Wall -Wextra -o ' . $library
          . " $FindBin::Bin/../preload/looks.c"), 0,
   'looks at files can be counted') or BAIL_OUT('no compiler');

$t->write_file('counts', "\0" x 80);

# the digit is the place of the number
my %file = (cold => 0, refused => 1, early => 2, warm => 3, tenants => 4,
            changed => 5, each => 6, slow => 7, two => 8, down => 9);

sub path ($name) { return "secrets/$file{$name}-$name" }

sub change ($name, $secret) {
    $t->write_file(path($name), $t->secret("$secret-s3cret-of-$name") . "\n");
}

sub looks ($name) {
    open my $fh, '<:raw', $t->prefix . '/counts' or die "counts: $!";
    sysread $fh, my $bytes, 80;
    return (unpack 'q10', $bytes)[$file{$name}];
}

change($_, 'first') for keys %file;

$t->write_file('each.json', <<'JSON');
{
    "authentication": {
        "type": "login",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/each",
            "method": "FORM",
            "params": { "client_secret": { "attr": "secret" } }
        },
        "apiRequest": { "headers": { "X-Token": "access_token" } },
        "expires": 0
    }
}
JSON

my %more = (
    refused => 'backoff 10m 10m;',
    early => 'backoff 10m 10m; expiry_margin 0;',
    warm => 'backoff 10m 10m; keep_warm on;',
    tenants => 'backoff 10m 10m;',
    changed => 'backoff 10m 10m;',
    slow => 'backoff 10m 10m; timeout 1s;',
    two => 'max_logins 1;',
    down => 'backoff 100ms 100ms;',
);

my $providers = join '', map { <<"CONF" } grep { $_ ne 'each' } sort keys %file;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret file:%%PREFIX%%/@{[ path($_) ]};
        auth_method client_secret_post;
        @{[ $more{$_} // '' ]}
    }

CONF

$idp->answer('/warm', { status => 401, body => '{"error":"invalid_client"}' });

$t->run(<<"CONF",
%%GLOBALS%%

http {
    %%HTTP%%

$providers
    oauthcc_provider each {
        login_json each.json;
        attr secret file:%%PREFIX%%/@{[ path('each') ]};
    }

    map \$uri \$provider { ~^/(?<name>[^/]+)\$ \$name; }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location / {
            oauthcc \$provider;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location = /tenants {
            oauthcc tenants audience=\$arg_a;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location = /two {
            oauthcc two audience=\$arg_a;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location = /status { oauthcc_status; }
    }
}
CONF
    LD_PRELOAD => $library, LOOKS_COUNTS => $t->prefix . '/counts',
    LOOKS_FOLDER => $t->prefix . '/secrets/',

    # it need not be the first library: it allocates nothing
    ASAN_OPTIONS => join ':', $ENV{ASAN_OPTIONS} // (),
                              'verify_asan_link_order=0');

sub logins ($name) { return grep { $_->{uri} eq "/$name" } $idp->requests }

sub sent ($name) {
    my $login = (logins($name))[-1] // { body => '' };
    return $login->{body} =~ /client_secret=(\w+)-s3cret/ ? $1 : '';
}

# nobody asks: after the next look a request is answered at once
sub looked ($name) {
    my $n = looks($name);
    return $t->wait_for(sub { looks($name) > $n }, 3);
}

my $refused = { status => 401, body => '{"error":"invalid_client"}' };


####  a herd that waits, and hits

my $before = looks('cold');
$idp->answer('/cold', { hold => 1 });

my @clients = map { $t->client->start(GET => '/cold') } 1 .. 100;

# the status page looks too: it has a count of stale files
my $pages = 0;

ok($t->wait_for(sub { $pages++;
                      $status->provider('cold')->{waiters} == 100 }),
   'a hundred requests wait');

# they look for a leader that was killed meanwhile
ok(!$t->wait_for(sub { logins('cold') > 1 }, 0.8), 'for one login');
is(looks('cold') - $before, 1 + $pages,
   'which has looked at the file, once');

$idp->release;
is(Test::OAuthCC::tally(map { $_->finish } @clients), '200 x 100',
   'they have their token');
is(Test::OAuthCC::tally($t->concurrent(100, GET => '/cold')), '200 x 100',
   'as others have');
is(looks('cold') - $before, 1 + $pages, 'without another look');


####  a herd that waits for a place

$before = looks('two');
$idp->answer('/two', { delay => 0.1 });

is(Test::OAuthCC::tally(map { $_->finish }
                        map { $t->client->start(GET => "/two?a=$_") } 1 .. 9),
   '200 x 9', 'logins one after the other');
is(looks('two') - $before, 9, 'a look by each of them');


####  those of requests

$before = looks('each');

is(Test::OAuthCC::tally($t->concurrent(5, GET => '/each')), '200 x 5',
   'a login for each request');
is(looks('each') - $before, 5, 'a look by each of these');


####  during the backoff: once a second, whoever asks, and if nobody does

$idp->answer('/refused', $refused);
is($t->get('/refused')->status, 502, 'the secret is refused');

$before = looks('refused');
my $begin = time;

is(Test::OAuthCC::tally(map { $t->concurrent(50, GET => '/refused') } 1 .. 8),
   '503 x 400', 'requests are told to wait');
cmp_ok(looks('refused') - $before, '<=', 2 + int(time - $begin),
       'at most one look a second');

$before = looks('refused');
$begin = time;
ok($t->wait_for(sub { looks('refused') >= $before + 3 }, 6),
   'when nobody asks too');
cmp_ok(time - $begin, '>', 1.8, 'about one a second');
is(scalar logins('refused'), 1, 'and no login');

$idp->answer('/refused', {});
change('refused', 'second');
ok(looked('refused'), 'the file changes');
is($status->provider('refused')->{entries}[0]{backoff} // 0, 0,
   'the backoff is over');
is($t->get('/refused')->status, 200, 'the next request logs in');
is(sent('refused'), 'second', 'with what is in the file');
is(scalar logins('refused'), 2, 'once');

$before = looks('refused');
ok(!$t->wait_for(sub { looks('refused') > $before }, 2),
   'then nobody looks at it any more');


####  a backoff that ends by itself

$idp->answer('/down', { status => 500 }, {});
is($t->get('/down')->status, 502, 'a server that is down');
ok($t->wait_for(sub { $t->get('/down')->status == 200 }), 'for a moment');
$t->wait_for(sub { 0 }, 1.1);
$before = looks('down');
ok(!$t->wait_for(sub { looks('down') > $before }, 1.5),
   'the file is left alone afterwards');


####  a refresh that fails: the token is good meanwhile

$idp->answer('/early', { json => { expires_in => 10 } }, $refused);
is($t->get('/early')->status, 200, 'a token');

my %seen;
ok($t->wait_for(sub { $seen{ $t->get('/early')->status }++;
                      logins('early') == 2 }, 20), 'its refresh is refused');

$idp->answer('/early', {});
change('early', 'second');
ok($t->wait_for(sub { $seen{ $t->get('/early')->status }++;
                      logins('early') == 3 }, 8),
   'and tried again when the file changes');
is(sent('early'), 'second', 'with what is in there');
is(join(' ', keys %seen), 200, 'no request sees it');


####  keep_warm: nobody asks at all

ok($t->wait_for(sub { logins('warm') }), 'a provider that is kept warm');
$before = looks('warm');
$begin = time;
ok($t->wait_for(sub { looks('warm') >= $before + 2 }, 5),
   'looks at its file too');
cmp_ok(looks('warm') - $before, '<=', 2 + int(time - $begin),
       'once a second');

$idp->answer('/warm', {});
change('warm', 'second');
ok($t->wait_for(sub { sent('warm') eq 'second' }, 4),
   'and logs in when it changes');


####  all entries of a provider

$idp->answer('/tenants', { status => 400,
                           body => '{"error":"invalid_target"}' });

is(join(' ', map { $t->get("/tenants?a=$_")->status } 1 .. 3), '502 502 502',
   'tenants are refused');
is(join(' ', map { $t->get("/tenants?a=$_")->status } 1 .. 3), '503 503 503',
   'each has a backoff');

$idp->answer('/tenants', {});
change('tenants', 'second');
ok(looked('tenants'), 'the file changes');
is(join(' ', map { $t->get("/tenants?a=$_")->status } 1 .. 3), '200 200 200',
   'that of all of them is over');


####  the file has changed while its secret was refused

$idp->answer('/changed', { %$refused, hold => 1 }, {});
$before = looks('changed');
@clients = map { $t->client->start(GET => '/changed') } 1 .. 20;
ok($t->wait_for(sub { logins('changed') }), 'a login');

change('changed', 'second');
$idp->release;
is(Test::OAuthCC::tally(map { $_->finish } @clients), '200 x 20',
   'is made again with the new secret');
is(scalar logins('changed'), 2, 'once, for all who wait');
is(sent('changed'), 'second', 'with what is in the file');
cmp_ok(looks('changed') - $before, '<=', 3, 'after few looks');

# once: who writes a file all the time does not log in all the time

$idp->answer('/each', { %$refused, delay => 0.2 });
$idp->clear;
my $client = $t->client->start(GET => '/each');
my $n = 0;

ok($t->wait_for(sub { change('each', 'new' . $n++);
                      return logins('each') == 2 }), 'another one');
$t->wait_for(sub { change('each', 'new' . $n++); return 0 }, 0.5);
is($client->finish->status, 502, 'is refused again');
is(scalar logins('each'), 2, 'and that is the end of it');


####  within one timeout

$idp->answer('/slow', { %$refused, delay => 0.7 }, { hang => 1 });
$begin = time;
$client = $t->client->start(GET => '/slow');
ok($t->wait_for(sub { logins('slow') }), 'a slow server');
change('slow', 'second');
is($client->finish->status, 504, 'a login that is made again');
is(scalar logins('slow'), 2, 'was made twice');
cmp_ok(time - $begin, '<', $t->seconds(1.5), 'within one timeout');

$t->done;
