package Test::OAuthCC::Process;

# A program that runs beside a test, and dies with it, however that ends: what
# real servers have in common.  A class derived from it calls execute().

use v5.36;

use POSIX ();


# begins an object; the process that made it is the one that ends the program
sub create ($class, %arg) { return bless { %arg, test => $$ }, $class }


sub execute ($self, $stdin, $stdout, $stderr, @command) {
    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        open STDIN, '<&', $stdin or POSIX::_exit(126);
        open STDOUT, '>&', $stdout or POSIX::_exit(126);
        open STDERR, '>&', $stderr or POSIX::_exit(126);
        no warnings 'exec';
        exec { 'setpriv' } 'setpriv', '--pdeathsig', 'KILL', @command;
        POSIX::_exit(127);
    }

    $self->{pid} = $pid;
}


# whether it has ended by itself
sub ended ($self) { return waitpid($self->{pid}, POSIX::WNOHANG()) != 0 }


sub stop ($self) {
    my $pid = delete $self->{pid} // return;
    kill 'KILL', $pid;
    waitpid $pid, 0;
}


sub DESTROY ($self) {
    return if $$ != $self->{test};
    local ($?, $@, $!);
    $self->stop;
}


# its port, of an address to listen at, which has to be of 127.0.0.1
sub port_of ($class, $address) {
    my ($port) = $address =~ /^127\.0\.0\.1:(\d+)$/
        or die "$class listens on 127.0.0.1 only, not on $address\n";
    return $port;
}


sub slurp ($path) {
    open my $fh, '<:raw', $path or die "$path: $!\n";
    local $/;
    return <$fh>;
}


1;
