#!/usr/bin/perl

# Tests the numbers that alerts are made of, which say how things are however
# few requests come: when a login has last succeeded or failed, how many have
# failed since, which tokens the upstream has refused, and which files the
# workers cannot read.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);
my $root = $> == 0 && defined getpwnam 'nobody';

sub put ($text) {
    $t->write_file('secret', $t->secret($text));
    chmod 0600, $t->prefix . '/secret';
}

put('s3cret-number-one');

my $config = $t->fill(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret file:secret;
        backoff 100ms 200ms;
    }

    oauthcc_provider other {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/other;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /crm { oauthcc crm; proxy_pass http://api; }
        location /off { oauthcc crm; oauthcc_replay off;
                        proxy_pass http://api; }
        location /other { oauthcc other; proxy_pass http://api; }
        location /status { oauthcc_status control; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $group = $root ? getgrgid((getpwnam 'nobody')[3]) : undef;
$config =~ s/\buser root;/user nobody $group;/ if $root;

$t->run($config);

sub value ($name, $provider = 'crm', $labels = '') {
    my ($value) = $t->get('/status?format=prometheus')->body
        =~ /^oauthcc_\Q$name\E\{provider="$provider"\Q$labels\E\} (\S+)$/m;

    return $value;
}

sub refused ($replayed) {
    return value('refused_tokens_total', 'crm', qq(,replayed="$replayed"));
}

sub refresh () {
    return $t->request(POST => '/status', headers => [
        'X-Requested-With' => 'test',
        'Content-Type' => 'application/x-www-form-urlencoded',
    ], body => 'action=refresh&provider=crm')->status;
}


####  logins

my ($success, $failure) = map { "last_login_${_}_timestamp_seconds" }
                          qw(success failure);

is(value($success), undef, 'no login has succeeded yet');
is(value($failure), undef, 'nor failed');
is(value('consecutive_login_failures'), 0, 'in a row, too');
is($status->provider('crm')->{last_login_success_unix_seconds}, undef,
   'which is null in JSON');

my $begin = time;

is($t->get('/crm')->status, 200, 'a login that succeeds');
ok(value($success) >= $begin && value($success) <= time, 'has its time');
is(value($failure), undef, 'and is no failure');

$idp->answer('/crm', { status => 500 });

for my $n (1 .. 3) {
    ok($t->wait_for(sub { refresh() == 200 }), 'a login that fails');
    ok($t->wait_for(sub { value('consecutive_login_failures') == $n }),
       "is number $n");
}

ok(value($failure) >= $begin && value($failure) <= time, 'has its time');
is(value('consecutive_login_failures', 'other'), 0,
   'is none of another provider');

$t->reload;
is(value('consecutive_login_failures'), 3, 'a reload changes nothing');

my $p = $status->provider('crm');

is($p->{last_login_success_unix_seconds}, value($success), 'JSON: success');
is($p->{last_login_failure_unix_seconds}, value($failure), 'failure');
is($p->{consecutive_login_failures}, 3, 'in a row');

$idp->answer('/crm', {});
ok($t->wait_for(sub { refresh() == 200 }), 'a login that succeeds');
ok($t->wait_for(sub { value('consecutive_login_failures') == 0 }),
   'ends the row');


####  refused tokens

$api->answer('/off', { status => 401 });
is($t->get('/off')->status, 401, 'not a refusal for us');

$api->answer('/crm', { status => 401 });
is($t->get('/crm')->status, 401, 'a token that is refused, and the next one');
is($t->get('/crm')->status, 401, 'and the next request, with no other login');

ok($t->wait_for(sub { refused('no') == 2 }), 'two are not sent again');
is(refused('yes'), 1, 'one is');
is_deeply($status->provider('crm')->{refused_tokens}, { yes => 1, no => 2 },
          'the same in JSON');


####  files

SKIP: {
    skip('for root: others have one user for both', 4) unless $root;

    is(value('unreadable_files'), 0, 'the workers have not looked yet');

    put('s3cret-number-two');
    ok($t->wait_for(sub { refresh(); value('unreadable_files') == 1 }),
       'a file that has changed and that they cannot read');
    is($status->provider('crm')->{unreadable_files}, 1, 'the same in JSON');

    chmod 0644, $t->prefix . '/secret';
    ok($t->wait_for(sub { refresh(); value('unreadable_files') == 0 }),
       'they can');
}

$t->done;
