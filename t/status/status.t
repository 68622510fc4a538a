#!/usr/bin/perl

# Tests that the status says how things are: the states of entries as they
# change, in the form that the client wants, and nothing that a viewer must
# not know.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider fresh {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/fresh?key=s3cret-key;
        client_id gateway;
        client_secret s3cret-of-fresh;
        scope "read write";
        resource https://api.example.com/;
        resource https://other.example.com/;
        param hint s3cret-hint;
    }

    oauthcc_provider slow {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/slow;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider renewed {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/renewed;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider failing {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/failing;
        client_id gateway;
        client_secret s3cret;
        backoff 1ms 1ms;
    }

    oauthcc_provider backing {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/backing;
        client_id gateway;
        client_secret s3cret;
        backoff 60s 60s;
    }

    oauthcc_provider many {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/many;
        client_id gateway;
        client_secret s3cret;
        audience usual;
    }

    oauthcc_provider each {
        login_json each.json;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        proxy_pass_header Date;

        location = /fresh   { oauthcc fresh; proxy_pass http://api; }
        location = /slow    { oauthcc slow; proxy_pass http://api; }
        location = /renewed { oauthcc renewed; proxy_pass http://api; }
        location = /failing { oauthcc failing; proxy_pass http://api; }
        location = /backing { oauthcc backing; proxy_pass http://api; }
        location = /each    { oauthcc each; proxy_pass http://api; }
        location = /off     { oauthcc $arg_p; proxy_pass http://api; }

        location = /many {
            oauthcc many scope=$arg_s audience=$arg_a resource=$arg_r
                    param:secret=$http_x_secret;
            proxy_pass http://api;
        }

        location = /status { oauthcc_status; }
        location = /if {
            oauthcc_status control;
            if ($arg_x) { add_header X-If yes; }
        }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->write_file('each.json', <<'JSON');
{
    "authentication": {
        "type": "login",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/each?a=s3cret-key",
            "method": "FORM",
            "params": { "name": "s3cret-param" }
        },
        "apiRequest": { "headers": { "X-Token": "access_token" } },
        "expires": 0
    }
}
JSON

$t->run($config);

# the client id is shown to operators alone, and is in no log

my @secrets = qw(s3cret-key s3cret-of-fresh s3cret-hint s3cret-param);
$t->secret(@secrets, 'gateway');


####  forms

sub form ($accept, $args = '') {
    my $r = $t->get("/status$args", headers => defined $accept
                                    ? [ Accept => $accept ] : []);
    return $r->status . ' ' . ($r->header('Content-Type') // '-');
}

my $json = '200 application/json';
my $html = '200 text/html; charset=utf-8';
my $text = '200 text/plain; version=0.0.4; charset=utf-8';

is(form(undef), $json, 'JSON where nothing else is asked for');
is(form('*/*'), $json, 'and where all will do');
is(form('image/png'), $json, 'or none of them');
is(form(''), $json, 'or an empty header');

is(form('text/html,application/xhtml+xml,application/xml;q=0.9,'
        . 'image/avif,image/webp,*/*;q=0.8'), $html, 'HTML for a browser');

is(form('application/openmetrics-text;version=1.0.0;q=0.5,'
        . 'application/openmetrics-text;version=0.0.1;q=0.4,'
        . 'text/plain;version=0.0.4;q=0.2,*/*;q=0.1'), $text,
   'text for Prometheus');

is(form('text/plain'), $text, 'text by its type');
is(form('text/*'), $html, 'a kind of types');
is(form('text/*;q=0.2, application/json;q=0.1'), $html, 'and its weight');
is(form('TEXT/HTML ; Q=0.5 , application/json;q=0.4'), $html,
   'letters and spaces do not matter');
is(form('*/*, application/json;q=0'), $html, 'what is not wanted');
is(form('text/html;q=x, text/plain;q=0.001'), $text, 'a weight that is none');
is(form('text/html;q=1.5, text/plain;q=0.1'), $text, 'or too large');
is(form('text/html', '?format=json'), $json, 'format= comes first');
is(form(undef, '?format=html'), $html, 'HTML by name');
is(form(undef, '?format=prometheus'), $text, 'Prometheus by name');
is(form(undef, '?format=xml'), '400 text/html', 'another format is an error');
is(form(undef, '?limit=x'), '400 text/html', 'a limit has to be a number');
is(form(undef, '?limit=-1'), '400 text/html', 'of entries');

my $r = $t->get('/status?format=html');
is($r->header('Cache-Control'), 'no-store', 'no cache keeps it');
is($r->header('Vary'), 'Accept', 'and caches know that there are others');
is($r->header('X-Content-Type-Options'), 'nosniff', 'it is what it says');
like($r->header('Content-Security-Policy'), qr/default-src 'none'/,
     'the page may not load anything');
is($r->header('Content-Length'), length $r->body, 'its size is known');

$r = $t->request(HEAD => '/status');
is($r->status . $r->body, '200', 'HEAD has no body');
cmp_ok($r->header('Content-Length'), '>', 100, 'but its length');

for my $method (qw(POST PUT DELETE)) {
    $r = $t->request($method => '/status');
    is($r->status . ' ' . $r->header('Allow'), '405 GET, HEAD',
       "$method is not allowed");
}

is($t->request(PUT => '/if')->header('Allow'), 'GET, HEAD, POST',
   'POST is, with "control"');
is($t->get('/if?x=1')->header('X-If'), 'yes', 'it may have an "if"');


####  what there is before the first request

my $all = $status->look;
is(join(' ', map { $_->{name} } @{ $all->{providers} }),
   'fresh slow renewed failing backing many each',
   'the providers are in their order');
is($all->{entry_count}, 0, 'nobody has a token');
is(scalar(grep { @{ $_->{entries} } } @{ $all->{providers} }), 0,
   'there is no entry');


####  states

sub entry ($name) {
    my @entries = $status->entries($name);
    is(scalar @entries, 1, "$name has one entry");
    return $entries[0] // {};
}

is($t->get('/fresh')->status, 200, 'a login');
is($t->get('/fresh')->status, 200, 'and a hit');

my $e = entry('fresh');
is($e->{state}, 'fresh', 'a token that is good');
like($e->{id}, qr/^[0-9a-f]{16}$/, 'its entry has a name');
is($e->{scope}, 'read write', 'the scope of the provider');
is($e->{resource}, 'https://api.example.com/ https://other.example.com/',
   'its resources');
is($e->{life_seconds}, 3600, 'its life');
cmp_ok($e->{expires_in_seconds}, '>', 3590, 'what is left of it');
cmp_ok($e->{refresh_in_seconds}, '>', 3000, 'the next refresh');
cmp_ok($e->{refresh_in_seconds}, '<', $e->{expires_in_seconds}, 'before');
cmp_ok($e->{last_login_ago_seconds}, '<', 10, 'its login');
cmp_ok($e->{last_login_duration_seconds}, '<', 10, 'and how long it took');
is($e->{backoff_seconds}, 0, 'no backoff');
is($e->{last_error}, undef, 'no error');
is("$e->{logins} $e->{failures} $e->{waiters}", '1 0 0', 'its counts');

my $p = $status->provider('fresh');
is($p->{token_endpoint}, 'http://127.0.0.1:' . $t->port('idp') . '/fresh',
   'the endpoint is shown without arguments');
is($p->{logins}{success}, 1, 'the login is counted');
is($p->{login_duration}{count}, 1, 'and its time');

$idp->answer('/slow', { hold => 1 }, {});
my @clients = map { $t->client->start(GET => '/slow') } 1 .. 7;
$t->wait_for(sub { $status->provider('slow')->{waiters} == 7 });

$e = entry('slow');
is($e->{state}, 'logging_in', 'a login is on its way');
is($e->{waiters}, 7, 'who waits for it');
is($e->{life_seconds}, undef, 'there is no token');
is($e->{expires_in_seconds}, undef, 'so nothing is left of it');
is($status->provider('slow')->{logins_in_flight}, 1, 'it is one login');
is($status->provider('slow')->{expires_in_seconds}, undef,
   'and nothing ends');

$idp->release;
Test::OAuthCC::Client::drive(10, @clients);
$e = entry('slow');
is("$e->{state} $e->{waiters}", 'fresh 0', 'nobody waits any more');

$idp->answer('/renewed', { json => { expires_in => 3600 } },
             { hold => 1 }, {});
$t->get('/renewed');
my $control = $t->request(POST => '/if', body => 'action=refresh'
                                                 . '&provider=renewed',
    headers => [ 'X-Requested-With' => 'test',
                 'Content-Type' => 'application/x-www-form-urlencoded' ]);
is($control->status, 200, 'a refresh');
$t->wait_for(sub { $status->provider('renewed')->{logins_in_flight} == 1 });
is(entry('renewed')->{state}, 'refreshing', 'the token is good meanwhile');
is($t->get('/renewed')->status, 200, 'and used');
$idp->release;
$t->wait_for(sub { (entry('renewed'))->{state} eq 'fresh' });
is(entry('renewed')->{logins}, 2, 'then there is another one');

my $hostile = qq{<script>alert("1")</script> \x{202e} \\u0000 &amp;};
my $error = JSON::PP->new->utf8->encode({ error => 'invalid_client',
                                          error_description => $hostile });

$idp->answer("/$_", { status => 401, body => $error }) for qw(failing backing);

is($t->get('/failing')->status, 502, 'a login that fails');
is($t->get('/backing')->status, 502, 'and another one');

$t->wait_for(sub { entry('failing')->{state} eq 'failing' });
$e = entry('failing');
is($e->{state}, 'failing', 'the next one may be tried');
is($e->{last_error}, 'invalid_client: <script>alert(\x221\x22)</script> '
                     . '\xE2\x80\xAE \x5Cu0000 &amp;',
   'what the server said, as in the log');
cmp_ok($e->{last_error_ago_seconds}, '<', 10, 'and when');
is("$e->{logins} $e->{failures}", '1 1', 'it is counted');

$e = entry('backing');
is($e->{state}, 'backing_off', 'no login for a while');
cmp_ok($e->{backoff_seconds}, '>', 10, 'for how long');
is($status->provider('backing')->{logins}{refused}, 1, 'the server said so');
is($status->provider('backing')->{failures}, 1, 'a failure');

my $page = $t->get('/status?format=html')->body;
unlike($page, qr/<script/i, 'no script gets into the page');
like($page, qr/&lt;script&gt;alert/, 'what the server said is shown');
unlike($page, qr/\xe2\x80\xae/, 'and does not turn the text around it');

my %result = (
    invalid => { body => '{}' },
    timeout => { hang => 1 },
    unreachable => { raw => '' },
    refused => { status => 500, body => 'broken' },
);

for my $result (sort keys %result) {
    my $n = $status->provider('failing')->{logins}{$result};
    $idp->answer('/failing', $result{$result});

    if ($result eq 'timeout') {
        $t->reload($config =~ s/backoff 1ms 1ms/timeout 50ms; $&/r);
    }

    # with that backoff, a request waits for the next tries, too
    $t->get('/failing');
    cmp_ok($status->provider('failing')->{logins}{$result}, '>', $n,
           "a login that ended with \"$result\"");
}


####  several entries

$t->get("/many?s=$_", headers => [ 'X-Secret' => 's3cret-param' ]) for 1 .. 5;
$t->get('/many?s=%3Cb%3E&a=mine&r=' . 'x' x 900);

$p = $status->provider('many');
is($p->{entry_count}, 6, 'an entry for each set of parameters');
is($p->{entries}[0]{scope}, '%3Cb%3E', 'the last used comes first');
is($p->{entries}[0]{audience}, 'mine', 'what the request has set');
is(length $p->{entries}[0]{resource}, 201, 'a long text is cut');
is($p->{entries}[1]{scope}, 5, 'then the one before');
is($p->{entries}[1]{audience}, '', 'what is empty in the request is empty')
    or diag explain $p->{entries}[1];

my $ids = join ' ', sort map { $_->{id} } @{ $p->{entries} };
is(scalar(keys %{ { map { $_ => 1 } split / /, $ids } }), 6,
   'each has a name of its own');

my $listed = sub ($limit) {
    return map { scalar @{ $_->{entries} } }
           @{ $status->look("&limit=$limit")->{providers} };
};

is(join(' ', $listed->(0)), '0 0 0 0 0 0 0', 'none is listed');
is(join(' ', $listed->(6)), '1 1 1 1 1 1 0', 'as many of each');
is(join(' ', $listed->(8)), '1 1 1 1 1 3 0', 'more of who has more');
is(join(' ', $listed->(100000)), '1 1 1 1 1 6 0', 'all of them');

is($t->get('/off?p=off')->status, 200, 'a request without a provider');
$t->wait_for(sub { $status->look->{bypasses} == 1 });
is($status->look->{bypasses}, 1, 'is counted');


####  nothing that must not be seen

my @shown = map { $t->get("/status?format=$_")->body }
            qw(html json prometheus);

for my $secret (@secrets, $idp->tokens) {
    is(scalar(grep { /\Q$secret/ } @shown), 0, 'a secret is not shown');
}

unlike($shown[2], qr/[0-9a-f]{16}/, 'no entry is in the text of Prometheus');

$t->done;
