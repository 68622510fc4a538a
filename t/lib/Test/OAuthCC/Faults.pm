package Test::OAuthCC::Faults;

# Calls of nginx that fail when a test says so, by t/preload/faults.c:
#
#   my $faults = Test::OAuthCC::Faults->new($t->prefix);
#   $t->run($config, $faults->environment);
#
#   $faults->fail([ 'memory' ], 7);             # the 7th from now on
#   $faults->fail([ 'memory' ], 7, all => 1);   # and all that follow
#   $faults->calls, $faults->failed;            # how many since then
#   $faults->stop;
#
#   $faults->note([ 'memory' ]);                # none fails
#   my @calls = $faults->noted;                 # { n, stack, module }, ...:
#                                               # a number of all its callers,
#                                               # one of those of the module
#   $faults->blocks($pid);                      # of memory that it has
#
# The kinds are those of @kinds.  "nginx" is what the module calls in nginx, in
# a build of its own only, not in one that has the module built in.

use v5.36;

use FindBin;
use List::Util qw(min);

our @kinds = qw(memory nginx slab file socket event mmap);

my %bit = map { $kinds[$_] => 1 << $_ } 0 .. $#kinds;

# faults_t
my $long = length pack 'l!', 0;
my ($calls, $processes) = (262144, 32768);
my $head = 7 * $long;
my $table = $head + $calls * 2 * $long;


sub new ($class, $folder) {
    my $self = bless { library => "$folder/faults.so",
                       file => "$folder/faults" }, $class;

    my $source = "$FindBin::Bin/../preload/faults.c";

    system("cc -shared -fPIC -O1 -Wall -Wextra -o $self->{library} $source")
        == 0 or die "$source is not compiled\n";

    open $self->{fh}, '+>:raw', $self->{file} or die "$self->{file}: $!";
    truncate $self->{fh}, $table + $processes * 2 * $long
        or die "$self->{file}: $!";

    return $self;
}


sub environment ($self) {
    return (LD_PRELOAD => $self->{library}, FAULTS_CONTROL => $self->{file});
}


sub put ($self, $offset, @words) {
    sysseek $self->{fh}, $offset, 0 or die "seek: $!";
    syswrite $self->{fh}, pack 'l!*', @words or die "write: $!";
}


sub get ($self, $offset, $n) {
    sysseek $self->{fh}, $offset, 0 or die "seek: $!";
    sysread $self->{fh}, my $bytes, $n * $long or die "read: $!";
    return unpack 'l!*', $bytes;
}


sub set ($self, $kinds, $at, $all, $note) {
    my $mask = 0;
    $mask |= $bit{$_} // die "no such kind: $_\n" for @$kinds;

    # none counts while it is changed
    $self->put(0, 0);
    $self->put($long, $at, $all, 0, 0, $note);
    $self->put(0, $mask);
}


sub fail ($self, $kinds, $at, %arg) {
    $self->set($kinds, $at, $arg{all} // 0, 0);
}


sub note ($self, $kinds) { $self->set($kinds, 0, 0, 1) }
sub stop ($self) { $self->put(0, 0) }
sub calls ($self) { return ($self->get(3 * $long, 1))[0] }
sub failed ($self) { return ($self->get(4 * $long, 1))[0] }


sub noted ($self) {
    my $n = min($self->calls, $calls) or return;
    my @words = $self->get($head, 2 * $n);

    return map { { n => $_, stack => $words[2 * $_ - 2],
                   module => $words[2 * $_ - 1] } } 1 .. $n;
}


sub blocks ($self, $pid) {
    my $place = $self->{place}{$pid} //= $self->place($pid);
    my ($of, $blocks) = $self->get($table + 2 * $long * $place, 2);

    return $blocks if $of == $pid;

    die "process $pid has no place in $self->{file}\n";
}


# the last one: a number of a process may come again

sub place ($self, $pid) {
    my ($n) = $self->get(6 * $long, 1);
    my @words = $self->get($table, 2 * $n);

    for my $place (reverse 0 .. $n - 1) {
        return $place if $words[2 * $place] == $pid;
    }

    die "process $pid has no place in $self->{file}\n";
}


1;
