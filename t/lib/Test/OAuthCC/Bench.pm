package Test::OAuthCC::Bench;

# What the scripts of t/bench that measure time have in common: loads, turns,
# and results, which are written to a file after each step, so that a step that
# fails loses nothing but itself.
#
#   my $bench = Test::OAuthCC::Bench->new($file, $tool, %option);
#   $bench->try(herd => 'lua', sub {
#       ...
#       return { logins => 1 };         # or dies
#   });
#   $bench->bar(hit => $n <= 530, "$n instructions");
#   $bench->end;                        # exits: 1 if something failed
#
# In the file each step is { STAGE => { NAME => { ... } } }, "failed" has those
# that failed, with the reason, and "bars" the bars.

use v5.36;

use JSON::PP ();
use POSIX ();
use Test::OAuthCC::Peer;
use Time::HiRes qw(time sleep);


# options: quick, rounds, seconds of a turn, limit: seconds of a step
sub new ($class, $file, $tool, %option) {
    $| = 1;

    my $self = bless { file => $file, tool => $tool, limit => 120, %option },
                     $class;

    $self->{result} = {
        date => POSIX::strftime('%Y-%m-%d', gmtime), machine => machine(),
        quick => $option{quick} ? JSON::PP::true : JSON::PP::false,
        (map { $_ => $option{$_} } grep { defined $option{$_} }
             qw(rounds seconds)),
        failed => [],
    };
    $self->{begin} = time;

    return $self;
}


sub machine () {
    my $slurp = sub ($file) { return qx(cat $file 2>/dev/null) };
    my $cpu = $slurp->('/proc/cpuinfo');
    my ($model) = $cpu =~ /^model name\s*: (.*)/m;
    my $cores = () = $cpu =~ /^processor/mg;
    my ($system) = $slurp->('/etc/os-release') =~ /^PRETTY_NAME="(.*)"/m;

    return sprintf '%s, %d cores, %s, Linux %s', $model // 'a processor',
        $cores, $system // 'Linux', (POSIX::uname())[2] =~ s/-.*//r;
}


####  results

# what the code returns, which is kept if it is a hash; nothing if it dies, or
# takes too long
sub try ($self, $stage, $name, $code) {
    my $figures = eval {
        local $SIG{ALRM} = sub { die "it hangs\n" };
        alarm $self->{limit};
        $code->();
    };
    my $reason = $@;
    alarm 0;

    if (!defined $figures) {
        $self->failed($stage, $name, $reason);
        return;
    }

    $self->keep($stage, $name, $figures);
    return $figures;
}


sub keep ($self, $stage, $name, $figures) {
    $self->{result}{$stage}{$name} = $figures if ref $figures eq 'HASH';
    $self->save;
}


sub failed ($self, $stage, $name, $reason) {
    say "$stage $name FAILED: $reason";
    my ($line) = $reason =~ /^(.+?)\s*$/m;
    push @{ $self->{result}{failed} }, { stage => $stage, name => $name,
        reason => ($line // 'no reason') =~ s/ at \S+ line \d+\.?$//r };
    $self->save;
}


sub bar ($self, $name, $good, $figures) {
    say sprintf '%-10s %-6s %s', $name, $good ? 'ok' : 'MISSED', $figures;
    $self->{missed} ||= !$good;
    $self->{result}{bars}{$name} = { good => $good ? JSON::PP::true
                                                   : JSON::PP::false,
                                     figures => $figures };
}


sub note ($self, $stage, $name, $format, @figures) {
    say sprintf "%-8s %-13s $format", $stage, $name, @figures;
}


sub save ($self) {
    my $file = $self->{file};
    $self->{result}{took_s} = int(time - $self->{begin});

    open my $fh, '>', "$file.new" or die "$file: $!\n";
    print $fh JSON::PP->new->canonical->pretty->encode($self->{result});
    close $fh or die "$file: $!\n";
    rename "$file.new", $file or die "$file: $!\n";
}


sub end ($self) {
    $self->save;
    say "measured in $self->{result}{took_s} s";
    exit($self->{missed} || @{ $self->{result}{failed} } ? 1 : 0);
}


####  as fast as it can be

my @headers = map { ('-H', $_) } 'User-Agent: bench/1', 'Accept: */*',
    'Accept-Language: en', 'X-Request-Id: 1', 'Cookie: a=b; c=d',
    'X-Forwarded-For: 192.0.2.1';

my ($lua) = __FILE__ =~ m{^(.*)/lib/};
$lua .= '/bench/tenants.lua';


# requests a second, and microseconds of CPU a request, with 32 connections
sub wrk ($self, $racer, $seconds) {
    my ($peer, $tenants) = @$racer{qw(peer tenants)};

    my $before = $peer->cpu;
    my $out = Test::OAuthCC::Peer::output('wrk', '-t1', '-c32',
        "-d${seconds}s", @headers, $tenants ? ('-s', $lua) : (),
        $peer->url('/fast'), $tenants ? ('--', $tenants) : ());
    my $cpu = $peer->cpu - $before;

    die "$out\n" =~ s/\s+/ /gr if $out =~ /Non-2xx|Socket errors/;
    my ($n) = $out =~ /(\d+) requests in/ or die $out;
    my ($rate) = $out =~ m{Requests/sec: +([\d.]+)} or die $out;

    return $rate, 1e6 * $cpu / $n;
}


# Racers are { name => ..., peer => ..., tenants => N or undef }, and each has
# its turn in each round.  They are left running, with their figures in "speed";
# those that fail are stopped and left out.
sub race ($self, $stage, @racers) {
    for my $racer (@racers) {
        $racer->{runs} = $self->try($stage, $racer->{name}, sub {
            # unless it runs already, with what it has to have
            $racer->{peer}->begin if !$racer->{peer}{t};
            $self->wrk($racer, 1) if !$self->{quick};
            return 1;
        });
    }

    for (1 .. $self->{rounds}) {
        for my $racer (grep { $_->{runs} } @racers) {
            $racer->{runs} = $self->try($stage, $racer->{name}, sub {
                my ($rate, $cpu) = $self->wrk($racer, $self->{seconds});
                push @{ $racer->{rate} }, $rate;
                push @{ $racer->{cpu} }, $cpu;
                return 1;
            });
        }
    }

    for my $racer (grep { $_->{runs} } @racers) {
        my $speed = $racer->{speed} = {
            rate => spread(@{ $racer->{rate} }),
            cpu => spread(@{ $racer->{cpu} }),
            memory => $racer->{peer}->memory };

        $self->note($stage, $racer->{name}, '%5d/s (%d to %d), %.1f us CPU '
            . '(%.1f to %.1f), %.1f MiB',
            (map { @$_{qw(median min max)} } @$speed{qw(rate cpu)}),
            $speed->{memory});
    }

    for my $racer (grep { !$_->{runs} } @racers) { $racer->{peer}->stop }

    return grep { $_->{runs} } @racers;
}


sub spread (@n) {
    @n = sort { $a <=> $b } @n;
    return { median => $n[@n / 2], min => $n[0], max => $n[-1] };
}


####  so many requests a second, see load.go

# in the background; who waits longer than a client does has failed
sub begin_load ($self, $url, $rate, $n, $tenants = 0) {
    return Test::OAuthCC::Peer::begin_output($self->{tool}, 'load', $url,
        (map { int } $rate, $n, $tenants), $self->{quick} ? 3 : 10);
}


sub end_load ($self, $load) {
    return JSON::PP::decode_json(Test::OAuthCC::Peer::end_output($load));
}


sub load ($self, @arg) { return $self->end_load($self->begin_load(@arg)) }


# each tenant once
sub fill ($self, $url, $tenants) {
    return JSON::PP::decode_json(Test::OAuthCC::Peer::output($self->{tool},
        'fill', $url, $tenants));
}


1;
