package Test::OAuthCC::Tinyproxy;

# A real forward proxy, Debian's tinyproxy, in a temporary folder:
#
#   my $proxy = $t->daemon('Tinyproxy', 'proxy', conf => 'ConnectPort 443');
#
#   $proxy->pause          it answers no more, but takes connections
#   $proxy->resume
#   $proxy->connections    what it was asked to connect to, and did
#
# It dies with the test, however that ends.

use v5.36;

use File::Temp ();
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(time sleep);


sub spawn ($class, %arg) {
    my $self = bless { conf => '', %arg, test => $$ }, $class;

    ($self->{port}) = $arg{listen}[0] =~ /^127\.0\.0\.1:(\d+)$/
        or die "$class listens on 127.0.0.1 only, not on $arg{listen}[0]\n";

    $self->{dir} = File::Temp->newdir('tinyproxy-XXXXXXXX', TMPDIR => 1);
    $self->start;

    return $self;
}


sub start ($self) {
    my $dir = "$self->{dir}";

    open my $conf, '>', "$dir/tinyproxy.conf" or die "tinyproxy.conf: $!";
    print $conf <<"EOF";
Port $self->{port}
Listen 127.0.0.1
Allow 127.0.0.1
Timeout 60
MaxClients 100
LogFile "$dir/log"
LogLevel Connect
$self->{conf}
EOF
    close $conf;

    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>', "$dir/output" or POSIX::_exit(126);
        open STDERR, '>&', \*STDOUT or POSIX::_exit(126);
        no warnings 'exec';
        exec 'setpriv', '--pdeathsig', 'KILL', 'tinyproxy', '-d',
             '-c', "$dir/tinyproxy.conf";
        POSIX::_exit(127);
    }

    $self->{pid} = $pid;

    my $end = time + 10;

    until (IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $self->{port}))
    {
        die "tinyproxy did not start (apt-get install tinyproxy-bin):\n",
            slurp("$dir/output")
            if time > $end || waitpid($pid, POSIX::WNOHANG()) != 0;
        sleep 0.01;
    }
}


sub pause ($self)  { kill 'STOP', $self->{pid} }
sub resume ($self) { kill 'CONT', $self->{pid} }


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


sub connections ($self) {
    return slurp("$self->{dir}/log")
           =~ /Established connection to host "([^"]+)"/g;
}


sub slurp ($path) {
    open my $fh, '<', $path or return '';
    local $/;
    return <$fh> // '';
}


1;
