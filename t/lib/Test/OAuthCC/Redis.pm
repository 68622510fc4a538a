package Test::OAuthCC::Redis;

# A real Redis, Debian's redis-server, in a temporary folder; it keeps nothing
# on disk.  With TEST_STORE=valkey-server in the environment it is a Valkey:
#
#   my $store = $t->daemon('Redis', 'store');
#   my $store = $t->daemon('Redis', 'store', options => [ 'maxmemory 2mb' ]);
#   my $sentinel = $t->daemon('Redis', 's', sentinel => 1, options => [ ... ]);
#   my $store = $t->daemon('Redis', 'store', within => NETWORK, see Network.pm);
#
#   $store->cli('GET', 'x')   what redis-cli prints
#   $store->dump              all bytes of all keys and values, and the names
#   $store->pause             it is frozen: it takes connections, and is silent
#   $store->resume
#   $store->stop; $store->start
#
# See Process.pm.

use v5.36;
use parent 'Test::OAuthCC::Process';

use File::Temp ();
use Time::HiRes qw(time sleep);

my $server = $ENV{TEST_STORE} || 'redis-server';


sub spawn ($class, %arg) {
    my $self = $class->create(options => [], %arg);

    $self->{port} = $class->port_of($arg{listen}[0]);
    $self->{dir} = File::Temp->newdir('redis-XXXXXXXX', TMPDIR => 1);
    $self->start;

    return $self;
}


sub start ($self) {
    my $dir = "$self->{dir}";

    # what is asked for may set another port, or none
    open my $conf, '>', "$dir/redis.conf" or die "redis.conf: $!";
    print $conf map { "$_\n" } "bind " . $self->address, "port $self->{port}",
        "unixsocket $dir/socket", "dir $dir", "daemonize no",
        "logfile $dir/log",
        $self->{within} ? 'protected-mode no' : (),
        $self->{sentinel} ? () : ('save ""', 'appendonly no'),
        @{ $self->{options} };
    close $conf;

    open my $null, '<', '/dev/null' or die "/dev/null: $!";
    open my $output, '>', "$dir/output" or die "output: $!";

    $self->execute($null, $output, $output,
                   $self->{within} ? $self->{within}->command : (), $server,
                   "$dir/redis.conf", $self->{sentinel} ? '--sentinel' : ());

    my $end = time + 10;

    until ($self->cli('PING') =~ /PONG|NOAUTH|WRONGPASS|NOPERM/) {
        die "$server did not start (apt-get install $server):\n",
            -e "$dir/log" ? Test::OAuthCC::Process::slurp("$dir/log") : ''
            if time > $end || $self->ended;
        sleep 0.01;
    }

    return $self;
}


sub address ($self) {
    return $self->{within} ? $self->{within}->address : '127.0.0.1';
}


sub socket ($self) { return "$self->{dir}/socket" }


# through the socket, which is there whatever the port speaks
sub cli ($self, @command) {
    my $pid = open(my $out, '-|') // die "fork: $!";

    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        no warnings 'exec';
        exec 'redis-cli', '-s', $self->socket, '--no-auth-warning',
             $self->{auth} ? ('-a', $self->{auth}) : (), '--no-raw',
             @command;
        POSIX::_exit(127);
    }

    local $/;
    my $text = <$out> // '';
    close $out;

    return $text;
}


sub keys ($self, $pattern = '*') {
    return $self->cli('KEYS', $pattern) =~ /"((?:\\.|[^"\\])*)"/g;
}


# what DUMP has, and what is printed of values of each type
sub dump ($self) {
    $self->cli('CONFIG', 'SET', 'rdbcompression', 'no');
    $self->cli('SAVE');

    return Test::OAuthCC::Process::slurp("$self->{dir}/dump.rdb");
}


sub pause ($self)  { kill 'STOP', $self->{pid} }
sub resume ($self) { kill 'CONT', $self->{pid} }


1;
