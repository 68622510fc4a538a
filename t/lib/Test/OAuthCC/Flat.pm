package Test::OAuthCC::Flat;

# Memory and descriptors of some nginx over a long time:
#
#   my $flat = Test::OAuthCC::Flat->new($t, ...);
#   $flat->sample;                  # every few seconds
#   say for $flat->minute;          # what came of the samples since the last
#   my @faults = $flat->verdict;    # of those that have lived long enough
#
# Of a minute the least counts: what a process gives back does not stay.  RSS is
# what is anonymous of it, in kB, PSS all that is shared too, its part of it.
#
# The verdict is about the memory of each process that lived for at least twenty
# minutes, and about the descriptors of all workers together, as clients choose
# one of them.  The line through the second half of the figures, from the
# beginning of that to its end, may rise by 1 MB (RSS), or 5 % if that is more,
# and by 8 descriptors.

use v5.36;

use List::Util qw(max min sum0);
use Time::HiRes qw(time);

my $minutes = 20;
my %most = (rss => 1024, fds => 8);


sub new ($class, @t) {
    return bless { t => \@t, start => time, now => {}, of => {} }, $class;
}


sub slurp ($path) {
    open my $fh, '<', $path or return '';
    local $/;
    return <$fh> // '';
}


sub figures ($pid) {
    my @fds = glob "/proc/$pid/fd/*";
    my ($rss) = slurp("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m;
    my ($pss) = slurp("/proc/$pid/smaps_rollup") =~ /^Pss:\s+(\d+)/m;

    return unless $rss;
    return { rss => $rss, pss => $pss // 0, fds => scalar @fds };
}


sub sample ($self) {
    my %role;

    for my $t (@{ $self->{t} }) {
        my $master = $t->master // return;
        $role{$master} = 'master';
        $role{$_} = 'worker' for $t->workers;
    }


    my %all = (rss => 0, pss => 0, fds => 0);

    for my $pid (keys %role) {
        my $figures = figures($pid) // return;
        push @{ $self->{now}{$pid} }, $figures;
        $all{$_} += $figures->{$_} for keys %all;
    }

    $role{0} = 'all';
    push @{ $self->{now}{0} }, \%all;
    $self->{role} = \%role;
}


# as hashes with pid, role, age (minutes), and the figures
sub minute ($self) {
    my $now = delete $self->{now};
    my $minute = (time - $self->{start}) / 60;
    my @rows;

    for my $pid (grep { $now->{$_} } sort { $a <=> $b }
                 keys %{ $self->{role} }) {
        my @all = @{ $now->{$pid} };
        my %least = map { my $what = $_;
                          $what => min(map { $_->{$what} } @all) }
                    qw(rss pss fds);

        push @{ $self->{of}{$pid} }, { minute => $minute, %least };
        push @rows, { pid => $pid, role => $self->{role}{$pid}, %least,
                      age => scalar @{ $self->{of}{$pid} } };
    }

    # who is gone, and did not live for long, has nothing to say
    for my $pid (grep { !$self->{role}{$_} } keys %{ $self->{of} }) {
        delete $self->{of}{$pid} if @{ $self->{of}{$pid} } < $minutes;
    }

    $self->{now} = {};

    return @rows;
}


# how much the line through points rises from the first to the last
sub rise (@points) {
    my $n = @points;
    my ($x, $y) = map { my $i = $_; sum0(map { $_->[$i] } @points) / $n } 0, 1;
    my $xx = sum0(map { ($_->[0] - $x) ** 2 } @points) || 1;
    my $xy = sum0(map { ($_->[0] - $x) * ($_->[1] - $y) } @points);

    return $xy / $xx * ($points[-1][0] - $points[0][0]);
}


# of each process that lived long enough: a line, and whether it is flat
sub verdict ($self) {
    my @verdict;

    for my $pid (sort { $a <=> $b } keys %{ $self->{of} }) {
        my @of = @{ $self->{of}{$pid} };
        next if @of < $minutes;

        my @half = @of[@of / 2 .. $#of];

        for my $what ($pid ? 'rss' : 'fds') {
            my $rise = rise(map { [ $_->{minute}, $_->{$what} ] } @half);
            my $may = max($most{$what}, $what eq 'rss'
                          ? $half[0]{rss} * 0.05 : 0);

            push @verdict, { flat => $rise <= $may, text => sprintf
                '%s %d, %d minutes old: %s %d, then %d, and in the second '
                . 'half %+.1f (%.1f at most)', $self->{role}{$pid} // 'worker', $pid,
                scalar @of, $what, $of[0]{$what}, $of[-1]{$what}, $rise,
                $may };
        }
    }

    return @verdict;
}


1;
