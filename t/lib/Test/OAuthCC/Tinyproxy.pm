package Test::OAuthCC::Tinyproxy;

# A real forward proxy, Debian's tinyproxy, in a temporary folder:
#
#   my $proxy = $t->daemon('Tinyproxy', 'proxy', conf => 'ConnectPort 443');
#
#   $proxy->pause          it answers no more, but takes connections
#   $proxy->resume
#   $proxy->connections    what it was asked to connect to, and did
#
# See Process.pm.

use v5.36;
use parent 'Test::OAuthCC::Process';

use File::Temp ();
use IO::Socket::INET;
use Time::HiRes qw(time sleep);


sub spawn ($class, %arg) {
    my $self = $class->create(conf => '', %arg);

    $self->{port} = $class->port_of($arg{listen}[0]);

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

    open my $null, '<', '/dev/null' or die "/dev/null: $!";
    open my $output, '>', "$dir/output" or die "output: $!";

    $self->execute($null, $output, $output, 'tinyproxy', '-d', '-c',
                   "$dir/tinyproxy.conf");

    my $end = time + 10;

    until (IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $self->{port}))
    {
        die "tinyproxy did not start (apt-get install tinyproxy-bin):\n",
            Test::OAuthCC::Process::slurp("$dir/output")
            if time > $end || $self->ended;
        sleep 0.01;
    }
}


sub pause ($self)  { kill 'STOP', $self->{pid} }
sub resume ($self) { kill 'CONT', $self->{pid} }


sub connections ($self) {
    return Test::OAuthCC::Process::slurp("$self->{dir}/log")
           =~ /Established connection to host "([^"]+)"/g;
}


1;
