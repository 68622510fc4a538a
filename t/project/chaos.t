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
my $scene = bless { backoff => [ 0.1, 1 ] }, 'Test::OAuthCC::Scene';
$scene->{providers} = $scene->table;
no warnings 'redefine';
*Test::OAuthCC::Scene::lanes = sub { return { gateway => 0 } };

# what was said of events, logins, and so on; times are from the start
sub found (%what) {
    my $judge = Test::OAuthCC::Judge->new($scene);
    my $start = $judge->{start} = 1_000_000;

    for my $kind (qw(outages kills reloads store_faults drops)) {
        for my $event (@{ delete $what{$kind} // [] }) {
            $_ += $start for grep { defined } @{$event}{qw(time start end)};
            push @{ $judge->{$kind} }, $event;
        }
    }

    $judge->{revoked} = delete $what{revoked} // {};
    $_ += $start for values %{ $judge->{revoked} };

    for my $x (map { @{ $what{$_} // [] } } qw(logins seen)) {
        $_ += $start for grep { defined } @{$x}{qw(time sent ended)};
    }

    $_->{start} += $start for @{ $what{records} // [] };

    # as it does in a run, in more than one step
    $judge->look($start, most => {}, %what);
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
is(found(records => [ record(4, 502) ]),
   'an error that could have been spared', 'an error without a reason');
is(found(records => [ record(4, 502) ], outages => [ { %$outage } ]), '',
   'in an outage');
is(found(records => [ record(7, 503) ], outages => [ { %$outage } ]),
   'an error that could have been spared', 'long after it');
is(found(records => [ record(7, 503) ], outages => [ { %$outage } ],
         store_faults => [ { kind => 'slow', start => 4, end => 6 } ]), '',
   'with a store that does not answer');
is(found(records => [ record(9.9, 503) ], outages => [ { %$outage } ],
         store_faults => [ { kind => 'slow', start => 4, end => 6 } ]),
   'an error that could have been spared', 'but longer');
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
                      kind => 'rotate' } ]),
   'an error that could have been spared', 'not after another secret');
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

my $broke = [ 1_000_004, 'closed', 7 ];
is(found(records => [ record(4, 200, '/basic', broke => [ $broke ]) ]),
   'a connection broke without a reason', 'a kept connection is closed');
is(found(records => [ record(4, 200, '/basic',
                             broke => [ [ 1_000_004, 'goaway', 7 ] ]) ]), '',
   'after so many requests of HTTP/2');
is(found(records => [ record(4, 200, '/basic', broke => [ $broke ]) ],
         reloads => [ { start => 3, end => 3.5 } ]), '', 'by a reload');


####  logins

sub twice (%more) {
    return found(logins => [ login(1, 'a', '/maybe'), login(1.9, 'b', '/maybe') ], %more);
}

is(found(logins => [ login(1, 'a', '/maybe'), login(2.3, 'b', '/maybe') ]), '', 'a refresh');
is(twice(), 'a login of maybe before its time', 'one that is too early');
is(found(logins => [ login(1, 'a', '/maybe'), login(1.9, 'b', '/maybe',
                                          gateway => 1) ]), '',
   'one of another gateway');
is(twice(revoked => { a => 1.5 }), '', 'after a refusal');
is(twice(kills => [ { time => 1.5, pid => 7 } ]), '', 'after a kill');
is(twice(drops => [ { time => 1.5, provider => 'maybe',
                           kind => 'rotate' } ]), '', 'with another secret');
is(twice(drops => [ { time => 1.5, provider => 'post',
                           kind => 'purge' } ]),
   'a login of maybe before its time', "after another provider's purge");
is(twice(store_faults => [ { kind => 'slow', start => 1, end => 2 } ]),
   'a login of maybe before its time', 'with a store that is slow');
is(twice(store_faults => [ { kind => 'flush', start => 1, end => 1 } ]), '',
   'with a store that lost all');
is(found(logins => [ login(1, 'a'), login(1.9, 'b') ]), '',
   'with a secret that changes');
is(found(most => { '/basic' => 2 }), 'logins of /basic at once', 'two at once');
is(found(most => { '/each' => 2 }), '', 'where each request has its own');
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
