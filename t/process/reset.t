#!/usr/bin/perl

# Tests for a worker that is killed while it changes the zone: the next process
# empties it, and says so once.  All workers notice.  Each entry costs one
# login, which no request waits for where a worker has a copy of the token that
# was the present one until then; nothing that was purged or refused comes back,
# and a login in flight is not lost.  What was bound to a key of the zone (DPoP)
# is lost with it: token and key are others, in all workers.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP qw(decode_json);
use List::Util qw(uniq);
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;
use Test::OAuthCC::Proof;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');
my $status = Test::OAuthCC::Status->new($t);
my $prefix = $t->prefix;

is(system("cc -shared -fPIC -O1 -Wall -Wextra -o $prefix/killed.so"
          . " $FindBin::Bin/../preload/killed.c -ldl"), 0,
   'a process can be killed in a change') or BAIL_OUT('no compiler');

$t->allow_alert(qr/exited on signal 9/);
$t->allow_alert(qr/shared memory zone "oauthcc" was locked by/);
$t->allow_alert(qr/died while it changed oauthcc zone/);

{
    local $ENV{LD_PRELOAD} = join ' ', $ENV{LD_PRELOAD} // (),
                             "$prefix/killed.so";
    local $ENV{KILLED_FILE} = "$prefix/kill";

    # it need not be the first library: it allocates nothing
    local $ENV{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0',
                               $ENV{ASAN_OPTIONS} // ();

    $t->run(<<'CONF');
env KILLED_FILE;
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider idle {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/idle;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider flight {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/flight;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider bound {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/bound;
        client_id gateway;
        client_secret s3cret;
        dpop on;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        location /pid     { return 200 $pid; }
        location /crm     { oauthcc crm scope=$arg_s; proxy_pass http://api; }
        location /idle    { oauthcc idle scope=$arg_s; proxy_pass http://api; }
        location /flight  { oauthcc flight; proxy_pass http://api; }
        location /bound   { oauthcc bound; proxy_pass http://api; }
        location /status  { oauthcc_status; }
        location /control { oauthcc_status control; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF
}

# a connection to the worker, or to another one than that

sub connection ($pid, $other = 0) {
    my $client;

    $t->wait_for(sub {
        $client = $t->client(keepalive => 1);
        my $is = $client->request(GET => '/pid')->body == $pid;
        return $other ? !$is : $is;
    });

    return $client;
}

sub token ($client, $name) {
    my $path = $name eq 'idle' ? 'idle' : 'crm';
    my $r = $client->request(GET => "/$path?s=$name");
    is($r->status, 200, "$name: 200");
    return join ',', $r->seen('Authorization');
}

sub logins ($name) {
    return scalar grep { ($_->{body} // '') =~ /\bscope=$name\b/ }
                  $idp->requests;
}

sub purge ($what) {
    my $r = $t->request(POST => '/control', body => "action=purge&$what",
        headers => [ 'X-Requested-With' => 'test',
            'Content-Type' => 'application/x-www-form-urlencoded' ]);
    return $r->status;
}

# what was bound, by the time: a thumbprint and the token of each request
sub bound ($server) {
    return map {
        my ($proof) = $server->header($_, 'DPoP');
        $t->secret($proof);
        [ Test::OAuthCC::Proof::thumbprint(
              decode_json(decode_base64url($proof =~ s/\..*//r))->{jwk}),
          $server->header($_, 'Authorization') ];
    } grep { $_->{uri} =~ m{^/bound} } $server->requests;
}

$idp->answer('/bound', { json => { token_type => 'DPoP' } });

my $lives = $t->get('/pid')->body;
my ($y) = connection($lives, 1);
my $dies = $y->request(GET => '/pid')->body;
my $x = connection($lives);
my $waits = connection($lives);

####  what there is: both workers have a copy of all

my %token;

for my $name (qw(keep idle purged refused)) {
    $token{$name} = token($x, $name);
    is(token($y, $name), $token{$name}, "$name: the same token");
}

my %id = map { $_->{scope} => $_->{id} } $status->entries('crm');

is(purge("provider=crm&entry=$id{purged}"), 200, 'purged: by order');

$api->revoke($token{refused} =~ s/^Bearer //r);
isnt(token($y, 'refused'), $token{refused}, 'refused: there is another one');
is(scalar $api->refused, 1, 'refused: since it was');

$_->request(GET => '/bound') for $x, $y;

my @before = (bound($idp), bound($api));

is(uniq(map { $_->[0] } @before), 1, 'bound: one key');

# who waits for it asks again when the zone was emptied: that login hangs

$idp->answer('/flight', { hold => 1 }, { delay => 5 });
$waits->start(GET => '/flight');
ok($t->wait_for(sub { grep { $_->{uri} eq '/flight' } $idp->requests }),
   'flight: a login');

####  the kill

$t->write_file('kill', '');
is($y->request(GET => '/crm?s=new')->status, 0, 'a worker is killed');
ok($t->wait_for(sub { $t->workers == 2 && !grep { $_ == $dies } $t->workers }),
   'there is another one');

# whoever takes the lock

is($t->get('/status')->status, 200, 'the zone works');
ok($t->wait_log(qr/process $dies died while it changed oauthcc zone/),
   'it was emptied');

####  what was bound to a key of the zone

is($x->request(GET => '/bound')->status, 200, 'bound: status');
is(Test::OAuthCC::tally($t->concurrent(40, GET => '/bound')), '200 x 40',
   'bound: in all workers');

my (undef, @logins) = bound($idp);
my (undef, undef, @requests) = bound($api);

is(@logins, 1, 'bound: one login');
is(uniq(map { $_->[0] } @logins, @requests), 1, 'bound: one key');
isnt($logins[0][0], $before[0][0], 'bound: another one');
is(uniq(map { $_->[1] } @requests), 1, 'bound: one token');
isnt($requests[0][1], $before[-1][1], 'bound: another one');

####  the copies of the other worker

is(token($x, 'keep'), $token{keep}, 'keep: its copy is used');
ok($t->wait_for(sub { logins('keep') == 2 }), 'keep: until there is another');
ok($t->wait_for(sub { token($x, 'keep') ne $token{keep} }),
   'keep: which is used then');

isnt(token($x, 'purged'), $token{purged}, 'purged: it does not come back');
token($x, 'refused');
is(scalar $api->refused, 1, 'refused: nor does it');

# what is purged before a worker has asked

is(purge('provider=idle'), 200, 'idle: an order for what is in no zone');
isnt(token($x, 'idle'), $token{idle}, 'idle: it does not come back');

####  the login in flight

$idp->release;
my $r = $waits->finish;
is($r->status, 200, 'flight: its request');
my $flight = join ',', $r->seen('Authorization');

my @r = $t->concurrent(40, GET => '/flight');
is(Test::OAuthCC::tally(@r), '200 x 40', 'flight: others');
is(scalar(grep { join(',', $_->seen('Authorization')) ne $flight } @r), 0,
   'flight: have its token');

####  all workers

for my $name (qw(keep purged refused idle new)) {
    my $path = $name eq 'idle' ? 'idle' : 'crm';
    is(Test::OAuthCC::tally($t->concurrent(40, GET => "/$path?s=$name")),
       '200 x 40', "$name: in all workers");
}

is(logins('new'), 1, 'new: one login');
is(logins($_), 2, "$_: one login more") for qw(keep idle purged);
is(logins('refused'), 3, 'refused: one login more');
is($t->log_lines(qr/died while it changed oauthcc zone/), 1, 'one line');

$t->done;
