package Test::OAuthCC::Network;

# A network of its own for a server, with one link to it that can be cut: a
# packet is lost then, in both directions, and nobody is told.  It takes root
# and Linux with network namespaces:
#
#   Test::OAuthCC::Network->enter;           # first of all: begins $0 again
#   my $network = Test::OAuthCC::Network->new or ...there is none;
#
#   my $store = $t->daemon('Redis', 'store', within => $network);
#   $network->cut;
#   $network->mend;
#
# enter() gives the program a network of its own, too, so that the link is not
# one of the machine.

use v5.36;
use parent 'Test::OAuthCC::Process';

use POSIX ();
use Time::HiRes qw(time sleep);

my $entered = 'TEST_NGINX_NETWORK';

# both ends of the link
my ($here, $there) = ('192.0.2.1', '192.0.2.2');


sub enter ($class, @args) {
    return if $ENV{$entered} || $>;
    return if !quiet('unshare', '--net', 'ip', 'link', 'set', 'lo', 'up');

    $ENV{$entered} = 1;
    exec 'unshare', '--net', 'sh', '-c', 'ip link set lo up; exec "$0" "$@"',
         $0, @args;
}


sub new ($class) {
    return if !$ENV{$entered};

    my $self = $class->create;

    # a network is there as long as a process is in it
    open my $null, '+<', '/dev/null' or die "/dev/null: $!";
    $self->execute($null, $null, $null, 'unshare', '--net', 'sleep', '1d');

    my $own = readlink '/proc/self/ns/net';
    my $end = time + 10;

    while ((readlink("/proc/$self->{pid}/ns/net") // $own) eq $own) {
        return if time > $end || $self->ended;
        sleep 0.01;
    }

    return unless quiet(qw(ip link add name fleet0 type veth peer name fleet1
                           netns), $self->{pid});

    quiet(qw(ip addr add dev fleet0), "$here/30")
        && quiet(qw(ip link set fleet0 up))
        && quiet($self->command, qw(ip addr add dev fleet1), "$there/30")
        && quiet($self->command, qw(ip link set lo up)) && $self->mend
        or die "no address for a network\n";

    return $self;
}


# what a server in it listens at
sub address ($self) { return $there }


# what is put before a command that is to run in it
sub command ($self) {
    return 'nsenter', "--net=/proc/$self->{pid}/ns/net";
}


sub cut ($self) {
    return quiet($self->command, qw(ip link set fleet1 down));
}


sub mend ($self) {
    return quiet($self->command, qw(ip link set fleet1 up));
}


sub quiet (@command) {
    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        open STDERR, '>', '/dev/null';
        no warnings 'exec';
        exec { $command[0] } @command;
        POSIX::_exit(127);
    }

    waitpid $pid, 0;
    return $? == 0;
}


1;
