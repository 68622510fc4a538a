#!/usr/bin/perl

# Tests that an argument of ours is put into the request line whatever stands
# behind it: bodies of any size and framing, buffered or passed on while they
# come, over each version of HTTP that nginx speaks to upstreams.  What gets
# there is one request, with the argument once and the body as it was.  Over
# HTTP/2 only where proxy has it (1.29.4 or newer).

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::MD5 qw(md5_hex);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Http2;

my $t = Test::OAuthCC->new(needs => [ 'http_v2_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $h2 = ($t->check(<<'CONF'))[0] == 0;
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_http_version 2;
}
CONF

$t->write_file('json.json', <<'JSON');
{
    "authentication": {
        "type": "login",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/json",
            "method": "FORM", "params": { "a": "b" }
        },
        "apiRequest": {
            "query": { "token": { "response": "access_token" } }
        }
    }
}
JSON

# how the request goes to the upstream

my %modes = (
    '1.0' => 'proxy_http_version 1.0;',
    '1.0 streamed' => 'proxy_http_version 1.0; proxy_request_buffering off;',
    '1.1' => 'proxy_http_version 1.1;',
    '1.1 streamed' => 'proxy_http_version 1.1; proxy_request_buffering off;',
    '1.1 from a file' => 'proxy_http_version 1.1;
        client_body_in_file_only clean;',
    '1.1 kept' => 'proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_request_buffering off;',
);

if ($h2) {
    $modes{2} = 'proxy_http_version 2;';
    $modes{'2 streamed'} = 'proxy_http_version 2;
        proxy_request_buffering off;';
}

my @modes = sort keys %modes;
my %name = map { my $name = $_ =~ s/\W/_/gr; $_ => $name } @modes;

my $locations = join "\n", map { my $mode = $_; map { <<"CONF" } qw(crm json) }
        location /$_/$name{$mode}/ {
            oauthcc $_;
            @{[ $_ eq 'crm' ? 'oauthcc_query token $oauthcc_access_token;' : '' ]}
            $modes{$mode}
            proxy_pass http://@{[ $mode =~ /^2/ ? 'hop' : 'api' ]};
        }
CONF
    @modes;

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    client_max_body_size 10m;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
    }

    oauthcc_provider json { login_json %%PREFIX%%/json.json; }

    upstream api { server 127.0.0.1:%%PORT_api%%; keepalive 4; }
    upstream hop { server 127.0.0.1:%%PORT_hop%%; keepalive 4; }

    upstream pair {
        server 127.0.0.1:%%PORT_dead%% max_fails=0;
        server 127.0.0.1:%%PORT_api%% backup;
    }

    server {
        listen 127.0.0.1:%%PORT_hop%% http2;
        access_log off;
        large_client_header_buffers 4 64k;
        proxy_request_buffering off;
        proxy_http_version 1.1;
        location / { proxy_pass http://api; }
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        listen 127.0.0.1:%%PORT_h2%% http2;
        large_client_header_buffers 4 64k;
        set \$to hop;
$locations
        location /next/ {
            oauthcc crm;
            oauthcc_query token \$oauthcc_access_token;
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_pass http://pair;
        }

        location /set/ {
            oauthcc crm;
            oauthcc_query token \$oauthcc_access_token;
            proxy_set_body "a body\\r\\n\\r\\nof its own";
            proxy_pass http://api;
        }
@{[ $h2 ? <<'H2' : '' ]}
        location /two/ {
            oauthcc crm;
            oauthcc_query token $oauthcc_access_token;
            proxy_http_version 2;

            location /two/variable/ { proxy_pass http://$to$request_uri; }
            location /two/given/ {
                proxy_pass http://$to/v?x=$arg_x&token=static;
            }
            location /two/mapped/ { proxy_pass http://hop/e?token=1&b=; }
            location /two/root { proxy_pass http://hop/; }
            location /two/ { proxy_pass http://hop; }
            location /two/rewritten/ {
                rewrite ^/two/rewritten/(.*)$ /r/$1?y=2 break;
                proxy_pass http://hop;
            }
        }
H2
    }
}
CONF

# not more than a stream of HTTP/2 may have before the server asks for more
my $large = join '', map { chr(($_ * 7) % 256) } 1 .. 60_000;

# the tokens, before a request has to wait for one
my %token;

for my $provider (qw(crm json)) {
    is($t->get("/$provider/1_1/")->status, 200, "$provider: a token");
    ($token{$provider}) = ($idp->tokens)[-1];
}

# how they send half of a body, and the rest when the upstream has been asked

my %clients = (
    'a length' => sub ($uri, $first, $rest, $wait) {
        my $c = $t->client->start_raw(join "\r\n", "POST $uri HTTP/1.1",
            'Host: x', 'Connection: close',
            'Content-Length: ' . length "$first$rest", '', $first);
        $wait->();
        $c->{out} .= $rest;
        return $c->finish->status;
    },

    chunks => sub ($uri, $first, $rest, $wait) {
        my $chunk = sub ($bytes) {
            return join '', map { sprintf "%x\r\n%s\r\n", length $_, $_ }
                            unpack '(a65000)*', $bytes;
        };

        my $c = $t->client->start_raw(join "\r\n", "POST $uri HTTP/1.1",
            'Host: x', 'Connection: close', 'Transfer-Encoding: chunked', '',
            $chunk->($first));
        $wait->();
        $c->{out} .= $chunk->($rest) . "0\r\n\r\n";
        return $c->finish->status;
    },

    'HTTP/2' => sub ($uri, $first, $rest, $wait) {
        my $c = Test::OAuthCC::Http2->new(port => $t->port('h2'));
        my $stream = $c->request(POST => $uri, $first, open => 1);

        $c->drive(sub { !length $c->{out} });
        $wait->();
        $c->more($stream, $rest);
        $c->drive(sub { $stream->{done} });
        return $stream->{status};
    },
);


# what has arrived, on one line: no half of a request, nor two of them
sub arrived {
    my @requests = $api->requests;
    my $request = $requests[0] // return 'nothing';
    my @framing = grep { $_ =~ /^(?:content-length|transfer-encoding)$/i }
                  map { $_->[0] } @{ $request->{headers} };

    return join ' ', scalar(@requests), @{$request}{qw(method uri length md5)},
                     @framing > 1 ? "(@framing)" : ();
}


for my $mode (@modes) {
    for my $provider (qw(crm json)) {
        for my $client (sort keys %clients) {
            for my $body ('', 'hello', $large) {

                my $half = int(length($body) / 2);
                my @half = (substr($body, 0, $half), substr $body, $half);
                my $uri = "/$provider/$name{$mode}/?a=1&token=mine";

                # nginx has no chunks for HTTP/1.0
                my $streamed = $mode =~ /streamed|kept/ && length $body
                    && !($mode =~ /^1\.0/ && $client ne 'a length');

                $api->clear;
                my ($asked, $bytes) = (1, $api->stats->{bytes});

                my $status = $clients{$client}->($uri, @half, sub {
                    $asked = $t->wait_for(sub {
                        $api->stats->{bytes} > $bytes }) if $streamed;
                });

                is("$asked $status " . arrived(),
                   "1 200 1 POST /$provider/$name{$mode}/?a=1&"
                   . "token=$token{$provider} "
                   . length($body) . ' ' . md5_hex($body),
                   "$mode, $provider, $client, " . length($body) . ' bytes');
            }
        }
    }
}


####  and what else may be behind it, or in front

is($t->request(POST => '/next/?a', body => $large)->status, 200,
   'after a server that is down');
is(($api->requests)[-1]{uri}, "/next/?a&token=$token{crm}",
   'the next one has it');

is($t->request(POST => '/set/?a', body => 'x')->status, 200,
   'a body of proxy_set_body');
is($api->last_request->{uri}, "/set/?a&token=$token{crm}", 'has it in front');
is($api->last_request->{body}, "a body\r\n\r\nof its own", 'as it is');


####  HTTP/2: wherever proxy takes the URI from

SKIP: {
    skip('no proxy for HTTP/2', 1) unless $h2;

    for my $case (
        [ '?token=mine&b', '?b&token=%' ],
        [ '', '?token=%' ],
        [ '#b', '?token=%#b' ],
        [ '?%74oken=1;x=~|{}^`', '?x=~|{}^`&token=%' ],
        [ '?' . 'y' x 9000, '?' . 'y' x 9000 . '&token=%' ],
        [ 'variable/?a=1&token=mine', 'variable/?a=1&token=%' ],
        [ 'variable/?token=mine', 'variable/?token=%' ],
        [ 'given/?x=1&token=mine', '/v?x=1&token=%' ],
        [ 'mapped/c?d&token=2', '/e?b=c?d&token=%' ],
        [ 'rewritten/a?token=1&b', '/r/a?y=2&b&token=%' ],
        [ 'root', '/?token=%' ],
        [ 'root?token=mine', '/?token=%' ])
    {
        my ($sent, $expected) = @$case;
        $expected = "/two/$expected" unless $expected =~ m{^/};
        $expected =~ s/=%/=$token{crm}/;

        is($t->get("/two/$sent")->status, 200, 'HTTP/2: 200');
        is($api->last_request->{uri}, $expected,
           'HTTP/2: ' . substr $sent, 0, 40);
    }

    my @headers = map { ("X-$_" => chr(64 + $_) x 10_000) } 1 .. 5;

    is($t->get('/two/?a', headers => \@headers)->status, 200,
       'HTTP/2: a header of many frames');
    is($api->last_request->{uri}, "/two/?a&token=$token{crm}", 'has it');
    is_deeply([ map { $api->header($api->last_request, "X-$_") } 1 .. 5 ],
              [ @headers[map { 2 * $_ + 1 } 0 .. 4] ], 'and is whole');

    is($t->request($_ => '/two/?a')->status, 200, "HTTP/2: $_")
        for qw(HEAD PUT DELETE);
    is($api->last_request->{uri}, "/two/?a&token=$token{crm}", 'has it');

    $api->answer('/two/replay', { status => 401 }, {});
    is($t->get('/two/replay?token=mine')->status, 200, 'HTTP/2: a replay');
    is($api->last_request->{uri}, '/two/replay?token=' . ($idp->tokens)[-1],
       'has the new one');
}

$t->done;
