#!/usr/bin/perl

# Tests gRPC with a server and a client that are not ours: a revoked token,
# which such a server answers with status 200 and grpc-status 16, makes one
# login, and no unary call fails.  nginx does not buffer the bodies of calls, so
# without the module's copy of them each call of that moment would be lost.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256);
use List::Util qw(uniq);
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Proof;

require "$FindBin::Bin/Process.pm";

my $t = Test::OAuthCC->new(needs => [ 'http_v2_module' ]);
my $idp = $t->token_endpoint;

my %more = (
    plain => '',
    never => 'oauthcc_replay off;',
    only_401 => 'oauthcc_replay 401;',
    named => 'oauthcc_replay 403 grpc_16;',
    large => 'client_body_buffer_size 200k;',
    small => 'client_body_buffer_size 1k;',
);

# with DPoP a call says what the server calls itself
my %bound = (bound => 'oauthcc_dpop_uri https://grpc.example.com;');
%more = (%more, %bound);

my $locations = join "\n", map { <<"CONF" } sort keys %more;
        location /$_/ {
            oauthcc $_;
            $more{$_}
            rewrite ^/\\w+(/.*) \$1 break;
            grpc_pass grpc://127.0.0.1:%%PORT_grpc%%;
        }
CONF

my $providers = join "\n", map { <<"CONF" } sort keys %more;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
        @{[ $bound{$_} ? 'dpop on;' : '' ]}
    }
CONF

$idp->answer('/bound', { json => { token_type => 'DPoP' } });

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    log_format calls '\$uri|\$status|\$upstream_status|\$oauthcc_cache_status';
$providers
    server {
        listen 127.0.0.1:%%PORT_http%% http2;
        access_log %%PREFIX%%/logs/calls.log calls;
        client_max_body_size 10m;
        keepalive_requests 100000;
$locations
    }
}
CONF

my $server = Test::OAuthCC::Process->start('server.py',
    '127.0.0.1:' . $t->port('grpc'));
my $client = Test::OAuthCC::Process->start('client.py',
    '127.0.0.1:' . $t->port('http'));

my $body = sub (@sizes) {
    return join '', map { join '', map { chr($_ * 7 % 256) } 0 .. $_ - 1 }
                    @sizes;
};

my $call = sub ($name, %command) {
    $command{sizes} //= [ 100 ];
    return $client->ask({ prefix => "/$name", %command });
};

my $statuses = sub ($answers) {
    my %n;
    $n{ $_->[0] }++ for @$answers;
    return join ', ', map { "$_ x $n{$_}" } sort keys %n;
};

# a call, after which its token is revoked
my $revoked = sub ($name) {
    my ($answer) = @{ $call->($name) };
    is($answer->[0], 0, "$name: a call has a token");
    $server->ask({ revoke => [ $answer->[1] ] });
    $server->ask({ seen => 1 });
    $idp->clear;
    return $answer->[1];
};

# what the server saw, but for tokens: each is the old one or the new one
my $seen = sub ($old) {
    return [ map { [ $_->[0], $_->[1] eq $old ? 'old' : 'new',
                     @{$_}[2, 3] ] } @{ $server->ask({ seen => 1 }) } ];
};

####  a revocation under load

my $old = $revoked->('plain');
my $answers = $call->('plain', calls => 300, sizes => [ 2000 ]);

is($statuses->($answers), '0 x 300', 'no call fails');
is($idp->logins, 1, 'one login');

my @seen = @{ $seen->($old) };
my $md5 = md5_hex($body->(2000));

is(scalar(grep { $_->[1] eq 'new' && !$_->[3] } @seen), 300,
   'each was taken once, with the new token');
is(scalar(grep { ($_->[2] // '') eq $md5 } @seen), scalar @seen,
   'and had its whole body each time');
is(scalar(grep { $_->[1] eq 'old' && $_->[3] != 16 } @seen), 0,
   'the old one was refused');

####  sizes of bodies

for my $case ([ plain => 0 ], [ plain => 1 ], [ plain => 8000 ],
              [ large => 20000 ], [ large => 150000 ], [ small => 900 ],
              [ named => 100 ])
{
    my ($name, $size) = @$case;

    $old = $revoked->($name);
    is($statuses->($call->($name, sizes => [ $size ])), '0 x 1',
       "$name: a message of $size bytes is sent again");
    is($idp->logins, 1, "$name: one login");

    $md5 = md5_hex($body->($size));
    is_deeply($seen->($old), [ [ 'Unary', 'old', $md5, 16 ],
                               [ 'Unary', 'new', $md5, 0 ] ],
              "$name: with the same $size bytes");
}

for my $case ([ plain => 8200 ], [ plain => 1000000 ], [ small => 1100 ]) {
    my ($name, $size) = @$case;

    $old = $revoked->($name);
    is($statuses->($call->($name, sizes => [ $size ])), '16 x 1',
       "$name: $size bytes are not kept");
    ok($t->wait_for(sub { $statuses->($call->($name)) eq '0 x 1' }),
       "$name: the next call is good");
    is($idp->logins, 1, "$name: one login");
    is($statuses->($call->($name, sizes => [ $size ])), '0 x 1',
       "$name: and one of that size too");
}

####  a message in pieces, refused before its end

$old = $revoked->('plain');
is($statuses->($call->('plain', method => 'Collect', sizes => [ 10, 20, 30 ],
                       pauses => [ 0, 0.2, 0.2 ])), '0 x 1',
   'pieces: the end of the body is waited for');
is($idp->logins, 1, 'pieces: one login');
is_deeply($seen->($old), [ [ 'Collect', 'old', undef, 16 ],
                           [ 'Collect', 'new', md5_hex($body->(10, 20, 30)),
                             0 ] ],
          'pieces: all of them were sent again');

####  a stream without an end

$old = $revoked->('plain');
$answers = $call->('plain', method => 'Echo', sizes => [ 10, 20 ],
                   open => \1);
is($statuses->($answers), '16 x 1', 'stream: the client sees the refusal');
is($answers->[0][1], 'no', 'stream: with its message');
is_deeply($seen->($old), [ [ 'Echo', 'old', undef, 16 ] ],
          'stream: it is not sent again');
is($idp->logins, 1, 'stream: but there was a login');

$answers = $call->('plain', method => 'Echo', sizes => [ 10, 20 ]);
is_deeply($answers, [ [ 0, $body->(10, 20) ] ], 'stream: the next one is good');
is($idp->logins, 1, 'stream: without another one');

####  no refusal

$revoked->('never');
is($statuses->($call->('never')), '16 x 1', 'never: the answer of the server');
is($idp->logins, 0, 'never: no login');

$revoked->('only_401');
is($statuses->($call->('only_401')), '16 x 1', '401: it does not name grpc_16');
is($idp->logins, 0, '401: no login');

$call->('plain');
$server->ask({ seen => 1, status => 7 });
$idp->clear;
is($statuses->($call->('plain')), '7 x 1', 'PERMISSION_DENIED is no refusal');
is($idp->logins, 0, 'PERMISSION_DENIED: no login');
is(scalar @{ $server->ask({ seen => 1 }) }, 1, 'PERMISSION_DENIED: one call');

####  DPoP: proofs that no request line tells of

$server->ask({ status => 0, proofs => 1 });

is($statuses->($call->('bound', calls => 3,
                       metadata => [ [ dpop => 'mine' ], [ dpop => 'x' ] ])),
   '0 x 3', 'DPoP: calls');

sub proved ($name) {
    return map {
        my ($scheme, $token, $proofs) = @$_;

        is($scheme, 'DPoP', "$name: the scheme");
        is(@$proofs, 1, "$name: one proof, of nobody else");

        my ($head, $claims)
            = Test::OAuthCC::Proof::verified($t, $proofs->[0], $name);

        is($claims->{htm}, 'POST', "$name: htm");
        is($claims->{htu}, 'https://grpc.example.com/test.Api/Unary',
           "$name: htu");
        is($claims->{ath}, encode_base64url(sha256($token)), "$name: ath");
        $claims;
    } @{ $server->ask({ proofs => 1 }) };
}

is(uniq(map { $_->{jti} } proved('DPoP')), 3, 'DPoP: another proof each time');

$old = $revoked->('bound');
is($statuses->($call->('bound')), '0 x 1', 'DPoP: a revoked token');
is($idp->logins, 1, 'DPoP: one login');

my @bound = proved('DPoP, revoked');
is(@bound, 3, 'DPoP: the call was sent again');
is(uniq(map { $_->{jti} } @bound), 3, 'DPoP: with another proof');
is(uniq(map { $_->{ath} } @bound), 2, 'DPoP: of the new token');


####  one that is refused for ever

$server->ask({ status => 16, seen => 1 });
is($statuses->($call->('named')), '16 x 1', 'for ever: the second refusal');
is(scalar @{ $server->ask({ seen => 1 }) }, 2, 'for ever: two calls');

undef $client;

like(join("\n", $t->read_file('logs/calls.log')),
     qr{\|200\|200 : 200\|}, 'the log has both attempts');

$t->done;
