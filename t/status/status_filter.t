#!/usr/bin/perl

# Tests what the status lists of many entries: what fails first, counted over
# all of them; the entries that arguments select, be they hostile; the failed
# logins of late; and the page that is not reloaded.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use List::Util qw(uniq);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Browser;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

my $odd = q{<b>"odd"</b> & '%41'};
my $quoted = $odd =~ s/"/\\"/gr;

my $providers = join '', map { <<"CONF" } qw(one many), $quoted;
    oauthcc_provider "$_" {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/@{[ /^\w+$/ ? $_ : 'odd' ]};
        client_id gateway;
        client_secret s3cret;
        scope Configured.Scope;
        backoff 60s 60s;
    }

CONF

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    oauthcc_zone 4m;

$providers
    oauthcc_provider callers {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/callers;
        client_id gateway;
        client_secret s3cret;
        grant_type urn:ietf:params:oauth:grant-type:token-exchange;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        location /one  { oauthcc one; proxy_pass http://api; }
        location /many { oauthcc many scope=\$http_x; proxy_pass http://api; }
        location /odd  { oauthcc "$quoted"; proxy_pass http://api; }
        location /callers {
            oauthcc callers subject_token=\$http_x_user;
            proxy_pass http://api;
        }
        location = /status { oauthcc_status; }
        location = /control { oauthcc_status control; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->run($config);

sub url ($text) { return $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger }

sub page ($args = '') { return $t->get("/status?format=html$args")->body }


####  a thousand entries, of which few fail, that were used first

my $refuse = { status => 400, body => JSON::PP->new->encode({
    error => 'invalid_scope', error_description => '<i>none</i>' }) };

$idp->answer('/many', $refuse, $refuse, $refuse, {});
$t->get('/many', headers => [ X => "bad-$_" ]) for 1 .. 3;
$t->get('/many', headers => [ X => "good-$_" ]) for 1 .. 300;
$t->get('/one');
$t->get('/odd');

my $look = $status->look;
is($look->{entries_by_state}{backing_off}, 3, 'all entries are counted');
is($look->{entries_by_state}{fresh}, 302, 'by their states');
is($look->{providers}[1]{entries_by_state}{backing_off}, 3, 'of each provider');
is(join(' ', map { $_->{scope} } @{ $look->{providers}[1]{entries} }[0 .. 4]),
   'bad-3 bad-2 bad-1 good-300 good-299',
   'those that fail are first, then those used last');
is(scalar(map { @{ $_->{entries} } } @{ $look->{providers} }), 100,
   'a hundred are listed');

my $page = page('&limit=2');
like($page, qr/<title>3 failing/, 'those that are not listed count too');
like($page, qr/3 entries failing/, 'at the head');
like($page, qr/<h2[^>]*>many.*<h2[^>]*>one/s,
     'the provider of which some fail is first');
like($page, qr/1 of 303 entries listed/, 'the rest is said');


####  filters

sub ids ($args) {
    return map { map { $_->{scope} } @{ $_->{entries} } }
           @{ $status->look($args)->{providers} };
}

is(join(' ', sort(ids('&state=error'))), 'bad-1 bad-2 bad-3', 'state=error');
is(join(' ', sort(ids('&state=backing_off'))), 'bad-1 bad-2 bad-3',
   'state=backing_off');
is(join(' ', ids('&state=failing')), '', 'a state in which there is none');
is(scalar(ids('&state=fresh&limit=1000')), 302, 'state=fresh');
is(scalar(ids('&limit=1000')), 305, 'no state');
is(scalar(ids('&state=&provider=&scope=&limit=1000')), 305,
   'what a form sends that nobody has filled in');
is(join(' ', ids('&scope=OOD-17&limit=3')), 'good-179 good-178 good-177',
   'scope=, of all entries');
is($status->look('&scope=good-17')->{providers}[1]{matching_entry_count}, 11,
   'how many match');
is($status->look('&scope=good-17')->{entry_count}, 305, 'how many there are');
is(join(' ', ids('&scope=configured')), 'Configured.Scope Configured.Scope',
   'the scope of a provider');
is(join(' ', ids('&scope=good-3&state=error')), '', 'both have to match');

is(join(' ', map { $_->{name} }
        @{ $status->look('&provider=one')->{providers} }), 'one', 'provider=');
is(join(' ', map { $_->{name} } @{
       $status->look('&provider=' . url($odd))->{providers} }), $odd,
   'of any name');
is_deeply($status->look('&provider=nobody')->{providers}, [],
          'one that is not there');
is($t->get("/status?format=json&state=$_")->status, 400, "state=$_ is an error")
    for 'nothing', 'FRESH', 'fresh%00', '%3Cscript%3E', 'fresh,empty';
is($t->get("/status?format=html&state=%22%3E%3Cscript%3E")->body
   =~ /<script/ ? 1 : 0, 0, 'and is not repeated');

like($t->get('/status?format=prometheus&provider=one&state=error')->body,
     qr/provider="many"/, 'metrics have no filter');


####  hostile values

my @hostile = (
    '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>',
    q{'"`<>&}, "\0\1\x1b[31m", "\xff\xfe\xc0\x80", "\xe2\x80\xae",
    '&quot;&lt;', 'a' x 5000, '%3Cscript%3E', 'javascript:alert(1)',
    "x\r\nSet-Cookie: a=b", '" autofocus onfocus="alert(1)',
);

for my $value (@hostile) {
    my $name = substr $value =~ s/[^ -~]/?/gr, 0, 30;

    for my $args (map { "$_=" . url($value) } qw(scope provider)) {
        my $r = $t->get("/status?format=html&pause=1&$args");
        is($r->status, 200, "$name: a page");
        unlike($r->body, qr/<script|<img|\son(?:error|focus)=[^&"]*alert\(1\)"?>/,
               'that runs nothing');
        is(scalar(() = $r->body =~ /<form method="get">/g), 1, 'with its form');
        is($r->header('Set-Cookie'), undef, 'and no header of others');
    }
}

$page = page('&pause=1&scope=' . url(q{<i>"'&}) . '&provider=' . url($odd));
like($page, qr/value="&lt;i&gt;&quot;&#39;&amp;"/, 'a value in the form');
like($page, qr/href="[^"]*scope=%3Ci%3E%22%27%26[^"]*"/, 'and in links');
like($page, qr/<option value="&lt;b&gt;&quot;odd[^>]* selected>/,
     'a provider in the form');


####  the failed logins of late

my @failures = @{ $status->look->{last_failures} };
is(scalar @failures, 3, 'each failed login is there');
is(join(' ', uniq map { "$_->{provider} $_->{status} $_->{http_status} "
                        . $_->{error} } @failures),
   'many refused 400 invalid_scope: <i>none</i>', 'with its reason');
is(scalar(grep { abs($_->{unix_seconds} - time) > 60 } @failures), 0,
   'and its time');
is($failures[0]{entry}, $look->{providers}[1]{entries}[0]{id},
   'the last one is first, and names its entry');
like(page(), qr/Last failed logins.*400 invalid_scope: &lt;i&gt;none/s,
     'they are on the page');
unlike(page('&provider=one'), qr/invalid_scope/, 'those of others are not');

# a client cannot fill the ring with bad tokens of its own

$idp->answer('/callers', { status => 400, body => '{"error":"invalid_grant"}' });
$t->get('/callers', headers => [ X => 'x', 'X-User' => "token-of-caller-$_" ])
    for 1 .. 5;
is($status->provider('callers')->{logins}{refused}, 5,
   "failures of callers' own tokens are counted");
is(scalar(grep { $_->{provider} eq 'callers' }
          @{ $status->look->{last_failures} }), 0, 'and not recorded');
$idp->answer('/callers', { status => 401,
                           body => '{"error":"invalid_client"}' });
$t->get('/callers', headers => [ 'X-User' => 'token-of-caller-6' ]);
is(scalar(grep { $_->{provider} eq 'callers' }
          @{ $status->look->{last_failures} }), 1,
   'those of the provider are, whoever calls');

$idp->answer('/one', ({ status => 401, body => '{"error":"invalid_client"}' }));

my @headers = ('X-Requested-With' => 'x',
               'Content-Type' => 'application/x-www-form-urlencoded');
my $fail = sub {
    $t->request(POST => '/control', headers => \@headers,
                body => "action=purge&provider=one");
    $t->get('/one');
};

$fail->() for 1 .. 130;
@failures = @{ $status->look->{last_failures} };
is(scalar @failures, 128, 'the zone keeps 128');
is(scalar(grep { $_->{provider} ne 'one' } @failures), 0, 'the oldest go');

$t->reload;
is(scalar @{ $status->look->{last_failures} }, 128, 'a reload keeps them');
cmp_ok($status->look->{counting_since_unix_seconds}, '<=', time,
       'since when is counted');
my $since = $look->{counting_since_unix_seconds};
is($status->look->{counting_since_unix_seconds}, $since,
   'a reload does not change that');

$t->reload($config =~ s/provider "one"/provider "two"/r
                   =~ s/oauthcc one;/oauthcc two;/r);
is(scalar(grep { $_->{provider} eq 'one' } @{ $status->look->{last_failures} }),
   0, 'those of a provider that is gone are not shown');
$t->reload($config);

$t->reload($config =~ s/zone 4m/zone 64k/r);
is_deeply($status->look->{last_failures}, [], 'a new zone has none');
$fail->() for 1 .. 60;
my $n = @{ $status->look->{last_failures} };
cmp_ok($n, '>=', 20, "a small zone keeps fewer: $n");
cmp_ok($n, '<', 60, 'but not all');


####  in a browser

my $site = 'http://127.0.0.1:' . $t->port('http');
my $browser = Test::OAuthCC::Browser->new($t->prefix);

$t->get('/many', headers => [ X => "<u>$_" ]) for 1 .. 2;
$browser->open("$site/control?limit=50");
is($browser->run('document.querySelectorAll("meta[http-equiv=refresh]").length'),
   1, 'the page is reloaded');
is($browser->run('document.querySelectorAll("nav form").length'), 0,
   'so there is no form, which a reload would wipe');
$browser->click('nav p a');
is($browser->run('location.search'), '?limit=50&pause=1', 'it can be paused');
is($browser->run('document.querySelectorAll("meta[http-equiv=refresh]").length'),
   0, 'and is not reloaded then');

$browser->run('document.querySelector("input[name=scope]").value = "<u>1"');
$browser->click('nav form button');
is(join(',', $browser->texts('tbody .key bdi')), '<u>1', 'a search finds one');
like($browser->run('document.querySelector(".shown").innerText'),
     qr/^1 of \d+ entries match, scope with <u>1/, 'and says so');
is($browser->run('document.querySelector("input[name=scope]").value'), '<u>1',
   'the form has what was searched for');

$browser->click('tbody button[value=refresh]');
like($browser->run('location.search'), qr/scope=%3Cu%3E1/,
     'a button keeps the search');
$browser->click('.shown a');
is($browser->run('location.search'), '?limit=50&pause=1', 'it can be ended');
$browser->click('nav li:nth-child(2) a');
like($browser->run('location.search'), qr/state=error/, 'a state by a link');
is($browser->run('document.querySelector("[aria-current]").innerText') =~
   /^failing or backing off/ ? 1 : 0, 1, 'that is marked');
is(join("\n", $browser->complaints), '', 'the browser has no complaint');

$browser->stop;
$t->done;
