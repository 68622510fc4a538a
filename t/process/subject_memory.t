#!/usr/bin/perl

# Tests that the token of a calling user is nowhere but in its request and in
# the login that is on its way: the memory of the workers is read.

use v5.36;
no warnings 'portable';
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Test::OAuthCC;

plan(skip_all => 'a checker keeps what is freed')
    if $ENV{TEST_NGINX_REPORTS};

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
my $bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider obo {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/obo;
        client_id gateway;
        client_secret the-control-in-a-worker;
        grant_type $exchange;
        timeout 1s;
    }

    oauthcc_provider entra {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/entra;
        client_id gateway;
        client_secret s3cret;
        grant_type $bearer;
    }

    large_client_header_buffers 4 16k;

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location /obo    { oauthcc obo subject_token=\$oauthcc_incoming_token;
                           proxy_pass http://api; }
        location /entra  { oauthcc entra subject_token=\$oauthcc_incoming_token;
                           proxy_pass http://api; }
        location /parts  { oauthcc obo "subject_token=\$oauthcc_incoming_token.";
                           proxy_pass http://api; }
        location /actor  { oauthcc obo subject_token=\$oauthcc_incoming_token
                                   param:actor_token=\$arg_actor;
                           proxy_pass http://api; }
        location /shown  { oauthcc obo subject_token=\$oauthcc_incoming_token;
                           add_header X-Id \$oauthcc_subject_id;
                           proxy_pass http://api; }
        location /other  { return 204; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; keepalive 4; }
}
CONF

my $mark = 'marker-of-a-subject-token-0123456789';
my $json = JSON::PP->new->canonical;

# its mark is in the middle of the signature, and in base64 in the claims

sub token ($name, $length = 4096) {
    my $claims = encode_base64url($json->encode(
        { exp => int(time) + 600, sub => $name,
          pad => 'p' x ($length / 2) }));
    my $token = encode_base64url('{"alg":"none"}') . ".$claims.$name";

    $token .= 's' x ($length - length($mark) - length $token) . $mark;

    return $token;
}


# how often these bytes are in the memory that the workers can write

sub copies ($bytes) {
    my $n = 0;

    for my $pid ($t->workers) {
        open my $maps, '<', "/proc/$pid/maps" or die "maps: $!";
        open my $mem, '<:raw', "/proc/$pid/mem" or die "mem: $!";

        while (my $line = <$maps>) {
            my ($from, $to, $can) = $line =~ /^(\w+)-(\w+) (\S+)/;
            next if $can !~ /^rw/ || $line =~ /\[v/;

            my ($start, $end) = (hex $from, hex $to);
            seek $mem, $start, 0 or next;
            my $got = read $mem, my $text, $end - $start;
            next unless $got;
            $n++ while $text =~ /\Q$bytes\E/g;
        }
    }

    return $n;
}


ok(copies('the-control-in-a-worker') >= 2, 'what is there is found');

my $as = sub ($token) {
    return (headers => [ Authorization => "Bearer $token" ]);
};

# while its request and its login are on their way

$idp->answer('/obo', { hold => 1 });

my $held = $t->client->start(GET => '/obo', $as->(token('planted')));
ok($idp->wait_count(1), 'a login that is on its way');
cmp_ok(copies($mark), '>', 0, 'one that is on its way is found');

$idp->release;
Test::OAuthCC::Client::drive(10, $held);
is($held->{response}->status, 200, 'it ends');

# and after it, whatever becomes of it

sub others ($n) {
    my %bad;

    for my $i (1 .. $n) {
        my $r = $t->get('/other', headers =>
                        [ 'X-Other' => 'o' x (100 + 80 * ($i % 50)) ]);
        $bad{$r->status}++ if $r->status != 204;
    }

    return join ' ', %bad;
}

$idp->answer('/obo', {});
$idp->answer('~bad-', { status => 400, body => '{"error":"invalid_grant"}' });
$idp->answer('~down-', { status => 503 });
$idp->answer('~reset-', { reset => 3 });

for my $case ([ '/obo', 'small', 500 ], [ '/obo', 'large', 9000 ],
              map { [ $_, 'good', 4096 ] }
                  qw(/obo /entra /parts /actor /shown))
{
    my ($uri, $name, $length) = @$case;

    for my $i (1 .. 4) {
        my $token = token("$name$i", $length);

        is($t->get($uri . '?actor=' . 'a' x 2000, $as->($token))->status, 200,
           "$uri: $name") for 1, 2;
    }
}

for my $case ([ bad => 401 ], [ down => 502 ], [ reset => 502 ]) {
    my ($name, $status) = @$case;
    my $r = $t->get($name eq 'bad' ? '/obo' : '/entra', $as->(token("$name-")));
    is($r->status, $status, "a login that is $name");
}

is($t->get('/obo', $as->('a b' . token('wrong')))->status, 401,
   'a token that is none');

$idp->answer('~hangs-', { hang => 1 });
my @hanging = map { $t->client->start(GET => '/obo', $as->(token("hangs-$_"))) }
              1 .. 4;
ok($t->wait_for(sub {
    return 4 == grep { ($_->{body} // '') =~ /hangs-/ } $idp->requests;
}), 'logins that hang');
$_->leave for @hanging[0, 1];
Test::OAuthCC::Client::drive(10, @hanging[2, 3]);
is(Test::OAuthCC::tally(map { $_->{response} } @hanging[2, 3]), '504 x 2',
   'time out');

is(others(100), '', '100 other requests');

ok($t->wait_for(sub { copies($mark) == 0 || others(20) ne '' }, 10),
   'no copy of a token of a user is left')
    or diag('copies: ', copies($mark));
cmp_ok(copies('the-control-in-a-worker'), '>=', 2, 'what is there is found');

$t->done;
