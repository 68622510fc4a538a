#!/usr/bin/perl

# Tests for "oauthcc_status control": an operator drops tokens or logs in by
# hand, whichever worker has the entry; a page of another site cannot.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use List::Util qw(pairs);
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

my $providers = join '', map { <<"CONF" } qw(crm many few), 'odd & name';
    oauthcc_provider "$_" {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/@{[ $_ =~ s/ .*//r ]};
        client_id gateway;
        client_secret s3cret;
        @{[ $_ eq 'few' ? 'max_logins 1; backoff 60s 60s;' : '' ]}
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
        location /few  { oauthcc few scope=\$arg_s; proxy_pass http://api; }
        location /many { oauthcc many scope=\$arg_s; proxy_pass http://api; }
        location /each { oauthcc each; proxy_pass http://api; }
        location /odd  { oauthcc "odd & name"; proxy_pass http://api; }
        location /status { oauthcc_status; }
        location /control { oauthcc_status control; }
        location /small { oauthcc_status control; client_body_buffer_size 4; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my @usual = ('X-Requested-With' => 'test',
             'Content-Type' => 'application/x-www-form-urlencoded');

sub order ($body, %arg) {
    my $r = $t->request(POST => $arg{uri} // '/control', body => $body,
                        headers => [ @usual, @{ $arg{headers} // [] } ]);
    my $json = eval { JSON::PP->new->utf8->decode($r->body) } // {};
    return ($r, $json);
}

# the status and what else the answer says, in one line

sub said ($body, %arg) {
    my ($r, $json) = order($body, %arg);
    delete $json->{version};
    return join ' ', $r->status,
                map { "$_=$json->{$_}" } sort keys %$json;
}


####  what is refused

my @form = (body => 'action=purge&provider=crm');

for my $missing (pairs(@usual)) {
    my @have = map { @$_ } grep { $_->[0] ne $missing->[0] } pairs(@usual);
    my $r = $t->request(POST => '/control', @form, headers => \@have);
    is($r->status, $missing->[0] =~ /^X/ ? 403 : 415,
       "an order without $missing->[0]");
}

is($t->request(POST => '/control', @form,
               headers => [ @usual[0, 1], 'Content-Type' => 'text/plain' ])
     ->status, 415, 'another type is no form');
is($t->request(POST => '/status', @form, headers => [ @usual ])->status, 405,
   'without "control" there is no order');

is(said('action=drop&provider=crm'),
   '400 error="action" has to be "purge" or "refresh"', 'an unknown action');
is(said(''), '400 error="action" has to be "purge" or "refresh"',
   'an empty form');
is(said('action=purge&provider=nobody'), '404 error=there is no such provider',
   'an unknown provider');
is(said('action=purge'), '404 error=there is no such provider', 'none');

for my $id ('', 'x', '0' x 16, 'A' x 16, '0' x 17) {
    is(said("action=$_&provider=crm&entry=$id"),
       '404 error=there is no such entry', "$_ of the entry \"$id\"")
        for qw(purge refresh);
}

is(said('action=refresh&provider=each'),
   '409 error=each request logs in: there is nothing to refresh',
   'a provider without entries');

is((order('action=purge&provider=' . 'x' x 4096))[0]->status, 413,
   'a form that is too long');

my ($r, $json) = order('action=purge&provider=crm');
is($r->header('Content-Type'), 'application/json', 'the answer is JSON');
is($r->header('Cache-Control'), 'no-store', 'that no cache keeps');
is($json->{version}, 1, 'and has a version');


####  purge

my $logins = sub ($path, $code) {
    my $before = grep { $_->{uri} eq "/$path" } $idp->requests;
    $code->();
    return grep({ $_->{uri} eq "/$path" } $idp->requests) - $before;
};

is(said('action=purge&provider=crm'),
   '200 action=purge provider=crm purged=0', 'there is nothing to drop');

$t->get('/crm') for 1 .. 8;
my ($id) = map { $_->{id} } $status->entries('crm');

is(said('action=purge&provider=crm'),
   '200 action=purge provider=crm purged=1', 'the token is dropped');
is(scalar $status->entries('crm'), 0, 'it is gone');
is($logins->(crm => sub { $t->get('/crm') for 1 .. 20 }), 1,
   'all workers know: there is one login');
isnt((map { $_->{id} } $status->entries('crm'))[0], $id,
     'the new one has another name');

$t->get("/many?s=$_") for 1 .. 250;
my @entries = @{ $status->look('&limit=251')->{providers}[1]{entries} };
is(scalar @entries, 250, 'many entries');

is(scalar(map { @{ $_->{entries} } } @{ $status->look->{providers} }), 100,
   'at most a hundred are listed');
my $page = $t->get('/status?format=html')->body;
is(scalar(() = $page =~ /<tbody/g), 100, 'on the page too');
like($page, qr/99 of 250 entries listed/, 'which says so');

is(said("action=purge&provider=many&entry=$entries[3]{id}"),
   '200 action=purge provider=many purged=1', 'one of them is dropped');
is($status->provider('many')->{entry_count}, 249, 'the others stay');
is(said("action=purge&provider=crm&entry=$entries[4]{id}"),
   '404 error=there is no such entry', 'an entry of another provider');
is(said('action=purge&provider=many'),
   '200 action=purge provider=many purged=249', 'all of them are dropped');
is($status->look->{entry_count}, 1, 'but not those of others');

$t->get('/odd');
is(said('action=purge&provider=odd+%26%20name'),
   '200 action=purge provider=odd & name purged=1', 'a name with spaces');
is(said('action=purge&provider=crm', uri => '/small'),
   '200 action=purge provider=crm purged=1', 'a form that is in a file');


####  refresh

my $refreshed = '200 action=refresh provider=crm refreshed=1 running=0 '
                . 'too_early=0';
my $early = '429 action=refresh provider=crm refreshed=0 running=0 '
            . 'too_early=1';

is($logins->(crm => sub {
    is(said('action=refresh&provider=crm'), $refreshed,
       'a login before the first request');
    $t->wait_for(sub { $status->provider('crm')->{logins_in_flight} == 0
                       && $status->entries('crm') });
    $t->get('/crm');
}), 1, 'is made at once');

my $old = $status->provider('crm')->{logins}{success};

is($logins->(crm => sub {
    is(said('action=refresh&provider=crm'), $refreshed, 'a refresh');
    $t->wait_for(sub {
        $status->provider('crm')->{logins}{success} == $old + 1 });
}), 1, 'logs in');

is(said('action=refresh&provider=crm'), $early, 'another one is too early');
is((order('action=refresh&provider=crm'))[0]->header('Retry-After'), 1,
   'and says when not');

$t->wait_for(sub { said('action=refresh&provider=crm') eq $refreshed });
pass('later it is not');
$t->wait_for(sub { $status->provider('crm')->{logins_in_flight} == 0 });

$idp->answer('/crm', { hold => 1 }, {});
is($t->wait_for(sub { said('action=refresh&provider=crm') eq $refreshed }), 1,
   'a refresh that takes its time');
is($t->get('/crm')->status, 200, 'the token is used meanwhile');
is(said('action=refresh&provider=crm'),
   '200 action=refresh provider=crm refreshed=0 running=1 too_early=0',
   'there is one login at a time');
$idp->release;
$t->wait_for(sub { $status->provider('crm')->{logins_in_flight} == 0 });

# a worker that has never served the entry cannot log in for it: another does

my %of = map { ($t->get("/many?s=$_"), 1); $_ => 1 } 1 .. 12;

my $n = $logins->(many => sub {
    for my $entry ($status->entries('many')) {
        is(said("action=refresh&provider=many&entry=$entry->{id}"),
           '200 action=refresh provider=many refreshed=1 running=0 '
           . 'too_early=0', "a refresh of \"$entry->{scope}\"");
    }

    $t->wait_for(sub {
        $status->provider('many')->{logins}{success} == 250 + 12 + 12 });
});

is($n, 12, 'each logs in, in whatever worker');

said('action=purge&provider=many');
$t->get("/many?s=$_") for 1 .. 12;
$old = $status->provider('many')->{logins}{success};

is($logins->(many => sub {
    is(said('action=refresh&provider=many'),
       '200 action=refresh provider=many refreshed=12 running=0 too_early=0',
       'a refresh of all of them');
    $t->wait_for(sub {
        $status->provider('many')->{logins}{success} == $old + 12 });
}), 12, 'is a login for each');

# the server is in trouble, and then it is not

$idp->answer('/few', { status => 500 }, {});
is($t->get('/few?s=1')->status, 502, 'a login that fails');
is($t->get('/few?s=1')->status, 503, 'a backoff of a minute');
is(said('action=refresh&provider=few'),
   '200 action=refresh provider=few refreshed=1 running=0 too_early=0',
   'an operator knows better');
$t->wait_for(sub { $status->provider('few')->{logins}{success} == 1 });
is($t->get('/few?s=1')->status, 200, 'the backoff is over');

$idp->answer('/few', { status => 500 }, {});
$t->get("/few?s=$_") for 2, 3;
is($t->get('/few?s=2')->status, 503, 'another one');
said('action=purge&provider=few');
is($t->get('/few?s=2')->status, 200, 'ends when all is dropped');

$t->wait_log(qr/entries were purged by hand, oauthcc provider: "many"/);
$t->done;
