#!/usr/bin/perl

# Tests that an entry takes its token and at most 512 bytes of the zone, of
# whatever size the token is; that the token is whole when it comes out; and
# that all of it is given back.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;

# fewer than a provider may have in a second, and enough: of the zone whole
# pages are counted, and with one entry few of these are full

my $n = 200;

# sizes of tokens, and what is in front of a number in the scope of an entry

my @cases = (
    [ 200, 'read' ], [ 895, 'read' ], [ 1024, 'read' ],
    [ 1100, 'https://api.example.com/read' ], [ 1665, 'read' ],
    [ 2048, 'read' ], [ 3000, 'read' ], [ 4097, 'read' ], [ 16384, 'read' ],
    [ 19901, 'read' ],

    # of callers, with a token of theirs
    [ 1665, 'user' ], [ 4097, 'user' ],
);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

sub used () { return $status->look->{zone}{used_bytes} }

sub token ($scope, $i) {
    my $value = sprintf '%s%03d', $scope, $i;

    my $r = $scope eq 'user'
        ? $t->get('/user', headers => [ Authorization => 'Bearer '
                                        . $value . 'x' x 4096 ])
        : $t->get("/?s=$value");
    return ($r->seen('Authorization'))[0] // '';
}

sub purge ($provider) {
    $t->request(POST => '/status', body => "action=purge&provider=$provider",
                headers => [ 'X-Requested-With' => 'test', 'Content-Type' =>
                             'application/x-www-form-urlencoded' ]);
}

for my $case (@cases) {
    my ($length, $scope) = @$case;

    $t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    oauthcc_zone 8m;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider obo {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
        grant_type urn:ietf:params:oauth:grant-type:token-exchange;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        proxy_buffer_size 32k;
        proxy_buffers 4 32k;
        location / { oauthcc crm scope=$arg_s;
                     proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /user { oauthcc obo subject_token=$oauthcc_incoming_token;
                         proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /status { oauthcc_status control; }
    }
}
CONF

    $idp->answer({ token_length => $length });
    my @left;

    for my $round (1, 2) {
        my @seen = token($scope, 0);
        my $used = used();
        push @seen, map { token($scope, $_) } 1 .. $n;
        my $each = (used() - $used) / $n;

        my @tokens = ($idp->tokens)[-$n - 1 .. -1];
        my @bad = grep { $seen[$_] ne "Bearer $tokens[$_]" } 0 .. $n;
        is("@bad", '', "tokens of $length bytes are sent");

        cmp_ok($each, '<=', $length + 512, 'and take half a kilobyte more')
            if $round == 1;
        note sprintf '%.0f more', $each - $length;

        purge($scope eq 'user' ? 'obo' : 'crm');
        push @left, used();
    }

    # but for words, and where they lie: they are kept, for all that follow
    cmp_ok($left[1], '<=', $left[0] + 4096, 'and give it back');

    $t->stop;
}

$t->done;
