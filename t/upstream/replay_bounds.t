#!/usr/bin/perl

# Tests for what refused tokens may cost: an upstream that answers 401 to
# everything, for a reason that no login mends, must not turn every request into
# a login, nor take the token away from the other upstreams of its provider.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;
use List::Util qw(max);
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my %api = map { $_ => $t->daemon(Guard => "api_$_") } qw(a b);

my %more = (
    never => '', down => 'backoff 200ms 200ms;', replaced => '', young => '',
    interval => 'replay_interval 600ms;', double => 'replay_interval 200ms;',
    backoff => 'backoff 30s 30s;', failed => '', slow => 'timeout 300ms;',
    many => 'max_waiters 1;',
);

my @names = sort keys %more;

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        $more{$_}
    }
CONF

my $locations = join "\n", map { my $api = $_; map { <<"CONF" } @names } qw(a b);
        location /$api/$_ {
            oauthcc $_;
            proxy_pass http://127.0.0.1:%%PORT_api_$api%%;
        }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        add_header X-Status \$oauthcc_cache_status always;
$locations
    }
}
CONF

my $logins = sub ($name) {
    return grep { $_->{uri} eq "/$name" } $idp->requests;
};

my %unauthorized = (status => 401, body => "no\n",
                    headers => [ 'WWW-Authenticate' => 'Bearer' ]);

# a token, which is revoked then

my $revoked = sub ($name) {
    is($t->get("/a/$name")->status, 200, "$name: a token");
    $_->revoke($idp->tokens) for values %api;
};

####  an upstream that always refuses, and one that does not

$api{a}->answer('/a/never', { %unauthorized });
$idp->answer('/never', { delay => 0.1 });

is($t->get('/b/never')->status, 200, 'never: a token');

my (@refused, @good);

for (1 .. 30) {
    my @clients = map { $t->client->start(GET => $_) }
                  ('/a/never') x 10, '/b/never';
    Test::OAuthCC::Client::drive(5, @clients);

    push @good, (pop @clients)->{response};
    push @refused, map { $_->{response} } @clients;
}

is(Test::OAuthCC::tally(@refused), '401 x 300', 'never: refused');
is(scalar(grep { $_->body ne "no\n"
                 || $_->header('WWW-Authenticate') ne 'Bearer' } @refused), 0,
   'never: with the answer of the upstream');
is(scalar $logins->('never'), 2, 'never: at the cost of one login');
is(Test::OAuthCC::tally(@good), '200 x 30', 'never: the other is served');
is(scalar(grep { $_->header('X-Status') ne 'HIT' } @good), 0,
   'never: and does not wait');
cmp_ok($api{a}->count, '<=', 310, 'never: at most one round is replayed');

####  the same while the token endpoint is down

is($t->get('/b/down')->status, 200, 'down: a token');

$api{a}->answer('/a/down', { %unauthorized });
$idp->answer('/down', { raw => '' });
my $start = time;
@refused = @good = ();

while (time - $start < 1) {
    push @refused, $t->concurrent(4, GET => '/a/down');
    push @good, $t->concurrent(2, GET => '/b/down');
}

is(scalar(grep { $_->status != 200 } @good), 0, 'down: the other is served');
is(scalar(grep { $_->header('X-Status') ne 'HIT' } @good), 0,
   'down: and does not wait');
is(scalar(grep { $_->status !~ /^(?:401|50[23])$/ } @refused), 0,
   'down: the refused ones are told so');
cmp_ok(scalar $logins->('down'), '<=', 12, 'down: few logins are tried');

####  a token that was replaced meanwhile

is($t->get('/a/replaced')->status, 200, 'replaced: a token');
$api{b}->answer('/b/replaced', { hold => 1, %unauthorized }, {});

my $late = $t->client->start(GET => '/b/replaced');
ok($t->wait_for(sub { grep { $_->{uri} eq '/b/replaced' }
                      $api{b}->requests }), 'replaced: one is on its way');

$_->revoke($idp->tokens) for values %api;
is($t->get('/a/replaced')->status, 200, 'replaced: another has replaced it');
is(scalar $logins->('replaced'), 2, 'replaced: by a login');

$api{b}->release;
is($late->finish->status, 200, 'replaced: it is served');
is(scalar $logins->('replaced'), 2, 'replaced: without another one');

my ($old, $new) = map { $_->{token} }
                  grep { $_->{uri} eq '/b/replaced' } $api{b}->requests;
is_deeply([ $old, $new ], [ map { $_->{token} } $logins->('replaced') ],
          'replaced: with the new token');

####  however young the token is

$api{a}->answer('/a/young', { %unauthorized }, {});
is($t->get('/a/young')->status, 200, 'young: the first token is refused');
is(scalar $logins->('young'), 2, 'young: and replaced');

####  unless a refusal has forced a login already

$revoked->('interval');
is($t->get('/a/interval')->status, 200, 'interval: replaced');
my $forced = time;
is(scalar $logins->('interval'), 2, 'interval: by a login');

$_->revoke($idp->tokens) for values %api;
my $r = $t->get('/a/interval');
is($r->status, 401, 'interval: refused again');
is($r->body, "refused\n", 'interval: the answer of the upstream');
like($r->header('WWW-Authenticate'), qr/invalid_token/,
     'interval: with its header');
is(scalar $logins->('interval'), 2, 'interval: no login');

ok($t->wait_for(sub { $t->get('/a/interval')->status == 200 }, 2),
   'interval: served again');
cmp_ok(time - $forced, '>=', 0.55, 'interval: not before it has passed');
cmp_ok(time - $forced, '<', $t->seconds(1), 'interval: and soon after');
is(scalar $logins->('interval'), 3, 'interval: by one login');

####  which doubles while new tokens are refused too

is($t->get('/b/double')->status, 200, 'double: a token');
$api{a}->answer('/a/double', { %unauthorized });

$start = time;
$t->get('/a/double') while time - $start < 1.8;

my (undef, @times) = map { $_->{time} } $logins->('double');
is(scalar @times, 3, 'double: three logins are forced') or diag("@times");

cmp_ok($times[1] - $times[0], '>=', 0.35, 'double: the second is late');
cmp_ok($times[1] - $times[0], '<', $t->seconds(0.6),
       'double: but not too late');
cmp_ok($times[2] - $times[1], '>=', 0.72, 'double: the third is later');
cmp_ok($times[2] - $times[1], '<', $t->seconds(1.1),
       'double: but not too late');

$api{a}->answer('/a/double', {});
is($t->get('/a/double')->status, 200, 'double: a success');

# the interval of the last login is over by then
$_->revoke($idp->tokens) for values %api;
ok($t->wait_for(sub { $t->get('/a/double')->status == 200 }, 1),
   'double: the token is replaced');
$_->revoke($idp->tokens) for values %api;
$start = time;
ok($t->wait_for(sub { $t->get('/a/double')->status == 200 }, 1),
   'double: and once more');
cmp_ok(time - $start, '<', $t->seconds(0.35),
       'double: after the interval, as at first');

####  forced logins that fail

$revoked->('failed');
$idp->answer('/failed', { status => 500, body => '' });
is(Test::OAuthCC::tally($t->get('/a/failed')), '502 x 1',
   'failed: the login was refused');

$revoked->('slow');
$idp->answer('/slow', { hang => 1 });
$r = $t->get('/a/slow');
is($r->status, 504, 'slow: the login took too long');
cmp_ok($r->time, '<', $t->seconds(1), 'slow: for its timeout');

$revoked->('many');
$idp->answer('/many', { hold => 1 });
my @clients = map { $t->client->start(GET => '/a/many') } 1 .. 6;
ok($t->wait_for(sub { 6 == grep { $_->{uri} eq '/a/many' }
                              $api{a}->refused }), 'many: all are refused');
$idp->release;
Test::OAuthCC::Client::drive(5, @clients);
my @r = map { $_->{response} } @clients;
cmp_ok(scalar(grep { $_->status == 503 } @r), '>=', 4,
       'many: who may not wait gets 503');
is(scalar(grep { $_->status == 503
                 && ($_->header('Retry-After') // '') !~ /^[1-9]/ } @r), 0,
   'many: with Retry-After');
cmp_ok(scalar(grep { $_->status == 200 } @r), '>=', 1,
       'many: who has waited is served');

####  during backoff the refusal is the answer

$revoked->('backoff');
$idp->answer('/backoff', { status => 500, body => '' });
is($t->get('/a/backoff')->status, 502, 'backoff: the login fails');
@r = $t->concurrent(10, GET => '/a/backoff');
is(Test::OAuthCC::tally(@r), '401 x 10', 'backoff: then 401');
is(scalar(grep { $_->body ne "refused\n" } @r), 0,
   'backoff: which is the answer of the upstream');
cmp_ok(max(map { $_->time } @r), '<', $t->seconds(0.5), 'backoff: at once');
is(scalar $logins->('backoff'), 2, 'backoff: without a login');

$t->done;
