#!/usr/bin/perl

# Tests of what t/tools/chaos judges by: each thing that it is to find is put
# before it, beside one that is as it should be, and an excuse for each that has
# one; and memory and descriptors that grow, and that do not.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP qw(encode_json);
use MIME::Base64 qw(encode_base64url);
use Digest::SHA qw(sha256);
use Test::More;

use Test::OAuthCC::Flat;
use Test::OAuthCC::Judge;
use Test::OAuthCC::Scene;

my $empty = 'd41d8cd98f00b204e9800998ecf8427e';

# lanes and providers are those of the gateway, without one
my $scene = bless { backoff => [ 0.1, 1 ], interval => 1 },
                  'Test::OAuthCC::Scene';
$scene->{providers} = $scene->table;
no warnings 'redefine';
*Test::OAuthCC::Scene::lanes = sub { return { gateway => 0 } };

# what was said of events, logins, and so on; times are from the start
sub found (%what) {
    my $judge = Test::OAuthCC::Judge->new($scene);
    my $start = $judge->{start} = 1_000_000;

    for my $kind (qw(outages kills reloads store_faults drops rotations)) {
        for my $event (@{ delete $what{$kind} // [] }) {
            $event->{gateway} //= 0;
            $_ += $start for grep { defined } @{$event}{qw(time start end)};
            push @{ $judge->{$kind} }, $event;
        }
    }

    $judge->{revoked} = delete $what{revoked} // {};
    $_ += $start for values %{ $judge->{revoked} };

    for my $x (map { @{ $what{$_} // [] } } qw(logins seen)) {
        $_ += $start for grep { defined } @{$x}{qw(time sent ended)},
                                          @{ $x->{beside} // [] };
    }

    $_->{start} += $start for @{ $what{records} // [] };

    # as it does in a run, in more than one step
    $judge->look($start, %what);
    $judge->look($start + 1000);
    $judge->judge_failures;

    return join '; ', sort keys %{ $judge->{violations} };
}

sub login ($time, $token, $uri = '/basic', %more) {
    return { time => $time, sent => $time, ended => $time + 0.03, good => 1,
             token => $token, uri => $uri, gateway => 0, %more };
}

sub seen ($time, $token, $uri = '/basic', %more) {
    return { time => $time, sent => $time, token => $token, uri => $uri,
             gateway => 0, method => 'GET', md5 => $empty, length => 0, %more };
}

sub record ($start, $status, $uri = '/basic', %more) {
    return { lane => 0, start => $start, time => 0.1, status => $status,
             uri => $uri, retry_after => 1, error => 'closed', %more };
}

my $outage = { provider => 'basic', start => 3, end => 5, kind => 'x' };


####  tokens

is(found(logins => [ login(1, 'a') ], seen => [ seen(2.9, 'a') ]), '',
   'a token that is good');
is(found(logins => [ login(1, 'a') ], seen => [ seen(3.03, 'a') ]),
   'an upstream saw a token past its end', 'one that has expired');
is(found(logins => [ login(1, 'a') ],
         seen => [ seen(3.5, 'a', '/basic', sent => 2.9) ]), '',
   'one that was late on its way');
is(found(logins => [ login(1, 'a') ], seen => [ seen(2, 'b') ]),
   'an upstream saw a foreign token', 'one of nobody');
is(found(logins => [ login(1, 'a', '/post') ], seen => [ seen(2, 'a') ]),
   "an upstream saw another's token", 'one of another provider');
is(found(logins => [ login(1, 'a', '/users', id => 'u1') ],
         seen => [ seen(2, 'a', '/users?id=u1') ]), '', 'one of the user');
is(found(logins => [ login(1, 'a', '/users', id => 'u1') ],
         seen => [ seen(2, 'a', '/users?id=u12') ]),
   "an upstream saw another's token", 'one of another user');
is(found(logins => [ login(1, 'a', '/each') ],
         seen => [ map { seen(2, 'a', '/each') } 1, 2 ]),
   'a token was used twice', 'one of a login for one request');
is(found(seen => [ seen(2, undef, '/maybe') ]), 'an upstream saw no token',
   'none, without a reason');
is(found(seen => [ seen(4, undef, '/maybe') ],
         outages => [ { %$outage, provider => 'maybe' } ]), '',
   'none, in an outage');
is(found(logins => [ login(1, 'a') ],
         seen => [ seen(2, 'a', '/basic', md5 => 'x') ]),
   'a body was changed', 'another body');

sub own ($exp) {
    return 'x.' . encode_base64url(encode_json({ iss => 'gateway',
               exp => 1_000_000 + $exp })) . '.x';
}

is(found(seen => [ seen(2, own(3), '/own') ]), '', 'one that is signed here');
is(found(seen => [ seen(4, own(3), '/own') ]),
   'an upstream saw a token past its end', 'and has expired');

sub proof (%claims) {
    return seen(2, 'a', '/bound', proof => { htm => 'GET', jti => 1,
        iat => 1_000_002, ath => encode_base64url(sha256('a')), %claims });
}

sub bound (@seen) {
    return found(logins => [ login(1, 'a', '/bound') ], seen => \@seen);
}

is(bound(proof()), '', 'a proof');
is(bound(@$_[1 .. $#$_]), 'a proof that is not right', "a proof: $_->[0]")
    for [ none => seen(2, 'a', '/bound') ], [ method => proof(htm => 'PUT') ],
        [ token => proof(ath => 'x') ], [ age => proof(iat => 999_900) ],
        [ again => proof(), proof() ];


####  clients

is(found(records => [ record(1, 200) ]), '', 'a client is served');
is(found(records => [ record(1, 401) ]), 'a client saw 401', 'or refused');
is(found(records => [ record(4, 401) ], outages => [ { %$outage } ]),
   'a client saw 401', 'in an outage too');
is(found(records => [ record(4, 401, '/users?id=u1') ],
         outages => [ { %$outage, provider => 'users' } ]), '',
   'but for a user who asks seldom');

# of a user, whose first token was revoked
sub revoked ($time, $uri = '/users?id=u1', $first = 0.5) {
    return found(records => [ record($time, 401, $uri) ],
        logins => [ map { login($_->[0], $_->[1], '/users', id => 'u1') }
                    [ $first, 'a' ], [ 1.5, 'b' ] ],
        revoked => { a => 1, b => 2 });
}

is(revoked(2.1), '',
   'or one who asks late, and whose next token is refused, too');
is(revoked(3.1), 'a client saw 401', 'but not for longer');
is(revoked(2.1, '/users?id=u2'), 'a client saw 401', 'nor for others');
is(revoked(2.1, '/basic'), 'a client saw 401', 'or without users');
is(revoked(2.1, '/users?id=u1', 1.6), 'a client saw 401',
   'or without a first one');
is(found(records => [ record(4, 502) ]),
   'an error that could have been spared', 'an error without a reason');
is(found(records => [ record(4, 502) ], outages => [ { %$outage } ]), '',
   'in an outage');
is(found(records => [ record(5.4, 503) ], outages => [ { %$outage } ]), '',
   'and just after it');
is(found(records => [ record(5.6, 503) ], outages => [ { %$outage } ]),
   'an error that could have been spared', 'but not later');
is(found(records => [ record(5.6, 503, '/basic', time => 1) ],
         outages => [ { %$outage } ]), '',
   'unless it has waited for the next login');
is(found(records => [ record(6.6, 503, '/basic', time => 1) ],
         outages => [ { %$outage } ]),
   'an error that could have been spared', 'for which there was time');

# what another gateway does first after a backoff
sub tried ($time, $gateway = 1, %more) {
    return found(records => [ record($time, 503) ], outages => [ { %$outage } ],
        logins => [ login(5.1, 'b', '/basic', gateway => $gateway) ],
        store_faults => [ { kind => 'slow', start => 4.9, end => 6 } ], %more);
}

is(tried(7), '', 'another gateway could not tell of its login');
is(tried(7, 1, kills => [ { time => 5.12, pid => 7, gateway => 1 } ],
         store_faults => []), '', 'as it was killed');
is(tried(7, 1, kills => [ { time => 5.12, pid => 7, gateway => 0 } ],
         store_faults => []),
   'an error that could have been spared', 'which it was not');
is(tried(7, 1, store_faults => []),
   'an error that could have been spared', 'it could');
is(tried(7, 0), 'an error that could have been spared',
   'who has logged in itself knows');
is(tried(9.6), 'an error that could have been spared', 'it is too long ago');
is(found(records => [ record(4, 502) ], outages => [ { %$outage } ],
         logins => [ login(2.9, 'a') ]),
   'an error that could have been spared', 'there with a good token');
is(found(records => [ record(4, 502) ], outages => [ { %$outage } ],
         logins => [ login(2.9, 'a', '/basic', gateway => 1) ]), '',
   'or one of another gateway');
is(found(records => [ record(4, 502) ], outages => [ { %$outage } ],
         logins => [ login(2.9, 'a'),
                     login(3.1, 'b', '/basic', gateway => 1) ],
         revoked => { b => 3.5 }), '', 'that was revoked');
is(found(records => [ record(4, 502) ], outages => [ { %$outage } ],
         logins => [ login(2.9, 'a') ], revoked => { a => 3.5 }), '',
   'or a revoked one');
is(found(records => [ record(4, 502) ], outages => [ { %$outage } ],
         logins => [ login(2.9, 'a') ],
         drops => [ { time => 3.5, provider => 'basic',
                      kind => 'purge' } ]), '', 'or one that was purged');
is(found(records => [ record(4, 502) ], outages => [ { %$outage } ],
         logins => [ login(2.9, 'a') ],
         drops => [ { time => 3.5, provider => 'basic',
                      kind => 'refresh' } ]),
   'an error that could have been spared', 'not while it is renewed');
is(found(records => [ record(4, 502) ], outages => [ { %$outage } ],
         logins => [ login(2.9, 'a') ],
         rotations => [ { time => 3.5, provider => 'basic' } ]),
   'an error that could have been spared', 'or with another secret');
is(found(records => [ record(4, 503, '/basic', retry_after => undef) ],
         outages => [ { %$outage } ]), '503 without Retry-After',
   'no Retry-After');
is(found(records => [ record(4, 0) ]),
   'an error that could have been spared', 'a connection that ends');
is(found(records => [ record(4, 0, '/basic', worker => 7) ],
         kills => [ { time => 4.05, pid => 7 } ]), '', 'with its worker');
is(found(records => [ record(4, 0, '/basic', worker => 8) ],
         kills => [ { time => 4.05, pid => 7 } ]),
   'an error that could have been spared', 'with another one');

# a connection that was opened at this time, and broke at 4 s
sub broke ($opened, $error = 'closed', %more) {
    return found(records => [ record(4, 200, '/basic', broke => [
        [ 1_000_004, $error, 7, 1_000_000 + $opened ] ]) ], %more);
}

is(broke(2), 'a connection broke without a reason',
   'a kept connection is closed');
is(broke(2, 'goaway'), '', 'after so many requests of HTTP/2');
is(broke(2, 'closed', reloads => [ { start => 3, end => 3.5 } ]), '',
   'by a reload');
is(broke(3.3, 'closed', reloads => [ { start => 3, end => 3.5 } ]), '',
   'during which it was opened');
is(broke(2, 'closed', reloads => [ { start => 3, end => 3.5, gateway => 1 } ]),
   'a connection broke without a reason', 'of another gateway');
is(broke(3, 'closed', reloads => [ { start => 1, end => 2 } ]),
   'a connection broke without a reason', 'long before');
is(broke(2, 'closed', kills => [ { time => 3.9, pid => 7 } ]), '',
   'its worker is killed');
is(broke(2, 'closed', kills => [ { time => 3.9, pid => 8 } ]),
   'a connection broke without a reason', 'or another one');


####  logins

sub twice (%more) {
    return found(logins => [ login(1, 'a', '/maybe'),
                             login(1.9, 'b', '/maybe') ], %more);
}

is(found(logins => [ login(1, 'a', '/maybe'), login(2.3, 'b', '/maybe') ]), '',
   'a refresh');
is(twice(), 'a login of maybe before its time', 'one that is too early');
is(found(logins => [ login(1, 'a', '/maybe'), login(1.9, 'b', '/maybe',
                                          gateway => 1) ]), '',
   'one of another gateway');
is(twice(revoked => { a => 1.5 }), '', 'after a refusal');
is(twice(kills => [ { time => 1.02, pid => 7 } ]), '',
   'after its worker was killed');
is(twice(kills => [ { time => 1.7, pid => 7 } ]),
   'a login of maybe before its time', 'which it was later');
is(twice(kills => [ { time => 1.02, pid => 7, gateway => 1 } ]),
   'a login of maybe before its time', 'or at another gateway');
is(twice(rotations => [ { time => 1.5, provider => 'maybe' } ]), '',
   'with another secret');
is(found(logins => [ login(1, 'a', '/maybe'), login(1.9, 'b', '/maybe') ],
         rotations => [ { time => 0.4, provider => 'maybe' } ]),
   'a login of maybe before its time', 'that the first one had already');
is(twice(rotations => [ { time => 1.5, provider => 'post' } ]),
   'a login of maybe before its time', 'or that is of another provider');
is(twice(drops => [ { time => 1.5, provider => 'maybe', kind => 'purge' } ]),
   '', 'after a purge');
is(twice(drops => [ { time => 0.4, provider => 'maybe', kind => 'purge' } ]),
   'a login of maybe before its time', 'of which the first one knew');
is(twice(drops => [ { time => 0.4, provider => 'maybe', kind => 'purge' } ],
         store_faults => [ { kind => 'partition', start => 0.2, end => 0.8 } ]),
   '', 'but for a store that gets to know of it later');
is(twice(drops => [ { time => 0.4, provider => 'maybe', kind => 'refresh' } ],
         store_faults => [ { kind => 'partition', start => 0.2, end => 0.8 } ]),
   'a login of maybe before its time', 'which it does not of other orders');
is(twice(drops => [ { time => 1.5, provider => 'post', kind => 'purge' } ]),
   'a login of maybe before its time', 'but not of another provider');
is(twice(store_faults => [ { kind => 'slow', start => 1, end => 2 } ]),
   'a login of maybe before its time', 'with a store that is slow');
is(twice(store_faults => [ { kind => 'flush', start => 1, end => 1 } ]), '',
   'with a store that lost all meanwhile');
is(twice(store_faults => [ { kind => 'flush', start => 1.7, end => 1.7 } ]),
   'a login of maybe before its time', 'but not later');

# after a first try that reached nobody
my $refused = { provider => 'maybe', start => 0.5, end => 0.9 };
is(found(logins => [ login(1, 'a', '/maybe'), login(2.1, 'b', '/maybe') ],
         outages => [ { %$refused, kind => 'refuse' } ]), '',
   'after a try of half a second before');
is(found(logins => [ login(1, 'a', '/maybe'), login(2.1, 'b', '/maybe') ],
         outages => [ { %$refused, kind => '500' } ]),
   'a login of maybe before its time', 'which would have been seen');
is(found(logins => [ login(1.5, 'a', '/maybe'), login(2.6, 'b', '/maybe') ],
         outages => [ { %$refused, kind => 'refuse' } ]),
   'a login of maybe before its time', 'or was too long ago');

is(found(logins => [ login(1, 'a', '/users') ]), 'a login for nobody',
   'for a user who is not there');
is(found(logins => [ login(1, 'a', '/users') ],
         drops => [ { time => 0.8, provider => 'users', kind => $_->[0] } ]),
   $_->[1], "by an order: $_->[0]")
    for [ refresh => '' ], [ purge => 'a login for nobody' ];

sub beside ($uri, %more) {
    return found(logins => [ login(2.1, 'b', $uri, beside => [ 2 ]) ], %more);
}

is(beside('/basic'), 'logins of basic at once', 'two at once');
is(beside('/each'), '', 'where each request has its own');
is(beside('/basic', drops => [ { time => 2.05, provider => 'basic',
                                 kind => $_ } ]), '', "after a $_")
    for qw(purge reset);
is(beside('/basic', drops => [ { time => 2.05, provider => 'basic',
                                 kind => 'refresh' } ]),
   'logins of basic at once', 'but not by an order');
is(beside('/tls', kills => [ { time => 2.05, pid => 7 } ]), '',
   'or a kill, behind a proxy');
is(beside('/basic', kills => [ { time => 2.05, pid => 7 } ]),
   'logins of basic at once', 'but not without one');
is(beside('/basic', drops => [ { time => 1, provider => 'basic',
                                 kind => 'purge' } ]),
   'logins of basic at once', 'or long after it');
is(found(logins => [ login(1, undef, '/basic', good => 0) ]),
   'too many failed logins of basic', 'one that fails');
is(found(logins => [ login(1, undef, '/basic', good => 0, challenged => 1) ]),
   '', 'one that needs a nonce');


####  what grows

# 60 minutes of figures, of a process and of all together
sub verdict ($rss, $fds) {
    my $flat = bless { start => time, now => {}, of => {},
        role => { 0 => 'all', 7 => 'worker' } }, 'Test::OAuthCC::Flat';

    for my $minute (1 .. 60) {
        my %all = (rss => $rss->($minute), pss => 0, fds => $fds->($minute));

        # the least of a minute counts
        $flat->{now} = { map { $_ => [ { %all, fds => 500, rss => 90_000 },
                                       { %all } ] } 0, 7 };
        $flat->{start} = time - 60 * $minute;
        $flat->minute;
    }

    return join ', ', map { $_->{text} =~ /^(\w+).*: (\w+)/ and "$1 $2" }
                      grep { !$_->{flat} } $flat->verdict;
}

sub flat ($n) { return sub ($minute) { $n + $minute % 3 } }

is(verdict(flat(7000), flat(90)), '', 'nothing grows');
is(verdict(sub ($n) { 7000 + 60 * $n }, flat(90)), 'worker rss', 'memory');
is(verdict(flat(7000), sub ($n) { 90 + $n }), 'all fds', 'descriptors');
is(verdict(sub ($n) { $n < 20 ? 7000 + 60 * $n : 8200 },
           sub ($n) { $n < 20 ? 90 + $n : 110 }), '', 'at first only');

done_testing();
