#!/usr/bin/perl

# Tests that the Retry-After of a refusal of the module goes with that refusal
# only: what error_page puts in its place is another answer.  A client, or a
# cache, that is told to come back later beside a good answer does so.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $busy = $t->upstream('busy');
my $gone = $t->upstream('gone');

$t->write_file('html/page.html', "a page\n");

# name, what the location has besides, status, Retry-After: "ours", "theirs" or
# none of both, what the body has

my @cases = (
    [ 'nothing', '', 503, 'ours', qr/503 Service/ ],
    [ 'a page', 'error_page 503 /page.html;', 503, 'ours', qr/a page/ ],
    [ 'a page for all', 'error_page 502 503 504 /page.html;', 503, 'ours',
      qr/a page/ ],
    [ 'of the same status', 'error_page 503 =503 /page.html;', 503, 'ours',
      qr/a page/ ],
    [ 'of another one', 'error_page 502 /page.html;', 503, 'ours',
      qr/503 Service/ ],
    [ 'named, its status', 'error_page 503 @fallback;', 503, 'ours',
      qr/^GET/ ],
    [ 'text', 'error_page 503 @text;', 503, 'ours', qr/^text/ ],

    [ 'a page instead', 'error_page 503 = /page.html;', 200, '', qr/a page/ ],
    [ 'with 200', 'error_page 503 =200 /page.html;', 200, '', qr/a page/ ],
    [ 'with 504', 'error_page 503 =504 /page.html;', 504, '', qr/a page/ ],
    [ 'with 429', 'error_page 502 503 504 =429 @fallback;', 429, '', qr/^GET/ ],
    [ 'named', 'error_page 502 503 = @fallback;', 200, '', qr/^GET/ ],
    [ 'text instead', 'error_page 503 = @text;', 200, '', qr/^text/ ],
    [ 'named 503', 'error_page 503 = @returns;', 503, '', qr/503 Service/ ],
    [ 'variables', 'set $page /page.html; error_page 503 = $page;', 200, '',
      qr/a page/ ],
    [ 'a redirect', 'error_page 503 http://127.0.0.1/x;', 302, '', qr/302/ ],
    [ 'another redirect', 'error_page 503 =307 http://127.0.0.1/x;', 307, '',
      qr/307/ ],

    [ 'no page', 'error_page 503 /missing.html;', 404, '', qr/404 Not/ ],
    [ 'a page for others', 'error_page 503 /denied/page.html;', 403, '',
      qr/403 Forb/ ],
    [ 'nobody there', 'error_page 503 @gone;', 502, '', qr/502 Bad/ ],
    [ 'nobody there instead', 'error_page 503 = @gone;', 502, '',
      qr/502 Bad/ ],
    [ 'in turn', 'recursive_error_pages on; error_page 503 @turn;', 200, '',
      qr/^GET/ ],
    [ 'in turn, with the status', 'recursive_error_pages on;
      error_page 503 =503 @turn;', 200, '', qr/^GET/ ],

    [ 'another busy one', 'error_page 503 = @busy;', 503, 'theirs',
      qr/^busy/ ],
    [ 'another busy one, its status', 'error_page 503 @busy;', 503, 'theirs',
      qr/^busy/ ],
    [ 'another refusal', 'error_page 503 = @other;', 503, 'ours',
      qr/503 Service/ ],
    [ 'another refusal, its status', 'error_page 503 @other;', 503, 'ours',
      qr/503 Service/ ],
    [ 'another login', 'error_page 503 = @good;', 200, '', qr/^GET/ ],
    [ "the operator's own", 'error_page 503 = @fallback;
      add_header Retry-After 77 always;', 200, '', qr/^GET/ ],
);

my $n = 0;
my $locations = join "\n", map { $n++; <<"CONF" } @cases;
        location /$n/ {
            oauthcc down;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            $_->[1]
        }
CONF

my $providers = join "\n", map { <<"CONF" } qw(down worse good);
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret-of-the-gateway;
        backoff 30s 30s;
    }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        root %%PREFIX%%/html;

$locations
        location = /page.html { }
        location = /missing.html { }
        location /denied/ { deny all; }
        location \@fallback { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location \@text { return 200 "text\\n"; }
        location \@returns { return 503; }
        location \@gone { proxy_pass http://127.0.0.1:%%PORT_gone%%; }
        location \@busy { proxy_pass http://127.0.0.1:%%PORT_busy%%; }

        location \@turn {
            proxy_pass http://127.0.0.1:%%PORT_gone%%;
            recursive_error_pages on;
            error_page 502 = \@fallback;
        }

        location \@other {
            oauthcc worse;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location \@good {
            oauthcc good;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /part {
            ssi on;
            ssi_types *;
            default_type text/html;
            return 200 'with <!--#include virtual="/1/" -->';
        }

        location /auth {
            auth_request /1/;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /warm/down {
            oauthcc down;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /warm/worse {
            oauthcc worse;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

$gone->refuse;
$busy->answer({ status => 503, body => "busy\n",
                headers => [ 'Retry-After' => 77 ] });

for my $name (qw(down worse)) {
    $idp->answer("/$name", { status => 503, body => '' });
    is($t->get("/warm/$name")->status, 502, "a login has failed: $name");
}

for my $method (qw(GET HEAD)) {
    $n = 0;

    for my $case (@cases) {
        my ($name, undef, $status, $expected, $body) = @$case;

        my $r = $t->request($method => '/' . ++$n . '/');
        my @after = map { $_ eq 77 ? 'theirs' : /^(?:[1-9]|[12]\d|30)$/
                          ? 'ours' : $_ } $r->header('Retry-After');

        is($r->status, $status, "$method, $name: status");
        is(join(' ', sort @after), $expected, "$method, $name: Retry-After");
        like($r->body, $body, "$method, $name: body") if $method eq 'GET';
    }
}

for my $case ([ '/part', 200, 'a part of a page' ],
              [ '/auth', 500, 'a request for leave' ])
{
    my ($uri, $status, $name) = @$case;
    my $r = $t->get($uri);

    is($r->status, $status, "$name: status");
    is(scalar $r->header('Retry-After'), undef, "$name: none of a subrequest");
}

####  a kept connection has nothing of the request before

my $client = $t->client(keepalive => 1);

is(scalar $client->request(GET => '/1/')->header('Retry-After') > 0, 1,
   'a refusal');
is(scalar $client->request(GET => '/page.html')->header('Retry-After'),
   undef, 'and what comes after it');

$t->done;
