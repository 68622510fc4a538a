#!/usr/bin/perl

# Tests tokens of callers, "subject_token=", with a store: gateways share a
# user's token as they share others.  Users never share, a refused user is not
# stored, nothing of a user's token is in the store, and what was given for it
# does not outlive it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA qw(sha256_hex);
use MIME::Base64 qw(encode_base64 encode_base64url);
use Test::More;
use Test::OAuthCC::Fleet;
use Time::HiRes qw(time);

my $n = 3;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;

my $exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

sub provider ($more = '') {
    return <<"CONF";
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
        grant_type $exchange;
        $more
CONF
}

# of "short" the lives differ, which is not compared
sub http ($i) {
    my $life = $i == 1 ? '2s' : '1h';

    return join '', 'oauthcc_provider short {',
        provider("subject_token_lifetime $life; expiry_margin 0;"), '}',
        <<'CONF';
    add_header X-Error $oauthcc_error always;

    server {
        listen 127.0.0.1:%%PORT_users%%;

        location / {
            oauthcc $arg_p subject_token=$oauthcc_incoming_token;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
CONF
}

$fleet->run(provider => sub ($i) { provider() }, http => \&http);

sub as ($token) { return (headers => [ Authorization => "Bearer $token" ]) }

sub get ($i, $token, $p = 'crm') {
    return $fleet->gateway($i)->get("/?p=$p", port => 'users', as($token));
}

# a user's request at each gateway at once
sub all ($token, $each = 1, $p = 'crm') {
    my @clients = map { my $g = $_; map {
        $g->client(port => 'users')->start(GET => "/?p=$p", as($token))
    } 1 .. $each } $fleet->gateways;

    Test::OAuthCC::Client::drive(30, @clients);

    return map { $_->{response} } @clients;
}

sub token ($r) { return ($r->seen('Authorization'))[0] // 'none' }

sub stored () { return scalar(() = $store->keys('{oauthcc}:t:*')) }

sub jwt ($exp, $sub) {
    return join '.', encode_base64url('{"alg":"none"}'),
           encode_base64url(qq({"exp":$exp,"sub":"$sub"})), 's' x 40;
}

sub logs ($n) {
    return scalar(() = $fleet->gateway($n)->error_log
                       =~ /another gateway has logged in/g);
}

my $alice = jwt(int(time) + 3600, 'alice-the-user');

$t->secret('alice-the-user', 'bob-token-of-one', 'mallory-token', $alice);

ok($fleet->connected, 'all gateways have the store');

####  one login for a user

$idp->answer('/token', { delay => 0.3 });

my @r = all($alice, 5);
is(Test::OAuthCC::tally(@r), '200 x ' . 5 * $n, 'a user at all gateways');
is($idp->logins, 1, 'is one login');
is_deeply([ Test::OAuthCC::Fleet::tokens(@r) ],
          [ 'Bearer ' . ($idp->tokens)[0] ], 'with its token');
is(stored(), 1, 'which is stored');

my $late = $fleet->start($n);
ok($fleet->connected($late), 'another gateway');
is(token(get($n, $alice)), token($r[0]), 'has the same token');
is($idp->logins, 1, 'without a login');
is(logs($n), 1, 'as its log says');

####  users never share

my %token;

for my $user ('bob-token-of-one', map { "user-$_" } 1 .. 5) {
    $token{ token($_) }{$user} = 1 for all($user);
}

is(keys %token, 6, 'six other users have six tokens');
is(scalar(grep { keys %$_ > 1 } values %token), 0, 'of their own');
ok(!$token{ token($r[0]) }, 'and not that of the first');
is($idp->logins, 7, 'by a login each');
is(stored(), 7, 'which are stored');

is($fleet->gateway(0)->get('/?p=crm', port => 'users')->status, 401,
   'without a token nobody is served');

####  a refused user

$idp->answer('~mallory-token', { status => 400,
                                 body => '{"error":"invalid_grant"}' });
$idp->clear;

is($_->status, 401, 'a refused user at a gateway') for all('mallory-token');
cmp_ok($idp->logins, '<=', $n + 1, 'is a login of each at most');
is(stored(), 7, 'nothing is stored for it');
is(scalar(grep { $store->cli('HGET', $_, 'u') =~ /\d/ }
               $store->keys('{oauthcc}:s:*')), 0, 'nor a backoff');
is($store->dump =~ /invalid_grant/, '', 'nor the reason');
is(Test::OAuthCC::tally(all('user-6')), '200 x ' . ($n + 1),
   'others are served');


####  what is in the store

my $dump = $store->dump;

for my $secret ($alice, split(/\./, $alice), 'alice-the-user',
                'bob-token-of-one', 'mallory-token',
                map { token($_) =~ s/^Bearer //r } @r[0, 1])
{
    for my $text ($secret, substr(encode_base64($secret, ''), 4, -4),
                  unpack('H*', $secret), sha256_hex($secret))
    {
        is(index($dump, $text), -1, 'the store has nothing of a user')
            or diag $text;
    }
}

####  a purge of a user's entry

my ($entry) = grep { $_->{expires_in_seconds} }
              @{ $fleet->status($fleet->gateway(0))->{providers}[0]{entries} };
my $before = stored();

is($fleet->order($fleet->gateway(0), 'purge', 'crm', $entry->{id})->{store},
   'told', 'a purge of a user');
is(stored(), $before - 1, 'is one in the store');
$fleet->order($fleet->gateway(0), 'purge');
ok($t->wait_for(sub {
    !grep { $_->{entry_count} } map { @{ $_->{providers} } }
     map { $fleet->status($_) } $fleet->gateways;
}), 'a purge of all is one at all gateways');

$idp->clear;
my ($new) = Test::OAuthCC::Fleet::tokens(all($alice));
isnt($new, token($r[0]), 'the user has a new token');
is($idp->logins, 1, 'by one login');

####  not after the end of the user's token

my $exp = int(time) + 4;
my $short = jwt($exp, 'of-four-seconds');

$idp->clear;
is(get(0, $short)->status, 200, 'a token that ends soon');

my ($name) = grep { $store->cli('PTTL', $_) =~ /(\d+)/ && $1 < 5000 }
             $store->keys('{oauthcc}:t:*');
ok($name, 'its entry in the store does as well');
is(get(1, $short)->status, 200, 'it is shared');
is($idp->logins, 1, 'by one login');

# requests until shortly before its end have the token, later ones have none
$t->wait_for(sub {
    get($_, $short) for 0 .. $n;
    return time > $exp - 0.7;
}, 30);

is($idp->logins, 1, 'until it ends');

$t->wait_for(sub { time > $exp + 0.05 }, 30);

my @after = map { get($_, $short)->status } 0 .. $n;

is("@after", join(' ', (401) x ($n + 1)), 'and not after that');
is($idp->logins, 1, 'by no login');
is($store->cli('EXISTS', $name) =~ /1/, '', 'nor is it in the store');

####  the lives of a token that does not say when it ends differ

$idp->clear;
is(get(0, 'of-no-end', 'short')->status, 200, 'a gateway that uses it long');
is(get(1, 'of-no-end', 'short')->status, 200, 'another one');
is($idp->logins, 1, 'share it');

ok($t->wait_for(sub {
    my $r = get(1, 'of-no-end', 'short');
    is($r->status, 200, 'served') if $r->status != 200;
    return $idp->logins == 2;
}, 10), 'the one that uses it for two seconds logs in then');

$fleet->done;
