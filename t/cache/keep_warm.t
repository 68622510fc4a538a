#!/usr/bin/perl

# Tests for keep_warm: the token is there before the first request and is
# renewed without any, by one login for all workers; and the timers that do it
# neither keep a worker that is to leave nor hammer a server that is down.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use List::Util qw(max min uniq);
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my %more = (warm => 'keep_warm on;', long => 'keep_warm on;',
            late => 'keep_warm on; backoff 100ms 200ms;',
            cold => 'keep_warm off;', default => '');

my $providers = join "\n", map { <<"CONF" } sort keys %more;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        $more{$_}
    }
CONF

my $locations = join "\n", map { <<"CONF" } sort keys %more;
        location /$_ { oauthcc $_; proxy_pass http://api; }
CONF

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        # connections are spread over the workers
        listen 127.0.0.1:%%PORT_http%% reuseport;
        add_header X-Worker \$pid always;
        add_header X-Status \$oauthcc_cache_status always;
$locations
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $logins = sub ($name) {
    return grep { $_->{uri} eq "/$name" } $idp->requests;
};

$idp->answer('/warm', { json => { expires_in => 2 } });
$idp->answer('/late', { status => 500, body => '' });

is(($t->check($config))[0], 0, 'a good configuration');
is($idp->logins, 0, 'nginx -t makes no login');

####  without traffic

my $start = time;
$t->run($config);

ok($t->wait_for(sub { $logins->('warm') == 1 && $logins->('long') == 1 }),
   'logins at start');
cmp_ok(time - $start, '<', $t->seconds(1), 'at once');

ok($t->wait_for(sub { $logins->('warm') >= 3 }), 'refreshes');

my @times = map { $_->{time} } $logins->('warm');
my @after = map { $times[$_] - $times[$_ - 1] } 1 .. $#times;
cmp_ok(min(@after), '>', 1.3 - $t->seconds(0.1), 'one near the end of each life');
cmp_ok(max(@after), '<', $t->seconds(1.6), 'and in time');
is(scalar $logins->('long'), 1, 'none for a token that has time');
is(scalar($logins->('cold')) + $logins->('default'), 0, 'none if it is off');

my @r = $t->concurrent(20, GET => '/warm');
is(Test::OAuthCC::tally(@r), '200 x 20', 'the first requests');
is(scalar(grep { $_->header('X-Status') ne 'HIT' } @r), 0,
   'find the token there');
is(uniq(map { $_->header('X-Worker') } @r), 2, 'in both workers');
is(uniq(map { $_->seen('Authorization') } @r), 1, 'the same one');

####  an endpoint that is down at start

my @tried = map { $_->{time} } $logins->('late');
my $seconds = time - $start;
cmp_ok(scalar @tried, '>=', 3, 'failed logins are tried again');
cmp_ok(scalar @tried, '<=', 2 + $seconds / 0.05, 'after their backoff');
is($logins->('warm'), @times, 'others go on as they were');

$idp->answer('/late', {});
ok($t->wait_for(sub { $t->get('/late')->status == 200 }, 1), 'it recovers');
is(scalar(grep { $_->{token} } $logins->('late')), 1, 'with one login');

####  a reload

$idp->clear;
ok($t->reload("$config\n# again\n"), 'reload');

@r = $t->concurrent(20, GET => '/long');
is(scalar(grep { $_->header('X-Status') ne 'HIT' } @r), 0,
   'the token is kept');
is(scalar $logins->('long'), 0, 'without a login');

my $n = @{[ $logins->('warm') ]};
ok($t->wait_for(sub { $logins->('warm') > $n }), 'the new workers refresh');

####  a worker that was killed

$t->allow_alert(qr/exited on signal 9/);

$n = @{[ $logins->('warm') ]};
my ($victim) = $t->workers or BAIL_OUT('no worker');
kill 'KILL', $victim;
ok($t->wait_for(sub { $logins->('warm') > $n }, 3),
   'so do those that are left');
is(scalar $logins->('long'), 0, 'a new one makes no login of its own');

####  the end

cmp_ok($t->stop, '<', $t->seconds(0.5),
       'QUIT ends nginx at once, with timers armed');

$t->done;
