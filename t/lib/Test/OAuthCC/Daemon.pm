package Test::OAuthCC::Daemon;

# A daemon of a test: a forked process with one event loop over sockets and
# timers.  The listening sockets are opened before the fork, so nobody has to
# wait for it, and the test reaches it through a socket pair:
#
#   my $d = $class->spawn(listen => ['127.0.0.1:8080', 'unix:/tmp/s']);
#   $d->call(count => 1, 2);        # runs $d->do_count(1, 2) in the daemon
#
# It ends with the test, or with $d->stop.  A class derived from it has
# accepted($fh) for each new connection, or datagram($fh) if it asks for udp.

use v5.36;

use Errno qw(EAGAIN EINTR);
use IO::Handle;
use IO::Socket::IP;
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC SOMAXCONN);
use Storable qw(nfreeze thaw);
use Time::HiRes qw(time);


sub spawn ($class, %arg) {
    my $self = bless { %arg }, $class;

    $self->{sockets} = [ map { $self->open_socket($_) } @{ $arg{listen} } ];

    socketpair(my $here, my $there, AF_UNIX, SOCK_STREAM, PF_UNSPEC)
        or die "socketpair: $!";

    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        close $here;
        $SIG{PIPE} = 'IGNORE';
        $SIG{TERM} = $SIG{INT} = 'DEFAULT';

        eval { $self->loop($there); 1 } or print STDERR "$class: $@";
        POSIX::_exit(1);
    }

    close $there;
    close $_ for @{ delete $self->{sockets} };

    return bless { %arg, pid => $pid, control => $here }, $class;
}


sub open_socket ($self, $address) {
    if ($address =~ /^unix:(.+)/) {
        return IO::Socket::UNIX->new(Local => $1, Listen => SOMAXCONN,
            Blocking => 0) // die "listen $address: $!";
    }

    my ($host, $port) = $address =~ /^\[?(.+?)\]?:(\d+)$/
        or die "bad address $address";

    return IO::Socket::IP->new(LocalHost => $host, LocalPort => $port,
        ReuseAddr => 1, Blocking => 0,
        $self->{udp} ? (Type => Socket::SOCK_DGRAM) : (Listen => SOMAXCONN))
        // die "listen $address: $!";
}


####  in the test

sub call ($self, $method, @args) {
    my $control = $self->{control} // die ref($self) . " is stopped\n";

    write_frame($control, [ $method, @args ]);

    my $reply = read_frame($control)
        // die ref($self) . " died in $method\n";

    die $reply->{died} if defined $reply->{died};

    return wantarray ? @{ $reply->{result} } : $reply->{result}[0];
}


sub stop ($self) {
    my $pid = delete $self->{pid} // return;
    close delete $self->{control};
    kill 'KILL', $pid;
    waitpid $pid, 0;
}


sub DESTROY ($self) {
    local ($?, $@, $!);
    $self->stop if $self->{control};
}


####  in the daemon

sub loop ($self, $control) {
    $self->{rbits} = $self->{wbits} = '';
    $self->{watch} = {};
    $self->{timers} = [];

    $self->on_read($control, sub {
        $control->blocking(1);
        my $call = read_frame($control) // POSIX::_exit(0);
        my ($method, @args) = @$call;
        my @result = eval { my $do = "do_$method"; $self->$do(@args) };
        write_frame($control, $@ ? { died => $@ } : { result => \@result });
    });

    $self->do_open;

    for ( ;; ) {
        my $timers = $self->{timers};
        my $wait = @$timers ? $timers->[0][0] - time : undef;
        $wait = 0 if defined $wait && $wait < 0;

        my $n = select(my $r = $self->{rbits}, my $w = $self->{wbits}, undef,
                       $wait);

        while (@$timers && $timers->[0][0] <= time) {
            (shift @$timers)->[1]->();
        }

        next if $n <= 0;

        for my $fd (keys %{ $self->{watch} }) {
            for my $ready ([ $r, 'read' ], [ $w, 'write' ]) {
                next unless vec($ready->[0], $fd, 1);
                my $watch = $self->{watch}{$fd} // next;
                my $code = $watch->{$ready->[1]} // next;
                $code->();
            }
        }
    }
}


# accept connections; and refuse them
sub do_open ($self) {
    $self->{sockets} //= [ map { $self->open_socket($_) }
                           @{ $self->{listen} } ];

    for my $socket (@{ $self->{sockets} }) {
        $self->on_read($socket, $self->{udp}
            ? sub { $self->datagram($socket) }
            : sub {
                while (my $fh = $socket->accept) {
                    $fh->blocking(0);
                    $self->accepted($fh);
                }
            });
    }

    return;
}


sub do_close ($self) {
    for my $socket (@{ delete $self->{sockets} // [] }) {
        $self->forget($socket);
        close $socket;
    }

    return;
}


sub on_read ($self, $fh, $code) {
    vec($self->{rbits}, fileno $fh, 1) = $code ? 1 : 0;
    $self->{watch}{fileno $fh}{read} = $code;
}


sub on_write ($self, $fh, $code) {
    vec($self->{wbits}, fileno $fh, 1) = $code ? 1 : 0;
    $self->{watch}{fileno $fh}{write} = $code;
}


sub forget ($self, $fh) {
    vec($self->{$_}, fileno $fh, 1) = 0 for qw(rbits wbits);
    delete $self->{watch}{fileno $fh};
}


sub after ($self, $seconds, $code) {
    @{ $self->{timers} } = sort { $a->[0] <=> $b->[0] }
                           @{ $self->{timers} }, [ time + $seconds, $code ];
}


####  both sides: frames of a length and frozen data

sub write_frame ($fh, $data) {
    my $bytes = nfreeze($data);
    $bytes = pack('N', length $bytes) . $bytes;

    while (length $bytes) {
        my $n = syswrite($fh, $bytes);
        next if !defined $n && ($!{EINTR} || $!{EAGAIN});
        return unless $n;
        substr($bytes, 0, $n, '');
    }
}


sub read_frame ($fh) {
    my $length = read_bytes($fh, 4) // return;
    my $bytes = read_bytes($fh, unpack 'N', $length) // return;
    return thaw($bytes);
}


sub read_bytes ($fh, $length) {
    my $bytes = '';

    while (length $bytes < $length) {
        my $n = sysread($fh, $bytes, $length - length $bytes, length $bytes);
        next if !defined $n && $!{EINTR};
        return unless $n;
    }

    return $bytes;
}


1;
