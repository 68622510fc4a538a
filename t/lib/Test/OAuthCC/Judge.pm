package Test::OAuthCC::Judge;

# Says of what t/tools/chaos did to a gateway whether anybody was hurt who could
# have been spared, as the run goes on: what is older than a minute or two is
# forgotten, so that a run may last for hours.
#
#   my $judge = Test::OAuthCC::Judge->new($scene);
#   push @{ $judge->{kills} }, { time => time, pid => 17, gateway => 0 };
#   $judge->look($until, records => [ of Load.pm ], seen => [ of Guard.pm ],
#                logins => [ of Audit.pm ]);
#   $judge->violation('what', 'detail');    # runs $judge->{tell} with lines
#   say for $judge->report;
#
# Events that are an excuse: outages (provider, kind, start, end), kills (time,
# pid, gateway), reloads (gateway, start, end), store_faults (start, end, kind),
# drops (time, provider, kind: tokens that were purged, went with a zone that was
# reset, or are renewed by an order, which is "refresh"), rotations (time,
# provider: of its secret), revoked (token => time).  Each is an excuse for what
# the documentation says of it, and for as long; how long a process may take to
# get its turn on a busy machine is $turn.
#
# How old a token is counts by the gateway's clock, which the headers X-Sent of
# logins and requests say: how late a process of the test gets to run does not
# matter.

use v5.36;

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256);
use JSON::PP ();
use List::Util qw(any max min sum0);
use MIME::Base64 qw(decode_base64url encode_base64url);
use Time::HiRes qw(time);

use Test::OAuthCC::Scene;

# how long events are kept, in seconds; no request takes longer than that
my $kept = 60;

# old workers of nginx end their connections when those are idle
my $kept_reloads = 600;

# until a process has done what it is to do at once
my $turn = 0.5;

# how long requests wait for a login in a backoff, and gateways for one that
# tries first after a backoff: docs/directives.md, docs/gateways.md
my $patience = 1;
my $trying = 3;

# violations of a kind that are told with what happened around them
my $told = 10;

# nginx counts time by a clock of the kernel that moves in steps, of 10 ms at
# most, and X-Sent is another one, in milliseconds
my $tick = 0.011;


sub new ($class, $scene) {
    my $start = time;

    return bless {
        scene => $scene, start => $start, lanes => [ $scene->lanes ],
        md5 => { map { md5_hex($_) => 1 } $scene->bodies },
        buffer => { records => [], seen => [], logins => [] },
        of => {}, login => {}, prior => {}, failed => {},
        good => {}, bad => {},
        may_fail => {}, count => {}, status => {}, excused => {},
        oldest => 0, slowest => {}, violations => {}, jti => {},
        (map { $_ => [] } qw(outages kills reloads store_faults drops
                             rotations)),
        revoked => {}, refused => {},
    }, $class;
}


sub ago ($self, $time) { return sprintf '%.3f s', $time - $self->{start} }


# the first ones are told with what happened around them, if that is given, all
# others with when and where
sub violation ($self, $what, $detail = '', @about) {
    my $violation = $self->{violations}{$what} //= { n => 0, details => [] };

    my @lines = ($detail,
                 ++$violation->{n} > $told ? () : $self->timeline(@about));
    push @{ $violation->{details} }, \@lines;
    $self->{tell}->($what, @lines) if $self->{tell};
}


sub look ($self, $until, %new) {
    $self->add_login($_) for @{ $new{logins} // [] };

    my %due;

    for my $kind (qw(records seen logins)) {
        my $time = sub ($x) { $x->{time} + ($x->{start} // 0) };
        my $all = $self->{buffer}{$kind};
        push @$all, @{ $new{$kind} // [] };
        $due{$kind} = [ grep { $time->($_) <= $until } @$all ];
        $self->{buffer}{$kind} = [ grep { $time->($_) > $until } @$all ];
    }

    $self->judge_record($_) for @{ $due{records} };
    $self->judge_seen($_) for @{ $due{seen} };
    $self->judge_login($_)
        for sort { $a->{time} <=> $b->{time} }
            grep { $_->{entry} } @{ $due{logins} };
    $self->forget($until - $kept);
}


sub entry ($self, $name, $text) {
    return $name unless $self->{scene}->provider($name)->{ids};
    my ($id) = $text =~ /\b(u\d+)\b/;
    return "$name $id";
}


sub add_login ($self, $login) {
    my ($name) = $login->{uri} =~ m{^/(\w+)} or return;
    return if $login->{challenged};

    my $provider = $self->{scene}->provider($name);
    my $entry = $login->{entry} = !$provider->{ids} ? $name
                                : "$name " . ($login->{id} // 'nobody');

    # an order to refresh a provider that has no entry is one for itself
    $self->violation('a login for nobody',
        sprintf('%s at %s: %s', $login->{uri}, $self->ago($login->{time}),
                join ' ', ($login->{body} // '') =~ /(?:^|&)(\w+)=/g),
        $entry, $login->{time}, $login->{time})
        if $entry =~ /nobody$/ && !any {
            $_->{kind} eq 'refresh' && $_->{time} < $login->{time}
                && $_->{time} > $login->{time} - $turn
        } $self->drops($name);

    $login->{gateway} //= 0;
    $login->{name} = $name;
    delete @{$login}{qw(head headers body)};
    push @{ $self->{of}{$entry} }, $login;
    $self->judge_fleet($login);
    $self->judge_beside($login);
    $self->{login}{ $login->{token} } = $login if $login->{token};
}


# when a token was good to use, with some room for when processes get to run; a
# newer one of the other gateway may have taken its place, and was revoked
sub usable ($self, $login) {
    my ($name, $time) = @{$login}{qw(name time)};
    my $provider = $self->{scene}->provider($name);

    return (9e9, 0) if !$login->{good} || $provider->{each};

    my @dropped = map { $_->{time} }
        grep { $_->{kind} ne 'refresh' && $self->dropped($_) > $time }
        $self->drops($name);
    my @revoked = map { $self->{revoked}{ $_->{token} // '' } // () }
        grep { $_->{time} >= $time } @{ $self->{of}{ $login->{entry} } };

    return ($login->{ended} + 0.2,
            min($time + 0.9 * $provider->{life} - 0.2, @dropped, @revoked));
}


sub drops ($self, $name) {
    return grep { $_->{provider} eq $name } @{ $self->{drops} };
}


# Until when tokens may be dropped.  An order to purge that the store gets late, as
# it has a fault, is one to purge what is there then; TCP sends it again after
# twice the time that has passed.
sub dropped ($self, $drop) {
    return $drop->{time} if $drop->{kind} ne 'purge';

    return max($drop->{time}, map { 2 * $_->{end} - $drop->{time} + $turn }
               grep { $_->{start} - $turn < $drop->{time}
                      && $_->{end} > $drop->{time} } @{ $self->{store_faults} });
}


# whether tokens were dropped since one time and before another one; or, with
# "refresh", were to be renewed
sub dropped_since ($self, $name, $since, $time, $refresh = 0) {
    return any {
        ($refresh || $_->{kind} ne 'refresh') && $_->{time} < $time
            && $self->dropped($_) > $since - $turn
    } $self->drops($name);
}


# For how long an outage is felt.  Requests that come after it wait for the next
# login, for a second; one that may do without a token has none.  Of several
# gateways one tries first after a backoff: if it cannot tell the others, they
# try within three seconds.
sub after ($self, $name, $gateway, $from, $to) {
    my $backoff = $self->{scene}{backoff}[1];

    return $backoff + $trying + $turn if $self->untold($name, $gateway, $from);

    return $self->{scene}->provider($name)->{optional}
           || $to - $from > $patience - 0.1 ? $backoff + $turn : $turn;
}


# whether another gateway has begun a login, and was killed, or the store was away
sub untold ($self, $name, $gateway, $time) {
    return any {
        my $login = $_;
        $login->{name} eq $name && $login->{gateway} != $gateway
            && $login->{time} > $time - $trying - $turn
            && $login->{time} < $time
            && ($self->killed($login) || any {
                    $_->{start} < $login->{ended} + $turn
                        && $_->{end} > $login->{time} - $turn
                } @{ $self->{store_faults} })
    } map { @$_ } values %{ $self->{of} };
}


# whether the gateway of a login may have lost it with a worker
sub killed ($self, $login) {
    return any {
        $_->{gateway} == $login->{gateway}
            && $_->{time} > $login->{time} - $turn
            && $_->{time} < $login->{ended} + $turn
    } @{ $self->{kills} };
}


# whether there was nothing that could have been done for a request
sub in_outage ($self, $name, $entry, $gateway, $from, $to) {
    my $after = $self->after($name, $gateway, $from, $to);

    return 0 if !any {
        $_->{provider} eq $name && $_->{start} < $to
            && ($_->{end} // 9e9) + $after > $from
    } @{ $self->{outages} };

    # the store may be away, so a token counts at the gateway that logged in
    return !any {
        my ($since, $until) = $self->usable($_);
        $since < $from && $until > $to;
    } grep { $_->{gateway} == $gateway } @{ $self->{of}{$entry} // [] };
}


# whether a refusal has had its login in the same replay_interval
sub forced ($self, $entry, $from, $to) {
    my $of = $self->{of}{$entry} // [];

    return any {
        my $time = $_->{time};
        $time > $from - $self->{scene}{interval} - $turn && $time < $to && any {
            $_->{time} < $time
                && ($self->{revoked}{ $_->{token} // '' } // 9e9) < $time
        } @$of;
    } @$of;
}


sub of_killed ($self, $from, $to, $worker = undef) {
    return any {
        $_->{time} > $from - $turn && $_->{time} < $to + 0.1
            && $to < $_->{time} + 1 && $_->{pid} == ($worker // $_->{pid})
    } @{ $self->{kills} };
}


# whether a connection may have been one of workers of before a reload
sub reloaded ($self, $gateway, $opened, $time) {
    return any { $_->{gateway} == $gateway && $time > $_->{start} - 0.1
                 && $opened < ($_->{end} // 9e9) + $turn }
               @{ $self->{reloads} };
}


sub judge_record ($self, $record) {
    my $uri = $record->{uri};
    my $lane = $self->{lanes}[ $record->{lane} ];
    my $name = $self->{scene}->provider_of($uri);
    my $entry = $self->entry($name, $uri);
    my ($from, $to) = ($record->{start}, $record->{start} + $record->{time});
    my $status = $record->{status} || "none ($record->{error})";
    my $detail = sprintf '%s of %s at %d from %s to %s%s', $status,
        $uri, $lane->{gateway}, $self->ago($from), $self->ago($to),
        ($record->{body} // '') =~ /^(\w.*)/ ? ": $1" : '';
    my @about = ($entry, $from, $to);

    $self->{status}{$status}++;
    $self->{count}{requests}++;
    $self->{slowest} = $record
        if $record->{time} > ($self->{slowest}{time} // 0);

    for my $broke (@{ $record->{broke} // [] }) {
        my ($time, $error, $worker, $opened) = @$broke;
        $self->{count}{again}++;
        $self->violation('a connection broke without a reason',
                         sprintf('%s at %s, opened %s, of %s: %s', $error,
                                 $self->ago($time), $self->ago($opened),
                                 $worker // 'an unknown worker', $detail),
                         $entry, $opened, $time)
            unless $error eq 'goaway'
                   || $self->reloaded($lane->{gateway}, $opened, $time)
                   || $self->of_killed($from, $time, $worker);
    }

    if ($record->{status} == 200) {
        return;

    # no outage begins soon after a token was revoked, nor is the next one revoked
    # soon; but of many users one may not ask before that
    } elsif ($record->{status} == 401) {
        my $excuse = !$self->{scene}->provider($name)->{ids} ? undef
            : $self->forced($entry, $from, $to) ? 'interval'
            : $self->in_outage($name, $entry, $lane->{gateway}, $from, $to)
            ? 'outage' : undef;

        if ($excuse) {
            $self->{excused}{$excuse}++;

        } else {
            $self->violation('a client saw 401', $detail, @about);
        }

    } elsif (!$record->{status}
             && $self->of_killed($from, $to, $record->{worker}))
    {
        $self->{excused}{killed}++;

    } elsif ($record->{status}
             && $self->in_outage($name, $entry, $lane->{gateway}, $from, $to))
    {
        $self->{excused}{outage}++;
        $self->violation('503 without Retry-After', $detail)
            if $record->{status} == 503 && !$record->{retry_after}
               && !$lane->{http};

    } else {
        $self->violation('an error that could have been spared', $detail,
                         @about);
    }
}


sub judge_seen ($self, $request) {
    my $name = $self->{scene}->provider_of($request->{uri});
    my $provider = $self->{scene}->provider($name);
    my $entry = $self->entry($name, $request->{uri});
    my $token = $request->{token};
    my $time = $request->{time};
    my $what = "$request->{method} $request->{uri} at " . $self->ago($time);

    $self->{count}{seen}++;

    if ($request->{refused}) {
        $self->{count}{refused}++;
        $self->{refused}{ $token // '' } //= $time;
    }

    $self->{count}{challenged}++ if $request->{challenged};
    $self->violation('a body was changed',
                     "$what, $request->{length} bytes")
        unless $self->{md5}{ $request->{md5} };

    if (!defined $token && $provider->{optional}) {
        $self->{count}{without}++;
        $self->violation('an upstream saw no token', $what, $entry, $time,
                         $time)
            unless $self->in_outage($name, $entry, $request->{gateway},
                                    $time - 0.05, $time);
        return;
    }

    return $self->judge_own($request, $what) if $provider->{own};

    my $login = $self->{login}{ $token // '' };

    return $self->violation('an upstream saw a foreign token', $what)
        if !$login;
    $self->violation("an upstream saw another's token",
                     "$what: $login->{entry}") if $login->{entry} ne $entry;
    $self->violation('a token was used twice', $what)
        if $provider->{each} && $login->{used}++;
    $self->judge_proof($request, $login, $what) if $provider->{dpop};

    my $age = ($request->{sent} - $login->{sent}) / $provider->{life};
    $self->{oldest} = $age if $age > $self->{oldest};

    $self->violation('an upstream saw a token past its end',
                     sprintf('%s, at %.3f of its life', $what, $age), $entry,
                     $login->{time}, $time)
        if $age >= 1 + $tick / $provider->{life};
}


# a token that the gateway signs itself
sub judge_own ($self, $request, $what) {
    my $part = (split /\./, $request->{token} // '')[1] // '';
    my $claims = eval { JSON::PP::decode_json(decode_base64url($part)) } // {};

    return $self->violation('an upstream saw a foreign token', $what)
        if ($claims->{iss} // '') ne 'gateway';

    $self->violation('an upstream saw a token past its end', $what)
        if $request->{sent} > $claims->{exp} + $tick;
}


sub judge_proof ($self, $request, $login, $what) {
    my $proof = $request->{proof} // {};
    my $ath = encode_base64url(sha256($request->{token}));

    my $wrong = ($proof->{ath} // '') ne $ath ? 'ath'
              : ($proof->{htm} // '') ne $request->{method} ? 'htm'
              : abs(($proof->{iat} // 0) - $request->{time}) > 10 ? 'iat'
              : $self->{jti}{ $proof->{jti} // '' }++ ? 'jti' : return;

    $self->violation('a proof that is not right', "$wrong: $what");
}


####  logins

# A login that comes before its time has a reason, which has to have come since the
# one before it: see reason().

sub judge_login ($self, $login) {
    my ($name, $entry) = @{$login}{qw(name entry)};
    my $provider = $self->{scene}->provider($name);
    my $who = "$entry, $login->{gateway}";

    $self->{ $login->{good} ? 'good' : 'bad' }{$name}++;
    return if $provider->{each};

    # a life counts from the first try of a login, which nobody has seen where no
    # connection was accepted
    my $failed = $self->{failed}{$who};
    $login->{began} = $failed && $login->{sent} - $failed->{ended} < 0.5
                      ? $failed->{began} : $login->{sent};

    for my $outage (grep { $_->{provider} eq $name && $_->{kind} eq 'refuse' }
                    @{ $self->{outages} })
    {
        next if ($outage->{end} // 9e9) < $login->{sent} - 0.5;
        $login->{began} = min($login->{began},
                              max($outage->{start}, $login->{sent} - 0.5));
    }

    if (!$login->{good}) {
        $self->{failed}{$who} = $login;
        return;
    }

    my $prior = $self->{prior}{$who};
    $self->{prior}{$who} = $login;
    delete $self->{failed}{$who};
    return if !$prior;

    my $gap = ($login->{sent} - $prior->{began}) / $provider->{life};

    $self->violation("a login of $name before its time", sprintf(
        'at %.2f of the life of the one before, at %s', $gap,
        $self->ago($login->{time})), $entry, $prior->{time}, $login->{time})
        if $gap < 0.6 && !$self->reason($prior, $login->{time});
}


# Gateways that share a store log in one after the other, unless it does not
# answer in time, which it does not say.
sub judge_fleet ($self, $login) {
    $self->{count}{at_once}++ if any {
        $_->{gateway} != $login->{gateway} && $_->{time} < $login->{ended}
            && $login->{time} < $_->{ended}
    } @{ $self->{of}{ $login->{entry} } };
}


# One login of an entry at a time.  A login that has begun before a purge is of no
# use, and nobody waits for it; nor does anybody know of it after a reset.  That
# its worker was killed is not seen at once behind a proxy.
sub judge_beside ($self, $login) {
    my $name = $login->{name};
    my $provider = $self->{scene}->provider($name);

    return if $provider->{each};

    for my $other (@{ $login->{beside} // [] }) {
        if ($self->dropped_since($name, $other, $login->{time})
            || $provider->{behind} && any {
                $_->{gateway} == $login->{gateway}
                    && $_->{time} > $other - $turn
                    && $_->{time} < $login->{time}
            } @{ $self->{kills} })
        {
            $self->{count}{dropped}++;
            next;
        }

        $self->violation("logins of $name at once",
            sprintf('%s at %d: %s to %s, beside one of %s', $login->{entry},
                    $login->{gateway}, $self->ago($login->{time}),
                    $self->ago($login->{ended}), $self->ago($other)),
            $login->{entry}, $other, $login->{time});
    }
}


sub reason ($self, $prior, $time) {
    my $name = $prior->{name};

    # its token was refused, or one that came from the other gateway since
    return 1 if any { $_->{time} >= $prior->{time}
                      && $self->{revoked}{ $_->{token} // '' } }
                @{ $self->{of}{ $prior->{entry} } };

    # it was deleted, or is to be renewed
    return 1 if $self->dropped_since($name, $prior->{time}, $time, 1);

    # it was got with a secret that is an old one now
    return 1 if any { $_->{provider} eq $name && $_->{time} < $time
                      && $_->{time} > $prior->{time} - $turn }
                @{ $self->{rotations} };

    # it never came into the zone
    return 1 if $self->killed($prior);

    # a store that was emptied meanwhile knows no longer that nothing was purged
    return any { $_->{kind} =~ /flush|kill/
                 && $_->{start} < $prior->{ended} + $turn
                 && $_->{end} > $prior->{time} - $turn }
               @{ $self->{store_faults} };
}


# the steps of the backoff are half of it on the average, once it has grown; of
# a provider with many entries several may be on their way
sub judge_failures ($self) {
    my ($scene, $kills) = ($self->{scene}, $self->{count}{kills} // 0);

    for my $name ($scene->names) {
        my $provider = $scene->provider($name);
        next if $provider->{each};

        my $may = ($self->{may_fail}{$name} // 0) + $kills;
        my $failed = $self->{bad}{$name} // 0;
        $self->violation("too many failed logins of $name", sprintf
            '%d, %.1f are enough', $failed, $may) if $failed > $may;
    }
}


sub may_fail ($self, $name, $n) { $self->{may_fail}{$name} += $n }


####  the end

sub forget ($self, $before) {
    for my $entry (keys %{ $self->{of} }) {
        my $of = $self->{of}{$entry};
        delete $self->{login}{ $_->{token} // '' }
            for grep { $_->{time} < $before } @$of;
        @$of = grep { $_->{time} >= $before } @$of;
        delete $self->{of}{$entry} if !@$of;
    }

    for my $last (@{$self}{qw(prior failed)}) {
        delete @{$last}{ grep { $last->{$_}{time} < $before } keys %$last };
    }

    for my $kind (qw(outages kills reloads store_faults drops rotations)) {
        my $since = $before - ($kind eq 'reloads' ? $kept_reloads : 0);
        my $events = $self->{$kind};
        @$events = grep { ($_->{end} // $_->{time} // 9e9) >= $since }
                   @$events;
    }

    for my $time_of (@{$self}{qw(revoked refused)}) {
        delete @{$time_of}{ grep { $time_of->{$_} < $before } keys %$time_of };
    }

    $self->{jti} = {} if keys %{ $self->{jti} } > 100_000;
}


# what happened to an entry, shortly before and in a time, and what of the faults
# lasted then; of its provider also logins of other entries that failed
sub timeline ($self, $entry = undef, $from = 0, $to = 0) {
    return unless defined $entry;
    $from -= 4;

    my ($name) = $entry =~ /^(\w+)/;
    my $end = sub ($event) {
        return defined $event->{end} ? $self->ago($event->{end}) : 'not yet';
    };
    my $token = sub ($token) { ($token // 'no token') =~ s/-\w+$//r };
    my ($revoked, $refused) = @{$self}{qw(revoked refused)};
    my $of = $self->{of}{$entry} // [];
    my @tokens = map { $_->{token} // () } @$of;
    my @others = grep { $_->{name} eq $name && $_->{entry} ne $entry
                        && !$_->{good} } map { @$_ } values %{ $self->{of} };

    # time, text, end
    my @events = (
        (map { [ $_->{time}, "login of $_->{gateway} "
                 . $token->($_->{token}) . ($_->{good} ? '' : ' failed')
                 . ', ended ' . $self->ago($_->{ended} // 0) ] } @$of),
        (map { [ $_->{time}, "login of $_->{gateway} of $_->{entry} failed" ] }
         @others),
        (map { [ $revoked->{$_}, 'revoked ' . $token->($_) ] }
         grep { $revoked->{$_} } @tokens),
        (map { [ $refused->{$_}, 'first refused ' . $token->($_) ] }
         grep { $refused->{$_} } @tokens),
        (map { [ $_->{start}, "outage: $_->{kind}, ended " . $end->($_),
                 $_->{end} // 9e9 ] }
         grep { $_->{provider} eq $name } @{ $self->{outages} }),
        (map { [ $_->{time}, "dropped: $_->{kind}" ] }
         grep { $_->{provider} eq $name } @{ $self->{drops} }),
        (map { [ $_->{time}, 'another secret' ] }
         grep { $_->{provider} eq $name } @{ $self->{rotations} }),
        (map { [ $_->{time}, "killed $_->{pid} of $_->{gateway}" ] }
         @{ $self->{kills} }),
        (map { [ $_->{start}, "store: $_->{kind}, ended " . $end->($_),
                 $_->{end} ] } @{ $self->{store_faults} }),
        (map { [ $_->{start}, "reload of $_->{gateway}, done " . $end->($_),
                 $_->{end} // 9e9 ] } @{ $self->{reloads} }),
    );

    return map { $self->ago($_->[0]) . " $_->[1]" }
           sort { $a->[0] <=> $b->[0] }
           grep { $_->[0] < $to + 0.1 && ($_->[2] // $_->[0]) > $from } @events;
}


sub share ($self) {
    return 100 * ($self->{status}{200} // 0)
           / ($self->{count}{requests} || 1);
}


sub counts (%n) { return join ', ', map { "$_ $n{$_}" } sort keys %n }


sub report ($self) {
    my %count = (at_once => 0, dropped => 0, again => 0, seen => 0,
                 refused => 0, challenged => 0, without => 0, requests => 0,
                 %{ $self->{count} });

    my @lines = (
        sprintf('requests: %d, %.2f %% with 200; %s', $count{requests},
                $self->share, counts(%{ $self->{status} })),
        'spared by nobody: '
            . counts(outage => 0, killed => 0, %{ $self->{excused} })
            . "; sent again on a new connection: $count{again}",
        sprintf('slowest: %.3f s; upstreams: %d requests, %d refused, %d '
                . 'asked for a nonce, %d without a token, oldest token '
                . '%.1f %% of its life', $self->{slowest}{time} // 0,
                @count{qw(seen refused challenged without)},
                100 * $self->{oldest}),
        'logins: ' . join('; ', map { "$_ " . ($self->{good}{$_} // 0)
            . ' good, ' . ($self->{bad}{$_} // 0) . ' not' }
            grep { !$self->{scene}->provider($_)->{own} }
            $self->{scene}->names)
            . "; of both gateways at once: $count{at_once}; beside one that is"
            . " of no use since a purge, a reset or a kill: $count{dropped}",
    );

    for my $what (sort keys %{ $self->{violations} }) {
        my $v = $self->{violations}{$what};
        push @lines, "VIOLATION: $what ($v->{n})";

        for my $detail (@{ $v->{details} }) {
            my ($first, @timeline) = @$detail;
            push @lines, "    $first", map { "        $_" } @timeline;
        }
    }

    return @lines;
}


1;
