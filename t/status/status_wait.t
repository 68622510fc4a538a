#!/usr/bin/perl

# Tests the login that an operator tries by hand: action=refresh with wait=
# answers with what has become of it, whichever worker has made it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use List::Util qw(uniq);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;

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
            "params": { "name": "x" }
        },
        "apiRequest": { "headers": { "X-Token": "access_token" } },
        "expires": 0
    }
}
JSON

my $providers = join '', map { <<"CONF" } qw(crm plain kept many bad slow lost);
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_@{[ $_ eq 'lost' ? 'free'
                                                : 'idp' ]}%%/$_;
        client_id gateway;
        client_secret s3cret-of-all;
        @{[ $_ eq 'plain' || $_ eq 'many' ? '' : 'scope "read write";' ]}
        backoff 60s 60s;
        @{[ $_ eq 'slow' ? 'timeout 30s;' : '' ]}
    }

CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

$providers
    oauthcc_provider each { login_json each.json; }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        location /crm  { oauthcc crm; proxy_pass http://api; }
        location /kept {
            oauthcc kept;
            add_header X-Hint \$oauthcc_response_hint;
            proxy_pass http://api;
        }
        location /many { oauthcc many scope=\$arg_s; proxy_pass http://api; }
        location /status { oauthcc_status; }
        location /control { oauthcc_status control; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->secret('s3cret-of-all');

my @headers = ('X-Requested-With' => 'test',
               'Content-Type' => 'application/x-www-form-urlencoded');

sub order ($body, %arg) {
    return $t->request(POST => '/control', body => $body,
                       headers => \@headers, %arg);
}

sub result ($r) {
    return ($r->status, eval { JSON::PP->new->utf8->decode($r->body) } // {});
}

# the login that one order is about
sub login ($provider, $more = 'wait=10') {
    my ($status, $json) = result(order("action=refresh&provider=$provider"
                                       . "&$more"));
    is($status, 200, "$provider: the order is carried out");
    is(scalar @{ $json->{logins} // [] }, 1, "$provider: one login");
    return $json->{logins}[0] // {};
}

# an entry may be refreshed once a second: waits for the next time
sub again ($provider, $more = 'wait=10') {
    my @answer;
    $t->wait_for(sub {
        @answer = result(order("action=refresh&provider=$provider&$more"));
        return $answer[0] != 429;
    });
    return $answer[1]{logins}[0] // {};
}


####  what is no number of seconds

for my $wait ('', 'x', '-1', '61', '1.5', '99999999999999999999', '1s', ' 1') {
    is(order("action=refresh&provider=crm&wait=$wait")->status, 400,
       "wait=$wait");
}

is(order('action=purge&provider=crm&wait=x')->status, 400, 'for purge too');
is(order('action=refresh&provider=each&wait=1')->status, 409,
   'each request logs in');
is($idp->logins, 0, 'no login was made');

my (undef, $json) = result(order('action=refresh&provider=many&wait=0'));
is($json->{logins}, undef, 'wait=0 is not to wait');


####  success

$idp->answer('/crm', { json => { scope => 'read' } }, {});
my $login = login('crm');
is($login->{status}, 'success', 'a first login');
is($login->{error}, undef, 'without an error');
is($login->{life_seconds}, 3600, 'its life');
cmp_ok($login->{duration_seconds}, '<', 10, 'how long it took');
cmp_ok($login->{duration_seconds}, '>=', 0, 'which is a number');
is($login->{scope}, 'read', 'the scope that was granted');
is($login->{entry}, ($status->entries('crm'))[0]{id}, 'and its entry');
is($login->{http_status}, undef, 'the HTTP status is that of failures');

is($t->get('/crm')->status, 200, 'a request');
is($idp->logins, 2, 'uses the token of that login: it was published');

is((again('crm'))->{scope}, 'read write', 'a server that says no scope grants '
   . 'what was asked for');
is(login('plain')->{scope}, undef, 'which may be nothing');

order('action=refresh&provider=plain&wait=10');
my ($early) = result(order('action=refresh&provider=plain&wait=10'));
is($early, 429, 'too early is an answer at once');


####  what a server may put there

my $evil = qq{<script>alert(1)</script>"'\x{7}};
$idp->answer('/crm', { json => { scope => $evil } }, {});
is((again('crm'))->{scope}, $evil, 'any text, in JSON');
my $page = $t->get('/status?format=html')->body;
unlike($page, qr/<script>alert/, 'it is not on the page');

$idp->answer('/crm', { json => { scope => 'x s3cret-of-all y' } }, {});
unlike((again('crm'))->{scope}, qr/s3cret/, 'a secret is not repeated');

$idp->answer('/crm', { json => { access_token => 'tok-that-is-long-enough',
                       scope => 'a tok-that-is-long-enough b' } }, {});
my $scope = (again('crm'))->{scope};
unlike($scope // '', qr/tok-that/, 'nor is the token');

$idp->answer('/crm', { json => { scope => 'y' x 1025 } }, {});
is((again('crm'))->{scope}, 'read write', 'a scope that is too long is left out');
$idp->answer('/crm', { json => { scope => 'y' x 1024 } }, {});
is((again('crm'))->{scope}, 'y' x 1024, 'one that is not is whole');

# members that are kept stand beside it

$idp->answer('/kept', { json => { scope => 'one', hint => 'h1' } }, {});
is(login('kept')->{scope}, 'one', 'with a member that is kept');
is($t->get('/kept')->header('X-Hint'), 'h1', 'which is there as before');
$idp->answer('/kept', { json => { hint => 'h2', scope => 'two' } }, {});
order('action=purge&provider=kept');
is($t->get('/kept')->header('X-Hint'), 'h2', 'and without an operator too');


####  failure

$idp->answer('/bad', { status => 401, body => JSON::PP->new->encode({
    error => 'invalid_client', error_description => 'no such <client>' }) });
$login = login('bad');
is($login->{status}, 'refused', 'a login that is refused');
is($login->{http_status}, 401, 'with its HTTP status');
is($login->{error}, 'invalid_client: no such <client>', 'error and description');
is($login->{life_seconds}, undef, 'no life');
is($login->{scope}, undef, 'no scope');
cmp_ok($login->{duration_seconds}, '>=', 0, 'and how long it took');

$idp->answer('/bad', { body => '{"error":"no"' }, {});
is((again('bad'))->{status}, 'invalid', 'a response that is unusable');
is((again('bad'))->{status}, 'success', 'in spite of the backoff it is tried');

$login = login('lost');
is($login->{status}, 'unreachable', 'a server that is not there');
is($login->{http_status}, undef, 'has no HTTP status');
is($login->{error}, 'no response', 'and no error of its own');


####  time

$idp->answer('/slow', { hold => 1 });
$login = login('slow', 'wait=1');
is($login->{status}, 'pending', 'a login that takes longer');
is($login->{duration_seconds}, undef, 'has no duration yet');

my $client = $t->client->start(POST => '/control', headers => \@headers,
                               body => 'action=refresh&provider=slow&wait=20');
my $gone = $t->client->start(POST => '/control', headers => \@headers,
                             body => 'action=refresh&provider=slow&wait=20');
$t->wait_for(sub { $t->log_lines(qr/0 of 1 entries are refreshed/) >= 2 });
$gone->leave;
is($t->get('/status')->status, 200, 'one who leaves does no harm');
my $n = $idp->logins;
$idp->release;
(undef, $json) = result($client->finish);
is($json->{running}, 1, 'who comes later');
is($json->{logins}[0]{status}, 'success', 'waits for the same login');
is($idp->logins, $n, 'there is no other one');

$idp->answer('/slow', { hold => 1 });
$client = undef;
$t->wait_for(sub {
    my $c = $t->client->start(POST => '/control', headers => \@headers,
                              body => 'action=refresh&provider=slow&wait=20');
    $t->wait_for(sub { $c->{done} || $status->provider('slow')->{logins_in_flight} });
    return $client = $c if $status->provider('slow')->{logins_in_flight};
    $c->leave;
    return 0;
});
order('action=purge&provider=slow');
(undef, $json) = result($client->finish);
is($json->{logins}[0]{status}, 'gone', 'an entry that is purged meanwhile');
$idp->release;


####  many entries, of all workers

$t->get("/many?s=$_") for map { "s$_" } 1 .. 12;
$idp->answer('/many', (map { { json => { scope => "granted-$_" } } } 1 .. 13),
             {});

# without parameters nobody has asked: that of wait=0 above
my $of;
$t->wait_for(sub {
    my $code;
    ($code, $of) = result(order('action=refresh&provider=many&wait=20'));
    return $code == 200 && $of->{too_early} == 0;
});
is(scalar @{ $of->{logins} }, 13, 'a login for each entry');
is(join(' ', uniq map { $_->{status} } @{ $of->{logins} }), 'success',
   'all of them succeed');
is(scalar(uniq map { $_->{entry} } @{ $of->{logins} }), 13, 'each is named');

my $e = ($status->entries('many'))[0];
$login = again('many', "entry=$e->{id}&wait=10");
is($login->{entry}, $e->{id}, 'one entry by its name');
is($login->{scope}, $e->{scope}, 'has the scope that a request asked for');

$t->done;
