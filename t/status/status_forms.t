#!/usr/bin/perl

# Tests the buttons of the status page: a form that a page of this server has
# made does what it says, once; one that somebody else made, or that is old, or
# about another entry, does nothing.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Browser;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

# clocks that the test can change, see t/process/suspend.t

my $library = $t->prefix . '/clocks.so';
is(system('cc -shared -fPIC -O1 -Wall -Wextra -o ' . $library
          . " $FindBin::Bin/../preload/clocks.c"), 0,
   'clocks can jump') or BAIL_OUT('no compiler');
$t->write_file('ahead', pack 'q2', 0, 0);

sub ahead ($hours) {
    open my $fh, '+<:raw', $t->prefix . '/ahead' or die "ahead: $!";
    syswrite $fh, pack 'q2', 0, $hours * 3600_000;
    close $fh;
}

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

my $odd = q{odd %41+&<"'> name} . "\xff\xc3\xa9";

my $providers = join '', map { <<"CONF" } 'crm', 'many', 'cold', $odd;
    oauthcc_provider "@{[ s/"/\\"/r ]}" {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/@{[ s/ .*//sr ]};
        client_id gateway;
        client_secret s3cret;
    }

CONF

my $odd_quoted = $odd =~ s/"/\\"/r;

{
    local $ENV{LD_PRELOAD} = join ' ', $ENV{LD_PRELOAD} // (), $library;
    local $ENV{CLOCKS_AHEAD} = $t->prefix . '/ahead';
    local $ENV{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0',
                                         $ENV{ASAN_OPTIONS} // ();

    $t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

$providers
    oauthcc_provider each { login_json each.json; }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /crm  { oauthcc crm scope=\$arg_s; proxy_pass http://api; }
        location /many { oauthcc many scope=\$arg_s; proxy_pass http://api; }
        location /each { oauthcc each; proxy_pass http://api; }
        location /odd  { oauthcc "$odd_quoted"; proxy_pass http://api; }
        location /status { oauthcc_status; }
        location /control { oauthcc_status control; }
        location /args/ { set \$args \$uri; oauthcc_status control; }

        location = /foreign {
            default_type text/html;
            return 200 "<title>x</title><form method=post action='http://localhost:%%PORT_http%%/control'><input name=action value=purge><input name=provider value=crm><button>go</button></form>";
        }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF
}

my $http = '127.0.0.1:' . $t->port('http');

# the forms of the page: the values by the first words of provider and entry

sub forms ($uri = '/control') {
    my $page = $t->get("$uri?format=html")->body;
    my %form;

    while ($page =~ m{<form method="post"(.*?)</form>}g) {
        my ($html, %field) = $1;
        $field{$1} = $2 while $html =~ /<input[^>]* name="(\w+)" value="(.*?)">/g;
        $field{actions} = join ' ', $html =~ /<button name="action" value="(\w+)">/g;
        $form{"$field{provider}/$field{entry}"} = \%field;
    }

    return \%form;
}

sub send_form ($form, $action, @headers) {
    return send_form_to('/control?limit=7', $form, $action, @headers);
}

sub send_form_to ($uri, $form, $action, @headers) {
    my $body = join '&', "action=$action",
        map { my $v = $form->{$_} =~ s/%/%25/gr; "$_=$v" }
        qw(provider entry token);

    return $t->request(POST => $uri, body => $body, headers => [
        Host => $http, 'Content-Type' => 'application/x-www-form-urlencoded',
        @headers ]);
}

my $tokens = sub { scalar $status->entries($_[0]) };
my $logins = sub { scalar grep { $_->{uri} =~ m{^/$_[0]\b} } $idp->requests };


####  what there is

$t->get("/crm?s=$_") for qw(a b);
$t->get('/odd');
$t->get('/each');

is_deeply(forms('/status'), {}, 'without "control" there is no button');

my $forms = forms();
my ($id) = map { $_->{id} } $status->entries('crm');
my ($other) = map { $_->{id} } ($status->entries('crm'))[1];

is(scalar keys %$forms, 5 + 4, 'a form for each provider and entry');
is($forms->{'crm/'}{actions}, 'refresh purge', 'of a provider');
is($forms->{"crm/$id"}{actions}, 'refresh purge', 'of an entry');
is($forms->{'cold/'}{actions}, 'refresh', 'nothing to purge yet');
is($forms->{'each/'}{actions}, 'purge', 'nothing to refresh');

my %seen;
is(scalar(grep { $seen{ $_->{token} }++ } values %$forms), 0,
   'each has a token of its own');
is(scalar(grep { $_->{token} !~ /^[0-9a-f]{64}$/ } values %$forms), 0,
   'of 256 bits');

my $r = $t->get('/control?format=html');
like($r->header('Content-Security-Policy'), qr/form-action 'self'/,
     'they may be sent to this server alone');
like($r->header('Content-Security-Policy'), qr/frame-ancestors 'none'/,
     'and the page be in no frame of others');
like($r->header('Content-Security-Policy'), qr/default-src 'none'/,
     'which runs nothing');
unlike($r->body, qr/<script|\son\w+=/, 'no script is needed');


####  what is refused, and does nothing

my $done = sub { $tokens->('crm') . ' ' . scalar(() = $idp->requests) };
my $before = $done->();
my %good = %{ $forms->{"crm/$id"} };

my @refused = (
    [ 'no token', { token => '' } ],
    [ 'a short one', { token => substr $good{token}, 1 } ],
    [ 'a long one', { token => "$good{token}0" } ],
    [ 'one digit is another', { token => $good{token}
                                         =~ s/^(.)/$1 eq '0' ? 1 : 0/er } ],
    [ 'capitals', { token => uc $good{token} } ],
    [ 'the token of another entry', { token => $forms->{"crm/$other"}{token} } ],
    [ 'the token of the provider', { token => $forms->{'crm/'}{token} } ],
    [ 'the token of another provider', { token => $forms->{'many/'}{token},
                                         entry => '' } ],
    [ 'the token of an entry, for all', { entry => '' } ],
    [ 'for another provider', { provider => 'many' } ],
    [ 'with a part of the entry in the provider',
      { provider => "crm$id", entry => '' } ],
);

for my $case (@refused) {
    for my $action (qw(purge refresh)) {
        my $r = send_form({ %good, %{ $case->[1] } }, $action);
        is($r->status, 403, "$action: $case->[0]");
    }
}

$r = send_form({ %good, token => 'x' }, 'purge');
is($r->header('Content-Type'), 'application/json', 'the answer is JSON');
like($r->body, qr/reload the page/, 'which says what to do');

my @foreign = (
    'null', 'http://evil.example', "http://$http.evil.example", 'http://',
    "http://evil.example\@$http", "http://$http/", "ftp://$http", $http,
    'http://127.0.0.1', 'http://localhost:' . $t->port('http'), '', 'file://',
    "http://$http http://evil.example", "http://$http,http://evil.example",
);

for my $origin (@foreign) {
    is(send_form(\%good, 'purge', Origin => $origin)->status, 403,
       "an Origin of \"$origin\"");
}

is(send_form(\%good, 'purge', Origin => "http://$http",
             Origin => 'http://evil.example')->status, 403, 'two of them');
is($t->request(POST => '/control', body => 'action=purge&provider=crm',
               headers => [ 'X-Requested-With' => 'x', Host => $http,
                   Origin => 'http://evil.example', 'Content-Type' =>
                   'application/x-www-form-urlencoded' ])->status, 403,
   'a foreign Origin, with the header too');
is($t->request(POST => '/status', body => 'action=purge&provider=crm',
               headers => [ Host => $http, 'Content-Type' =>
                   'application/x-www-form-urlencoded' ])->status, 405,
   'without "control" there is no order');

is($done->(), $before, 'nothing was done');


####  what is done

$r = send_form(\%good, 'refresh', Origin => "http://$http");
is($r->status, 303, 'a form of the page');
is($r->header('Location'), '?limit=7', 'leads back to it, with its arguments');
$t->wait_for(sub { $logins->('crm') == 3 });
is($logins->('crm'), 3, 'and the entry is refreshed');

# arguments that the configuration has set are whatever bytes it found

for my $bytes ("a%0d%0aX-Evil:%20x", 'a%0aX-Evil:x', 'a%0dX-Evil:x', 'a%7f') {
    $r = send_form_to("/args/$bytes", \%good, 'refresh');
    is($r->status, 303, "arguments $bytes");
    is($r->header('Location'), '?', '... make no line of a header');
    is($r->header('X-Evil'), undef, '... nor another header');
}

is(send_form(\%good, 'refresh')->status, 303, 'one that comes too early too');
is($logins->('crm'), 3, 'but nothing is done');

is(send_form(\%good, 'purge', Origin => "https://$http")->status, 303,
   'where TLS ends at a proxy');
is($tokens->('crm'), 1, 'one entry is gone');
is(send_form(\%good, 'purge')->status, 404, 'it cannot go once more');
is(send_form($forms->{'crm/'}, 'purge')->status, 303, 'all of a provider');
is($tokens->('crm'), 0, 'are gone');
is(send_form($forms->{'cold/'}, 'refresh')->status, 303, 'a first login');
$t->wait_for(sub { $tokens->('cold') });
is($tokens->('cold'), 1, 'is made');
is(send_form($forms->{'each/'}, 'refresh')->status, 409,
   'nothing to refresh is an error as before');

my ($key) = grep { /^odd/ && m{/$} } keys %$forms;
is(send_form($forms->{$key}, 'purge')->status, 303, 'a name of any bytes');
is(scalar(grep { /^odd/ && !m{/$} } keys %{ forms() }), 0, 'is found');


####  time

my $now = forms()->{'many/'};
is(send_form($now, 'purge')->status, 303, 'a form');

ahead(1);
is($t->wait_for(sub { forms()->{'many/'}{token} ne $now->{token} }), 1,
   'in the next hour pages have other tokens');
is(send_form($now, 'purge')->status, 303, 'the one before is accepted');

my $second = forms()->{'many/'};
ahead(2);
$t->wait_for(sub { forms()->{'many/'}{token} ne $second->{token} });
is(send_form($now, 'purge')->status, 403, 'after that it is stale');
is(send_form($second, 'purge')->status, 303, 'that of the hour before is not');

my $third = forms()->{'many/'};
ahead(0);
$t->wait_for(sub { forms()->{'many/'}{token} eq $now->{token} });
is(send_form($third, 'purge')->status, 403, 'one of an hour to come is none');

$t->reload;
is(send_form($now, 'purge')->status, 303, 'a reload keeps the key of the zone');


####  a browser

$t->get("/crm?s=$_") for qw(a b);
my $site = "http://$http";
my $browser = Test::OAuthCC::Browser->new($t->prefix);

$browser->open("$site/control?limit=9");
my $n = $logins->('crm');
$browser->click('section form button[value=refresh]');
is($browser->run('location.href'), "$site/control?limit=9",
   'a click leads back to the page');
$t->wait_for(sub { $logins->('crm') == $n + 2 });
is($logins->('crm'), $n + 2, 'and the provider is refreshed');
is(join("\n", $browser->complaints), '', 'the browser has no complaint');

$browser->click('tbody form button[value=purge]');
is($tokens->('crm'), 1, 'an entry is purged');

$browser->open("http://localhost:" . $t->port('http') . '/foreign');
is($browser->run('location.host') =~ /^localhost/ ? 1 : 0, 1, 'another site');
$browser->open("$site/foreign");
$browser->click('button');
is($tokens->('crm'), 1, 'has a form that does nothing');

$browser->stop;
$t->done;
