package Test::OAuthCC::Client;

# An HTTP/1.1 client of a test; any number of them may run at once in one
# event loop.
#
#   my $c = Test::OAuthCC::Client->new(port => 8080);
#   my $r = $c->request(GET => '/', headers => [ Name => 'value' ]);
#
#   $c->start(POST => '/', body => '...');      # does not wait
#   $c->leave;                                  # closes, or
#   $r = $c->finish;                            # waits
#
#   drive(10, @clients);                        # until all have finished
#
# The connection is kept if keepalive is set, else "Connection: close" is
# sent.  A response has status (0: none came; error says why), headers, body,
# time (seconds), and seen(NAME): what a test's Upstream saw of a header.

use v5.36;

use Errno qw(EAGAIN EINPROGRESS);
use List::Util ();
use Socket qw(:DEFAULT SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);


sub new ($class, %arg) {
    return bless { timeout => 10, %arg }, $class;
}


sub start ($self, $method, $uri, %arg) {
    my @headers = @{ $arg{headers} // [] };
    my %have = map { lc $_ => 1 } List::Util::pairkeys(@headers);
    my $body = $arg{body};

    unshift @headers, Host => 'localhost' unless $have{host};
    push @headers, Connection => 'close'
        unless $have{connection} || $self->{keepalive};
    push @headers, 'Content-Length' => length $body
        if defined $body && !$have{'content-length'}
           && !$have{'transfer-encoding'};

    my $head = "$method $uri HTTP/1.1\r\n";
    $head .= shift(@headers) . ': ' . shift(@headers) . "\r\n" while @headers;

    return $self->start_raw("$head\r\n" . ($body // ''), $method);
}


sub start_raw ($self, $bytes, $method = 'GET') {
    @{$self}{qw(out in method done response)} = ($bytes, '', $method, 0);
    $self->{started} = time;
    $self->open unless $self->{fh};

    unless ($self->{done}) {
        vec(my $w = '', fileno $self->{fh}, 1) = 1;
        $self->send if select undef, $w, undef, 1;
    }

    return $self;
}


sub open ($self) {
    my $address = defined $self->{unix} ? pack_sockaddr_un($self->{unix})
        : pack_sockaddr_in($self->{port}, inet_aton($self->{host}
                                                    // '127.0.0.1'));

    socket $self->{fh}, sockaddr_family($address), SOCK_STREAM, 0
        or die "socket: $!";
    setsockopt $self->{fh}, IPPROTO_TCP, TCP_NODELAY, 1
        unless defined $self->{unix};
    $self->{fh}->blocking(0);

    connect($self->{fh}, $address) or $!{EINPROGRESS}
        or $self->fail("$!");
}


sub finish ($self) {
    drive($self->{timeout}, $self);
    return $self->{response};
}


sub request ($self, @request) { return $self->start(@request)->finish }


sub leave ($self) {
    close delete $self->{fh} if $self->{fh};
    $self->{done} = 1;
}


sub reset ($self) {
    setsockopt $self->{fh}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    $self->leave;
}


# runs the clients until all have their response, or, with "some", one has
sub drive ($seconds, @clients) {
    my $some = !ref $clients[-1] && pop @clients;
    my $end = time + $seconds;
    my %by_fd = map { fileno $_->{fh} => $_ } grep { !$_->{done} } @clients;

    while (%by_fd) {
        my ($r, $w) = ('', '');

        while (my ($fd, $c) = each %by_fd) {
            vec($r, $fd, 1) = 1;
            vec($w, $fd, 1) = 1 if length $c->{out};
        }

        my $n = select $r, $w, undef, $end > time ? $end - time : 0;

        if ($n <= 0) {
            next if $end > time;
            last if $some;
            $_->fail('timeout') for values %by_fd;
            last;
        }

        for my $fd (keys %by_fd) {
            my $c = $by_fd{$fd};
            $c->send if vec($w, $fd, 1);
            $c->receive if !$c->{done} && vec($r, $fd, 1);
            delete $by_fd{$fd} if $c->{done};
        }

        last if $some && grep { $_->{done} } @clients;
    }
}


sub send ($self) {
    my $n = syswrite $self->{fh}, $self->{out};

    if ($n) {
        substr $self->{out}, 0, $n, '';

    } elsif (!$!{EAGAIN}) {
        # the response may have come before the whole request was sent
        $self->{out} = '';
    }
}


sub receive ($self) {
    my $n = sysread $self->{fh}, $self->{in}, 262144, length $self->{in};

    if (!defined $n) {
        $self->fail("$!") unless $!{EAGAIN};
        return;
    }

    $self->parse($n == 0);
}


sub parse ($self, $eof) {
    my $end = index $self->{in}, "\r\n\r\n";

    return $eof ? $self->fail('closed') : () if $end < 0;

    my ($line, @lines) = split /\r\n/, substr $self->{in}, 0, $end;
    my $response = Test::OAuthCC::Response->new($line, @lines);
    my $rest = substr $self->{in}, $end + 4;
    my ($body, $whole) = ('', 0);
    my $length = $response->header('Content-Length');

    if ($self->{method} eq 'HEAD' || $response->status =~ /^(?:204|304)$/) {
        $whole = 1;

    } elsif (($response->header('Transfer-Encoding') // '') eq 'chunked') {
        while ($rest =~ /\G([0-9a-f]+)[^\r\n]*\r\n/gci) {
            my ($size, $at) = (hex $1, pos $rest);
            last if length $rest < $at + $size + 2;
            $body .= substr $rest, $at, $size;
            $whole = 1, last if $size == 0;
            pos($rest) = $at + $size + 2;
        }

    } elsif (defined $length) {
        $body = $rest;
        $whole = length $rest >= $length;

    } else {
        $body = $rest;
        $whole = $eof;
    }

    return $eof ? $self->fail('cut') : () unless $whole;

    $response->{body} = $body;
    $response->{time} = time - $self->{started};
    @{$self}{qw(response done)} = ($response, 1);

    close delete $self->{fh} if $eof || !$self->{keepalive}
        || ($response->header('Connection') // '') eq 'close';
}


sub fail ($self, $why) {
    $self->{response} = Test::OAuthCC::Response->new;
    @{$self->{response}}{qw(error time in)}
        = ($why, time - $self->{started}, $self->{in});
    $self->{done} = 1;
    close delete $self->{fh};
}


package Test::OAuthCC::Response;

sub new ($class, $line = 'HTTP/1.1 0', @lines) {
    return bless { line => $line, body => '',
                   status => (split / /, $line)[1],
                   headers => [ map { [ split /:[ ]*/, $_, 2 ] } @lines ] },
                 $class;
}


sub status ($self) { return $self->{status} }
sub body ($self)   { return $self->{body} }
sub time ($self)   { return $self->{time} }
sub error ($self)  { return $self->{error} }


sub header ($self, $name) {
    my @values = map { $_->[1] } grep { lc $_->[0] eq lc $name }
                 @{ $self->{headers} };
    return wantarray ? @values : $values[0];
}


# all values of a request header in the head that the upstream sent back
sub seen ($self, $name) {
    return $self->{body} =~ /^\Q$name\E: ?([^\r\n]*)/gmi;
}


1;
