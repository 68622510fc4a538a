#!/usr/bin/perl

# Tests for machines that stand still for a while: a token that has ended while
# one was suspended, or that lay in a snapshot, is not sent for more than a
# second.  A library in front of the C library has the clocks jump.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $library = $t->prefix . '/clocks.so';

is(system('cc -shared -fPIC -O1 -Wall -Wextra -o ' . $library
          . " $FindBin::Bin/../preload/clocks.c"), 0,
   'clocks can jump') or BAIL_OUT('no compiler');

my ($machine, $wall) = (0, 0);

# all clocks that a process sees from now on, in milliseconds
sub ahead ($more_machine, $more_wall) {
    $machine += $more_machine;
    $wall += $more_wall;

    open my $fh, '+<:raw', $t->prefix . '/ahead' or die "ahead: $!";
    syswrite $fh, pack 'q2', $machine, $wall;
}

$t->write_file('ahead', "\0" x 16);

my $providers = join '', map { <<"CONF" } qw(plain warm);
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        keep_warm @{[ $_ eq 'warm' ? 'on' : 'off' ]};
    }
CONF

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        location /plain { oauthcc plain; proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /warm  { oauthcc warm;  proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

{
    local $ENV{LD_PRELOAD} = join ' ', $ENV{LD_PRELOAD} // (), $library;
    local $ENV{CLOCKS_AHEAD} = $t->prefix . '/ahead';

    # it need not be the first library: it allocates nothing
    local $ENV{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0',
                               $ENV{ASAN_OPTIONS} // ();

    $t->run($config);
}

$idp->answer({ json => { expires_in => 3600 } });

# the tokens that were sent since, in order
sub sent () {
    my @sent = map { [ $_->{time},
                       $_->{head} =~ /^Authorization: Bearer (\S+)/m ] }
               $api->requests;
    $api->clear;
    return @sent;
}

sub logins ($name) {
    return scalar grep { $_->{uri} eq "/$name" } $idp->requests;
}

# asks both workers for a while after something has happened
my $jump = sub ($name, $expected, $what) {
    $t->concurrent(8, GET => '/plain');
    sent();
    my $before = logins('plain');
    my $begin = time;

    $what->();

    while (time - $begin < 1.6) {
        $t->concurrent(4, GET => '/plain');
        select undef, undef, undef, 0.02;
    }

    my @sent = sent();
    my $old = $sent[0][1];
    my @late = grep { $_->[0] - $begin > 1.3 && $_->[1] eq $old } @sent;

    is(logins('plain') - $before, $expected, "$name: $expected logins");

    if ($expected) {
        is(scalar @late, 0, "$name: the old token is not sent any more");

    } else {
        is(scalar(grep { $_->[1] ne $old } @sent), 0,
           "$name: the token stays");
    }
};

ok($t->wait_for(sub { logins('warm') == 1 }), 'one is kept warm');

$jump->('nothing happens', 0, sub { });
$jump->('suspended for less than its life', 0,
        sub { ahead(3_000_000, 3_000_000) });
$jump->('suspended for more', 1, sub { ahead(700_000, 700_000) });

ok($t->wait_for(sub { logins('warm') == 2 }), 'so is it after that');

$jump->('suspended, the wall clock follows', 1,
        sub { ahead(3_700_000, 0); ahead(0, 3_700_000) });
$jump->('a snapshot is restored', 1, sub { ahead(0, 86_400_000) });
$jump->('the wall clock is set back', 0, sub { ahead(0, -86_400_000) });
$jump->('the wall clock is set forward a little', 0, sub { ahead(0, 4_500) });

# where nobody has asked for a while, not even to keep a token warm, nobody gets
# the old one

ok($t->reload($config =~ s/keep_warm on/keep_warm off/r), 'nothing is warm');
$t->concurrent(8, GET => '/plain');
my $old = (sent())[-1][1];
ok($old, 'idle: a token');
select undef, undef, undef, 1.5;
ahead(3_700_000, 3_700_000);
my $before = logins('plain');
$t->concurrent(16, GET => '/plain');

is(scalar(grep { $_->[1] eq $old } sent()), 0,
   'idle: the old token is not sent');
is(logins('plain') - $before, 1, 'idle: one login');

# a worker that is started now has the same clock as the others
$t->reload;
$jump->('a reload', 0, sub { });

ok($t->log_lines(qr/the clock has jumped forward/), 'the log says so');

$t->done;
