#!/usr/bin/perl

# Tests for the order of logins beside other workers: none starves, whichever
# ends a login; who was killed is not waited for; and what keep_warm starts
# leaves connections for clients.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

$t->write_file('each.json', <<'JSON');
{
    "authentication": {
        "type": "login",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/each",
            "method": "FORM",
            "params": { "name": "each" }
        },
        "apiRequest": { "headers": { "X-Token": "access_token" } },
        "expires": 0
    }
}
JSON

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider one {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/one;
        client_id gateway;
        client_secret s3cret;
        max_logins 1;
        timeout 20s;
        wait_timeout 30s;
    }

    oauthcc_provider each {
        login_json each.json;
        max_logins 1;
        timeout 20s;
        wait_timeout 30s;
    }

    server {
        # connections are spread over the workers
        listen 127.0.0.1:%%PORT_http%% reuseport;
        add_header X-Worker $pid always;
        location /one    { oauthcc one scope=$arg_s; proxy_pass http://api; }
        location /each   { oauthcc each; proxy_pass http://api; }
        location /worker { return 204; }
        location /status { oauthcc_status; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->run($config);

my @clients;

sub start ($name, @scopes) {
    push @clients, $status->queue($name, $idp,
                                  map { "/$name?s=$_" } @scopes);
}

sub release ($n) {
    for my $i (1 .. $n) {
        $idp->wait_count($i) or return diag "no login $i";
        $idp->release;
    }
}

sub workers () {
    my %n;
    $n{ $_->{response}->header('X-Worker') }++ for @clients;
    return scalar keys %n;
}

# of clients by their numbers, as they were served: those of a worker that were
# not in order, and how often the first of all was passed in a row at most
sub unfair (@served) {
    my ($passed, $most, %last, @late) = (0, 0);
    my %waits = map { $_ => 1 } @served;

    for my $n (@served) {
        my $worker = $clients[$n]{response}->header('X-Worker');
        push @late, $n if $n < ($last{$worker} // -1);
        $last{$worker} = $n;

        my ($first) = sort { $a <=> $b } keys %waits;
        $passed = $n == $first ? 0 : $passed + 1;
        $most = $passed if $passed > $most;
        delete $waits{$n};
    }

    return (\@late, $most);
}

####  whoever ends a login, who came first is next

$idp->answer('/one', { hold => 1 });
start(one => map { "n$_" } 1 .. 24);
release(24);
Test::OAuthCC::Client::drive(20, @clients);
is(Test::OAuthCC::tally(map { $_->{response} } @clients), '200 x 24',
   'all are served');
is(workers(), 2, 'by two workers');

my @order = map { $_->{body} =~ /\bscope=n(\d+)/ ? $1 : 0 } $idp->requests;
my ($late, $most) = unfair(map { $_ - 1 } @order);
is_deeply($late, [], 'those of a worker in the order in which they came');
cmp_ok($most, '<=', 1, 'no worker is passed twice in a row') or diag "@order";

####  so it is with logins of requests' own

@clients = ();
$idp->clear;
$idp->answer('/each', { hold => 1 });
start(each => map { "e$_" } 1 .. 24);

my @served;

for my $n (1 .. 24) {
    $idp->wait_count($n) or diag "no login $n";
    $idp->release;
    Test::OAuthCC::Client::drive(5, (grep { !$_->{done} } @clients), 'some')
        until $n <= grep { $_->{done} } @clients;
    push @served, grep { my $i = $_; $clients[$i]{done}
                         && !grep { $_ == $i } @served } 0 .. $#clients;
}

is(Test::OAuthCC::tally(map { $_->{response} } @clients), '200 x 24',
   'all are served');
is(workers(), 2, 'by two workers');
($late, $most) = unfair(@served);
is_deeply($late, [], 'those of a worker in the order in which they came');
cmp_ok($most, '<=', 1, 'no worker is passed twice in a row') or diag "@served";

####  a worker that waits and is killed

@clients = ();
$idp->clear;
start(one => map { "k$_" } 1 .. 24);

my @workers = $t->workers;

kill 'KILL', $workers[1];
ok($t->wait_for(sub { !Test::OAuthCC::is_alive($workers[1]) }),
   'a worker is killed');

my $begin = time;

while (time - $begin < 20) {
    $idp->release;
    Test::OAuthCC::Client::drive(0.05, (grep { !$_->{done} } @clients),
                                 'some');
    last unless grep { !$_->{done} } @clients;
}

is(scalar(grep { !$_->{done} } @clients), 0, 'nobody waits any more');

my @lost = grep { $_->{response}->status != 200 } @clients;
cmp_ok(scalar @lost, '<', 24, 'those of the other worker are served');
cmp_ok(time - $begin, '<', $t->seconds(6), 'and soon');
$t->allow_alert(qr/exited on signal 9/);
$t->stop;

####  keep_warm

my $many = join "\n", map { <<"CONF" } 1 .. 150;
    oauthcc_provider w$_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/warm;
        client_id gateway-$_;
        client_secret s3cret;
        keep_warm on;
    }
CONF

$t->{connections} = 128;
$idp->clear;
$idp->answer('/warm', { delay => 0.2 });
$t->run($config =~ s/(    server \{)/$many\n$1/r);

my $bad = 0;

ok($t->wait_for(sub {
    $bad += ($t->get('/worker')->status != 204);
    return $idp->logins >= 150;
}, 15), 'all providers are warm');
is($bad, 0, 'and clients were served meanwhile');
is($idp->logins, 150, 'by one login each');
cmp_ok($idp->stats->{most}, '<=', 2 * 128 / 8, 'few at once');
is($t->log_lines(qr/not enough|could not be started/), 0,
   'there were connections');

$t->done;
