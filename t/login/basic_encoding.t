#!/usr/bin/perl

# Tests that a provider finds out in which form a server wants id and secret in
# Basic, with one login that is refused at most; that it is kept, for new
# secrets too; and that a client is not locked out for being tried.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

# as "openssl rand -base64" makes them
my $secret = $t->secret('mX9+3k/Q0bT7vR1s+2Y==');
my $new = $t->secret('pL4/8z+W1cU6tN2q/5A==');

sub form ($text) { $text =~ s/([^\w.~-])/sprintf '%%%02X', ord $1/ger }

sub basic ($id, $secret, $raw) {
    return 'Basic ' . encode_base64($raw ? "$id:$secret"
                                         : form($id) . ':' . form($secret), '');
}

my %name = (basic('gateway', $secret, 0) => 'rfc6749',
            basic('gateway', $secret, 1) => 'raw',
            basic('gateway', $new, 0) => 'new rfc6749',
            basic('gateway', $new, 1) => 'new raw');

my $odd = "client_id gateway; client_secret '$secret';";
my $file = 'client_id gateway; client_secret file:%%PREFIX%%/secret;
            backoff 1ms 1ms;';

$t->write_file('secret', "$secret\n");

# name => directives

my %providers = (
    (map { $_ => $odd } qw(rfc raw invalid none scope scope_first invalid_2xx
                           forbidden denied down lost half busy herd tenants)),
    (map { $_ => $file } qw(refused rotated kept swapped)),
    explicit => "$odd basic_encoding auto;",
    only_rfc => "$odd basic_encoding rfc6749;",
    only_raw => "$odd basic_encoding raw;",
    colon => "client_id 'gate:way'; client_secret '$secret';",
    odd_id => "client_id 'gate+way'; client_secret plain;",
    plain => 'client_id gateway; client_secret plain-._~1;',
    own => "$odd header Authorization 'Basic abc';",
    post => "$odd auth_method client_secret_post;",
    brief => "$odd timeout 300ms;",
    zone => $odd,
);

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
@{[ map { "oauthcc_provider $_ { token_endpoint
           http://127.0.0.1:%%PORT_idp%%/$_; $providers{$_} }\n" }
    sort keys %providers ]}
    map \$uri \$provider {
        ~^/(?<name>[^/]+)\$ \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc \$provider param:n=\$arg_n;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location = /metrics { oauthcc off; oauthcc_status; }
    }
}
CONF

$t->run($config);

my $invalid = { status => 401, body => '{"error":"invalid_client"}' };
my $n = 0;

# what was sent since the last clear()
sub sent ($name) {
    return map { my $a = $idp->header($_, 'Authorization') // 'no header';
                 $name{$a} // $a }
           grep { $_->{uri} eq "/$name" } $idp->requests;
}

# a login: its status, and in which forms
sub login ($name, @answers) {
    $idp->clear;
    $idp->answer("/$name", @answers) if @answers;

    my $status = $t->get("/$name?n=" . ++$n)->status;
    return join ' ', $status, sent($name);
}

sub said ($name, $re) { scalar(() = $t->log_lines(qr/$re.*"$name"/)) }

sub failed ($name) {
    my ($failures) = $t->get("/metrics?format=prometheus")->body
        =~ /^oauthcc_logins_total\{provider="$name",result="refused"\} (\d+)/m;
    return $failures;
}

####  what a server wants

is(login('rfc', {}), '200 rfc6749', 'RFC 6749 comes first');
is(login('rfc'), '200 rfc6749', 'and stays');
is(said('rfc', '\[notice\].*takes client_id .*in the form of RFC 6749'), 1,
   'the log says so once');

is(login('raw', $invalid, {}), '200 rfc6749 raw', 'then raw');
is(login('raw'), '200 raw', 'which is kept');
is(login('raw', $invalid, {}) =~ s/^\d+ //r, 'raw',
   'and not left, whatever the server says');
is(said('raw', '\[notice\].*takes client_id and client_secret raw'), 1,
   'the log says so once');
is(failed('raw'), 1, 'the first of them is no failure');
is(said('raw', 'login failed'), 1, 'nor a line');

is(login('invalid', { %$invalid, status => 400 }, {}), '200 rfc6749 raw',
   'invalid_client with 400');
is(login('invalid_2xx', { %$invalid, status => 200 }, {}),
   '200 rfc6749 raw', 'and with 200');
is(login('none', { status => 401, body => 'Unauthorized' }, {}),
   '200 rfc6749 raw', 'a 401 without an error');
is(login('forbidden', { status => 403, body => '' }, {}),
   '200 rfc6749 raw', 'a 403 without one');
is(login('denied', { status => 403, body => '{"error":"access_denied"}' }, {}),
   '502 rfc6749', 'one that says what it is for');
is(login('scope_first', { status => 400, body => '{"error":"invalid_scope"}' }),
   '502 rfc6749', 'an error that is not about the client');
is(login('scope_first', $invalid, {}), '200 rfc6749 raw',
   'from which nothing is learned');
is(login('scope', $invalid,
         { status => 400, body => '{"error":"invalid_scope"}' }),
   '502 rfc6749 raw', 'but after the other form was refused');
is(login('scope', {}), '200 raw', 'it says that this one is right');

for my $case ([ down => { status => 503, body => '' }, '' ],
              [ busy => { %$invalid, status => 429 }, '' ],
              [ half => { cut => 5 }, '' ])
{
    # what may pass is tried once more
    is(login($case->[0], $case->[1]) =~ s/^50\d //r,
       $case->[0] eq 'down' ? 'rfc6749 rfc6749' : 'rfc6749',
       "$case->[0]: it may be something else");
}

is(login('lost', $invalid, { raw => '' }) =~ s/^50\d //r,
   'rfc6749 raw rfc6749', 'no response to the second');
is(said('lost', 'takes client_id'), 0, 'nothing is known then');

####  where there is nothing to find out

is(login('explicit', $invalid, {}), '200 rfc6749 raw', 'auto');
is(login('only_rfc', $invalid, {}), '502 rfc6749', 'rfc6749');
is(login('only_raw', $invalid, {}), '502 raw', 'raw');
is(login('colon', $invalid, {}), '502 ' . basic('gate:way', $secret, 0),
   'an id with a colon');
is(login('odd_id', $invalid, {}), '200 '
   . join(' ', map { basic('gate+way', 'plain', $_) } 0, 1), 'an odd id');
is(login('plain', $invalid, {}), '502 ' . basic('gateway', 'plain-._~1', 0),
   'both forms are one');
is(login('own', $invalid, {}), '502 Basic abc', 'a header of their own');
is(login('post', $invalid, {}) =~ s/ .*//r, '502', 'a form');
is($idp->logins, 1, 'is sent once');

$idp->answer('/brief', { %$invalid, delay => 0.25 }, { hang => 1 });
my $r = $t->get('/brief?n=x');
is($r->status, 504, 'both share the timeout');
cmp_ok($r->time, '<', $t->seconds(1), 'of one login');

####  one finds out, and others wait

$idp->clear;
$idp->answer('/herd', { %$invalid, hold => 1 }, {});

my @clients = map { $t->client->start(GET => '/herd?n=a') } 1 .. 20;
push @clients, map { $t->client->start(GET => "/herd?n=$_") } 1 .. 20;

ok($t->wait_for(sub {
    Test::OAuthCC::Client::drive(0.01, @clients, 'some');
    return $t->get('/metrics?format=prometheus')->body
           =~ /^oauthcc_waiters\{provider="herd"\} 40$/m;
}), 'a login is on its way, and all wait');
is(join(' ', sent('herd')), 'rfc6749', 'and no other one');

$idp->release;
Test::OAuthCC::Client::drive(10, @clients);
is_deeply([ map { $_->{response}->status } @clients ], [ (200) x 40 ],
          'all of them have a token');
is_deeply([ sent('herd') ], [ 'rfc6749', ('raw') x 21 ],
          'one login was refused');

####  both are refused

$idp->answer('/refused', $invalid);
$idp->clear;
is($t->get('/refused?n=a')->status, 502, 'both forms are refused');
is(join(' ', sent('refused')), 'rfc6749 raw', 'two of them');
is(failed('refused'), 1, 'are one failure');
is(said('refused', 'login failed'), 1, 'and one line');
is(said('refused', '\[warn\].*both forms.*two refused logins'), 1,
   'that says what the server has counted');

ok($t->wait_for(sub { $t->get('/refused?n=a'); sent('refused') >= 6 }),
   'more tries');
is_deeply([ (sent('refused'))[0 .. 5] ], [ ('rfc6749', 'raw') x 3 ],
          'take one form each, in turns');
is(failed('refused'), (() = sent('refused')) - 1, 'and are one failure each');

# the server is mended, for the one that is not first
$idp->clear;
$idp->answer('/refused', $invalid, $invalid, {});
ok($t->wait_for(sub { $t->get('/refused?n=a')->status == 200 }),
   'it is found when it works');

####  a new secret

is(login('kept', $invalid, {}), '200 rfc6749 raw', 'the old secret');
is(login('rotated', $invalid, $invalid) =~ s/^50\d //r, 'rfc6749 raw',
   'refused in both forms');
is(login('swapped', $invalid, $invalid) =~ s/^50\d //r, 'rfc6749 raw',
   'another one');

$t->write_file('secret', "$new\n");

$idp->clear;
$idp->answer('/rotated', $invalid, {});
ok($t->wait_for(sub { $t->get('/rotated?n=a')->status == 200 }),
   'the new one is tried');
is_deeply([ (sent('rotated'))[-2, -1] ], [ 'new rfc6749', 'new raw' ],
          'in both forms again');

$idp->answer('/kept', {});
$idp->clear;
is($t->get('/kept?n=b')->status, 200, 'a new secret of a known server');
is(join(' ', sent('kept')), 'new raw', 'has the known form');

####  reload, eviction, another configuration

is(login('zone', $invalid, {}), '200 rfc6749 raw', 'a form is found');
ok($t->reload($config), 'reload');
is(login('zone'), '200 raw', 'which keeps it');

ok($t->reload($config =~ s{(/zone; client_id gateway;)}{$1 scope x;}r),
   'another configuration');
is(login('zone', $invalid, {}), '200 rfc6749 raw', 'finds out anew');

# short tokens, as an entry with a token that is good is not evicted at once

my $short = { json => { expires_in => 2 } };

sub evicted ($name) {
    my ($n) = $t->get('/metrics?format=prometheus')->body
        =~ /^oauthcc_evictions_total\{provider="$name"\} (\d+)/m;
    return $n;
}

is(login('tenants', $invalid, $short), '200 rfc6749 raw',
   'the same of tenants');
$idp->answer('/herd', { %$short, token_length => 3000 });
ok($t->wait_for(sub { $t->get('/herd?n=more' . ++$n); evicted('tenants') },
                30),
   'all its entries are evicted');

# there may be no room for another one until the herd's tokens have ended
my $last;
ok($t->wait_for(sub { ($last = login('tenants')) =~ /^200/ }), 'a new one');
is($last, '200 raw', 'which has the known form');

$t->done;
