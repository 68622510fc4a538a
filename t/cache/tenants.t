#!/usr/bin/perl

# Tests for whose a failed login is: what the server refuses to one tenant, or
# to one user, is no business of the others, and what says that the server is
# down or does not know the gateway is everybody's.  If all that fails counted
# for all, anybody with a bad token could lock out who has a good one.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use List::Util qw(max min);
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new(workers => 2, connections => 4096);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $says = sub ($status, $error, @more) {
    return { status => $status, body => qq({"error":"$error"}), @more };
};

# name => [ what the server says, to whom ]

my %cases = (
    (map { $_ => [ $says->(400, $_), 'tenant' ] }
         qw(invalid_grant invalid_scope invalid_target invalid_request
            invalid_resource access_denied consent_required login_required
            interaction_required something_new)),
    access_denied_403 => [ $says->(403, 'access_denied'), 'tenant' ],
    invalid_grant_422 => [ $says->(422, 'invalid_grant'), 'tenant' ],
    invalid_grant_200 => [ $says->(200, 'invalid_grant'), 'tenant' ],
    something_new_200 => [ $says->(200, 'something_new'), 'tenant' ],

    (map { $_ => [ $says->(400, $_), 'all' ] }
         qw(invalid_client unauthorized_client unsupported_grant_type
            temporarily_unavailable server_error)),
    invalid_client_200 => [ $says->(200, 'invalid_client'), 'all' ],
    invalid_client_401 => [ $says->(401, 'invalid_client'), 'all' ],
    unauthorized_client_403 => [ $says->(403, 'unauthorized_client'), 'all' ],
    invalid_grant_401 => [ $says->(401, 'invalid_grant'), 'all' ],
    invalid_grant_429 => [ $says->(429, 'invalid_grant'), 'all' ],
    invalid_grant_500 => [ $says->(500, 'invalid_grant'), 'all' ],
    invalid_grant_503 => [ $says->(503, 'invalid_grant'), 'all' ],
    (map { ("status_$_" => [ { status => $_, body => '' }, 'all' ]) }
         302, 400, 401, 403, 404, 429, 500, 502, 503, 504),
    html_400 => [ { status => 400, body => '<p>invalid_grant</p>' }, 'all' ],
    html_200 => [ { body => '<p>log in</p>' }, 'all' ],
    no_text => [ { status => 400, body => '{"error":{"code":5}}' }, 'all' ],
    empty_error => [ $says->(400, ''), 'all' ],
    no_token => [ { body => '{}' }, 'all' ],
    reset => [ { reset => 1 }, 'all' ],
    cut => [ $says->(400, 'invalid_grant', cut => 9), 'all' ],
    hang => [ { hang => 1 }, 'all' ],
);

my @names = sort keys %cases;

my $block = sub ($name, $more) {
    return <<"CONF";
    oauthcc_provider $name {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$name;
        client_id gateway;
        client_secret s3cret;
        $more
    }
CONF
};

# the same of login_json, in the words of OAuth
my %document = (
    doc_400 => [ $says->(400, 'invalid_grant'), 'tenant' ],
    doc_200 => [ $says->(200, 'access_denied'), 'tenant' ],
    doc_client => [ $says->(200, 'invalid_client'), 'all' ],
    doc_foreign => [ { status => 400, body => '{"message":"no"}' }, 'all' ],
    doc_no_token => [ { body => '{"message":"no"}' }, 'all' ],
    doc_each => [ $says->(400, 'invalid_grant'), 'tenant' ],
    each_herd => [ $says->(400, 'invalid_grant'), 'tenant' ],
);

for my $name (keys %document) {
    my $each = $name =~ /each/ ? ', "expires": 0' : '';

    $t->write_file("$name.json", <<"JSON");
{ "authentication": {
    "type": "login",
    "loginRequest": { "method": "FORM", "params": { "a": "b" },
        "endpoint": "http://127.0.0.1:%%PORT_idp%%/$name" },
    "apiRequest": { "headers": { "X-Token":
        { "response": "access_token" } } }$each
} }
JSON
}

my $providers = join "\n",
    (map { "oauthcc_provider $_ { login_json $_.json; backoff "
           . (/herd/ ? '50ms 100ms' : '30s 60s') . '; }' } keys %document),
    (map { $block->($_, 'backoff 30s 60s; timeout '
                        . ($_ eq 'hang' ? '300ms;' : '10s;')) } @names),
    $block->('alone', 'backoff 30s 60s;'),
    (map { $block->("load_$_", '') } 1 .. 4),
    $block->('herd', 'backoff 50ms 100ms;'),
    $block->('few', 'backoff 50ms 100ms; max_logins 2;'),
    $block->('forced', 'backoff 30s 60s;');

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    oauthcc_zone 4m;
$providers
    upstream api { server 127.0.0.1:%%PORT_api%%; }

    map \$uri \$provider {
        ~^/(?<name>[^/]+)\$ \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        keepalive_requests 100000;
        oauthcc \$provider param:subject_token=\$arg_s;
        location / { proxy_pass http://api; }
        location = /own { oauthcc alone; proxy_pass http://api; }
    }
}
CONF

####  whose it is

my $bad = sub ($name) { return "~^/$name .*subject_token=bad" };

my %all = (%cases, %document);
$idp->answer($bad->($_), $all{$_}[0]) for keys %all;

for my $name (@names, sort grep { !/herd/ } keys %document) {
    my $whose = $all{$name}[1];

    is($t->get("/$name?s=early")->status, 200, "$name: one who is in");
    is($t->get("/$name?s=bad1")->status, $name eq 'hang' ? 504 : 502,
       "$name: one who is refused");

    my $again = $t->get("/$name?s=bad1");
    is($again->status, 503, "$name: is not tried at once");
    like($again->header('Retry-After'), qr/^[1-9]\d*$/, "$name: is told so");

    is($t->get("/$name?s=other")->status, $whose eq 'all' ? 503 : 200,
       "$name: that is for " . ($whose eq 'all' ? 'all' : 'nobody else'));
    is($t->get("/$name?s=early")->status, 200, "$name: the first one goes on");
}

# without parameters of a request there is nobody else

$idp->answer('/alone', $says->(400, 'invalid_grant'), {});
is($t->get('/own')->status, 502, 'the provider itself is refused');
is($t->get('/alone?s=other')->status, 503, 'all are');

####  a tenant that asks again and again

my @errors = qw(invalid_resource access_denied invalid_grant
                consent_required);

$idp->answer('*', { json => { expires_in => 2 } });
$idp->answer("~^/load_$_ .*subject_token=bad", $says->(400, $errors[$_ - 1]))
    for 1 .. 4;

my %seen;
my $begin = time;

# until the good ones have had to log in so often
while (min(map { $seen{"good$_"}{renewed} // 0 } 1 .. 4) < 3
       && time - $begin < $t->seconds(30))
{
    my @round = map { [ "good$_", "/load_$_?s=good" ],
                      [ "bad$_", "/load_$_?s=bad" ],
                      [ "new$_", "/load_$_?s=bad" . int rand 1000 ] } 1 .. 4;

    my @clients = map { $t->client->start(GET => $_->[1]) } @round;
    Test::OAuthCC::Client::drive(5, @clients);

    for my $i (0 .. $#round) {
        my $seen = $seen{ $round[$i][0] } //= {};
        my $r = $clients[$i]{response};
        $seen->{ $r->status }++;
        my ($token) = $r->seen('Authorization') or next;
        $seen->{renewed}++ if $token ne ($seen->{token} // $token);
        $seen->{token} = $token;
    }

    select undef, undef, undef, 0.02;
}

for my $i (1 .. 4) {
    my $good = $seen{"good$i"};
    my $n = $good->{200};

    cmp_ok($good->{renewed} // 0, '>=', 3, "$errors[$i - 1]: another tenant");
    is_deeply([ grep { /^\d+$/ && $_ != 200 } keys %$good ], [],
              "$errors[$i - 1]: has $n requests served, and none refused");
    is_deeply([ grep { /^\d+$/ && !/^50[23]$/ } keys %{ $seen{"bad$i"} } ],
              [], "$errors[$i - 1]: of the refused one none");
}

my $logins = grep { $_->{uri} =~ /load/ && $_->{body} =~ /subject_token=bad$/ }
             $idp->requests;
cmp_ok($logins, '<', 20, 'it is tried now and then');

####  many of them, refused for one cause

$idp->clear;
$idp->answer('*', {});
$idp->answer('~^/herd .*subject_token=bad', $says->(400, 'access_denied'));

my $count = 1200;
my (%first, %status);

my $ask = sub ($path, @tenants) {
    my %answers;

    while (my @some = splice @tenants, 0, 100) {
        my @clients = map { $t->client->start(GET => "/$path?s=$_") } @some;
        Test::OAuthCC::Client::drive(10, @clients);
        $answers{ $some[$_] } = $clients[$_]{response} for 0 .. $#some;
    }

    return \%answers;
};

my @tenants = map { "bad$_" } 1 .. $count;

# new ones are 500 a second at most
$t->wait_for(sub {
    my $answers = $ask->(herd => grep { !$first{$_} } @tenants);
    $answers->{$_}->status == 502 and $first{$_} = 1 for keys %$answers;
    return keys %first == $count;
}, 30);
is(keys %first, $count, "$count tenants are refused");

# from here on each login is one that has failed before

$idp->clear;
$idp->answer('~^/herd .*subject_token=bad',
             $says->(400, 'access_denied', delay => 0.03));

my $start = time;
my ($n, $slowest) = (0, 0);

while (time - $start < 3.2) {
    my $answers = $ask->(herd => @tenants);
    $status{ $_->status }++ for values %$answers;

    # those who have nothing to do with it
    my $new = $t->get('/herd?s=new' . ++$n);
    $slowest = max($slowest, $new->time);
    $status{"new $_"}++ for $new->status;
}

my @retries = map { $_->{time} }
              grep { $_->{body} =~ /subject_token=bad/ } $idp->requests;

# the most within a second
my $most = 0;

for my $i (0 .. $#retries) {
    my $within = grep { $_ >= $retries[$i] && $_ < $retries[$i] + 1 }
                 @retries;
    $most = max($most, $within);
}

cmp_ok(scalar @retries, '>=', 5, 'some are tried again, here: ' . @retries);
cmp_ok($most, '<=', 11, 'about ten in a second');
cmp_ok(scalar @retries, '<=', 10 * (time - $start) + 2, 'and no more');
is_deeply([ grep { /^\d+$/ } keys %status ], [ 503 ],
          'clients are told at once') or diag explain \%status;
is($status{'new 200'}, $n, 'others log in meanwhile');
cmp_ok($slowest, '<', $t->seconds(1), 'without a delay');
cmp_ok($idp->stats->{most}, '<=', 2, 'one at a time, besides these');

####  the place of them is one

$idp->answer('~^/few .*subject_token=bad', $says->(400, 'access_denied'));
$ask->(few => qw(bad1 bad2 bad3 bad4));

$idp->clear;
$idp->answer('~^/few .*subject_token=bad',
             $says->(400, 'access_denied', hold => 1));

my @held;
ok($t->wait_for(sub {
    push @held, map { $t->client->start(GET => "/few?s=bad$_") } 1 .. 4;
    Test::OAuthCC::Client::drive(0.05, @held, 'some');
    return $idp->logins;
}), 'a retry is on its way');

my $beside = $t->get('/few?s=other');
is($beside->status, 200, 'beside it another tenant logs in');

# what the four ask for meanwhile is not held up by what it cannot have
my $end = time + 0.5;
my %meanwhile;

while (time < $end) {
    my @four = map { $t->client->start(GET => "/few?s=bad$_") } 1 .. 4;
    Test::OAuthCC::Client::drive(0.02, @four);
    $meanwhile{ $_->{done} ? $_->{response}->status : 'waits' }++ for @four;
    $_->leave for grep { !$_->{done} } @four;
}

ok($meanwhile{503}, 'who is not tried is told so at once');
is(scalar(grep { $_->{body} =~ /subject_token=bad/ } $idp->requests), 1,
   'and nobody else of the refused ones is tried');

$idp->answer('~^/few .*subject_token=bad');
$idp->release;

for my $i (1 .. 4) {
    ok($t->wait_for(sub { $t->get("/few?s=bad$i")->status == 200 }),
       "it is over, and tenant $i is in");
}

####  logins for one request each

my @each = map { "bad$_" } 1 .. 20;
$ask->(each_herd => @each);

$idp->clear;
$idp->answer('~^/each_herd .*subject_token=bad',
             $says->(400, 'invalid_grant', delay => 0.03));
$start = time;

while (time - $start < 1.5) {
    $ask->(each_herd => @each);
    $status{"each " . $t->get('/each_herd?s=new')->status}++;
}

@retries = grep { $_->{body} =~ /subject_token=bad/ } $idp->requests;
cmp_ok(scalar @retries, '>=', 3, 'some are tried again');
cmp_ok(scalar @retries, '<=', 10 * (time - $start) + 2, 'but few');
is_deeply([ grep { /each/ } keys %status ], [ 'each 200' ],
          'others log in meanwhile');

####  a forced login

# its refresh has been refused, and that is to be left alone for a while
$idp->answer('/forced', { json => { expires_in => 6 } });
is($t->get('/forced?s=bad')->status, 200, 'a tenant with a token');

$idp->clear;
$idp->answer('~^/forced .*=bad', $says->(400, 'access_denied'));
ok($t->wait_for(sub { $t->get('/forced?s=bad'); $idp->logins }, 30),
   'its refresh');
ok($t->wait_log(qr/access_denied.*provider: "forced"/), 'is refused');

$idp->answer('~^/forced .*=bad');
$api->answer({ status => 401, body => '' }, {});
is($t->get('/forced?s=bad')->status, 200, 'the API refuses the token: a login');
is($idp->logins, 2, 'is made at once');

$t->done;
