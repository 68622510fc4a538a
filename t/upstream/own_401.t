#!/usr/bin/perl

# Tests that a 401 which is not about the token, be it for a user's wrong
# password, costs few logins for however long it goes on, and keeps nobody from
# a new token when that is what is wanted.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');

my @names = qw(beside alone same two own forget grow reload many nested
               servers out kept);

# with 40 locations an interval has to outlast a slow machine's round
my %interval = (many => '1s');

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        replay_interval @{[ $interval{$_} // '100ms' ]};
    }
CONF

# /NAME/a and /NAME/b are locations; in both there is more than one path

my $locations = join "\n", map { my $name = $_; map { <<"CONF" } qw(a b) }
        location /$name/$_ {
            oauthcc $name;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
CONF
    grep { !/nested|servers|many/ } @names;

my $many = join "\n", map { <<"CONF" } 1 .. 40;
        location /many/$_/ {
            oauthcc many;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
CONF

# the same text, in two locations and in two servers

my $regex = <<'CONF';
            location ~ /a$ {
                oauthcc nested;
                proxy_pass http://127.0.0.1:%%PORT_api%%;
            }
CONF

my $server = sub ($port, $more = '') { <<"CONF" };
    server {
        listen 127.0.0.1:%%PORT_$port%%;
        location /servers/ {
            oauthcc servers;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
$more
    }
CONF

my $all = join "\n", $locations, $many, <<"CONF";
        location /nested/1/ {
$regex
        }
        location /nested/2/ {
$regex
        }
CONF

my $config = sub ($first, $last) { <<"CONF" };
%%GLOBALS%%

http {
    %%HTTP%%
$providers
$first
    @{[ $server->('http', $all) ]}
    @{[ $server->('other') ]}
$last
}
CONF

$t->run($config->('', ''));

my $logins = sub ($name) {
    return grep { $_->{uri} eq "/$name" } $idp->requests;
};

my %unauthorized = (status => 401, body => "wrong password\n",
                    headers => [ 'WWW-Authenticate' => 'Basic realm="u"' ]);

my $revoke = sub { $api->revoke($idp->tokens) };

# asks for all of these, again and again for so many seconds
my $ask = sub ($seconds, @uris) {
    my $end = time + $seconds;
    my @r;

    while (time < $end) {
        push @r, $t->concurrent(1, GET => $_) for @uris;
        select undef, undef, undef, 0.005;
    }

    return @r;
};

# Until the interval of a provider is over: what all locations force together.
my $over = sub ($name) {
    my $last = ($logins->($name))[-1]{time};
    $t->wait_for(sub { time > $last + 0.11 });
};

####  beside requests that are taken, in the same location

$api->answer('/beside/a/denied', { %unauthorized });
# logins at 0, 0.1, 0.3, 0.7 and 1.5 s, and the next not before 3.1 s
my @r = $ask->(2.6, '/beside/a/ok', '/beside/a/denied');

is(scalar(grep { $_->status == 200 } @r), @r / 2, 'beside: half is taken');
cmp_ok(scalar $logins->('beside'), '>=', 4, 'beside: some logins');
cmp_ok(scalar $logins->('beside'), '<=', 7,
       'beside: ever fewer, whatever others get');
my @denied = grep { $_->{uri} eq '/beside/a/denied' } $api->requests;
cmp_ok(@denied - @r / 2, '<=', 6, 'beside: few are sent twice');

####  and then its token is revoked

$over->('beside');
my $before = $logins->('beside');
$revoke->();

ok($t->wait_for(sub { $t->get('/beside/a/denied');
                      $t->get('/beside/a/ok')->status == 200 }, 4),
   'beside: revoked, and a new token');
is($logins->('beside') - $before, 1, 'beside: by one login');
is(scalar(grep { $_->status != 200 } $ask->(0.5, '/beside/a/ok')), 0,
   'beside: and goes on');

####  without others: there is no sign that a token was ever good

$api->answer('/alone/a', { %unauthorized });
$ask->(3, '/alone/a');
cmp_ok(scalar $logins->('alone'), '<=', 7, 'alone: ever fewer');

####  one location refuses, another gets on when its token is revoked

$api->answer('/two/a', { %unauthorized });
$ask->(3, '/two/a', '/two/b');
cmp_ok(scalar $logins->('two'), '<=', 7,
       'two: what others get makes no difference');

$over->('two');
$before = $logins->('two');
$revoke->();
is($t->get('/two/b')->status, 200, 'two: revoked, and the first is served');
is($logins->('two') - $before, 1, 'two: after one login');

$ask->(0.5, '/two/a', '/two/b');
is($logins->('two') - $before, 1, 'two: the other forces none');

####  all together force one in an interval

$api->answer($_, { %unauthorized }) for '/own/a', '/own/b';
$ask->(1, '/own/a', '/own/b');
my @times = map { $_->{time} } $logins->('own');
shift @times;
is(scalar(grep { $times[$_] - $times[$_ - 1] < 0.09 } 1 .. $#times), 0,
   'own: never two within one interval');
cmp_ok(scalar @times, '<=', 6, 'own: two cost little more than one');

####  forgotten after an interval without a refusal

$api->answer('/forget/a', { %unauthorized });
$ask->(1, '/forget/a');
my $end = time + 1.8;
$t->get('/forget/b') while time < $end;

$before = $logins->('forget');
$ask->(0.5, '/forget/a');
@times = map { $_->{time} } $logins->('forget');
splice @times, 0, $before;
cmp_ok(scalar @times, '>=', 2, 'forget: it begins anew') or diag("@times");
cmp_ok($times[1] - $times[0], '<', $t->seconds(0.35),
       'forget: with the least interval, doubled once') if @times > 1;

####  but not by a reload, wherever the location is by then

$api->answer('/reload/a', { %unauthorized });
$ask->(1.6, '/reload/a');
$over->('reload');
$before = $logins->('reload');

my $moved = <<'CONF';
    server {
        listen 127.0.0.1:%%PORT_more%%;
        location /reload/a { oauthcc reload;
                             proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
CONF

ok($t->reload($config->("\n\n$moved", '')), 'reload');
$ask->(0.4, '/reload/a');
is($logins->('reload') - $before, 0, 'reload: its interval goes on');
is($t->get('/reload/a', port => 'more')->status, 401,
   'reload: in another server');
is($logins->('reload') - $before, 1,
   'reload: that is another one');

####  many of them

$api->answer("/many/$_/x", { %unauthorized }) for 1 .. 40;
$ask->(4, map { "/many/$_/x" } 1 .. 40);
cmp_ok(scalar $logins->('many'), '<=', 12, 'many: cost little more than one');

$over->('many');
$before = $logins->('many');
$revoke->();
ok($t->wait_for(sub { $t->get('/many/7/ok')->status == 200 }, 20),
   'many: revoked, and served again');

####  locations of one name are not the same

$api->answer('/nested/1/a', { %unauthorized });
$ask->(1, '/nested/1/a');
$over->('nested');
$before = $logins->('nested');
$revoke->();
is($t->get('/nested/2/a')->status, 200, 'nested: another one');
is($logins->('nested') - $before, 1, 'nested: forces a login');

$api->answer('/servers/a', { %unauthorized });
$ask->(1, '/servers/a');
$over->('servers');
$before = $logins->('servers');
$revoke->();
is($t->get('/servers/b', port => 'other')->status, 200,
   'servers: another one');
is($logins->('servers') - $before, 1, 'servers: forces a login');

####  the forced login fails, and then it does not

$api->answer('/out/a/denied', { %unauthorized });
$ask->(1.5, '/out/a/denied', '/out/a/ok');
$over->('out');
$idp->answer('/out', { status => 503 }, {});
$revoke->();
ok($t->wait_for(sub { $t->get('/out/a/denied');
                      $t->get('/out/a/ok')->status == 200 }, 5),
   'out: served after a login that has failed');

####  a token that comes without force is none that was tried

$api->answer('/kept/a/denied', { %unauthorized });
$ask->(1.5, '/kept/a/denied', '/kept/a/ok');

for my $round (1 .. 3) {
    $over->('kept');
    $revoke->();
    ok($t->wait_for(sub { $t->get('/kept/a/ok')->status == 200 }, 2),
       "kept: revoked, round $round");
    $ask->(0.3, '/kept/a/denied', '/kept/a/ok');
}

$t->done;
