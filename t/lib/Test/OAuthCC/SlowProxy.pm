package Test::OAuthCC::SlowProxy;

# What stands between a client and a server on a port of 127.0.0.1, and is slow,
# or answers something else:
#
#   my $proxy = $t->daemon('SlowProxy', 'slow', to => PORT, delay => 0.4);
#
#   $proxy->delay(0.05)       each piece of an answer is this late
#   $proxy->instead("-no")    this is the answer to anything, from now on
#   $proxy->cut               ends all connections

use v5.36;
use parent 'Test::OAuthCC::Daemon';

use Errno qw(EAGAIN);
use IO::Socket::IP;


####  in the test

sub delay ($self, $seconds) { $self->call(delay => $seconds) }
sub instead ($self, $bytes) { $self->call(instead => $bytes) }
sub cut ($self)             { $self->call('cut') }


####  in the daemon

sub do_delay ($self, $seconds) {
    $self->{delay} = $seconds;
    return $self->do_cut;
}


sub do_instead ($self, $bytes) {
    $self->{instead} = $bytes;
    return $self->do_cut;
}


sub do_cut ($self) {
    $self->end($_) for values %{ $self->{pairs} };
    return;
}


sub accepted ($self, $fh) {
    my $to = IO::Socket::IP->new(PeerHost => '127.0.0.1',
                                 PeerPort => $self->{to});

    return close $fh unless $to;

    $to->blocking(0);

    my $pair = { id => ++$self->{n}, client => $fh, server => $to };

    $self->{pairs}{ $pair->{id} } = $pair;

    $self->on_read($fh, sub {
        my $bytes = $self->take($pair, $fh) // return;

        if (defined $self->{instead}) {
            $self->put($pair, $fh, $self->{instead});
            return;
        }

        $self->put($pair, $to, $bytes);
    });

    $self->on_read($to, sub {
        my $bytes = $self->take($pair, $to) // return;

        $self->after($self->{delay} // 0,
                     sub { $self->put($pair, $fh, $bytes) });
    });
}


sub take ($self, $pair, $fh) {
    my $n = sysread $fh, my $bytes, 65536;

    return $bytes if $n;
    return if !defined $n && $!{EAGAIN};

    $self->end($pair);
    return;
}


# what is sent here is little: it fits into the buffer of a socket
sub put ($self, $pair, $fh, $bytes) {
    return if $pair->{over};

    my $n = syswrite $fh, $bytes;
    $self->end($pair) unless defined $n && $n == length $bytes;
}


sub end ($self, $pair) {
    return if $pair->{over}++;

    delete $self->{pairs}{ $pair->{id} };

    for my $fh (@{$pair}{qw(client server)}) {
        $self->forget($fh);
        close $fh;
    }
}


1;
