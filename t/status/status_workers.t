#!/usr/bin/perl

# Tests that what a worker has counted is on the pages of the others soon, again
# and again.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP qw(decode_json);
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    add_header X-Worker $pid always;

    # a page has the counts of its own worker at once: that one is not asked
    map "$pid $arg_worker" $asked { ~^(\d+)\s\1$ yes; }

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        location /status {
            if ($asked = '') { return 204; }
            oauthcc_status;
        }
        location / { oauthcc crm; proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

my ($one, $other) = $t->workers;
my $sum = 0;

# a connection belongs to either worker
my $by = sub ($worker, $uri) {
    my $r;
    $t->wait_for(sub {
        $r = $t->get($uri);
        $sum++ if $uri eq '/';
        return $r->header('X-Worker') == $worker;
    });
    return $r;
};

for my $round (1 .. 3) {
    $by->($one, '/');

    ok($t->wait_for(sub {
           my $status = decode_json($by->($other,
                                         "/status?format=json&worker=$other")->body);
           my $counts = $status->{providers}[0]{requests};
           my $all = 0;
           $all += $_ for values %$counts;
           return $all == $sum;
       }), "round $round: the other worker knows of it");
}

$t->done;
