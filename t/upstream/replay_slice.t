#!/usr/bin/perl

# Tests that a file which nginx fetches in slices comes whole though its token
# is revoked between two of them: its client has the header by then, and would
# be left with half of a file.  And that this goes on after a reload that
# failed, in a worker that was started since: it has the globals of a
# configuration that was never used.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new(workers => 1, needs => [ 'http_slice_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;
    proxy_intercept_errors on;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        root %%PREFIX%%/html;
        add_header X-Worker $pid always;
        oauthcc crm;

        location /slice {
            slice 10;
            proxy_cache one;
            proxy_cache_valid 206 1h;
            proxy_cache_key $uri$slice_range;
            proxy_set_header Range $slice_range;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            error_page 401 /page.html;
        }
        location = /page.html { oauthcc off; }
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location = /pid { return 200 $pid; }
    }
# MORE
}
CONF

$t->write_file('html/page.html', "page\n");
$t->run($config);

my $body = '0123456789abcdefghijklmnopqrst';

my @slices = map { {
    status => 206, body => substr($body, 10 * $_, 10),
    headers => [ 'Content-Range' => sprintf('bytes %d-%d/30', 10 * $_,
                                            10 * $_ + 9), ETag => '"x"' ],
} } 0 .. 2;

my $whole = sub ($name, $r, @attempts) {
    is($r->status, 200, "$name: served");
    is($r->error, undef, "$name: to its end");
    is($r->body, $body, "$name: the whole file");
    is($idp->logins, 1, "$name: one login");
    is_deeply([ map { $api->header($_, 'Range') =~ s/bytes=//r
                      . ($_->{refused} ? ' refused' : '') } $api->requests ],
              \@attempts, "$name: what was fetched");
};

# a file whose first slice is in the cache, and a token that is revoked

my $begun = sub ($name) {
    $api->answer("/slice/$name", @slices);
    my $r = $t->get("/slice/$name", headers => [ Range => 'bytes=0-9' ]);
    is($r->body, substr($body, 0, 10), "$name: the first slice");

    $api->revoke($idp->tokens);
    $_->clear for $idp, $api;
};

my $revoked = sub ($name) {
    $begun->($name);
    # the refusal takes one answer of the list
    $api->answer("/slice/$name", @slices[1, 1, 2, 2]);
    return $t->get("/slice/$name");
};

$whole->('cached', $revoked->('cached'),
         '10-19 refused', '10-19', '20-29');

####  one after the other, the token is revoked while the first is on its way

$_->clear for $idp, $api;
$api->answer('/slice/between', { %{ $slices[0] }, hold => 1 },
             @slices[1, 1, 2, 2]);

my $client = $t->client->start(GET => '/slice/between');
ok($api->wait_count(1), 'between: the first slice is on its way');
$api->revoke($idp->tokens, map { $_->{token} } $api->requests);
$api->release;

$whole->('between', $client->finish,
         '0-9', '10-19 refused', '10-19', '20-29');

####  in the last one

$_->clear for $idp, $api;
$api->answer('/slice/last', $slices[0], { %{ $slices[1] }, hold => 1 },
             @slices[2, 2]);

$client = $t->client->start(GET => '/slice/last');
ok($api->wait_count(2), 'last: the second slice is on its way');
$api->revoke(map { $_->{token} } $api->requests);
$api->release;

$whole->('last', $client->finish,
         '0-9', '10-19', '20-29 refused', '20-29');

####  a reload that fails, and a worker that was started after it

$t->allow_alert(qr/bind\(\)|exited on signal 9/);

$t->write_file('nginx.conf', $config =~ s{# MORE}{<<'CONF'}er);
    server {
        listen 127.0.0.1:%%PORT_idp%%;
        gzip on;
        ssi on;
        location / { oauthcc crm; proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
CONF

kill 'HUP', $t->master;
ok($t->wait_log(qr/still could not bind/, 1, 10), 'respawn: a reload fails');

my ($old) = $t->workers;
is($t->get('/pid')->body, $old, 'respawn: the old worker serves');
kill 'KILL', $old;

ok($t->wait_for(sub {
    my ($new) = $t->workers;
    return $new && $new != $old && $t->get('/pid')->body eq $new;
}), 'respawn: a new one is there');

$whole->('respawn', $revoked->('respawn'),
         '10-19 refused', '10-19', '20-29');

$api->revoke($idp->tokens);
$_->clear for $idp, $api;

my $r = $t->request(POST => '/plain', body => 'x' x 3000);
is($r->status, 200, 'respawn: other requests are replayed');
is_deeply([ map { $_->{refused} // 0 } $api->requests ], [ 1, 0 ],
          'respawn: once');
is($idp->logins, 1, 'respawn: after one login');

$t->done;
