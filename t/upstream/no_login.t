#!/usr/bin/perl

# Tests for what costs no login: a request that reaches no upstream needs no
# token, and must not depend on the authorization server.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->write_file('html/file.txt', "a file\n");
$t->write_file('html/dir/index.html', "an index\n");
$t->write_file('html/error.html', "an error\n");
$t->write_file('htpasswd', "user:{PLAIN}theirs\n");

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    limit_req_zone $uri zone=limit:1m rate=1r/m;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc crm;

    server {
        listen 127.0.0.1:%%PORT_http%%;
        root %%PREFIX%%/html;

        location /        { }
        location /try     { try_files /file.txt @api; }
        location /try_uri { try_files /nothing /dir/index.html =404; }
        location /return  { return 200 returned; }
        location /code    { return 418; }
        location /moved   { return 301 /x; }
        location = /error { return 404; error_page 404 /error.html; }
        location /denied  { deny all; proxy_pass http://api; }
        location /basic   { auth_basic x; auth_basic_user_file
                            %%PREFIX%%/htpasswd; proxy_pass http://api; }
        location /limited { limit_req zone=limit; proxy_pass http://api; }
        location /large   { client_max_body_size 1; proxy_pass http://api; }
        location /intern  { internal; proxy_pass http://api; }
        location /off     { oauthcc off; proxy_pass http://api; }
        location /mirror  { mirror /to; root %%PREFIX%%/html; try_files
                            /file.txt =404; }
        location = /to    { oauthcc off; proxy_pass http://api/mirrored; }
        location /static  { mirror /to; alias %%PREFIX%%/html/file.txt; }
        location /slash/  { proxy_pass http://api; }

        location @api { proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

for my $case (
    [ '/file.txt', 200, 'a file' ],
    [ '/dir/', 200, 'an index' ],
    [ '/dir', 301 ],
    [ '/nothing', 404 ],
    [ '/try', 200, 'a file' ],
    [ '/try_uri', 200, 'an index' ],
    [ '/return', 200, 'returned' ],
    [ '/code', 418 ],
    [ '/moved', 301 ],
    [ '/error', 404, 'an error' ],
    [ '/denied', 403 ],
    [ '/basic', 401 ],
    [ '/large', 413 ],
    [ '/intern', 404 ],
    [ '/off', 200 ],
    [ '/mirror', 200, 'a file' ],
    [ '/static', 200, 'a file' ],
    [ '/slash', 301 ])
{
    my ($uri, $status, $body) = @$case;
    my $r = $uri eq '/large' ? $t->request(POST => $uri, body => 'xx')
                             : $t->get($uri);

    is($r->status, $status, "$uri: status");
    like($r->body, qr/^$body/, "$uri: body") if $body;
}

is($t->raw("GET / HTTP/1.1\r\n\r\n")->status, 400, 'a bad request');
ok($t->wait_for(sub { 2 == grep { $_->{uri} =~ /mirrored/ } $api->requests }),
   'the mirrors were asked');
is(scalar(grep { $api->header($_, 'Authorization') } $api->requests), 0,
   'without a header');
is($idp->logins, 0, 'no login');

####  and what does

is($t->get('/limited')->status, 200, 'a request within its limit');
is($idp->logins, 1, 'costs one');
is($t->get('/limited')->status, 503, 'a limited one');
is($idp->logins, 1, 'costs none');

$t->done;
