package Test::OAuthCC::Judge;

# Says of what t/tools/chaos did to a gateway whether anybody was hurt who could
# have been spared, as the run goes on: what is older than a minute or two is
# forgotten, so that a run may last for hours.
#
#   my $judge = Test::OAuthCC::Judge->new($scene);
#   push @{ $judge->{kills} }, { time => time, pid => 17 };
#   $judge->look($until, records => [ of Load.pm ], seen => [ of Guard.pm ],
#                logins => [ of Audit.pm ], most => { of Audit.pm });
#   $judge->violation('what', 'detail');    # runs $judge->{tell} with lines
#   say for $judge->report;
#
# Events that are an excuse: outages (provider, kind, start, end), kills (time,
# pid), reloads (gateway, start, end), store_faults (start, end, kind), drops (time,
# provider, kind: tokens that were purged, or are renewed by an order or since a
# reload finds another secret, which is "rotate"), revoked (token => time).
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

# nginx counts time by a clock of the kernel that moves in steps, of 10 ms at
# most, and X-Sent is another one
my $tick = 0.02;


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
        (map { $_ => [] } qw(outages kills reloads store_faults drops)),
        revoked => {},
    }, $class;
}


sub ago ($self, $time) { return sprintf '%.3f s', $time - $self->{start} }


# the first few are told with what happened around them, if that is given
sub violation ($self, $what, $detail = '', @about) {
    my $violation = $self->{violations}{$what} //= { n => 0, details => [] };

    return if ++$violation->{n} > 5;

    my @lines = ($detail, $self->timeline(@about));
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
    $self->judge_most($new{most} // {});
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
    my $entry = $login->{entry} = $provider->{ids}
                                  ? "$name $login->{id}" : $name;

    $login->{gateway} //= 0;
    $login->{name} = $name;
    delete @{$login}{qw(head headers body)};
    push @{ $self->{of}{$entry} }, $login;
    $self->judge_fleet($login);
    $self->{login}{ $login->{token} } = $login if $login->{token};
}


# when a token was good to use, with some room for when processes get to run; a
# newer one of the other gateway may have taken its place, and was revoked
sub usable ($self, $login) {
    my ($name, $time) = @{$login}{qw(name time)};
    my $provider = $self->{scene}->provider($name);

    return (9e9, 0) if !$login->{good} || $provider->{each};

    my @dropped = map { $_->{time} }
        grep { $_->{provider} eq $name && $_->{kind} ne 'rotate'
               && $_->{time} > $time } @{ $self->{drops} };
    my @revoked = map { $self->{revoked}{ $_->{token} // '' } // () }
        grep { $_->{time} >= $time } @{ $self->{of}{ $login->{entry} } };

    return ($login->{ended} + 0.2,
            min($time + 0.9 * $provider->{life} - 0.2, @dropped, @revoked));
}


# for how long an outage is felt: a step of the backoff; and, where the store has
# a fault meanwhile, as long as the others wait for the gateway that was to try,
# which it has for three seconds
sub after ($self, $outage, $to) {
    return $self->{scene}{backoff}[1] + 0.5
           + ((any { $_->{start} < $to && $_->{end} > $outage->{start} - 3 }
               @{ $self->{store_faults} }) ? 3 : 0);
}


# whether there was nothing that could have been done for a request
sub in_outage ($self, $name, $entry, $gateway, $from, $to) {
    return 0 if !any {
        $_->{provider} eq $name && $_->{start} < $to
            && ($_->{end} // 9e9) + $self->after($_, $to) > $from
    } @{ $self->{outages} };

    # the store may be away, so a token counts at the gateway that logged in
    return !any {
        my ($since, $until) = $self->usable($_);
        $since < $from && $until > $to;
    } grep { $_->{gateway} == $gateway } @{ $self->{of}{$entry} // [] };
}


sub of_killed ($self, $from, $to, $worker = undef) {
    return any {
        $_->{time} > $from - 0.1 && $_->{time} < $to + 0.1
            && $to < $_->{time} + 1 && $_->{pid} == ($worker // $_->{pid})
    } @{ $self->{kills} };
}


sub at_reload ($self, $time) {
    return any { $time > $_->{start} - 0.1
                 && $time < ($_->{end} // 9e9) + 10 } @{ $self->{reloads} };
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
        my ($time, $error, $worker) = @$broke;
        $self->{count}{again}++;
        $self->violation('a connection broke without a reason',
                         "$error: $detail")
            unless $error eq 'goaway' || $self->at_reload($time)
                   || $self->of_killed($from, $time);
    }

    if ($record->{status} == 200) {
        return;

    # no outage begins soon after a token was revoked; but of many users one may
    # not ask before that
    } elsif ($record->{status} == 401
             && !($self->{scene}->provider($name)->{ids}
                  && $self->in_outage($name, $entry, $lane->{gateway}, $from,
                                      $to)))
    {
        $self->violation('a client saw 401', $detail, @about);

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
    $self->{count}{refused}++ if $request->{refused};
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

# Those of files that change are not counted: what is new in a file may be tried
# at once.  A login that comes before its time has a reason: a token that was revoked or
# deleted, or a worker that took one with it, or a store that did not answer.

sub judge_login ($self, $login) {
    my ($name, $entry) = @{$login}{qw(name entry)};
    my $provider = $self->{scene}->provider($name);
    my $who = "$entry, $login->{gateway}";

    $self->{ $login->{good} ? 'good' : 'bad' }{$name}++;
    return if $provider->{each} || $provider->{rotates};

    # a life counts from the first try of a login
    my $failed = $self->{failed}{$who};
    $login->{began} = $failed && $login->{sent} - $failed->{ended} < 0.5
                      ? $failed->{began} : $login->{sent};

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


sub judge_most ($self, $most) {
    for my $what (sort keys %$most) {
        my ($name) = $what =~ m{^/(\w+)} or next;
        $self->violation("logins of $what at once", $most->{$what})
            if $most->{$what} > 1 && !$self->{scene}->provider($name)->{each};
    }
}


sub reason ($self, $prior, $time) {
    my $from = $prior->{time} - 1;

    # or one that came from the other gateway since
    return 1 if any { $_->{time} >= $prior->{time}
                      && $self->{revoked}{ $_->{token} // '' } }
                @{ $self->{of}{ $prior->{entry} } };
    return 1 if any { $_->{provider} eq $prior->{name} && $_->{time} > $from
                      && $_->{time} < $time } @{ $self->{drops} };
    return 1 if any { $_->{time} > $from && $_->{time} < $time }
                @{ $self->{kills} };

    # an empty store knows no longer that nothing was purged meanwhile
    return any { $_->{kind} =~ /flush|kill/ && $_->{end} > $from
                 && $_->{start} < $time } @{ $self->{store_faults} };
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

    for my $events (@{$self}{qw(outages kills reloads store_faults drops)}) {
        @$events = grep { ($_->{end} // $_->{time} // 9e9) >= $before }
                   @$events;
    }

    delete @{ $self->{revoked} }{ grep { $self->{revoked}{$_} < $before }
                                  keys %{ $self->{revoked} } };
    $self->{jti} = {} if keys %{ $self->{jti} } > 100_000;
}


# what happened to an entry, shortly before and in a time
sub timeline ($self, $entry = undef, $from = 0, $to = 0) {
    return unless defined $entry;
    $from -= 4;

    my ($name) = $entry =~ /^(\w+)/;
    my $end = sub ($event) {
        return defined $event->{end} ? $self->ago($event->{end}) : 'not yet';
    };
    my $token = sub ($token) { ($token // 'no token') =~ s/-\w+$//r };
    my $revoked = $self->{revoked};
    my $of = $self->{of}{$entry} // [];

    my @events = (
        (map { [ $_->{time}, "login of $_->{gateway} "
                 . $token->($_->{token}) . ($_->{good} ? '' : ' failed')
                 . ', ended ' . $self->ago($_->{ended} // 0) ] } @$of),
        (map { [ $revoked->{$_}, 'revoked ' . $token->($_) ] }
         grep { $revoked->{$_} } map { $_->{token} // () } @$of),
        (map { [ $_->{start}, "outage: $_->{kind}, ended " . $end->($_) ] }
         grep { $_->{provider} eq $name } @{ $self->{outages} }),
        (map { [ $_->{time}, "dropped: $_->{kind}" ] }
         grep { $_->{provider} eq $name } @{ $self->{drops} }),
        (map { [ $_->{time}, "killed $_->{pid}" ] } @{ $self->{kills} }),
        (map { [ $_->{start}, "store: $_->{kind}, ended " . $end->($_) ] }
         @{ $self->{store_faults} }),
        (map { [ $_->{start}, "reload of $_->{gateway}, done " . $end->($_) ] }
         @{ $self->{reloads} }),
    );

    return map { $self->ago($_->[0]) . " $_->[1]" }
           sort { $a->[0] <=> $b->[0] }
           grep { $_->[0] > $from && $_->[0] < $to } @events;
}


sub share ($self) {
    return 100 * ($self->{status}{200} // 0)
           / ($self->{count}{requests} || 1);
}


sub counts (%n) { return join ', ', map { "$_ $n{$_}" } sort keys %n }


sub report ($self) {
    my %count = (at_once => 0, again => 0, seen => 0, refused => 0, challenged => 0,
                 without => 0, requests => 0, %{ $self->{count} });

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
            . "; of both gateways at once: $count{at_once}",
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
