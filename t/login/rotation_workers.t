#!/usr/bin/perl

# Tests that a token and a failure belong to the content of the secret files
# that they were made with: whatever is in a file is one login, however many
# workers read it, and workers of before a reload fail for themselves alone.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Time::HiRes qw(time);

plan(skip_all => 'for root: others have one user for both') if $> != 0;
plan(skip_all => 'there is no user nobody') unless defined getpwnam 'nobody';

my $group = getgrgid((getpwnam 'nobody')[3]);

my $t = Test::OAuthCC->new(workers => 4);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $prefix = $t->prefix;

mkdir "$prefix/secrets";

my %mode = (many => 0644, tenants => 0644, old => 0600);

sub put ($name, $secret) {
    $t->write_file("secrets/$name.new",
                   $t->secret("$secret-s3cret-of-$name") . "\n");
    chmod $mode{$name}, "$prefix/secrets/$name.new";
    rename "$prefix/secrets/$name.new", "$prefix/secrets/$name"
        or die "rename: $!";
}

put($_, 'first') for sort keys %mode;

my $providers = join "\n", map { <<"CONF" } sort keys %mode;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret file:secrets/$_;
        auth_method client_secret_post;
        backoff 30s 30s;
    }
CONF

my $locations = join "\n", map { <<"CONF" } sort keys %mode;
        location /$_ { oauthcc $_ scope=\$arg_s; proxy_pass http://api; }
CONF

my $config = $t->fill(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        add_header X-Worker \$pid always;
$locations
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$config =~ s/\buser root;/user nobody $group;/
    or die 'no user in the globals';

chmod 0755, $prefix;
$t->run($config);

my $refused = { status => 401, body => '{"error":"invalid_client"}' };

sub sent () {
    my $login = $idp->last_request // {};
    return ($login->{body} // '') =~ /client_secret=(\w+)/ ? $1 : '';
}

# requests in all workers for a while; the answers by status

sub ask ($seconds, @uris) {
    my $end = time + $seconds;
    my (%status, %workers);

    while (time < $end || keys %workers < 4) {
        for my $r ($t->concurrent(40, GET => $uris[ rand @uris ])) {
            $status{ $r->status }++;
            $workers{ $r->header('X-Worker') // '' } = 1;
        }
        select undef, undef, undef, 0.05;
        last if time > $end + 20;
    }

    return join ' ', sort keys %status;
}

####  a secret that is wrong, and another one

$idp->answer('/many', $refused);
is($t->get('/many')->status, 502, 'many: the secret is refused');
is(ask(0.1, '/many'), '503', 'many: all workers know');
is($idp->logins, 1, 'many: by one login');

$idp->clear;
put('many', 'second');
ask(3, '/many');

is(sent(), 'second', 'many: another one is tried');
is($idp->logins, 1, 'many: once, though each worker reads it');

$idp->answer('/many', {});
$idp->clear;
put('many', 'third');

ok($t->wait_for(sub { $t->get('/many')->status == 200 }),
   'many: the right one');
is(sent(), 'third', 'many: which is sent');
is(ask(3, '/many'), '200', 'many: all workers have its token');
is($idp->logins, 1, 'many: by one login');

####  many entries

$idp->clear;
$idp->answer('/tenants', { delay => 0.05, json => { expires_in => 600 } });
$t->get("/tenants?s=$_") for 1 .. 12;
is($idp->logins, 12, 'tenants: each has a token');

$idp->clear;
$idp->answer('/tenants', { %$refused, delay => 0.2 });
put('tenants', 'second');
ok($t->reload, 'tenants: a reload with a wrong secret');
is(ask(2, map { "/tenants?s=$_" } 1 .. 12), '200',
   'tenants: the tokens are used');
is($idp->logins, 1, 'tenants: one login has tried it');

####  a worker of before the reload, which cannot read the new file

is($t->get('/old')->status, 200, 'old: a token');

$api->answer('/old', { hold => 1, status => 401, body => '' }, {});
my $first = $t->client->start(GET => '/old');
ok($t->wait_for(sub { 2 == grep { $_->{uri} eq '/old' } $api->requests }),
   'old: a request is on its way');

my %before = map { $_ => 1 } $t->workers;

put('old', 'second');
ok($t->reload, 'old: a reload');
$idp->clear;
$idp->answer('/old', $refused, {});
$api->release;

my $r = $first->finish;
is($r->status, 502, 'old: the token is refused, and there is no other');
ok($before{ $r->header('X-Worker') }, 'old: to an old worker');
is($idp->logins, 1, 'old: which has tried another login');
is(sent(), 'first', 'old: with the old secret, in vain');

$r = $t->get('/old?s=other');
is($r->status, 200, 'old: new workers log in for another entry');
is(sent(), 'second', 'old: with the new secret');
is($t->get('/old')->status, 200, 'old: and use the token');
ok($t->wait_for(sub { $idp->logins == 3 }), 'old: which they renew');
is(sent(), 'second', 'old: with the new secret');

$t->done;
