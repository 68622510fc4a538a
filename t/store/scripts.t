#!/usr/bin/perl

# The scripts that gateways run in the store, by table, in a real Redis: what is
# there before, the reply, and what is there after.  Their texts are those of
# src/store/oauthcc_store_script.c.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Test::OAuthCC;
use Test::OAuthCC::Process;
use Test::OAuthCC::Redis;

my $t = Test::OAuthCC->new;
my $store = $t->daemon('Redis', 'store');


####  the texts, as the compiler joins them

my $source = Test::OAuthCC::Process::slurp(
    "$FindBin::Bin/../../src/store/oauthcc_store_script.c");
my %part;

$source =~ s/\\\n/\n/g;

while ($source =~ /^\#define\ OAUTHCC_STORE_SCRIPT_(\w+)\s+
                   ((?:"(?:\\.|[^"\\])*"\s*|OAUTHCC_STORE_SCRIPT_\w+\s*)+)/gmx)
{
    my ($name, $pieces) = ($1, $2);

    $part{$name} = join '', map {
        /^"(.*)"\z/s ? $1 =~ s/\\n/\n/gr : $part{ s/^OAUTHCC_STORE_SCRIPT_//r }
    } $pieces =~ /"(?:\\.|[^"\\])*"|OAUTHCC_STORE_SCRIPT_\w+/g;
}

my %script = map { $_ => $part{"${_}_TEXT"} }
             qw(ASK PUT FAIL RENEW RELEASE PURGE);

is(join(' ', map { $script{$_} ? $_ : () } sort keys %script),
   'ASK FAIL PURGE PUT RELEASE RENEW', 'there are six scripts');


####  names and values

my ($entry, $account) = ('e' x 32, 'a' x 32);
my ($T, $L, $S) = ("{oauthcc}:t:$entry", "{oauthcc}:l:$entry",
                   "{oauthcc}:s:$account");

my ($mine, $other) = ('1' x 16, '2' x 16);
my $channel = '{oauthcc}:c';

# milliseconds of the store
sub now () {
    my ($s, $us) = $store->cli('TIME') =~ /"(\d+)"/g;
    return $s * 1000 + int($us / 1000);
}

# a version, by a digit
sub version ($n) { return $n x 16 }

# a value that ends in so many milliseconds
sub value ($n, $left = 60_000, $epoch = '0' x 16) {
    my $now = now();
    return sprintf '1%s%s%s%013d%013d-%s', '0' x 8, version($n), $epoch,
                   $now, $now + $left, 'sealed';
}

sub owner ($gateway, $n = 1) { return "$gateway.$n" }

# a reply as a list of words
sub eval_script ($name, @args) {
    my $out = $store->cli('EVAL', $script{$name}, 3, $T, $L, $S, @args);
    my @words;

    while ($out =~ /\d+\)\ (?:"((?:\\.|[^"\\])*)"|\(integer\)\ (-?\d+)|(\S+))/gx)
    {
        push @words, $1 // $2 // $3;
    }

    return @words ? @words : $out;
}

sub ask (%arg) {
    my %with = (owner => owner($mine), have => '', after => now() + 60_000,
                lease => 3000, leave => 0, well => 0, only => 0, %arg);

    return eval_script('ASK', @with{qw(owner have after lease)}, $entry,
                       @with{qw(leave well only)});
}

sub put (%arg) {
    my %with = (owner => owner($mine), have => '', value => value(7), offer => 0,
                %arg);
    return eval_script('PUT', @with{qw(owner have value)}, $entry, $channel,
                       $with{offer});
}

# "p", "e" or "g"
sub failed ($whose, %arg) {
    my %with = (owner => owner($mine), wait => 5000, count => 1,
                status => 503, code => 'temporarily_unavailable', answered => 1,
                %arg);
    my $text = sprintf '%013d %d %d %s %s', now() + $with{wait},
                       @with{qw(count status code)}, 'f' x 56;

    return eval_script('FAIL', @with{qw(owner wait)}, $whose,
                       "$with{status} $with{code}", $text, $entry, $channel,
                       $with{answered});
}

# a failure of the last reply, without the time and the seal
sub told (@reply) {
    return "$reply[0] $reply[4] "
           . $reply[3] =~ s/^\d{13} (.*) f{56}$/$1/r;
}

sub get ($key) {
    my $out = $store->cli('GET', $key);
    return $out =~ /"(.*)"/ ? $1 : '';
}

sub field ($name) {
    my $out = $store->cli('HGET', $S, $name);
    return $out =~ /"(.*)"/ ? $1 : '';
}

sub pttl ($key) {
    my ($n) = $store->cli('PTTL', $key) =~ /(-?\d+)/;
    return $n;
}

# an empty store, but for what is given
sub given (@commands) {
    $store->cli('FLUSHALL');
    $store->cli(@$_) for @commands;
}

sub lease ($gateway, $life = 3000, $epoch = '0' x 16) {
    return [ 'SET', $L, held($gateway, 1, $epoch), 'PX', $life ];
}

# a lease as it is stored
sub held ($gateway, $n = 1, $epoch = '0' x 16) {
    return owner($gateway, $n) . " $epoch";
}

sub token ($n, @value) {
    return [ 'SET', $T, value($n, @value), 'PX', 60_000 ];
}

my $epoch = '00000000' . '00000000';


####  ASK

given();
is(join(' ', (ask())[0, 2, 3]), "LEAD $epoch 0", 'nothing there: lead');
is(get($L), held($mine), 'the lease is taken');
cmp_ok(pttl($L), '<=', 3000, 'for its time');
cmp_ok(pttl($L), '>', 0, 'and not for ever');

given(token(7));
is(join(' ', (ask())[0]), 'HIT', 'a token: hit');
is(get($L), '', 'and no lease');
is((ask(have => version(7)))[0], 'LEAD', 'the one that was refused: lead');
given(token(7));
is((ask(have => version(8)))[0], 'HIT', 'another one was refused: hit');

given(token(7), lease($other));
is((ask())[0], 'HIT', 'a token while another logs in: hit');
given(token(7), lease($other));
is((ask(have => version(7)))[0], 'WAIT', 'it was refused, another logs in: wait');

given(lease($other));
my @wait = ask();
is($wait[0], 'WAIT', 'another logs in: wait');
ok($wait[2] > 0 && $wait[2] <= 3000, 'until its lease ends at most');
is(get($L), held($other), 'whose lease is left alone');
is((ask(leave => 1))[0], 'WAIT', 'so does who would leave it');

given(lease($mine));
is((ask(owner => owner($mine, 2)))[0], 'LEAD', 'a lease of this gateway: lead');
is(get($L), held($mine, 2), 'it is the new one');

given();
is((ask(leave => 1))[0], 'LEAVE', 'nothing there, and no wish to log in');
is(get($L), '', 'no lease is taken');

given(token(7));
my @late = ask(after => now() - 1);
is($late[0], 'LATE', 'too late');
ok(abs($late[1] - now()) < 60_000, 'and the time is told');
given();
ask(after => now() - 1);
is(get($L), '', 'who is late takes no lease');


####  epochs

given([ 'HSET', $S, 'e', 1 ], token(7));
is((ask())[0], 'LEAD', 'a token from before a purge of the account: lead');
given([ 'HSET', $S, "e:$entry", 1 ], token(7));
my @lead = ask();
is($lead[0], 'LEAD', 'from before a purge of the entry: lead');
is($lead[2], '00000000' . '00000001', 'with the epoch');
given([ 'HSET', $S, 'e', 1, "e:$entry", 11 ],
      token(7, 60_000, '00000001' . '0000000b'));
is((ask())[0], 'HIT', 'of both epochs: hit');
given([ 'HSET', $S, 'e', 1 ], lease($other));
is((ask())[0], 'LEAD', 'another began to log in before a purge: lead');
is(get($L), held($mine, 1, '00000001' . '00000000'), 'in its place');
given([ 'HSET', $S, 'e', 1 ], lease($other, 3000, '00000001' . '00000000'));
is((ask())[0], 'WAIT', 'another logs in since the purge: wait');


####  FAIL, and what is asked after it

given(lease($mine));
is((failed('p'))[0], 'DONE', 'a failure of the provider');
is(get($L), '', 'ends the lease');
like(field('x'), qr/^\d{13} 1 503 temporarily_unavailable f{56}$/,
   'and is kept');
my @fail = ask(owner => owner($other));
is(told(@fail), 'FAIL p 1 503 temporarily_unavailable', 'others are told');
ok($fail[2] > 0 && $fail[2] <= 5000, 'and for how long');
cmp_ok(pttl($S), '>', 29 * 24 * 3600 * 1000, 'for 30 days at most');
is((ask(owner => owner($other), leave => 1))[0], 'FAIL',
   'so is who would leave it');

given(lease($mine));
failed('p', wait => 0, count => 3);
@lead = ask(owner => owner($other));
is(join(' ', @lead[0, 3]), 'LEAD 3', 'after the backoff: lead, with the count');
$store->cli('DEL', $L);
@fail = ask(owner => owner($mine));
is($fail[0], 'FAIL', 'and one of an account at a time');
ok($fail[2] > 0 && $fail[2] <= 3000, 'which has a while for that');
is((failed('p', owner => owner($other)))[0], 'LOST', 'of a lease that is gone');
$store->cli(@{ lease($other) });
failed('p', owner => owner($other), wait => 0);
is((ask(owner => owner($mine)))[0], 'LEAD', 'it has failed: the next one');

# what a gateway knows of itself, as the store was away when it was to be told
for (['makes no other login', only => 1, 'FAIL'],
     ['has logged in since', well => now() + 60_000, 'LEAD'],
     ['has logged in before', well => 1, 'FAIL'])
{
    my ($what, $arg, $value, $result) = @$_;
    my $try = sub ($who) {
        return (ask(owner => owner($who), $arg, $value))[0];
    };

    given(lease($mine));
    failed('p', wait => 5000);
    is($try->($other), $result, "in a backoff: $what");

    given(lease($mine));
    failed('p', wait => 0);
    is((ask())[0], 'LEAD', 'one tries');
    $store->cli('DEL', $L);
    is((ask())[0], 'FAIL', 'and no more');
    is($try->($other), $result, "another gateway: $what");
    $store->cli('DEL', $L);
    is($try->($mine), $arg eq 'only' ? 'LEAD' : $result,
       "the same one: $what");
}

given(lease($mine));
failed('p', wait => 5000);
is((ask(well => field('y')))[0], 'FAIL', 'a login of the same time is older');
is((ask(well => field('y') + 1))[0], 'LEAD', 'a later one is not');
is(join('', map { field($_) } qw(x y q g k)), '', 'all is well then');
given([ 'HSET', $S, x => now() + 5000 . ' 2 503 x f', y => 'x' ]);
is((ask(well => now()))[0], 'LEAD', 'a time that cannot be read is an old one');
given([ 'HSET', $S, x => now() + 5000 . ' 2 503 x f' ]);
is((ask(well => now()))[0], 'FAIL', 'none is no reason');

given(lease($mine));
is((failed('e'))[0], 'DONE', 'a failure of the entry');
like(get($L), qr/^-\d{13} 1 503 temporarily_unavailable f{56}$/,
     'is its own');
is(field('x'), '', 'and not the account\'s');
is(told(ask(owner => owner($other))),
   'FAIL e 1 503 temporarily_unavailable', 'others are told');
given(lease($mine), [ 'HSET', $S, 'x', '1 2 503 x f', 'q', 1 ]);
failed('e', answered => 0);
isnt(field('x'), '', 'of a server that has not answered it says nothing');
given(lease($mine), [ 'HSET', $S, 'x', '1 2 503 x f', 'q', 1 ]);
failed('e');
is(field('x') . field('q'), '', 'one that has is well');
given(lease($mine));
failed('e', wait => 0, count => 4);
is(join(' ', (ask(owner => owner($other)))[0, 3]), 'LEAD 4',
   'after its backoff: lead, with the count');

given(lease($other));
is((failed('p'))[0], 'LOST', 'who has lost the lease fails alone');
is(get($L), held($other), 'and ends no other lease');
is(field('x'), '', 'nothing is kept');

given([ 'SET', $L, '-garbage' ]);
is((ask())[0], 'LEAD', 'a failure that cannot be read: lead');


####  trouble of one gateway

my %client = (status => 401, code => 'invalid_client');

given(lease($mine));
is((failed('g', %client))[0], 'LEFT', 'a failure that may be the gateway\'s');
is(get($L), '', 'ends the lease');
is(field('x'), '', 'is no backoff of all');
is((ask(owner => owner($other)))[0], 'LEAD', 'others may log in');
is((failed('g', owner => owner($other), %client))[0], 'DONE',
   'a second gateway has the same');
is((ask(owner => owner($mine)))[0], 'FAIL', 'it is that of all');

given(lease($mine));
failed('g', %client);
$store->cli(@{ lease($mine) });
is((failed('g', %client))[0], 'LEFT', 'the same gateway once more');
is((ask(owner => owner($other)))[0], 'LEAD', 'others may log in still');
is((failed('g', owner => owner($other), status => 0, code => ''))[0], 'LEFT',
   'another gateway has another trouble');
is((ask(owner => owner($mine)))[0], 'LEAD', 'others may log in still');

given(lease($mine));
failed('g', %client);
$store->cli(@{ lease($other) });
put(owner => owner($other));
$store->cli('DEL', $T);
$store->cli(@{ lease($other) });
is((failed('g', owner => owner($other), %client))[0], 'LEFT',
   'a login that succeeds in between');

given(lease($mine));
failed('g', wait => 0, %client);
$store->cli(@{ lease($other) });
failed('g', owner => owner($other), wait => 0, %client);
$store->cli(@{ lease($other) });
is((failed('g', owner => owner($other), %client))[0], 'DONE',
   'once it is that of all it stays so');


####  PUT

given(lease($mine));
my $value = value(7);
is((put(value => $value))[0], 'DONE', 'a token is stored');
is(get($T), $value, 'as it is');
is(get($L), '', 'the lease ends');
ok(pttl($T) > 0 && pttl($T) <= 60_000, 'it ends with its life');

given(lease($mine), [ 'HSET', $S, 'x', 1, 'q', 2, 'g', 5, 'k', 6, 'e', 0 ]);
put();
is(join('', map { field($_) } qw(x q g k)), '', 'failures are forgotten');
is(field('e'), '0', 'purges are not');

given(lease($mine));
is((put(value => value(7, 0)))[0], 'LATE', 'one that has ended');
is(get($T) . get($L), '', 'is not stored, and ends the lease');

given(lease($mine), [ 'HSET', $S, "e:$entry", 1 ]);
is((put())[0], 'PURGED', 'one whose login began before a purge');
is(get($T) . get($L), '', 'is not stored, and ends the lease');

given(lease($mine), [ 'HSET', $S, 'w', now() - 1000, 'x', 1, 'q', 2 ]);
is((put(offer => 1))[0], 'DONE', 'one of an earlier login, after a purge');
is(field('x') . field('q'), '1', 'says nothing of the server, which nobody tries');
for my $field ('w', "w:$entry") {
    given(lease($mine), [ 'HSET', $S, $field, now() + 1000 ]);
    is((put(offer => 1))[0], 'PURGED', "of one before the purge: $field");
    is(get($T) . get($L), '', 'is not stored, and ends the lease');
}
given(lease($mine), [ 'HSET', $S, 'w', now() + 60_000 ]);
is((put())[0], 'DONE', 'of a login of now the epoch counts');

given(token(8), lease($other));
is((put())[0], 'HIT', 'the lease was lost, and there is a newer one');
like(get($T), qr/^.{9}8{16}/, 'which stays');
is(get($L), held($other), 'and so does the lease of another');

given(token(8));
is((put(have => version(8)))[0], 'DONE',
   'the lease was lost, and what is there was refused');
like(get($T), qr/^.{9}7{16}/, 'it is replaced');

given(lease($other));
is((put())[0], 'DONE', 'the lease was lost, and there is none');
is(get($L), held($other), 'the lease of another stays');

given(lease($mine));
put(value => value(7, 90 * 24 * 3600 * 1000));
cmp_ok(pttl($T), '<=', 24 * 24 * 3600 * 1000, 'no token is there for longer '
                                              . 'than purges are known');


####  RENEW, RELEASE, PURGE

given(lease($mine, 1000));
is((eval_script('RENEW', owner($mine), 3000))[0], 'DONE', 'a lease is renewed');
cmp_ok(pttl($L), '>', 1000, 'and lives longer');
given(lease($other, 1000));
is((eval_script('RENEW', owner($mine), 3000))[0], 'LOST', 'not that of another');
cmp_ok(pttl($L), '<=', 1000, 'which lives on as it was');
given();
is((eval_script('RENEW', owner($mine), 3000))[0], 'LOST', 'nor one that ended');

given(lease($mine));
is((eval_script('RELEASE', owner($mine), $entry, $channel, 0))[0], 'DONE',
   'a lease is released');
is(get($L), '', 'and gone');
given(lease($other));
is((eval_script('RELEASE', owner($mine), $entry, $channel, 0))[0], 'LOST',
   'not that of another');
is(get($L), held($other), 'which is there');

my @backoff = (x => now() - 1 . ' 2 503 x f', g => $other, k => 'x');

for my $answered (0, 1) {
    given();
    $store->cli('HSET', $S, e => 1, @backoff);
    is((ask(owner => owner($mine)))[0], 'LEAD', 'one tries after a backoff');
    is((eval_script('RELEASE', owner($other), $entry, $channel, 1))[0],
       'LOST', 'of a lease of another');
    isnt(field('q'), '', 'nothing is known');
    is((eval_script('RELEASE', owner($mine), $entry, $channel,
                    $answered))[0], 'DONE', 'its lease is released');
    is(field($_) ne '', !$answered, "answered $answered: $_") for qw(x g k);
    is(field('q'), '', 'nobody tries any more');
    is(field('e'), '1', 'purges are counted on');
}

given(token(7), lease($other));
is((eval_script('PURGE', $mine, $entry, $account, $channel))[0], 'DONE',
   'an entry is purged');
is(get($T) . get($L), '', 'token and lease are gone');
is(field("e:$entry"), '1', 'and counted');
ok(abs(field("w:$entry") - now()) < 60_000, 'with the time');
is(field('e') . field('w'), '', 'others are not purged');
eval_script('PURGE', $mine, $entry, $account, $channel);
is(field("e:$entry"), '2', 'and counted again');

given(token(7));
is((eval_script('PURGE', $mine, '*', $account, $channel))[0], 'DONE',
   'an account is purged');
is(field('e'), '1', 'and counted');
ok(abs(field('w') - now()) < 60_000, 'with the time');
is((ask())[0], 'LEAD', 'its tokens are not taken');
cmp_ok(pttl($S), '>', 29 * 24 * 3600 * 1000, 'for 30 days');


####  messages

my $heard = sub ($do, $re, $what) {
    my $pid = open(my $out, '-|') // die "fork: $!";

    if ($pid == 0) {
        no warnings 'exec';
        exec 'redis-cli', '-s', $store->socket, '--csv', 'SUBSCRIBE', $channel;
        POSIX::_exit(127);
    }

    my $line = '';

    until ($line =~ /"subscribe"/) {
        $line = <$out> // die "redis-cli has ended\n";
    }

    $do->();
    $line = <$out>;
    kill 'TERM', $pid;
    close $out;

    like($line, $re, $what);
};

given(lease($mine));
$heard->(sub { put() }, qr/"t $mine $entry 7{16}"/, 'of a token');
given(lease($mine));
$heard->(sub { failed('p') }, qr/"f $mine $entry"/, 'of a failure');
given(lease($mine));
$heard->(sub { failed('e') }, qr/"f $mine $entry"/, 'of one of the entry');
given(lease($mine));
$heard->(sub { failed('g') }, qr/"r $mine $entry"/, 'of one that others try');
given(lease($mine));
$heard->(sub { eval_script('RELEASE', owner($mine), $entry, $channel) },
         qr/"r $mine $entry"/, 'of a lease that is released');
$heard->(sub { eval_script('PURGE', $mine, $entry, $account, $channel) },
         qr/"p $mine $account $entry"/, 'of a purge');
$heard->(sub { eval_script('PURGE', $mine, '*', $account, $channel) },
         qr/"p $mine $account \*"/, 'of a purge of all');


$t->done;
