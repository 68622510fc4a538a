#!/usr/bin/perl

# Tests for the shared zone: it survives a reload, a changed provider loses its
# own token and no other, and when it is full it lets go of what has ended.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $config = sub ($zone, %id) {
    my $providers = join "\n", map { <<"CONF" } sort keys %id;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id $id{$_};
        client_secret s3cret;
        backoff 10ms 10ms;
    }
CONF

    return <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    $zone
$providers
    %%SERVER%%
}
CONF
};

####  reloads

my %id = map { $_ => "id-$_" } qw(a b c);
my $get = sub (@names) {
    return join ' ', map { $t->get("/$_")->seen('Authorization') } @names;
};

$t->run($config->('', %id));
my $tokens = $get->(qw(a b c));
is($idp->logins, 3, 'three logins');

for my $n (1, 2) {
    ok($t->reload, "reload $n");
    is($get->(qw(a b c a b c)), "$tokens $tokens", 'the tokens are kept');
}

is($idp->logins, 3, 'without a login');

$idp->clear;
ok($t->reload($config->('', %id, b => 'changed')), 'a changed provider');

my ($a, $b, $c) = $tokens =~ /Bearer \S+/g;
is($get->(qw(a c)), "$a $c", 'costs no other its token');
isnt($get->('b'), $b, 'but its own');
is_deeply([ map { $_->{uri} } $idp->requests ], [ '/b' ], 'by one login');

ok($t->reload($config->('oauthcc_zone 2m;', %id)), 'another size');
is(scalar(() = $get->(qw(a b c)) =~ /Bearer/g), 3, 'still serves');
$t->stop;

####  a full zone

my %many = map { sprintf('p%02d', $_) => "id-$_" } 1 .. 40;
my @names = sort keys %many;

$t->run($config->('oauthcc_zone 64k;', %many));

# a few that stay, then as many as there is room for
$idp->answer({ token_length => 3000, json => { expires_in => 2 } });
$idp->answer("/$names[$_]", {}) for 0, 1;
$idp->clear;

my @r = map { $t->get("/$_") } @names;
my @full = grep { $r[$_]->status != 200 } 0 .. $#names;

ok(scalar @full, 'the zone is full');
is(scalar(grep { $r[$_]->status !~ /^50[23]$/ } @full), 0,
   'which fails a request');
is(scalar(grep { $r[$_]->status == 503
                 && ($r[$_]->header('Retry-After') // '') !~ /^[1-9]\d*$/ }
          @full), 0, 'and says when to come again');

my $line = qr/\[(?:error|crit)\].*oauthcc_zone.*"$names[$full[-1]]"/;
ok(scalar $t->log_lines($line), 'with a line that says what to do');


# those that have ended make room
$idp->answer({});
my @left = @names[@full];

ok($t->wait_for(sub {
    @left = grep { $t->get("/$_")->status != 200 } @left;
    return !@left;
}), 'what has ended makes room');

$idp->clear;
is(scalar(() = $get->(@names[0, 1]) =~ /Bearer/g), 2, 'live ones are served');
is($idp->logins, 0, 'without a login');
$t->stop;

####  a zone that is full of tokens which last

$idp->answer({ token_length => 3000 });
$idp->answer("/$names[$_]", { token_length => 3000 }) for 0, 1;
$t->run($config->('oauthcc_zone 64k;', %many));

@r = map { $t->get("/$_") } @names;
my ($used) = grep { $r[$_]->status == 200 } 0 .. $#names;
my ($late) = grep { $r[$_]->status != 200 } 0 .. $#names;
ok(defined $used && defined $late, 'the zone is full again');

# an idle one is one that nobody has used for ten seconds

ok($t->wait_for(sub {
    select undef, undef, undef, 0.1;
    $t->get("/$names[$used]");
    return $t->get("/$names[$late]")->status == 200;
}, 20), 'one that is idle makes room');

is(join(' ', $t->get("/$names[$used]")->seen('Authorization')),
   join(' ', $r[$used]->seen('Authorization')), 'and not the one in use');

$t->done;
